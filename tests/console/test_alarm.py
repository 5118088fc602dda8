"""Who looks elsewhere is called when something begins to oversell: once, and not each second."""

from __future__ import annotations

import pytest

from stockdrift.console.alarm import EVERY, Alarm
from stockdrift.stock.picture import Picture
from stockdrift.stock.values import replace
from tests.console.fixtures import NOW, troubled
from tests.console.harness import running


def picture(oversell: int, *, known: bool = True, store: str = "Candle & Co") -> Picture:
    shown = troubled()
    return replace(shown, store=store, gauge=replace(shown.gauge, oversell=oversell, known=known))


def test_more_than_were_told_rings_once_a_minute_with_what_came_between() -> None:
    alarm = Alarm(bell=True, notify="osc9")
    assert alarm.due(picture(2), NOW) == "", "who opens the console looks at it"
    assert alarm.due(picture(3), NOW + 1_000) == "\a\x1b]9;Candle & Co: 1 more SKU oversells, 3 in all\a"
    assert alarm.due(picture(3), NOW + 2_000) == ""
    assert alarm.due(picture(5), NOW + 3_000) == ""
    assert alarm.due(picture(5), NOW + EVERY + 1_000) == "\a\x1b]9;Candle & Co: 2 more SKUs oversell, 5 in all\a"


def test_what_is_over_rings_again_when_it_comes_back_and_the_unknown_never_does() -> None:
    alarm = Alarm(bell=True)
    assert alarm.due(picture(9, known=False), NOW) == ""
    assert alarm.due(picture(1), NOW) == ""
    assert alarm.due(picture(0), NOW + 1_000) == ""
    assert alarm.due(picture(9, known=False), NOW + 2_000) == ""
    assert alarm.due(picture(1), NOW + 3_000) == "\a"


@pytest.mark.parametrize(
    ("notify", "environment", "sent"),
    [
        ("osc777", {}, "\x1b]777;notify;stockdrift;A,b\\x07c: 1 more SKU oversells, 1 in all\a"),
        ("osc9", {"TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;A,b\\x07c: 1 more SKU oversells, 1 in all\a\x1b\\"),
        ("off", {}, ""),
    ],
)
def test_a_store_s_name_cannot_steer_the_terminal(notify: str, environment: dict[str, str], sent: str) -> None:
    alarm = Alarm(notify=notify, environment=environment)
    alarm.due(picture(0), NOW)
    assert alarm.due(picture(1, store="A;b\x07c"), NOW) == sent


async def test_the_console_asks_at_every_picture() -> None:
    async with running() as console:
        sent: list[str] = []
        console.app.alarm.bell = True
        console.app.emit = sent.append  # type: ignore[method-assign, assignment]
        await console.settle(1_000)
        gauge = console.model.shown.gauge
        console.model.shown = replace(console.model.shown, gauge=replace(gauge, oversell=gauge.oversell + 1))
        console.model.version += 1
        await console.settle(1_000)
        assert sent.count("\a") <= 1
        console.model.shown = replace(console.model.shown, gauge=replace(gauge, oversell=gauge.oversell + 3))
        console.model.version += 1
        await console.settle(EVERY)
        assert sent[-1] == "\a"
