"""Names that mean harm, sizes that nobody has, terminals without colours or glyphs."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from stockdrift.console.glyphs import ASCII, PLAIN
from stockdrift.stock.text import clean
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import sku_line, troubled
from tests.console.harness import running

NAMES = [
    "[bold red]markup[/bold red] [@click=app.quit]x[/]",
    clean("a\x1b[31mred\x1b]0;title\x07"),
    "キャンドル・ラベンダーの香り とても長い名前",
    "e\u0301e\u0301e\u0301 combining" + "\u0301" * 40,
    "👨‍👩‍👧 family ❤️ 👍🏽 flags 🇬🇧",
    clean("abc\u202egnirts\u202c\u200bzero"),
    "ﷺ ﷺ ﷺ wide ligature",
    "x" * 500,
    "",
    "\\[escaped\\] {braces} %s %d",
]
SIZES = [(120, 40), (104, 30), (103, 29), (80, 24), (79, 24), (61, 18), (60, 16), (59, 15), (40, 12), (29, 8), (20, 6),
         (10, 4), (5, 3), (2, 2), (1, 1), (160, 50), (200, 55), (400, 100)]  # fmt: skip


def hostile() -> FakeSource:
    lines = {row: replace(sku_line(row), name=name, sku=name[:30] or "no-name") for row, name in enumerate(NAMES)}
    return FakeSource(FakeModel(names=lines))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_no_name_breaks_a_column_and_no_size_is_refused(size: tuple[int, int]) -> None:
    async with running(size, hostile()) as console:
        for row in console.rows():
            assert cell_len(row) == size[0]
        await console.press("enter")
        for row in console.rows():
            assert cell_len(row) == size[0]
        await console.press("escape", "question_mark")
        for row in console.rows():
            assert cell_len(row) == size[0]


async def test_markup_is_text() -> None:
    async with running(source=hostile()) as console:
        assert "[bold red]m…" in console.rows()[19]
        await console.press("enter")
        assert "[bold red]" in console.rows()[1]


async def test_the_divider_stands_in_its_column_beside_wide_names() -> None:
    async with running(source=hostile()) as console:
        for row in console.rows()[19:29]:
            before = row.split("│")[0]
            assert cell_len(before) == cell_len(console.rows()[18].split("│")[0])


async def test_a_storm_of_sizes() -> None:
    async with running(source=hostile()) as console:
        for size in SIZES * 2:
            await console.pilot.resize_terminal(*size)
        await console.pilot.resize_terminal(120, 40)
        await console.settle(1_000)
        assert "37" not in console.rows()[0]
        assert console.rows()[3].startswith("  ███████  ███████   SKUs drift")


async def test_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running() as console:
        cells = console.cells()
        assert not [s for row in cells for _c, s in row if (s.color and not s.color.is_default)]
        assert not [s for row in cells for _c, s in row if (s.bgcolor and not s.bgcolor.is_default)]
        assert cells[19][30][1].reverse  # the cursor row
        assert cells[10][26][1].reverse  # the pill
        assert not cells[20][30][1].reverse
        assert cells[3][42][1].bold  # a surface that is late
        assert console.rows()[19].startswith("▌ ■ oversell  FIG-220")
        await console.press("slash", "f")
        assert [console.cells()[39][x][1].reverse for x in (3, 4, 5)] == [False, True, False], "where one types"
        await console.press("escape", "h")
        await console.settle(300)
        assert console.cells()[0][30][1].reverse, "the banner that says it is the past"


async def test_plain_glyphs_are_ascii_but_for_text() -> None:
    async with running(glyphs=PLAIN) as console:
        odd = {c for row in console.rows() for c in row if not c.isascii()}
        assert odd <= set("█▀▄–—−“”·£ë↓±→·×◆…")
        rows = console.rows()
        assert rows[3][40] == "*"
        assert "|" in rows[18]


async def test_ascii_glyphs_have_no_blocks_on_any_screen() -> None:
    async with running(glyphs=ASCII) as console:
        odd = {c for row in console.rows() for c in row}
        assert console.rows()[3].startswith("  #######  #######   SKUs drift")
        for keys in (("down", "down", "enter"), ("escape", "f"), ("escape", "h"), ("escape", "t"), ("escape", "R")):
            await console.press(*keys)
            await console.settle(300)
            odd |= {c for row in console.rows() for c in row}
        assert {c for c in odd if not c.isascii()} <= set("–—−“”·£ë↓↑±→·×◆…")


async def test_numbers_too_wide_for_their_column_are_shortened_not_spilled() -> None:
    wide = replace(sku_line(2), master=2_000_000_000)
    cell = replace(wide.cells[0], reported=-2_000_000_000, deviation=-2_000_000_000)
    wide = replace(wide, cells=[cell, *wide.cells[1:]], at_risk=9e12, out_in=9e9)
    surfaces = [
        replace(line, drifting=9_999_999, pending=123_456_789, errors_hour=10**7) for line in troubled().surfaces
    ]
    picture = replace(troubled(), surfaces=surfaces, gauge=replace(troubled().gauge, drifting=1_234_567, tracked=10**7))
    model = FakeModel(shown=picture, names={2: wide})
    async with running(source=FakeSource(model)) as console:
        rows = console.rows()
        assert all(cell_len(row) == 120 for row in rows)
        assert rows[21][47] == "│"
        assert "-2G" in rows[21].replace("−", "-")


@pytest.mark.parametrize("size", [9, 99, 999, 9_999, 99_999, 1_000_000])
async def test_the_divider_stands_beside_any_count(size: int) -> None:
    gauge = replace(
        troubled().gauge, tracked=4 * size, drifting=size, in_sync=size, unknown=size, oversell=size, over=size,
        under=size, in_flight=size, change=size,
    )  # fmt: skip
    async with running(source=FakeSource(FakeModel(shown=replace(troubled(), gauge=gauge)))) as console:
        assert "".join(row[38] for row in console.rows()[1:13]) == "┬││││││├││││"
        assert console.rows()[4][37] == " ", "nothing touches it"
        assert f"of {4 * size:,}" in console.rows()[4]
        counts = console.rows()[10][:38]
        for word in ("under", "over", "oversell"):
            assert f" {word}" in counts
