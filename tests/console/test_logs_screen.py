"""Logs: both who speak, in the order of time; filtered; followed; and never obeyed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console.log_lines import LogFilterError, LogLine, matcher
from stockdrift.stock.values import replace
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, collector_log
from tests.console.harness import running


async def test_both_speak_newest_first() -> None:
    async with running() as console:
        await console.press("g", "L")
        await console.settle(300)
        rows = console.rows()
        assert rows[1].startswith("━ Logs ━")
        assert rows[2].startswith("▌ 10:42:07  ○ info     console    Asked to read Facebook now")
        assert rows[3].startswith("  10:01:00  × error    collector  amazon: failed: HTTP 503")
        assert rows[7].startswith("  06:00:00  ○ info     collector  Collecting 5 surfaces")
        assert rows[36].startswith("  Asked to read Facebook now")
        await console.press("escape")
        assert "Drifting SKUs" in console.text()


async def test_the_line_in_focus_stands_in_full() -> None:
    async with running() as console:
        await console.press("L")
        await console.settle(300)
        assert "so it said" not in console.text()
        await console.press("j", "j")
        assert "so it said" in console.text()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_line_of_any_length_is_read_whole_and_no_message_covers_it(size: tuple[int, int]) -> None:
    """A path of its own is wider than the screen; what is wrong stands behind it."""
    path = "/srv/" + "an-operator-with-long-names/" * 6 + "mine2.toml"
    said = f"The theme stays as it is: {path}: colors.accent is missing"
    async with running(size) as console:
        await console.press("L")
        await console.settle(300)
        console.app.warn(said)
        await console.settle(300)
        rows = console.rows()
        head = next(y for y, row in enumerate(rows) if row.startswith("─ In full"))
        below = rows[head + 1 : -1]
        assert "".join(row.strip() for row in below).replace(" ", "") == said.replace(" ", "")
        assert "! warning" in rows[2]
        await console.press("down")
        assert "is missing" not in console.text().split("In full")[1]


async def test_what_is_new_comes_and_the_cursor_stays_on_its_line() -> None:
    async with running() as console:
        await console.press("L")
        await console.settle(300)
        await console.press("down")
        assert console.rows()[3].startswith("▌ 08:46:00")
        log = collector_log()
        console.source.log = replace(
            log, lines=[*log.lines, LogLine(NOW, "collector", "info", "embed: complete again")]
        )
        await console.settle(2_000)
        await console.settle(100)
        rows = console.rows()
        assert "embed: complete again" in rows[2]
        assert rows[4].startswith("▌ 08:46:00")
        await console.press("home")
        console.source.log = replace(log, lines=[LogLine(NOW + 9, "collector", "info", "newest of all")])
        await console.settle(2_000)
        await console.settle(100)
        assert console.rows()[2].startswith("▌")
        assert "newest of all" in console.rows()[2]


async def test_a_filter_holds_until_it_is_cleared() -> None:
    async with running() as console:
        await console.press("L")
        await console.settle(300)
        await console.press("slash", *"error !amazon", "enter")
        assert "Logs with “error !amazon”" in console.text()
        assert "HTTP 503 four times" in console.text()
        assert "amazon: failed" not in console.text()
        assert "complete again" not in console.text()
        await console.press("slash", *" zzz", "enter")
        assert "No line matches" in console.text()
        await console.press("escape")
        assert "complete again" in console.text()


async def test_a_filter_that_means_nothing_is_said() -> None:
    async with running() as console:
        await console.press("L")
        await console.settle(300)
        await console.press("slash", "~", "(")
        await console.settle(100)
        assert "is no regular expression" in console.text()
        assert "complete again" in console.text()
        await console.press("enter", "backspace", *"^wor", "enter")
        assert "complete again" not in console.text()
        assert "regular expression" not in console.text()


async def test_a_log_that_cannot_be_read_is_said_and_what_the_console_said_stays() -> None:
    source = FakeSource(silent=PermissionError(13, "Permission denied"))
    async with running(source=source) as console:
        await console.press("g", "L")
        await console.settle(300)
        assert "The log cannot be read: Permission denied" in console.text()
        assert "Asked to read Facebook now" in console.text()


async def test_trouble_stands_in_the_log_once() -> None:
    async with running() as console:
        console.app.scene.trouble = console.source.trouble = "No collector is running: nothing new is read."
        for _ in range(3):
            await console.settle(1_000)
        await console.press("L")
        await console.settle(300)
        assert sum("No collector is running" in row for row in console.rows()[2:30]) == 1


@pytest.mark.parametrize("size", [(1, 1), (10, 4), (40, 12), (60, 16), (250, 70)])
async def test_no_size_is_refused(size: tuple[int, int]) -> None:
    async with running(size) as console:
        await console.press("L")
        await console.settle(300)
        assert all(len(row) == size[0] for row in console.rows())


@given(st.text(max_size=20), st.text(max_size=30))
def test_a_filter_is_never_a_crash(wanted: str, said: str) -> None:
    line = LogLine(0, "collector", "info", said)
    try:
        found = matcher(wanted)(line)
    except LogFilterError:
        return
    words = wanted.split()
    if not any("~" in word for word in words):
        whole = f"collector info {said}".casefold()
        assert found == all(
            (word.removeprefix("!").casefold() in whole) != word.startswith("!") for word in words if word != "!"
        )
