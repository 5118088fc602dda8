"""The filter language finds what a person who looks at each SKU would find."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.catalogue import Catalogue
from stockdrift.stock.entries import Naming
from stockdrift.stock.filter import PHASES, Filter, FilterError, Term, parse
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from tests.stock.scene import HOUR, T0, reading, rules, tell

SURFACES = ("embed", "facebook")
SKUS = ("SEA-220", "SEA-300", "FIG-220", "over", "wax a", "ORPHAN-1", "Ünit")
NAMES = {"SEA-220": "Sea Salt 220ml", "FIG-220": "Fig & Vetiver", "over": "Under the sea", "Ünit": "Größe SS"}

WORDS = st.sampled_from(
    ["over", "under", "oversell", "orphan", "unknown", "surface:facebook", "surface:e", "phase:late", "phase:n", "sea",
     "220", "ss", "zzz", '"sea salt"', '"over"', "~^SEA", "~2+0$", "~[+*]", "~.", "~", "!", "surface:", '"']
)  # fmt: skip
FILTERS = st.lists(st.tuples(st.sampled_from(["", "!"]), WORDS).map("".join), max_size=4).map(" ".join)
LEVELS = st.one_of(st.integers(0, 6), st.sampled_from([LevelState.UNLISTED, LevelState.UNKNOWN, LevelState.IN]))


@st.composite
def monitors(draw: st.DrawFn) -> Monitor:
    monitor = Monitor(rules())
    listed = SKUS[: draw(st.integers(1, len(SKUS)))]
    tell(monitor, reading(MASTER, {sku: draw(st.integers(0, 5)) for sku in listed}, T0, names=NAMES))
    for at, name in ((T0 + 1, "embed"), (T0 + 2, "facebook")):
        if draw(st.booleans()):
            tell(monitor, reading(name, {sku: draw(LEVELS) for sku in SKUS}, at))
    monitor.tick(T0 + draw(st.sampled_from([10, 3 * HOUR])))
    return monitor


def holds(monitor: Monitor, term: Term, row: int) -> bool:
    board = monitor.board
    texts = (board.catalogue.skus[row], board.catalogue.names[row])
    codes = {name: int(column.codes[row]) for name, column in zip(SURFACES, board.surfaces, strict=True)}
    answers: dict[str, Callable[[], object]] = {
        "text": lambda: any(term.value.casefold() in text.casefold() for text in texts),
        "regex": lambda: any(re.search(term.value, text, re.IGNORECASE) for text in texts),
        "severity": lambda: board.standings[row] == Standing[term.wanted[0].upper()],
        "unknown": lambda: board.standings[row] == Standing.UNKNOWN or Code.UNKNOWN in codes.values(),
        "surface": lambda: any(codes[name] >= Code.ORPHAN for name in term.wanted),
        "phase": lambda: any(monitor.row_phases()[row] == PHASES[name] for name in term.wanted),
    }
    return bool(answers[term.kind]()) != term.inverted


def selected(monitor: Monitor, wanted: Filter, row: int) -> bool:
    """Each term by itself; but "surface:… unknown" asks for what is unknown on each of these surfaces' names."""
    places = [term for term in wanted.terms if term.kind == "surface" and not term.inverted]
    if places and any(term.kind == "unknown" and not term.inverted for term in wanted.terms):
        columns = dict(zip(SURFACES, monitor.board.surfaces, strict=True))
        rest = [term for term in wanted.terms if term not in places and (term.kind != "unknown" or term.inverted)]
        there = all(any(columns[name].codes[row] == Code.UNKNOWN for name in term.wanted) for term in places)
        return there and all(holds(monitor, term, row) for term in rest)
    return all(holds(monitor, term, row) for term in wanted.terms)


@settings(max_examples=150)
@given(monitors(), FILTERS)
def test_it_selects_what_a_look_at_each_sku_selects(monitor: Monitor, text: str) -> None:
    rows = np.arange(monitor.board.size, dtype=np.int32)[::-1]
    for word in ("oversell", "over", "under", "orphan", "unknown"):  # of every monitor
        (term,) = parse(word, SURFACES).terms
        assert parse(word, SURFACES).select(monitor, rows).tolist() == [
            row for row in rows if holds(monitor, term, row)
        ]
    wanted = parse(text, SURFACES)
    by_hand = [row for row in rows.tolist() if selected(monitor, wanted, row)]
    assert wanted.select(monitor, rows).tolist() == by_hand
    listed = monitor.board.rows_where(0, Standing.OUT_OF_SCOPE).tolist()
    assert sorted(monitor.order(everything=True, text=text).tolist()) == sorted(set(by_hand) & set(listed))


@given(monitors(), WORDS)
def test_a_word_and_its_inverse_share_all_between_them(monitor: Monitor, word: str) -> None:
    rows = np.arange(monitor.board.size, dtype=np.int32)
    if parse(word, SURFACES).terms:
        found = [set(parse(mark + word.lstrip("!"), SURFACES).select(monitor, rows).tolist()) for mark in ("", "!")]
        assert found[0] | found[1] == set(rows.tolist())
        assert not found[0] & found[1]


@given(st.text(max_size=60).map(lambda text: text.replace("\n", " ")) | FILTERS.map("~[[{}".format))
def test_any_text_is_a_filter_or_one_sentence(text: str) -> None:
    try:
        terms = parse(text, SURFACES).terms
    except FilterError:
        with pytest.raises(FilterError, match=r"\A[^\n]+\Z"):
            parse(text, SURFACES)
    else:
        assert len(terms) <= len(text.split('"')) + len(text.split())


