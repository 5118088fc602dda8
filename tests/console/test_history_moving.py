"""History is moved through: by entries and episodes, by columns, by a time that is typed, by playing it."""

from __future__ import annotations

import asyncio

import pytest

from stockdrift.console.keys import SPEEDS
from stockdrift.console.replay import WIDTHS
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.stock.gauge import Sample
from stockdrift.stock.passage import Moment
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, M, S
from tests.console.harness import running
from tests.console.into_history import at, opened, past_of, screen_of
from tests.console.past import START


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
        assert "No episode of SEA-220 begins or ends after this" in console.text()
        await console.press("left_curly_bracket")
        await console.settle()
        assert type(console.app.screen).__name__ == "SkuScreen"
        assert "REPLAY  07:41:00" in console.rows()[0]
        assert "{ } its episodes" in console.rows()[39]
        await console.press("left_curly_bracket")  # the others lie before the journal begins
        assert "No episode of SEA-220 begins or ends before this" in console.text()
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
