from __future__ import annotations

import types
import typing

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.entries import Changes, Entry, Poll, Ruling
from stockdrift.stock.reading import Covers, Outcome
from stockdrift.stock.rules import Allotment, Rules, Scope, SurfaceRules, Tolerance
from stockdrift.stock.values import replace
from stockdrift.store.base import JournalError
from stockdrift.store.codec import Row, decode, encode, rules_text, summarise
from tests.store.entries import any_rules, entries, polls, portrait


@given(entries, st.integers(1, 2**53))
def test_what_is_decoded_is_what_was_encoded(entry: Entry, number: int) -> None:
    assert portrait(decode(number, encode(entry))) == portrait(replace(entry, number=number))


@given(polls)
def test_a_summary_is_read_without_the_body(poll: Poll) -> None:
    row = encode(poll)
    summary = summarise(7, row.at, row.subject, row.header)
    assert (summary.number, summary.surface, summary.read_at, summary.started_at) == (
        7,
        poll.surface,
        poll.read_at,
        poll.started_at,
    )
    assert (summary.outcome, summary.reason, summary.listed) == (poll.outcome, poll.reason, poll.listed)
    assert summary.changed == len(poll.changes)
    traffic = poll.traffic
    assert (summary.requests, summary.failures, summary.bytes) == (traffic.requests, traffic.failures, traffic.bytes)


@given(polls, st.data())
def test_damage_to_a_body_is_an_error_that_names_the_entry_or_changes_nothing(poll: Poll, data: st.DataObject) -> None:
    row = encode(poll)
    if not row.body:
        return
    place = data.draw(st.integers(0, len(row.body) - 1))
    flip = data.draw(st.integers(1, 255))
    body = bytearray(row.body)
    body[place] ^= flip
    try:
        found = decode(12, row._replace(body=bytes(body)))
    except JournalError as error:
        said = str(error)
    else:
        said = "Entry 12"
        assert portrait(found) == portrait(replace(poll, number=12))
    assert "Entry 12" in said


@given(polls, st.data())
def test_a_body_cut_short_is_an_error(poll: Poll, data: st.DataObject) -> None:
    row = encode(poll)
    if not row.body:
        return
    length = data.draw(st.integers(0, len(row.body) - 1))
    if not length and not (
        len(poll.changes) or poll.new_skus or len(poll.naming.rows) or poll.changes.parts is not None
    ):
        return  # bad rows alone: their count stands in the header, and the first hundred are for the eye only
    with pytest.raises(JournalError, match="Entry 3 "):
        decode(3, row._replace(body=row.body[:length]))


@pytest.mark.parametrize(
    "row",
    [
        Row("poll", 1, "facebook", "{}", b""),
        Row("poll", 1, "facebook", "no JSON", b""),
        Row("poll", 1, "facebook", '{"outcome":"glorious","covers":"all","started_at":1}', b""),
        Row("poll", 1, "facebook", '{"outcome":"complete","covers":"all","started_at":1,"changed":5}', b""),
        Row("poll", 1, "facebook", '{"outcome":"complete","covers":"all","started_at":1}', b"\xc1"),
        Row("rules", 1, "", "[]", b""),
        Row("ruling", 1, "", '{"operator":7}', b""),
        Row("remark", 1, "", '{"operator":"anna","kind":"poem"}', b""),
        Row("buffer", 1, "", '{"operator":"anna","units":"2"}', b""),
        Row("reread", 1, "", "", b""),
        Row("poem", 1, "", "{}", b""),
    ],
)
def test_a_row_that_is_no_entry_is_an_error_that_names_it(row: Row) -> None:
    with pytest.raises(JournalError, match="Entry 41 of the journal is damaged: "):
        decode(41, row)


def test_a_ruling_without_a_reason_is_one_of_an_earlier_version() -> None:
    row = Row("ruling", 5, "facebook", '{"operator":"anna","tolerance":{"units":2,"percent":0}}', b"")
    assert decode(7, row) == Ruling(5, "anna", Scope("facebook"), Tolerance(2), 0, 7, "")


def test_one_percent_of_a_million_skus_takes_at_most_30_kilobytes() -> None:
    rng = np.random.default_rng(5)
    rows = np.sort(rng.choice(1_000_000, 10_000, replace=False)).astype(np.int32)
    changes = Changes(
        rows, np.ones(10_000, np.uint8), rng.integers(0, 200, 10_000, dtype=np.int32), np.zeros(10_000, np.uint8)
    )
    row = encode(Poll("facebook", Outcome.COMPLETE, Covers.ALL, 0, 1, listed=1_000_000, changes=changes))
    assert len(row.header) + len(row.body) <= 30_000


@given(any_rules)
def test_rules_come_back_equal_and_their_text_tells_whether_they_changed(rules: Rules) -> None:
    (found,) = [decode(1, Row("rules", 5, "", rules_text(rules), b""))]
    assert found.rules == rules  # type: ignore[union-attr]
    backwards = replace(rules, tolerances=dict(reversed(list(rules.tolerances.items()))))
    assert rules_text(backwards) == rules_text(rules)
    assert rules_text(replace(rules, low_stock=rules.low_stock + 1)) != rules_text(rules)


def test_every_field_of_the_rules_is_in_their_text() -> None:
    text = rules_text(Rules(SurfaceRules("master"), (SurfaceRules("facebook"),)))
    for kind in (Rules, SurfaceRules, Tolerance, Allotment):
        for name in kind.__struct_fields__:
            assert f'"{name}":' in text


def test_rules_have_no_place_for_a_secret() -> None:
    """They are recorded as they are, so each value in them is a number, a truth or a text meant to be shown."""
    texts: set[str] = set()
    seen: set[type] = set()

    def walk(kind: object, name: str) -> None:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            if kind not in seen:
                seen.add(kind)
                for field, hint in typing.get_type_hints(kind).items():
                    walk(hint, f"{kind.__name__}.{field}")
            return
        parts = [part for part in typing.get_args(kind) if part is not ...]
        if parts:
            for part in parts:
                walk(part, name)
            return
        assert kind in (str, int, bool, types.NoneType), name
        if kind is str:
            texts.add(name)

    walk(Rules, "Rules")
    assert texts == {
        "Rules.store",
        "Rules.currency",
        "ActionRules.reasons",  # words to choose from
        "Window.name",  # a freeze window: an operator's word, the surfaces it is of, its zone
        "Window.surfaces",
        "Window.zone",
        "SurfaceRules.conflict",  # whom to trust: a word of three
        "SurfaceRules.refresh",  # a sentence of ours
        "Rules.tolerances",  # SKUs
        "Rules.bundles",  # SKUs
        "SurfaceRules.listing",  # what is taken down with a listing: a word of three
        "SurfaceRules.name",
        "SurfaceRules.kind",
        "SurfaceRules.allotments",  # SKUs
        "SurfaceRules.buffers",  # SKUs
        "SurfaceRules.tolerances",  # SKUs
        "SurfaceRules.source",  # a fingerprint
        "SurfaceRules.ignores",  # SKUs
        "Rules.ignores",  # SKUs
        "Ignore.by",  # an operator
        "Ignore.reason",  # an operator's words
    }
