"""History: where its panels stand, what its keys do, and that nothing in it can be taken for what is live."""

from __future__ import annotations

import os
import re
from datetime import UTC
from pathlib import Path

import pytest

from stockdrift.console import keys
from stockdrift.console.history_plan import history_plan
from stockdrift.console.replay import Replay
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.console.when import understand
from stockdrift.console.widgets.scrubber import Scrubber
from stockdrift.stock.passage import Moment
from stockdrift.stock.values import replace
from tests.console.drawn import check
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, H, M, S, calm
from tests.console.harness import running
from tests.console.into_history import at, opened, past_of, screen_of
from tests.console.past import START, FakePast

WIDE = [
    (0, 1, "┼━ stockdrift   Candle & Co"),
    (0, 51, "REPLAY  09:05:00    not live, 1h37m ago   actions barred   Esc live"),
    (1, 0, "━ Recorded time ━"),
    (1, 73, "Fri 27 Nov, 06:00 to 10:42, one column 3 min ━━"),
    (2, 56, "09:05:00 ┃"),
    (4, 14, "▂▄▅▃"),
    (5, 4, "├─────────━━━━────────────────━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╋━━━━━━"),
    (6, 14, "▲ 8 SKUs, 12m"),
    (6, 34, "▲ 37 SKUs, still open at 10:42"),
    (6, 92, "■ oversell"),
    (7, 2, "06:00"),
    (7, 22, "07:00"),
    (7, 96, "10:42"),
    (8, 0, "─ Drift, as it stood ─"),
    (8, 38, "┬ Surfaces, as they stood ─"),
    (10, 2, "███████  ███████   SKUs drifted"),
    (10, 40, "◆ Facebook feed"),
    (15, 38, "├ Likely cause, as known then ─"),
    (16, 40, "◆ Facebook is 3h10m behind"),
    (17, 2, "▼ 5 under  ▲ 30 over  ■ 2 oversell"),
    (18, 0, "─ SKUs that drifted at 09:05:00 ──────┴───"),
    (18, 82, "by minutes to oversell   1–19 of 37 ──"),
    (19, 14, "SKU     name              master │  Facebook"),
    (20, 0, "▌ ■ oversell  FIG-220 Fig & Vetiver 220ml    0 │"),
    (39, 1, "[ ] step  { } episode  space play  1 to 9 speed  g go to time  Enter open as it stood  E export"),
    (39, 98, "Esc live  ? help"),
]  # fmt: skip
SMALL = [
    (0, 28, "REPLAY  09:05:00    not live, 1h37m ago   Esc live"),
    (1, 11, "▁▁▂▁"),
    (2, 4, "├──────━━━━────────────"),
    (3, 2, "06:00          07:00"),
    (4, 1, "37 SKUs drifted"),
    (6, 0, "─ SKUs that drifted at 09:05:00 ─"),
    (8, 0, "▌ ■ oversell  FIG-220"),
    (23, 1, "[ ] step  { } episode  space play  g go to time  Enter open  Esc live  ? help"),
]


@pytest.mark.parametrize(("size", "positions"), [((120, 40), WIDE), ((80, 24), SMALL)])
async def test_everything_stands_where_it_was_drawn(
    size: tuple[int, int], positions: list[tuple[int, int, str]]
) -> None:
    async with running(size) as console:
        await opened(console, "09:05")
        check(console, positions)


async def test_the_banner_is_inverted_and_what_lies_ahead_is_grey() -> None:
    async with running() as console:
        await opened(console, "09:05")
        colors = console.app.scene.theme.colors
        assert console.background(60, 0) == colors["accent"].hex.lower()
        assert console.background(119, 0) == colors["accent"].hex.lower()
        assert console.colour(50, 4) == colors["over"].hex.lower()
        assert console.colour(70, 4) == colors["track"].hex.lower()
        assert console.colour(65, 3) == colors["accent"].hex.lower()  # the cursor


async def test_no_size_is_refused_and_each_says_that_it_is_the_past() -> None:
    for width, height in ((250, 70), (200, 55), (120, 40), (104, 30), (103, 30), (60, 16), (40, 9), (20, 4), (8, 2)):
        async with running((width, height)) as console:
            await opened(console, "09:05")
            rows = console.rows()
            assert "REPLAY"[:width] in rows[0]
            if width >= 20:
                assert "09:05:00" in rows[0]


