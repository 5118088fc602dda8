"""History: where its panels stand, what its keys do, and that nothing in it can be taken for what is live."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stockdrift.console import keys
from stockdrift.console.history_plan import history_plan
from stockdrift.console.replay import SPEEDS, WIDTHS, Replay
from stockdrift.console.screens.history import HistoryScreen
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.console.when import understand
from stockdrift.stock.gauge import Sample
from stockdrift.stock.passage import Moment
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, H, M, S, calm
from tests.console.harness import Running, running
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
    (39, 1, "[ ] step  { } episode  space play  1 to 9 speed  g go to time  Enter open  E export  Esc live  ? help"),
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


def at(clock: str) -> int:
    return round(datetime.fromisoformat(f"2026-11-27T{clock}+00:00").timestamp() * 1000)


def screen_of(console: Running) -> HistoryScreen:
    assert isinstance(console.app.screen, HistoryScreen)
    return console.app.screen


def past_of(console: Running) -> FakePast:
    return console.source.recorded


async def opened(console: Running, clock: str = "") -> HistoryScreen:
    await console.press("h")
    if clock:
        console.app.history.go_to(clock)
        await console.settle()
    return screen_of(console)


@pytest.mark.parametrize(("size", "positions"), [((120, 40), WIDE), ((80, 24), SMALL)])
async def test_everything_stands_where_it_was_drawn(
    size: tuple[int, int], positions: list[tuple[int, int, str]]
) -> None:
    async with running(size) as console:
        await opened(console, "09:05")
        rows = console.rows()
        for y, x, text in positions:
            assert rows[y][x : x + len(text)] == text, f"row {y}: {rows[y]!r}"


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


async def test_steps_go_from_entry_to_entry() -> None:
    async with running() as console:
        await opened(console)
        assert past_of(console).gone == [Moment(565, NOW)]
        await console.press("left_square_bracket")
        assert past_of(console).gone[-1] == Moment(565, at("10:42:00"))
        await console.press("left_square_bracket", "left_square_bracket")
        assert past_of(console).gone[-1] == Moment(563, at("10:41:00"))
        await console.press("right_square_bracket")
        assert past_of(console).gone[-1] == Moment(564, at("10:41:30"))
        assert "10:41:30" in console.rows()[0]
        await console.press("right_square_bracket", "right_square_bracket")
        assert "This is the end of what is recorded" in console.rows()[17]
        await console.press("home", "left_square_bracket")
        assert past_of(console).gone[-1] == Moment(1, START)
        assert "This is the beginning of what is recorded" in console.rows()[17]


async def test_episodes_are_jumped_between() -> None:
    async with running() as console:
        await opened(console)
        found = []
        for _ in range(5):
            await console.press("left_curly_bracket")
            found.append(console.app.shown.now)
        assert found[:4] == [at("10:25"), at("07:32"), at("06:42"), at("06:30")]  # oversells, begins, ends, begins
        assert "No episode of the store begins or ends before this" in console.rows()[17]
        await console.press("right_curly_bracket")
        assert console.app.shown.now == at("06:42")


async def test_a_clean_moment_ends_an_episode_though_it_is_shorter_than_a_column() -> None:
    source = FakeSource()
    source.recorded.counts = [
        Sample(START + after, True, drifting, 0, drifting, 0, 0)
        for after, drifting in ((0, 0), (30 * M, 109), (60 * M, 0), (60 * M + S, 87), (90 * M, 3), (120 * M, 0))
    ]
    async with running(source=source) as console:
        await opened(console)
        for clock in ("08:00", "07:00:01", "07:00", "06:30"):
            await console.press("left_curly_bracket")
            assert console.app.shown.now == at(clock)
        assert "▲ 2 × 109 SKUs, 1h30m" in console.rows()[6]


async def test_on_the_screen_of_a_sku_its_own_episodes_are_gone_through() -> None:
    async with running() as console:
        console.app.open_sku(2)  # SEA-220: has drifted on Facebook since 07:41
        await console.settle()
        await console.press("right_curly_bracket")
        assert "No episode of SEA-220 begins or ends after this" in "\n".join(console.rows())
        await console.press("left_curly_bracket")
        await console.settle()
        assert type(console.app.screen).__name__ == "SkuScreen"
        assert "REPLAY  07:41:00" in console.rows()[0]
        await console.press("left_curly_bracket")  # the others lie before the journal begins
        assert "No episode of SEA-220 begins or ends before this" in "\n".join(console.rows())
        console.app.history.go_to("07:00")
        await console.settle()
        await console.press("right_curly_bracket")
        assert "REPLAY  07:41:00" in console.rows()[0]
        await console.press("escape", "right_curly_bracket")  # and on the list the store's
        assert console.app.shown.now == at("10:25")


async def test_episodes_beyond_the_columns_shown_are_found() -> None:
    async with running() as console:
        screen = await opened(console)
        await console.press(*["z"] * 4)
        assert screen.replay.begin > at("07:32")
        await console.press("left_curly_bracket", "left_curly_bracket")
        assert console.app.shown.now == at("07:32")
        assert screen.replay.begin <= at("07:32") < screen.replay.end


async def test_columns_are_slid_over_clicked_and_zoomed() -> None:
    async with running() as console:
        screen = await opened(console, "09:05")
        await console.press("left")
        assert console.app.shown.now == at("09:02")
        await console.press("right", "right")
        assert console.app.shown.now == at("09:08")
        await console.pilot.click("#scrubber", offset=(4 + 20, 3))
        await console.settle()
        assert console.app.shown.now == START + 20 * 3 * M
        await console.press("z")
        assert screen.replay.width == WIDTHS[WIDTHS.index(3 * M) - 1]
        assert screen.replay.begin <= console.app.shown.now < screen.replay.end
        await console.press("Z", "Z")
        assert "one column 4 min" in console.rows()[1]
        await console.press(*["Z"] * 40)
        assert "A column cannot be wider" in console.rows()[17]


@pytest.mark.parametrize(
    ("typed", "moment", "said"),
    [
        ("07:45", "07:45", ""),
        ("-2h", "08:42:07", ""),
        ("2026-11-27 06:10:15", "06:10:15", ""),
        ("2026-11-27T08:00+01:00", "07:00", ""),
        ("2026-11-26", "06:00", "Nothing was recorded before Fri 27 Nov 06:00:00: this is the beginning"),
        ("2027-01-01", "10:42:07", "Fri 1 Jan 2027 00:00:00 is yet to come: this is Fri 27 Nov 10:42:07"),
        ("soon", "10:42:07", "“soon” is no time: give 10:42, 2026-11-27 10:42"),
    ],
)
async def test_a_time_is_gone_to(typed: str, moment: str, said: str) -> None:
    async with running() as console:
        await opened(console)
        await console.press("g", *("space" if sign == " " else sign for sign in typed), "enter")
        assert console.app.shown.now == at(moment)
        assert said in console.rows()[17]


async def test_a_time_typed_on_the_first_screen_opens_history_there() -> None:
    async with running() as console:
        await console.press("colon", *"at", "space", *"08:15", "enter")
        assert screen_of(console).replay.moment.at == at("08:15")


async def test_it_plays_at_the_speed_asked_for_and_stops_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as console:
        screen = await opened(console, "09:05")
        elapsed = 0.0
        monkeypatch.setattr("stockdrift.console.screens.history.monotonic", lambda: elapsed)
        await console.press("space")
        assert "plays 60 times as fast" in console.rows()[1]
        assert "space stop" in console.rows()[39]
        elapsed += 2
        screen._play_on()
        await console.settle()
        assert console.app.shown.now == at("09:07")
        await console.press("9")
        elapsed += 1
        screen._play_on()
        await console.settle()
        assert console.app.shown.now == at("10:07")
        elapsed += 3
        screen._play_on()
        await console.settle()
        assert console.app.shown.now == at("10:07")
        assert not screen.replay.playing
        assert "This is the end of what is recorded" in console.rows()[17]
        await console.press("space", "enter")  # whoever opens a SKU wants to look
        assert not screen.replay.playing
        assert SPEEDS[8] == 3_600


async def test_a_jump_is_given_up_when_another_is_asked_for() -> None:
    async with running() as console:
        await opened(console)
        past = past_of(console)
        past.held = asyncio.Event()
        console.app.history.go_to("07:00")
        await console.pilot.pause()
        rows = console.rows()
        assert "REPLAY  10:42:07" in rows[0]  # what is drawn is still that
        assert "… 07:00:00" in rows[2]
        console.app.history.go_to("08:00")
        await console.pilot.pause()
        past.held.set()
        await console.settle()
        assert [moment.at for moment in past.gone[1:]] == [at("08:00")]
        assert "REPLAY  08:00:00" in console.rows()[0]


async def test_steps_add_up_while_a_jump_is_on_its_way() -> None:
    async with running() as console:
        await opened(console, "09:05")
        past = past_of(console)
        past.held = asyncio.Event()
        for _ in range(4):
            screen_of(console).action_step(-1)
        past.held.set()
        await console.settle()
        assert past.gone[-1].at == at("09:03")


async def test_a_journal_that_cannot_be_read_leaves_the_screen_where_it_is() -> None:
    async with running() as console:
        await opened(console, "09:05")
        past_of(console).broken = OSError("the disk is gone")
        await console.press("left_square_bracket")
        rows = console.rows()
        assert "REPLAY  09:05:00" in rows[0]
        assert "Cannot go there: the disk is gone" in rows[17]
        past_of(console).broken = None
        await console.press("left_square_bracket")
        assert "REPLAY  09:04:30" in console.rows()[0]


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


async def test_esc_and_end_go_back_to_what_is_live() -> None:
    for key in ("escape", "end"):
        async with running() as console:
            await opened(console, "09:05")
            await console.press(key)
            assert type(console.app.screen) is WatchScreen
            assert "REPLAY" not in console.rows()[0]
            assert past_of(console).closed


async def test_esc_clears_a_filter_first() -> None:
    async with running() as console:
        await opened(console, "09:05")
        await console.press("slash", *"220", "enter")
        assert "with “220”" in console.rows()[18]
        await console.press("escape")
        assert "with “220”" not in console.rows()[18]
        await console.press("escape")
        assert type(console.app.screen) is WatchScreen


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
