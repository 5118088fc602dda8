"""A row that is listed as drifting shows where and by how much, however many columns there is room for."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console import words
from stockdrift.console.arrangement import Arrangement
from stockdrift.console.columns import Columns, columns, heads
from stockdrift.console.paint import Row
from stockdrift.console.scene import COLUMNS_REST, Scene
from stockdrift.console.theme import find_theme, shipped_folder
from stockdrift.console.widgets.grid_line import deviation, paint_line
from stockdrift.stock.picture import Cell, Picture, Severity, SkuLine, SurfaceLine, Verdict
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import SURFACES, sku_line, troubled
from tests.console.harness import Running, running

DARK = find_theme("dark", (shipped_folder(),))
HEADS, FIRST = 18, 19
IN_SYNC, DRIFTED = Verdict.IN_SYNC, Verdict.DRIFTED
SIGN = re.compile("[+−▲▼■]")
OVER = st.integers(1, 3_000)


def drifting(offs: list[int]) -> SkuLine:
    """A SKU of which the master has 8, off by so much on each surface."""
    cells = []
    for off in offs:
        severity = Severity.UNDER if off < 0 else Severity.OVER if off else Severity.NONE
        cells.append(Cell(8 + off, 8, off, severity, DRIFTED if off else IN_SYNC))
    worst = max(range(len(offs)), key=lambda index: (cells[index].severity, abs(offs[index])))
    return replace(sku_line(0), master=8, severity=cells[worst].severity, cells=cells, worst=worst)


def scene_of(names: list[str]) -> Scene:
    line = troubled().surfaces[0]
    return Scene(DARK, picture=replace(troubled(), surfaces=[replace(line, name=name) for name in names]))


def painted(line: SkuLine, at: Columns, scene: Scene) -> str:
    row = Row(DARK, at.width)
    paint_line(row, at, line, scene)
    return "".join(row.chars)


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[str], list[int], list[int], Arrangement]:
    count = draw(st.integers(1, 9))
    names = [*SURFACES, "outlet", "pos", "wholesale-portal", "kiosk"][:count]
    offs = draw(st.lists(st.just(0) | OVER | OVER.map(lambda off: -off), min_size=count, max_size=count).filter(any))
    order = draw(st.permutations(range(count)))
    hidden = draw(st.sets(st.sampled_from([f"surface:{name}" for name in names])))
    return names, offs, order, Arrangement(hidden=frozenset(hidden))


@given(rows(), st.integers(60, 250), st.integers(7, 20), st.booleans())
def test_a_drifting_row_says_where_and_by_how_much(
    chosen: tuple[list[str], list[int], list[int], Arrangement], width: int, sku: int, axis: bool
) -> None:
    names, offs, order, arranged = chosen
    scene, line = scene_of(names), drifting(offs)
    at = columns(width, names, order, sku, arranged, axis=axis)
    text = painted(line, at, scene)
    said = {deviation(off, room) for off in offs if off for room in (4, 5)}
    assert any(one in text for one in said), text
    alone = {column.surfaces[0] for column in at.surfaces if len(column.surfaces) == 1}
    for left, column in pairwise([None, *at.surfaces]):
        assert column is not None
        begin = (at.master if left is None else left.head) or 0
        cell = text[begin + 1 : column.head + 1].lstrip(" │")
        off = [offs[index] for index in column.surfaces if offs[index]]
        assert bool(SIGN.search(cell)) == bool(off), (cell, off)
        if len(column.surfaces) == 1:
            assert column.label == words.short_title(names[column.surfaces[0]], 9)
        elif off:
            assert cell.split()[-1] in {deviation(one, 4) for one in off}
            assert len(cell.split()) > 1, "and where"
    if at.surfaces and not alone & {index for index, off in enumerate(offs) if off}:
        where = [words.title(name).split()[-1][:3] for name, off in zip(names, offs, strict=True) if off]
        assert any(one in text[at.sku + at.sku_width :] for one in where), (text, where)


def test_what_is_no_number_is_not_drawn_like_the_others() -> None:
    cells = [Cell("unlimited", 8, None, Severity.OVER, DRIFTED), Cell(8, 8, 0, Severity.NONE, IN_SYNC)]
    line = replace(sku_line(0), master=8, severity=Severity.OVER, cells=cells, worst=0)
    for width, names in ((106, ["facebook", "a"]), (140, ["facebook", "a"])):
        assert "▲" in painted(line, columns(width, names, [1, 0]), scene_of(names))[30:]


def test_surfaces_that_the_operator_hid_say_in_the_row_what_drifts_there() -> None:
    names = list(SURFACES)
    hidden = Arrangement(hidden=frozenset({"surface:facebook"}))
    at = columns(120, names, range(5), 7, hidden)
    assert "Facebook +3" in painted(drifting([3, 0, 0, 0, 0]), at, scene_of(names))
    assert "Facebook" not in painted(drifting([3, 2, 0, 0, 0]), at, scene_of(names)), "another column says it"


def with_drift(**drift: int) -> Picture:
    surfaces: list[SurfaceLine] = [
        replace(line, drifting=drift.get(line.name.replace("-", "_"), 0)) for line in troubled().surfaces
    ]
    return replace(troubled(), surfaces=surfaces)


def first(console: Running) -> str:
    return console.rows()[HEADS].split("│")[1].split()[0]


async def test_columns_stand_still_until_another_surface_has_long_been_worse_and_no_key_was_pressed() -> None:
    model = FakeModel(shown=with_drift(facebook=35, instagram=2))
    async with running(source=FakeSource(model)) as console:
        assert first(console) == "Facebook"
        model.shown = with_drift(facebook=2, instagram=35)
        model.version += 1
        await console.settle(COLUMNS_REST - 2_000)
        assert first(console) == "Facebook"
        await console.press("down")
        model.version += 1
        await console.settle(COLUMNS_REST - 2_000)
        assert first(console) == "Facebook", "somebody is reading"
        model.version += 1
        await console.settle(4_000)
        assert first(console) == "Instagram"
        model.shown = with_drift(facebook=35, instagram=33)
        model.version += 1
        await console.settle(3 * COLUMNS_REST)
        assert first(console) == "Instagram", "near neighbours do not change places"


async def test_columns_take_their_order_with_another_list() -> None:
    model = FakeModel(shown=with_drift(facebook=35))
    async with running(source=FakeSource(model)) as console:
        for there, (drift, keys) in {
            "Embed": ({"embed": 9}, ["l"]),
            "Amazon": ({"amazon": 9}, ["s"]),
            "Instagram": ({"instagram": 9}, ["slash", "x", "enter"]),
        }.items():
            model.shown = with_drift(**drift)
            model.version += 1
            await console.settle(1_000)
            assert first(console) != there
            await console.press(*keys)
            assert first(console) == there


async def test_with_the_preview_called_beside_the_list_its_columns_are_in_sight() -> None:
    for width in (160, 180, 199):
        async with running((width, 45)) as console:
            await console.press("f2")
            await console.settle(100)
            at = console.app.scene.columns(width - 59)
            shown = console.rows()[FIRST][: width - 59]
            assert "+2" in shown
            assert "Facebook" in (console.rows()[HEADS][: width - 59] if at.surfaces else shown)
            assert heads(at, "")[-1].stop <= width - 59
            assert "phase" in console.rows()[HEADS][: width - 59]


async def test_the_sku_column_grows_with_the_list_and_shrinks_only_with_another() -> None:
    model = FakeModel()
    model.names[30] = replace(sku_line(30), sku="YUZ-GLS-WIDE")
    model.rows = list(range(10))
    async with running(source=FakeSource(model)) as console:
        assert console.rows()[FIRST][14:22] == "FIG-220 "
        model.rows = [*range(10), 30]
        model.version += 1
        await console.settle(3_000)
        assert "YUZ-GLS-WIDE" in console.text()
        model.rows = list(range(10))
        model.version += 1
        await console.settle(3_000)
        assert console.app.scene.sku_width == 12
        await console.press("s")
        assert console.app.scene.sku_width == 7