@pytest.mark.parametrize("height", range(1, 72))
@pytest.mark.parametrize("width", [1, 40, 80, 104, 200])
def test_panels_never_overlap_nor_leave_the_screen(width: int, height: int) -> None:
    places = history_plan(width, height)
    cells: set[tuple[int, int]] = set()
    for name, region in places.items():
        if region is None or name in ("notice", "filter", "command"):
            continue
        assert region.area > 0
        assert region.right <= width
        assert region.bottom <= height
        own = {(x, y) for x in range(region.x, region.right) for y in range(region.y, region.bottom)}
        assert not own & cells, name
        cells |= own
    assert len({y for _, y in cells}) == height or height < 3


@pytest.mark.parametrize("key", ["plus", "minus", "u", "G"])
async def test_what_would_change_something_is_barred_and_says_why(key: str) -> None:
    async with running() as console:
        await opened(console, "09:05")
        await console.press(key)
        assert "This is 09:05:00, as it stood: nothing can be changed there. Esc goes back" in console.rows()[17]
        assert not console.source.ruled
        assert not console.source.rereads


@pytest.mark.parametrize("key", ["plus", "minus", "u", "g", "G"])
async def test_on_a_sku_as_it_stood_as_well(key: str) -> None:
    async with running() as console:
        await opened(console, "09:05")
        await console.press("enter", key)
        rows = console.rows()
        assert "REPLAY  09:05:00" in rows[0]
        assert any("nothing can be changed there" in row for row in rows)
        assert "tolerance" not in rows[39]
        assert not console.source.ruled
        assert not console.source.rereads


@pytest.mark.parametrize(("key", "what"), [("enter", "FIG-220"), ("f", "facebook")])
async def test_what_is_opened_shows_that_moment_and_asks_its_record(key: str, what: str) -> None:
    async with running() as console:
        await opened(console, "09:05")
        await console.press(key)
        assert "REPLAY  09:05:00    not live, 1h37m ago" in console.rows()[0]
        assert past_of(console).looked_back == [what]
        assert not console.source.looked_back
        await console.press("escape")
        assert screen_of(console).replay.moment.at == at("09:05")


def test_every_key_that_changes_something_is_known_to_be_barred() -> None:
    changing = {key.id for key in keys.KEYS if key.changes and key.action}
    assert changing >= {"looser", "stricter", "undo", "reread", "reread-all"}
    assert not any("history" in key.screens for key in keys.KEYS if key.changes)


def test_an_entry_of_the_footer_is_barred_where_the_keys_are_for_which_it_stands() -> None:
    for entry in keys.KEYS:
        stands_for = [
            key.changes
            for key in keys.KEYS
            if key.action and not {*key.screens}.isdisjoint(entry.screens) and key.shown in entry.shown.split()
        ]
        assert entry.action or not any(stands_for) or entry.changes, entry.id


