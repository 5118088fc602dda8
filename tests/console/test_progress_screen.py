"""Progress is drawn from the journal's ledger alone, as drawn, and what is not sent can be stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from stockdrift.console.screens.plan import PlanScreen
from stockdrift.console.screens.progress import ProgressScreen
from stockdrift.console.screens.sku import SkuScreen
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.stock.actions import ActionAsked, ActionStopAsked, RowChange, RowState
from stockdrift.stock.wanted import Wanted
from tests.console.acting import LATER, STARTED, as_drawn, ask, shown, step, undone, writing
from tests.console.drawn import check, check_colours
from tests.console.fakes import FakeSource
from tests.console.harness import Running, running

DRAWN = [
    (3, 12, "┏━ Resync of Facebook ━━━"),
    (3, 77, " started 10:42:48, 33 s ago ━━┓"),
    (5, 15, " ████    ███████    of 33 rows in sync, read back and equal"),
    (7, 35, "━━━━━━━━━━━━━━━━"),
    (8, 35, "● 19 in sync       ◆  5 applied       ◇  4 accepted"),
    (9, 35, "○  2 sent          ─  2 not yet sent  ■  1 stuck"),
    (11, 12, "┃  SKU      name                  change  sent   accepted   applied   in sync            took"),
    (13, 12, "┃▌ FIG-220  Fig & Vetiver 220ml   2 →  0    ●━━━━━━━━●━━━━━━━━━●━━━━━━━━━■  ■ stuck at 2      ┃┃"),
    (14, 12, "┃  CLV-090  Clove & Orange 90ml   6 →  0    ●━━━━━━━━●━━━━━━━━━●━━━━━━━━━●  ● in sync    18 s ┃┃"),
    (16, 12, "┃  WAX-MLT  Wax melts, spiced    19 →  5    ●━━━━━━━━●━━━━━━━━━●━━━━━━━━━●  ● in sync    18 s ┃┃"),
    (30, 78, "─ 1–17 of 33, stuck first ── ┃"),
    (31, 12, "┃  ■ FIG-220 is stuck. It took 0 and shows 2 again."),
    (35, 44, "Hide, keep going"),
    (35, 80, "Esc stop what is not sent  ┃"),
    (39, 1, "Esc stop unsent  ↑ ↓ rows  Enter evidence"),
]  # fmt: skip
COLOURS = [(16, 5, "ok"), (35, 7, "ok"), (35, 8, "ok"), (54, 8, "late"), (73, 8, "late"), (73, 9, "oversell"),
           (56, 13, "oversell"), (56, 14, "ok"), (90, 14, "ok"), (13, 13, "accent")]  # fmt: skip
FURTHER = [
    "●━━━━━━━━●━━━━━━━━━●─────────○  ◆ applied    24 s",
    "●━━━━━━━━●─────────○─────────○  ◇ accepted   12 s",
    "●────────○─────────○─────────○  ○ sent        3 s",
    "○────────○─────────○─────────○  ─ not sent      —",
]


@asynccontextmanager
async def drawn(after: int = 0) -> AsyncIterator[tuple[Running, FakeSource]]:
    """The drawing's action, under way, and its progress on screen, so long (ms) after it."""
    source = writing()
    async with running(source=source) as console:
        as_drawn(source)
        show(console)
        await console.settle(after)
        yield console, source


def show(console: Running, *keys: str) -> None:
    console.app.open_progress(list(keys) or ["key-1"])


async def test_progress_is_as_drawn() -> None:
    async with drawn(LATER) as (console, _):
        check(console, DRAWN)
        check_colours(console, COLOURS)
        await console.press("end")
        text = console.text()
        for line in FURTHER:
            assert line in text, line
        assert "17–33 of 33" in text


async def test_esc_stops_what_is_not_sent_and_then_leaves_what_is_on_its_way() -> None:
    async with drawn() as (console, source):
        assert "Stop the 2 unsent" in console.rows()[35]
        await console.press("escape")
        assert source.acting.stopped == ["key-1"]
        assert shown(console, ProgressScreen)
        source.model.ledger.apply(ActionStopAsked(STARTED, "maya", "key-1"))
        step(source.model, RowState.STOPPED, [31, 32], STARTED + 40_000, why="stopped by maya")
        await console.settle(300)
        assert "Stop the" not in console.rows()[35]
        assert "─  2 left out" in console.rows()[9]
        await console.press("escape")
        assert shown(console, WatchScreen)
        assert source.acting.stopped == ["key-1"]


async def test_it_goes_on_hidden_and_is_reopened_from_the_record() -> None:
    async with drawn() as (console, source):
        await console.press("tab", "tab", "enter")
        assert shown(console, WatchScreen)
        assert not source.acting.stopped
        await console.press("A", "enter")
        assert shown(console, ProgressScreen)
        assert "of 33 rows in sync" in console.rows()[5]


async def test_from_a_row_to_its_evidence_and_to_containment() -> None:
    async with drawn() as (console, source):
        await console.press("enter")
        assert shown(console, SkuScreen)
        await console.press("escape", "x")
        assert shown(console, PlanScreen)
        assert source.acting.wanted == [Wanted("contain", "facebook", ("FIG-220",))]


