"""What was painted of a moment is painted anew when it would read otherwise, and no sooner than that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console.moment import FOREVER, Moment
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.theme import find_theme, shipped_folder
from stockdrift.console.widgets.surfaces import SurfacesPanel, allowance
from tests.console.harness import running

_LONG = 40 * 86_400_000
_times = st.one_of(st.integers(0, 120_000), st.integers(0, _LONG))


def holds(moment: Moment, at: int, said: Callable[[], object]) -> tuple[object, int]:
    moment.moment, moment.holds_until = at, FOREVER
    return said(), moment.holds_until


@given(since=_times, at=_times, later=_times)
def test_an_age_reads_the_same_until_it_is_said_not_to(since: int, at: int, later: int) -> None:
    moment = Moment()
    text, until = holds(moment, at, lambda: moment.age(since))
    assert at < until
    if at <= later < until:
        assert holds(moment, later, lambda: moment.age(since))[0] == text
    if at >= since and at - since < 36_000_000:
        assert holds(moment, until, lambda: moment.age(since))[0] != text


@given(due=_times, at=_times, later=_times)
def test_so_does_the_time_that_is_left(due: int, at: int, later: int) -> None:
    moment = Moment()
    text, until = holds(moment, at, lambda: moment.left(due))
    assert at < until
    if at <= later < until:
        assert holds(moment, later, lambda: moment.left(due))[0] == text
    if 1_000 <= due - at < 36_000_000:
        assert holds(moment, until, lambda: moment.left(due))[0] != text


@given(written=_times, at=_times, later=_times, offset=st.integers(-56, 56))
def test_so_does_a_minute_of_some_day(written: int, at: int, later: int, offset: int) -> None:
    moment = Moment(zone=timezone(timedelta(minutes=15 * offset)) if offset else UTC)
    text, until = holds(moment, at, lambda: moment.minute_of(written))
    assert at < until
    if at <= later < until:
        assert holds(moment, later, lambda: moment.minute_of(written))[0] == text


@given(since=_times, at=_times, later=_times, allowed=st.one_of(st.integers(0, 90_000), st.integers(0, _LONG)))
def test_so_does_the_bar_of_an_age(since: int, at: int, later: int, allowed: int) -> None:
    scene = Scene(_THEME)
    panel = SurfacesPanel(scene)

    def painted() -> list[str]:
        row = Row(scene.theme, 14)
        allowance(row, 0, panel, since, allowed, "ok")
        return row.chars

    bar, until = holds(scene, at, painted)
    assert at < until
    if at <= later < until:
        assert holds(scene, later, painted)[0] == bar


def test_who_asks_for_the_moment_itself_is_painted_each_second() -> None:
    moment = Moment(moment=5)
    assert moment.now == 5
    assert moment.holds_until == 0


async def test_a_second_paints_what_grows_old_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running((120, 40)) as console:
        await console.settle(1_000)
        painted: list[str] = []
        for panel in console.app.screen.query("Panel"):
            plain = panel.paint  # type: ignore[attr-defined]

            def noted(width: int, height: int, *, plain: Callable[..., object] = plain, name: str = panel.id or "") -> object:  # fmt: skip # noqa: E501
                painted.append(name)
                return plain(width, height)

            monkeypatch.setattr(panel, "paint", noted)
        console.clock.now += 1_000
        console.app.draw()
        assert "header" in painted
        assert not {"drift", "footer", "companions", "head"} & set(painted)


_THEME = find_theme("dark", [shipped_folder()])
