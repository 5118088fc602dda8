"""The parts of which the screen is made: words, digits, columns, themes, bars, and what is sent."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from stockdrift.console import digits, words
from stockdrift.console.columns import columns, sku_width
from stockdrift.console.geometry import plan, surface_columns
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.theme import TOKENS, ThemeError, find_theme, load_theme, shipped_folder
from stockdrift.console.widgets.grid_line import axis_halves, deviation, paint_line
from stockdrift.stock.levels import LevelState
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from tests.stock.scene import reading, rules, surface, tell

SURFACES = ["facebook", "instagram", "amazon", "instant-site", "embed"]
DARK = find_theme("dark", (shipped_folder(),))


@given(st.integers(0, 10**15))
def test_an_age_has_at_most_five_characters(ms: int) -> None:
    assert 2 <= len(words.age(ms)) <= 5


@pytest.mark.parametrize(
    ("ms", "said"),
    [(0, "0s"), (12_400, "12s"), (41 * 60_000, "41m"), (190 * 60_000, "3h10m"), (183_600_000, "2d03h"), (None, "—")],
)
def test_ages(ms: int | None, said: str) -> None:
    assert words.age(ms) == said


@given(st.integers(-(2**31), 2**31 - 1), st.integers(4, 12))
def test_a_number_is_never_wider_than_its_column(number: int, width: int) -> None:
    assert len(words.short(number, width)) <= width
    assert len(deviation(number, width)) <= width


@given(st.floats(0, 1e13))
def test_money_fits_the_risk_column(amount: float) -> None:
    assert len(words.money(amount, "GBP", 5)) <= 5


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_cut_is_never_wider_than_asked(text: str, width: int) -> None:
    assert cell_len(words.cut(text, width)) <= max(width, 0)
    assert cell_len(words.cut_middle(text, max(width, 1))) <= max(width, 1)


def test_cuts() -> None:
    assert words.cut("Fig & Vetiver 220ml", 14) == "Fig & Vetiver…"
    assert words.cut_middle("ABCDEFGHIJ-0001", 9) == "ABCD…0001"
    assert words.short_title("instant-site", 9) == "Site"


@pytest.mark.parametrize("text", ["0", "37", "?", "+8", "−36", "128", "1284", "+120"])
def test_digits_are_five_even_rows_in_their_box(text: str) -> None:
    rows = digits.big(text)
    assert len(rows) == 5
    assert len({len(row) for row in rows}) == 1
    assert len(rows[0]) <= 17


def test_too_many_digits_are_left_to_plain_text() -> None:
    assert digits.big("12845") == ()


@given(st.integers(1, 400), st.integers(0, 9), st.integers(7, 20))
def test_no_column_overlaps_another(width: int, count: int, sku: int) -> None:
    names = [f"surface-{n}" for n in range(count)]
    found = columns(width, names, list(range(count)), sku)
    assert found.sku + found.sku_width <= width or width < 6
    edges = [surface.head for surface in found.surfaces]
    assert edges == sorted(edges)
    for left, right in pairwise(found.surfaces):
        assert right.head - len(right.label) >= left.head
    if found.surfaces and found.phase is not None:
        assert found.surfaces[-1].head < found.phase
    if found.name is not None and found.master is not None:
        assert found.name + found.name_width <= found.master
    shown = [index for surface in found.surfaces for index in surface.surfaces]
    assert shown == sorted(shown)


def test_what_collapses_by_width() -> None:
    assert [surface.label for surface in columns(110, SURFACES, range(5)).surfaces][-1] == "others"
    assert columns(103, SURFACES, range(5)).worst is not None
    assert columns(80, SURFACES, range(5)).name is not None
    assert columns(79, SURFACES, range(5)).name is None
    assert columns(60, SURFACES, range(5)).phase is None
    assert columns(59, SURFACES, range(5)).severity == "glyph"
    assert columns(29, SURFACES, range(5)).out_in is None
    assert columns(160, SURFACES, range(5)).axis is None
    assert columns(141, SURFACES, range(5), axis=True).axis is not None
    assert surface_columns(65, calm=False).errors is None


def test_what_collapses_by_height() -> None:
    assert plan(120, 36).companions == (0, 13, 120, 3)
    assert plan(120, 30).companions == (0, 13, 120, 2)
    assert plan(120, 29).drift is None
    compact = plan(120, 29).compact
    assert compact is not None
    assert compact.height == 4
    assert plan(80, 16).compact == (0, 1, 80, 2)
    assert plan(80, 15).header is None


@given(st.integers(1, 300), st.integers(1, 120))
def test_panels_never_overlap_nor_leave_the_screen(width: int, height: int) -> None:
    now = plan(width, height)
    regions = [
        region
        for region in (now.header, now.drift, now.surfaces, now.cause, now.companions, now.compact, now.head, now.grid,
                       now.footer)
        if region is not None
    ]  # fmt: skip
    for index, region in enumerate(regions):
        assert region.x >= 0
        assert region.y >= 0
        assert region.right <= width
        assert region.bottom <= height
        assert not any(region.overlaps(other) for other in regions[index + 1 :])


def test_the_sku_column_is_as_wide_as_nearly_all_skus() -> None:
    assert sku_width([7] * 99 + [30]) == 7
    assert sku_width([7] * 99 + [9]) == 9, "one that is a little longer is not cut"
    assert sku_width([12] * 10) == 12
    assert sku_width([40] * 10) == 20
    assert sku_width([]) == 7


@pytest.mark.parametrize(("size", "halves"), [(1, 2), (2, 4), (8, 7), (14, 9), (28, 11), (36, 12), (10**9, 12)])
def test_the_axis_is_the_drawing_s(size: int, halves: int) -> None:
    assert axis_halves(size) == halves


def theme_text(**changes: str | None) -> str:
    colors = dict.fromkeys(TOKENS, '"#123456"') | changes
    lines = [f"{token} = {value}" for token, value in colors.items() if value is not None]
    return "\n".join(['name = "mine"', "dark = true", "[colors]", *lines])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (theme_text(oversel='"#fff"'), "colors.oversel is not a key of a theme; nearest is colors.oversell"),
        (theme_text(late=None), "colors.late is missing"),
        (theme_text(over='"pinkish"'), "colors.over: 'pinkish' is not a colour"),
        (theme_text(over="7"), "colors.over: 7 is not a colour"),
        (theme_text(over='"#ffffff80"'), "colors.over: '#ffffff80' is not opaque"),
        (
            theme_text() + '\n[on_cursor]\ntex = "#fff"',
            "on_cursor.tex is not a key of a theme; nearest is on_cursor.text",
        ),
        (theme_text() + '\n[on_cursor]\ntext = "no"', "on_cursor.text: 'no' is not a colour"),
        ("name = 'x'\n[colors]\n", "dark is missing"),
        ("colors", "not TOML"),
    ],
)
def test_a_bad_theme_is_one_sentence_that_names_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ThemeError) as error:
        load_theme(file)
    assert said in str(error.value)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value).strip() or "TOML" in said


def test_an_operator_s_theme_stands_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "dark.toml").write_text(theme_text())
    assert find_theme("dark", (tmp_path, shipped_folder())).colors["over"].hex == "#123456"
    with pytest.raises(ThemeError, match="there are ansi, dark, deuteranopia, high-contrast, light, tritanopia"):
        find_theme("dusk", (tmp_path, shipped_folder()))
    with pytest.raises(ThemeError, match="letters, digits"):
        find_theme("../../etc/passwd", (tmp_path,))


TEXTS = st.lists(
    st.tuples(st.integers(0, 39), st.sampled_from(["ab", "é", "キ", "━━", "x" * 9]), st.sampled_from(TOKENS[5:]))
)


@given(TEXTS, TEXTS)
def test_rows_differ_where_they_are_said_to_and_nowhere_else(
    before: list[tuple[int, str, str]], after: list[tuple[int, str, str]]
) -> None:
    old, new = Row(DARK, 40), Row(DARK, 40)
    for row, texts in ((old, before), (new, after)):
        for x, text, ink in texts:
            row.put(x, text, ink, bold=x % 2 == 0)
    patched = list(zip(old.chars, old.styles, strict=True))
    for first, last in new.differs(old):
        patched[first:last] = list(zip(new.chars, new.styles, strict=True))[first:last]
    assert patched == list(zip(new.chars, new.styles, strict=True))


@pytest.mark.parametrize("width", [80, 50])
def test_what_is_compared_with_nothing_does_not_look_like_agreement(width: int) -> None:
    monitor = Monitor(rules(surface("embed"), surface("facebook")))
    tell(monitor, reading(MASTER, {"SYNC": 7, "LOST": 6, "GIFT": LevelState.UNLIMITED}))
    tell(monitor, reading("embed", {"SYNC": 7}))
    tell(monitor, reading("facebook", {"SYNC": 7}))
    scene = Scene(DARK)
    shown = {}
    for line in monitor.lines([0, 1, 2]):
        row = Row(DARK, width)
        paint_line(row, columns(width, ["embed", "facebook"], [0, 1]), line, scene)
        shown[line.sku] = "".join(row.chars)
    assert ("=" in shown["SYNC"]) == (width == 80)
    assert "=" not in shown["LOST"] + shown["GIFT"]
    if width == 50:
        assert "7" in shown["SYNC"]
        assert f"{scene.glyphs.none}/6" in shown["LOST"]
