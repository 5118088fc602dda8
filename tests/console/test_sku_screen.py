"""The SKU screen: its places are the drawing's, what was recorded comes when it comes, and nothing is made up."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console import words
from stockdrift.console.detail_plan import TABS, sku_plan
from stockdrift.console.glyphs import PLAIN
from stockdrift.console.inquiry import AFTER_FAILURE, AGAIN, Inquiry
from stockdrift.console.scene import Scene
from stockdrift.console.theme import find_theme, shipped_folder
from stockdrift.console.widgets.sku_levels import LevelsPanel
from stockdrift.stock.entries import Episode
from stockdrift.stock.picture import Cell, Severity, Verdict
from stockdrift.stock.timeline import SkuHistory, as_it_stood
from stockdrift.stock.values import replace
from tests.console.drawn import check
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, SURFACES, at, sea_salt, sku_line
from tests.console.harness import Running, running

# (row, column, text) as in the drawing of 120 × 40, read off it cell by cell
DRAWN = [
    (1, 0, "─ Watch / SEA-220 Sea Salt 220ml ─────┬──"),
    (1, 95, " 3 of 37  ↑ ↓ next SKU ──"),
    (2, 42, "surface       shows  expected  under    over    read  arithmetic"),
    (3, 11, "███████"), (3, 21, "▲ over"), (4, 21, "on Facebook"), (6, 21, "shows 11"), (7, 21, "should be 3"),
    (3, 40, "▲ Facebook         11         3  ──────│"), (4, 40, "? Amazon    ? unknown"),
    (9, 2, "◆ late 3h02m"), (9, 40, "master 3 = 9 on hand − 5 committed − 1 reserved − 0 damaged, read 12s ago"),
    (11, 0, "─ Levels today ───────────────────────┴──"),
    (17, 2, "10 ┈┈┈"), (21, 3, "5 ┈┈┈"), (24, 3, "0 ┈┈┈"),
    (14, 7, "⠘⠛⠛⠛⠛⠛"),
    (16, 102, "⠶ 11 Facebook"), (22, 102, "⠶ 3 master"), (19, 105, "│ ▲ +8 over"),
    (25, 31, "08:00"), (25, 56, "09:00"), (25, 82, "10:00"),
    (26, 0, "━ Events ━━"), (26, 72, "╾ Actions ──"), (33, 72, "├ Episodes ──"),
    (27, 75, "r   plan resync    Facebook 11 to 3"), (28, 75, "x   contain        Facebook to 0"),
    (29, 75, "+ − tolerance      0 units"), (30, 75, "b   safety buffer  0 units"), (31, 75, "a   acknowledge"),
    (32, 75, "o   open panel"),
    (27, 0, "▌ 10:30:00  ○ fell       master 4 to 3, −1"), (27, 72, "│"), (38, 72, "│"),
    (34, 75, "27 Nov 07:41  now      3h01m  +8 Facebook"), (35, 75, "24 Nov 18:02  18:13      11m  +2 Facebook"),
    (39, 1, "Esc back"),
]  # fmt: skip


async def opened(console: Running) -> None:
    await console.press("down", "down", "enter")
    await console.settle(300)


async def test_120_by_40_is_as_drawn() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        check(console, DRAWN)


@pytest.mark.parametrize("level", ["unlisted", "unlimited", "backorder", "unknown", 3, 123_456_789])
def test_a_surface_s_name_stands_apart_from_what_it_shows(level: int | str) -> None:
    verdict = Verdict.UNKNOWN if level == "unknown" else Verdict.NOT_COMPARED
    model = FakeModel()
    model.names[0] = replace(sku_line(0), cells=[Cell(level, 3, None, Severity.NONE, verdict) for _ in SURFACES])
    panel = LevelsPanel(Scene(find_theme("dark", (shipped_folder(),)), picture=model.shown, moment=NOW))
    panel.sku = model.sku(0, NOW)
    for row, name in zip(panel.paint(81, 10)[2:], SURFACES, strict=False):
        text = "".join(row.chars)
        shown = f"? {level}" if verdict is Verdict.UNKNOWN else str(level)
        assert text[:22].endswith(f" {shown}"), text
        assert text[3 : 22 - len(shown)].strip() in {words.title(name), words.title(name).split()[-1]}, text


async def test_colours_are_the_states() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        assert console.colour(60, 16) == "#f5945c"  # Facebook's line: over
        assert console.colour(98, 22) == "#dfe5ea"  # the master's
        assert console.colour(104, 16) == "#f5945c"
        assert console.colour(105, 19) == "#f5945c"
        assert console.colour(27, 12) == "#8f9ca9"  # words beside a mark
        assert console.colour(0, 26) == "#f0e2c0"  # the focus
        assert console.background(10, 27) == "#27313b"
        assert console.background(72, 27) == "#11161b"  # the divider is not part of the cursor


async def test_every_panel_is_reached_at_a_small_size() -> None:
    async with running((80, 24)) as console:
        await opened(console)
        assert console.rows()[2].rstrip() == (
            " ▲ over +8  Facebook shows 11, should be 3   ◆ late 3h02m   out in 14m"
        ), "what has no room is left out whole"
        seen = []
        for _ in range(5):
            seen.append(next(row.split("━")[1].strip() for row in console.rows() if row.startswith("━ ")))
            await console.press("tab")
        assert seen == ["Levels today", "Events", "Episodes", "Judged", "Levels today"]
        await console.press("shift+tab")
        assert "━ Levels today ━" in console.text()


async def test_the_list_in_focus_is_gone_through() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        await console.press("left_square_bracket", "left_square_bracket", "right_square_bracket")
        assert console.rows()[28].startswith("▌ 10:11:00")
        await console.press("pagedown", "pagedown")
        assert "The journal begins at 27 Nov 07:01" in console.text()
        assert "▌ 07:16:00" in console.text()
        await console.press("tab", "left_square_bracket")
        assert console.rows()[35][73] == "▌"
        assert "▌ 07:16:00" not in console.text()
        await console.press("tab")
        assert " Judged ━━" in console.text()
        assert "Actions ─" not in console.text()


async def test_while_the_journal_is_read_the_screen_says_so() -> None:
    source = FakeSource()
    answer: asyncio.Future[SkuHistory] = asyncio.get_running_loop().create_future()

    async def slow(sku: str, since: int) -> SkuHistory:
        source.looked_back.append(sku)
        return await asyncio.shield(answer)

    source.sku_history = slow  # type: ignore[method-assign]
    async with running(source=source) as console:
        await console.pilot.press("down", "down", "enter")
        await console.pilot.pause()
        assert console.text().count("Looking back through the journal …") == 3
        assert "No drift" not in console.text()
        answer.set_result(sea_salt())
        await console.settle(300)
        assert "Looking back" not in console.text()
        assert "11 Facebook" in console.text()


async def test_what_cannot_be_read_is_said_and_asked_again() -> None:
    source = FakeSource(silent=OSError("the disk is gone"))
    async with running(source=source) as console:
        await opened(console)
        assert console.text().count("What was recorded cannot be read: the disk is gone") >= 1
        asked = len(source.looked_back)
        await console.settle(1_000)
        assert len(source.looked_back) == asked, "not at every tick"
        source.silent = None
        await console.settle(AFTER_FAILURE)
        await console.settle(300)
        assert "11 Facebook" in console.text()


async def test_the_next_sku_does_not_show_the_last_one_s_history() -> None:
    async with running() as console:
        await opened(console)
        await console.press("down")
        await console.settle(100)
        assert "WAX-MLT" in console.rows()[1]
        assert "The journal says nothing of it yet" in console.text()
        assert "07:41" not in console.text()


async def test_the_same_question_is_not_asked_twice_without_news() -> None:
    async with running() as console:
        await opened(console)
        for _ in range(3):
            await console.settle(2_000)
        assert console.source.looked_back == ["SEA-220"]
        console.model.version += 1
        await console.settle(2_000)
        await console.settle(100)
        assert console.source.looked_back == ["SEA-220", "SEA-220"]


async def test_a_frozen_screen_ends_at_its_moment() -> None:
    history = sea_salt()
    later = as_it_stood(history, at(8, 0))
    assert max(event.at for event in later.events) == at(7, 41)
    closed = replace(history, episodes=[replace(history.episodes[0], closed_at=at(9, 0))])
    assert as_it_stood(closed, at(8, 0)).episodes[0].closed_at is None
    assert as_it_stood(closed, at(7, 0)).episodes == []


async def test_unknown_surfaces_are_not_said_to_agree() -> None:
    async with running() as console:
        await opened(console)
        legend = console.rows()[11]
        assert "Instagram, Instant Site, Embed agree" in legend
        assert "Amazon" not in legend


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 55)])
async def test_plain_glyphs_draw_blocks(size: tuple[int, int]) -> None:
    async with running(size, glyphs=PLAIN) as console:
        await opened(console)
        assert not [c for c in console.text() if 0x2800 <= ord(c) <= 0x28FF or c in "┊┈╾├"]
        assert "▀▀▀" in console.text()


async def test_no_colour_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running() as console:
        await opened(console)
        assert not [s for row in console.cells() for _c, s in row if s.color and not s.color.is_default]
        rows = console.rows()
        assert rows[16][104:115] == "11 Facebook"
        assert "▲ +8 over" in rows[19]


@given(st.integers(1, 260), st.integers(1, 90), st.integers(0, 12), st.sampled_from(["", "levels", *TABS]))
def test_panels_never_overlap_nor_leave_the_screen(width: int, height: int, levels: int, chosen: str) -> None:
    plan = sku_plan(width, height, levels, chosen)
    regions = [region for name, region in plan.regions.items() if name not in ("notice", "command")]
    for index, region in enumerate(regions):
        assert region.x >= 0 <= region.y
        assert region.width > 0 < region.height
        assert region.right <= width
        assert region.bottom <= height
        assert not any(region.overlaps(other) for other in regions[index + 1 :])
    if chosen in plan.turns:
        assert chosen in plan.regions
    if height >= 10:
        reached = set(plan.regions) | set(plan.turns)
        assert {"levels", "plot", "events", "episodes"} <= reached


def test_one_question_at_a_time_and_none_too_often() -> None:
    inquiry = Inquiry()
    assert inquiry.due("a", 1, 0)
    assert not inquiry.due("b", 2, 10), "one is under way"
    inquiry.answered()
    assert not inquiry.due("a", 1, 60_000), "no news"
    assert inquiry.due("b", 1, 60_001), "another subject at once"
    inquiry.unanswered("a full disk")
    assert not inquiry.due("b", 1, 60_001 + AGAIN)
    assert inquiry.due("b", 1, 60_001 + AFTER_FAILURE)
    inquiry.answered()
    assert not inquiry.due("b", 2, 60_001 + AFTER_FAILURE + 1)
    assert inquiry.due("b", 2, NOW)


async def test_an_episode_that_goes_on_comes_first_with_how_far_off_it_is_now() -> None:
    class Blinking(FakeSource):
        async def sku_history(self, sku: str, since: int) -> SkuHistory:
            history = await super().sku_history(sku, since)
            blip = Episode("SEA-220", "embed", "over", at(9, 0), at(9, 0, 7), 1)
            return replace(history, episodes=[blip, *history.episodes])

    async with running(source=Blinking()) as console:
        await opened(console)
        rows = console.rows()
        first = next(number for number, row in enumerate(rows) if "Episodes ─" in row) + 1
        assert rows[first][74:].split() == ["27", "Nov", "07:41", "now", "3h01m", "+8", "Facebook"], "it began with +1"
        assert console.colour(106, first) == "#f5945c"
        assert rows[first + 1][74:].split() == ["27", "Nov", "09:00", "09:00", "7s", "+1", "Embed"]


async def test_the_master_s_arithmetic_leaves_out_what_takes_nothing_away_before_it_is_cut() -> None:
    async with running((60, 16)) as console:
        await console.press("down", "down", "enter")
        assert "master 3 = 9 on hand − 5 committed − 1 reserved" in console.text()
        assert "dama" not in console.text()
