"""The way into History, and what stands there."""

from __future__ import annotations

from datetime import datetime

from stockdrift.console.screens.history import HistoryScreen
from tests.console.harness import Running
from tests.console.past import FakePast


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