async def test_the_axis_says_no_minute_twice() -> None:
    async with running((120, 40)) as console:
        screen = await opened(console)
        scrubber, replay = screen.query_one(Scrubber), screen.replay
        for width in (5 * S, 10 * S, 30 * S):
            for second in range(0, 60, 5):
                replay.width, replay.now = width, at("10:42") + second * S
                replay.begin = (replay.now // width - replay.count + 2) * width
                axis = "".join(scrubber.paint(120, 7)[6].chars)
                told = re.findall(r"\d\d:\d\d", axis)
                assert told[-1] == "10:42"
                assert len({*told}) == len(told), axis


async def test_times_that_a_surface_missed_are_marked_where_there_is_room() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        assert "◆ 09:31 missed" in console.rows()[6]
        assert "▲ 37 SKUs, still open" in console.rows()[6]


async def test_evidence_lists_what_the_cause_of_then_speaks_of() -> None:
    async with running() as console:
        screen = await opened(console, "09:05")
        await console.press("e")
        assert screen.scene.listing.text == "surface:facebook"
        assert "with “surface:facebook”" in console.rows()[18]
        assert not console.app.scene.listing.text
        await console.press("escape")
        assert not screen.scene.listing.text


async def test_the_live_screen_goes_on_beneath() -> None:
    async with running() as console:
        await opened(console, "09:05")
        console.model.shown = replace(calm(), at=NOW)
        console.model.rows = []
        console.model.version += 1
        await console.settle(S)
        assert "SKUs drifted" in console.rows()[10]  # History is not touched by it
        assert "1h37m ago" in console.rows()[0]
        await console.press("escape")
        await console.settle(S)
        assert any("Nothing drifts." in row for row in console.rows())


async def test_what_is_recorded_meanwhile_is_shown() -> None:
    async with running() as console:
        screen = await opened(console, "09:05")
        past = past_of(console)
        console.clock.now += 10 * M
        past.due = [(600, NOW + 5 * M)]
        await screen._grow()
        await console.press("g", *"10:47:07", "enter")
        assert past.gone[-1] == Moment(600, NOW + 5 * M)


async def test_a_calm_past_says_so_in_the_past() -> None:
    past = FakePast(model=FakeModel(shown=calm(), rows=[]), counts=[])
    async with running(source=FakeSource(recorded=past)) as console:
        await opened(console, "09:05")
        assert any("Nothing drifted." in row for row in console.rows())


async def test_nothing_recorded_is_said_and_not_shown() -> None:
    async with running(source=FakeSource(recorded=FakePast(due=[]))) as console:
        await console.press("h")
        assert type(console.app.screen) is WatchScreen
        assert any("Nothing is recorded yet" in row for row in console.rows())
        assert console.source.recorded.closed


async def test_an_end_of_the_recording_is_said() -> None:
    due = [(n, START + n * 30 * S) for n in range(1, 200)]  # until 07:39:30
    async with running(source=FakeSource(recorded=FakePast(due=due))) as console:
        await opened(console, "09:05")
        said = "The recording ended on Fri 27 Nov 07:39:30: this is what was left of it on Fri 27 Nov 09:05:00"
        assert said in console.rows()[17]


async def test_a_frozen_screen_is_where_it_begins() -> None:
    async with running() as console:
        await console.press("space")
        console.clock.now += H
        await opened(console)
        assert past_of(console).gone[-1].at == NOW


async def test_the_console_can_begin_in_the_past() -> None:
    async with running(begin_at=understand("08:30", NOW, UTC)) as console:
        await console.settle()
        assert "REPLAY  08:30:00" in console.rows()[0]
        await console.press("escape")
        assert type(console.app.screen) is WatchScreen


async def test_export_and_help_speak_of_the_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as console:
        await opened(console, "09:05")
        await console.press("E")
        (name,) = os.listdir(tmp_path)  # noqa: PTH208
        assert "0905" in name.replace("-", "").replace(":", "")
        assert name in console.rows()[17]
        await console.press("question_mark")
        assert any("One recorded entry back." in row for row in console.rows())
        await console.press("escape")
        screen_of(console)


async def test_another_theme_is_worn_in_the_past_too() -> None:
    async with running() as console:
        await opened(console, "09:05")
        console.app.wear_theme("light")
        await console.settle()
        assert console.background(60, 30) == console.app.scene.theme.colors["background"].hex.lower()
        await console.press("escape")
        assert console.background(60, 30) == console.app.scene.theme.colors["background"].hex.lower()


async def test_where_the_journal_begins_is_drawn() -> None:
    due = [(n, at("08:30") + n * 30 * S) for n in range(1, 260)]
    async with running(source=FakeSource(recorded=FakePast(due=due))) as console:
        screen = await opened(console, "09:05")
        replay = screen.replay
        assert replay.column_of(at("08:30:30")) == 0
        rows = console.rows()
        assert rows[5][4:6] == "├━"
        assert rows[7][2:7] == "08:30"
        await console.press("Z", "Z", "Z")
        assert console.rows()[5][4] == "├"
        await console.press(*["z"] * 9)
        assert replay.begin > at("08:31")
        assert console.rows()[5][4] == "━"


def test_a_longer_journal_is_begun_at_its_end() -> None:
    past = FakePast()
    past.passage.extend([(1, NOW - 90 * 24 * H), (2, NOW - M)])
    replay = Replay(past, Moment(2, NOW), NOW)
    replay.fit(112)
    assert replay.width == 15 * M
    assert replay.begin <= NOW < replay.end <= NOW + replay.width
    assert replay.frame(NOW - 40 * 24 * H)
    assert replay.column_of(NOW - 40 * 24 * H) == 56
    assert replay.frame(NOW - 90 * 24 * H)
    assert replay.column_of(NOW - 90 * 24 * H) == 0
    replay.zoom(-1)
    assert replay.width == 20 * M