async def test_what_another_app_undid_is_stuck_though_it_was_in_sync() -> None:
    source = writing()
    async with running(source=source) as console:
        as_drawn(source)
        undone(source.model, "CLV-090")
        show(console)
        await console.settle(LATER)
        assert "■  2 stuck" in console.rows()[9]
        assert "● 18 in sync" in console.rows()[8]
        await console.press("down")
        assert "CLV-090 is stuck. Another app writes this listing" in console.rows()[31]


async def test_what_the_master_has_overtaken_is_not_in_sync() -> None:
    """It was written as planned, and the master moved on: it drifts."""
    source = writing()
    async with running(source=source) as console:
        as_drawn(source)
        step(source.model, RowState.OVERTAKEN, [20, 21], STARTED + 40_000, why="it should show 3 by now")
        show(console)
        await console.settle(LATER)
        assert "● 19 in sync" in console.rows()[8]
        assert "◆  2 overtaken" in console.rows()[8]
        assert "◆  3 applied" in console.rows()[8]
        await console.press("end", *["up"] * 9)
        assert any("◆ overtaken" in row and "━●─────────○" in row for row in console.rows())


async def test_of_a_containment_rows_are_verified_and_none_is_called_in_sync() -> None:
    source = writing()
    rows = tuple(RowChange(f"S-{n}", 9, 0) for n in range(2))
    async with running(source=source) as console:
        source.model.ledger.apply(ActionAsked(STARTED, "maya", "zero", "contain", "facebook", "other", "", rows))
        for state in (RowState.SENT, RowState.ACCEPTED, RowState.VERIFIED):
            step(source.model, state, [0], STARTED, "zero")
        source.model.version += 1
        show(console, "zero")
        await console.settle()
        assert "of 2 rows verified" in console.rows()[5]
        assert not any("in sync" in row for row in console.rows()[4:38]), "not even as the head of a column"
        assert "●  1 verified" in console.rows()[8]
        assert not any("1 in sync" in row for row in console.rows())


async def test_the_cursor_stays_on_its_row_while_rows_move() -> None:
    async with drawn() as (console, source):
        await console.press("end", "up", "up", "up")
        before = next(row for row in console.rows() if "▌" in row[12:15])[15:22]
        step(source.model, RowState.ACCEPTED, [29, 30], STARTED + 31_000)
        step(source.model, RowState.STUCK, [29, 30], STARTED + 32_000)
        await console.settle(300)
        assert next(row for row in console.rows() if "▌" in row[12:15])[15:22] == before


async def test_a_thousand_rows_show_their_progress_and_are_stopped() -> None:
    source = writing()
    rows = tuple(RowChange(f"S-{n:04}", 9, 3) for n in range(1_000))
    async with running(source=source) as console:
        source.model.ledger.apply(ActionAsked(STARTED, "maya", "big", "resync", "facebook", "feed lag", "", rows))
        source.model.version += 1
        show(console, "big")
        await console.settle()
        assert "Stop the 1,000 unsent" in console.rows()[35]
        for place in range(0, 600, 200):
            step(source.model, RowState.SENT, range(place, place + 200), STARTED, "big")
            step(source.model, RowState.ACCEPTED, range(place, place + 200), STARTED, "big")
            await console.settle(300)
            assert f"{place + 200} accepted" in console.rows()[8]
            assert f"Stop the {800 - place} unsent" in console.rows()[35]
        await console.press("escape")
        assert source.acting.stopped == ["big"]


async def test_what_did_not_change_is_not_made_anew() -> None:
    async with drawn() as (console, source):
        screen = console.app.screen
        assert isinstance(screen, ProgressScreen)
        steps = screen.progress.steps
        await console.settle(1_000)
        assert screen.progress.steps is steps
        step(source.model, RowState.ACCEPTED, [29], STARTED + 31_000)
        await console.settle(300)
        assert screen.progress.steps is not steps


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 12), (20, 6), (5, 3)])
async def test_progress_has_room_on_every_screen(size: tuple[int, int]) -> None:
    source = writing()
    async with running(size, source) as console:
        as_drawn(source)
        show(console)
        await console.settle(LATER)
        text = console.text()
        if size[0] >= 60:
            for said in ("Resync of Facebook", "19 of 33 rows in sync", "FIG-220", "stuck", "Stop the 2 unsent"):
                assert said in text, said
        await console.press("down", "pagedown", "tab")


async def test_every_end_that_a_row_can_come_to_is_said() -> None:
    source = writing()
    model = source.model
    async with running(source=source) as console:
        ask(model)
        step(model, RowState.NEEDLESS, [0], STARTED, why="it shows 0 already")
        step(model, RowState.STALE, [1], STARTED, why="it shows 7")
        step(model, RowState.REFUSED, [2], STARTED, why="a freeze began")
        step(model, RowState.UNDELIVERED, [3], STARTED, why="not sent: HTTP 503")
        step(model, RowState.DEFERRED, [4], STARTED, why="throttled")
        step(model, RowState.SENT, [5, 6], STARTED)
        step(model, RowState.REJECTED, [5], STARTED, why="no such listing")
        step(model, RowState.FAILED, [6], STARTED)
        show(console)
        await console.settle(300)
        text = console.text()
        for said in ("needless", "stale", "refused", "undelivered", "deferred", "rejected", "failed"):
            assert said in text, said
        assert "■  3 stuck" in text
        assert "─  3 left out" in text
