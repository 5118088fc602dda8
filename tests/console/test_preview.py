"""Beside the list of a wide screen: the SKU under the cursor, with its levels over time and what happened to it."""

from __future__ import annotations

from itertools import combinations

from stockdrift.console.geometry import PREVIEW_WIDTH, plan
from stockdrift.stock.picture import Verdict
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import blank, sku_line
from tests.console.harness import Running, running

EDGE = 200 - PREVIEW_WIDTH


def preview(console: Running, edge: int = EDGE) -> list[str]:
    return [row[edge:] for row in console.rows()]


async def test_the_preview_is_the_sku_under_the_cursor_where_it_was_drawn() -> None:
    async with running((200, 55)) as console:
        await console.press("down", "down")
        await console.settle(100)
        rows = preview(console)
        assert rows[1].startswith("┬ Preview ─")
        assert rows[3][3:18] == "Sea Salt 220ml "
        assert rows[3].rstrip().endswith("▲ over +8")
        assert "SEA-220   £24.00   2.9 sold an hour" in rows[4]
        assert rows[4].rstrip().endswith("◆ late 3h02m")
        assert rows[6][41] == "│"
        assert rows[7][3:13] == "▲ Facebook"
        assert (rows[7][35:48], rows[8][35:48]) == ("──────│━━━╸──", "┈┈┈┈┈┈│┈┈┈┈┈┈")
        assert rows[13][3:12] == "master 3 "
        assert rows[15].startswith("│ Levels today ─")
        assert "━ master   ━ Facebook" in rows[15]
        assert rows[30].startswith("│ Events ─")
        assert (rows[8][0], rows[13][0], rows[17][0]) == ("┤", "┤", "│"), "where rules of the first screen end"
        assert rows[31][3:].startswith("10:30:00  ○ master 4 to 3, −1"), "a sentence, and no word before it"
        assert any("× Amazon: HTTP 503" in row for row in rows), "a read that failed"
        assert console.rows()[18].index("under │ over") < console.rows()[18].index("phase")
        assert "next read" in console.rows()[2]


async def test_it_follows_the_cursor_and_asks_for_one_history_at_a_time() -> None:
    async with running((200, 55)) as console:
        for _ in range(5):
            await console.press("down")
        await console.settle(100)
        assert "MYR-220" in preview(console)[4]
        assert "Myrrh" in preview(console)[3]


async def test_a_key_sends_it_away_and_calls_it_over_the_list_of_a_narrower_screen() -> None:
    async with running((200, 55)) as console:
        await console.press("f2")
        assert "Preview" not in console.rows()[1]
        assert "risk" in console.rows()[18][180:]
    async with running((160, 40)) as console:
        assert "Preview" not in console.rows()[1]
        await console.press("f2")
        await console.settle(100)
        assert "FIG-220" in preview(console, 160 - PREVIEW_WIDTH)[4]
        await console.press("f2")
        assert "Preview" not in console.rows()[1]
    async with running((120, 40)) as console:
        await console.press("f2")
        assert "A preview needs 160 columns" in console.rows()[16]


async def test_a_terminal_that_is_made_wider_is_as_if_it_had_been_so_from_the_beginning() -> None:
    async with running((200, 55)) as wide, running((120, 40)) as console:
        before = console.rows()
        await console.pilot.resize_terminal(200, 55)
        await console.settle()
        assert console.rows() == wide.rows()
        await console.pilot.resize_terminal(120, 40)
        await console.settle()
        assert console.rows() == before
        await console.pilot.resize_terminal(200, 55)
        for one in (console, wide):
            await one.press("w")
        assert console.rows() == wide.rows(), "a form lies above it"
        assert any("For whoever comes next" in row for row in console.rows())


async def test_with_nothing_listed_it_says_so() -> None:
    async with running((200, 55), FakeSource(FakeModel(shown=blank(), rows=[]))) as console:
        assert "Nothing is under the cursor" in preview(console)[3]


async def test_a_long_word_does_not_run_into_the_surface_s_name() -> None:
    line = sku_line(2)
    cells = [replace(cell, reported="unlisted", verdict=Verdict.NOT_COMPARED) for cell in line.cells]
    async with running((200, 55), FakeSource(FakeModel(names={2: replace(line, cells=cells)}))) as console:
        await console.press("down", "down")
        await console.settle(100)
        rows = preview(console)
        assert any(row[3:].startswith("— Site       unlisted ") for row in rows), "its short name, whole"


async def test_what_cannot_be_read_is_said_in_its_place() -> None:
    source = FakeSource()
    source.silent = RuntimeError("the disk is gone")
    async with running((200, 55), source) as console:
        await console.settle(100)
        assert any("cannot be read: the disk is gone" in row for row in preview(console))


def test_the_rest_of_the_screen_gives_way_and_nothing_overlaps() -> None:
    for width in (200, 211, 250):
        for height in (30, 36, 55, 70):
            beside = plan(width, height, levels=8)
            assert beside.preview is not None
            aside = beside.preview
            parts = [beside.drift, beside.surfaces, beside.cause, beside.companions, beside.head, beside.grid]
            parts += [aside.divider, aside.sku, aside.plot, aside.events, aside.doing]
            regions = [part for part in parts if part is not None]
            assert not any(one.overlaps(other) for one, other in combinations(regions, 2))
            assert max(region.right for region in regions) == width
            assert max(region.bottom for region in regions) == height - 1
    assert plan(199, 55).preview is None
    assert plan(250, 29).preview is None
    assert replace(plan(200, 55, toggled=True), preview=None) == plan(200, 55, toggled=True)


async def test_what_can_be_done_stands_below_as_drawn() -> None:
    async with running((200, 55)) as console:
        await console.press("down", "down")
        found = preview(console)
        place = next(number for number, row in enumerate(found) if "What you can do ──" in row)
        assert [row.strip(" │┃") for row in found[place + 1 : place + 5]] == [
            "r     plan resync: Facebook 11 to 3",
            "x     contain: Facebook to 0",
            "+ −   tolerance of this SKU, now 0 units",
            "Enter open the SKU",
        ]