@given(st.lists(st.text(min_size=1), unique=True, max_size=20), st.data())
def test_one_search_finds_what_a_loop_finds(skus: list[str], data: st.DataObject) -> None:
    catalogue = Catalogue()
    catalogue.add(skus)
    names = [data.draw(st.text(max_size=8)) for _ in skus]
    catalogue.name(Naming(np.arange(len(skus), dtype=np.int32), names, np.zeros(len(skus))))
    wanted = data.draw(st.sampled_from([*skus, *names, "a"]) if skus else st.just("a")).replace("\n", "")
    by_hand = [
        row
        for row, (sku, name) in enumerate(zip(skus, names, strict=True))
        if wanted.casefold() in sku.casefold() or wanted.casefold() in name.casefold()
    ]
    if "\n" not in "".join([*skus, *names]):
        assert catalogue.matching(wanted).tolist() == by_hand


def test_no_text_is_in_every_row_and_in_no_other() -> None:
    catalogue = Catalogue()
    assert catalogue.matching("").tolist() == []
    catalogue.add(["A", "B"])
    assert catalogue.matching("").tolist() == [0, 1]


def test_new_names_are_found() -> None:
    catalogue = Catalogue()
    catalogue.add(["A", "B"])
    assert catalogue.matching("fig").tolist() == []
    catalogue.name(Naming(np.array([1], np.int32), ["Figs"], np.zeros(1)))
    assert catalogue.matching("fig").tolist() == [1]
    catalogue.add(["FIG"])
    assert catalogue.matching("fig").tolist() == [1, 2]


def test_the_unknown_are_found_among_the_drifting() -> None:
    monitor = Monitor(rules())
    tell(monitor, reading(MASTER, {"A": 1, "B": 2}, T0))
    tell(monitor, reading("embed", {"A": 1, "B": LevelState.UNKNOWN}, T0 + 1))
    tell(monitor, reading("facebook", {"A": 3, "B": 2}, T0 + 2))
    assert monitor.order().tolist() == [0]
    assert monitor.order(text="unknown").tolist() == [1]
    assert monitor.order(text="!unknown").tolist() == [0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("surface:facebok", "No surface is called facebok; nearest is facebook"),
        ("over surface:x", "No surface is called x; there are embed, facebook"),
        ("phase:stuk", "No phase is called stuk"),
        ("~(", "~( is no regular expression"),
        ("~(a+)+$", "could take for ever"),
        ("~(a|a){9}", "could take for ever"),
        ("~.*.*.*x", "could take for ever"),
    ],
)
def test_a_broken_filter_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(FilterError) as error:
        parse(text, SURFACES)
    assert said in str(error.value)


def test_words() -> None:
    assert parse('!surface:face "sea salt" OVER ~a+ phase:in', SURFACES) == Filter(
        (
            Term("surface", "face", True, ("facebook",)),
            Term("text", "sea salt"),
            Term("severity", "OVER", False, ("over",)),
            Term("regex", "a+"),
            Term("phase", "in", False, ("in-flight",)),
        )
    )
    assert parse('! ~ surface: "" !~', SURFACES) == Filter()


def test_the_worst_pattern_that_is_let_through_ends_soon() -> None:
    monitor = Monitor(rules())
    tell(monitor, reading(MASTER, {f"{number}-" + "a" * 60: 1 for number in range(50)}, T0))
    began = time.process_time()
    assert not len(parse("~a*a*b", SURFACES).select(monitor, np.arange(50, dtype=np.int32)))
    assert time.process_time() - began < 5


def test_what_is_hidden_is_looked_at_only_where_it_is_asked_for() -> None:
    for text, unknown, ignored in (
        ("unknown", True, False), ("!unknown", False, False), ("ignored", False, True), ("!ignored", False, False),
        ("sea over", False, False), ("sea unknown ignored", True, True), ("", False, False),
    ):  # fmt: skip
        found = parse(text, SURFACES)
        assert (found.asks_for_unknown, found.asks_for_ignored) == (unknown, ignored), text


@pytest.mark.parametrize("word", ["eu:blue", "phase", "surface", "a:phase", "http://x"])
def test_a_colon_of_another_word_and_a_word_without_one_are_text(word: str) -> None:
    assert parse(word, SURFACES).terms == (Term("text", word),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("surface:facebook unknown", "BC"), ("surface:embed unknown", "A"), ("unknown", "ABC"),
        ("surface:facebook", "DX"),
        ("surface:facebook unknown C", "C"), ("surface:facebook !unknown", "DX"), ("surface:facebook unknown !C", "B"),
        ("!surface:facebook unknown", "ABC"),
    ],
)  # fmt: skip
def test_what_is_unknown_is_asked_for_of_a_surface_as_drift_and_orphans_are(text: str, found: str) -> None:
    monitor, unknown = Monitor(rules()), LevelState.UNKNOWN
    tell(monitor, reading(MASTER, dict.fromkeys("ABCDE", 5), T0))
    tell(monitor, reading("embed", {**dict.fromkeys("ABCDE", 5), "A": unknown}, T0 + 1))
    tell(monitor, reading("facebook", {"A": 5, "B": unknown, "C": unknown, "D": 9, "E": 5, "X": 2}, T0 + 1))
    assert "".join(sorted(line.sku for line in monitor.lines(monitor.order(text=text)))) == found
