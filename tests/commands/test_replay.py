"""The past as History shows it equals what was live: recorded by a collector, looked at by a console, gone back to."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.console.app import Console
from stockdrift.console.theme import find_theme
from stockdrift.stock.coverage import Mapped
from stockdrift.stock.entries import SurfaceLog
from stockdrift.stock.reading import Reading
from stockdrift.stock.remarks import Remark
from stockdrift.stock.rules import Rules
from stockdrift.stock.timeline import SkuHistory, as_it_stood
from stockdrift.stock.values import replace
from tests.commands.recorded_run import a_day_in_short, make_small, opened, running, stands
from tests.console.harness import Running
from tests.stock.scene import HOUR, MINUTE, T0, reading
from tests.stock.strategies import (
    HeldBack,
    LeftOut,
    Remarks,
    Ruled,
    any_rules,
    held_back,
    ignores,
    readings,
    remarks,
    scopes,
    sku_scopes,
    tolerances,
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch)


@dataclass(frozen=True)
class Reloaded:
    """The settings are others from here on."""

    rules: Rules


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[int, Reading | Ruled | LeftOut | HeldBack | Remarks | Reloaded | str]]:
    """At which time what happens: readings whole and failed, rulings, other settings, notes, looks."""
    now, found = T0 + 10, []  # type: int, list[tuple[int, Reading | Ruled | LeftOut | HeldBack | Remarks | Reloaded | str]]
    for _ in range(draw(st.integers(1, 12))):
        now += draw(st.integers(1, 30))
        match draw(
            st.sampled_from(["read"] * 5 + ["look"] * 4 + ["rule", "ignore", "buffer", "remark", "reload", "note"])
        ):
            case "read":
                found.append((now, draw(readings(now))))
            case "rule":
                found.append((now, Ruled(draw(scopes), draw(st.none() | tolerances))))
            case "ignore":
                found.append((now, LeftOut(draw(sku_scopes), draw(st.none() | ignores))))
            case "buffer":
                found.append((now, draw(held_back)))
            case "remark":
                found.append((now, draw(remarks)))
            case "reload":
                found.append((now, Reloaded(draw(any_rules))))
            case other:
                found.append((now, other))
    return [*found, (now + draw(st.integers(1, 60)), "look")]


@settings(max_examples=60, deadline=None)
@given(any_rules, schedules(), st.randoms(use_true_random=False))
def test_the_screen_of_any_moment_is_the_one_that_was_live(
    rules: Rules,
    schedule: Sequence[tuple[int, Reading | Ruled | LeftOut | HeldBack | Remarks | Reloaded | str]],
    chance: random.Random,
) -> None:
    async def play(path: Path) -> None:
        async with running(path, rules) as run:
            for at, step in schedule:
                run.clock.now = at
                match step:
                    case Reading():
                        await run.recorder.record(step)
                    case Ruled():
                        await run.source.rule(step.scope, step.tolerance)
                        await run.recorder.follow()
                    case LeftOut():
                        await run.source.ignore(step.scope, step.ignore)
                        await run.recorder.follow()
                    case HeldBack():
                        await run.source.hold_back(step.scope, step.units)
                        await run.recorder.follow()
                    case Remarks():
                        remark = None if step.taken_back else Remark("seen", step.until)
                        await run.source.remark(step.kind, step.scope, remark)
                        await run.recorder.follow()
                    case Reloaded():
                        await run.restart(step.rules)
                    case "note":
                        await run.recorder.say("not recording", "the disk is full")
                    case _:
                        await run.look()
            looks = [look for look in run.seen if look[0] > T0]  # before that nothing is recorded
            chance.shuffle(looks)
            async with opened(run) as past:
                for at, before in [*looks, *looks]:
                    moment = past.passage.at(at)
                    assert moment is not None
                    assert await stands(past, moment) == before

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        make_small(patch)
        asyncio.run(play(Path(folder, "drift.db")))


async def test_a_run_is_gone_through_in_any_order(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run)
        seen = [look for look in run.seen if look[0] > T0]
        assert len({str(before["picture"]) for _, before in seen}) > 15
        chance = random.Random(3)
        async with opened(run) as past:
            for at, before in [*seen, *seen[::-1], *chance.sample(seen, len(seen))]:
                moment = past.passage.at(at)
                assert moment is not None
                assert await stands(past, moment) == before


async def test_steps_forth_and_back_show_the_same(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run, 30)
        async with opened(run) as past:
            forth = []
            moment = past.passage.first
            while moment is not None:
                forth.append((moment, await stands(past, moment)))
                moment = past.passage.after(moment)
            assert len(forth) > 25
            for here, before in reversed(forth):
                assert await stands(past, here) == before


def plainly(found: Mapped | None) -> list[object]:
    if found is None:
        return []
    return [found.coverage, found.orphans.tolist(), found.unsold.tolist(), found.missing.tolist(), found.alike]


async def test_what_is_told_of_a_sku_and_a_surface_is_what_was_told_then(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        told: list[tuple[int, SkuHistory, SurfaceLog, list[object]]] = []
        for seed in range(5):
            await a_day_in_short(run, 12, seed=seed, restarts=False)
            await run.source.catch_up()
            since = run.clock.now - 24 * HOUR
            history, log = await run.source.sku_history("S3", since), await run.source.surface_log("shop", since)
            told.append((run.clock.now, history, log, plainly(await run.source.mapping("shop"))))
            run.clock.now += 1
        assert any(history.episodes for _, history, _, _ in told)
        assert any(mapping for *_, mapping in told)
        async with opened(run) as past:
            for at, history, log, mapping in [*told, *told[::-1]]:
                moment = past.passage.at(at)
                assert moment is not None
                await past.go(moment)
                since = at - 24 * HOUR
                assert as_it_stood(await past.sku_history("S3", since), at) == as_it_stood(history, at)
                assert await past.surface_log("shop", since) == log
                assert plainly(await past.mapping("shop")) == mapping
            assert await past.mapping("unheard of") is None
            assert await past.sku_history("unheard of", 0) == SkuHistory("unheard of")


async def test_the_times_that_a_surface_missed_are_told_by_its_reads(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        made = [T0 + number * HOUR for number in range(5)]
        for at in (*made, made[-1] + 2 * HOUR):
            run.clock.now = at + 2 * MINUTE
            found = reading("feed", {"S1": 3}, run.clock.now)
            await run.recorder.record(replace(found, as_of=min(at, made[-1])))
        await run.source.catch_up()
        async with opened(run) as past:
            assert await past.missed() == [made[-1] + HOUR]


async def test_the_rules_of_the_past_hold_there(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run)
        async with opened(run) as past:
            assert past.passage.first is not None
            assert past.passage.last is not None
            await past.go(past.passage.first)
            assert past.model.surface_names() == ["shop", "feed"]
            await past.go(past.passage.last)
            assert past.model.surface_names() == ["shop"]


def _drawn(rows: Sequence[str], top: int, grid: int) -> list[str]:
    """The figures, the surfaces and the list of a screen: not their titles, whose tense is another, nor the column that
    says what is new since the operator last looked. Surfaces that are as bad as each other stay where they are, so that
    their order is a matter of what was on screen before.
    """
    figures, surfaces = [row[:20] for row in rows[top + 1 : top + 7]], [row[39:] for row in rows[top + 1 : top + 7]]
    return [*figures, *sorted(surfaces), *(row[:13] + row[14:119] for row in rows[grid : grid + 12])]


async def test_the_same_panels_draw_the_same_cells(tmp_path: Path) -> None:
    async with running(tmp_path / "drift.db") as run:
        await a_day_in_short(run, 30, restarts=False)
        app = Console(run.source, find_theme("dark"), zone=UTC, clock=run.clock)
        async with app.run_test(size=(120, 40)) as pilot:
            console = Running(pilot, app, run.source, run.clock)  # type: ignore[arg-type]
            app.workers.cancel_group(app, "follow")  # it is drawn when the test says so
            live: list[tuple[int, list[str]]] = []
            for seed in range(4):
                run.clock.now += MINUTE
                await a_day_in_short(run, 6, seed=seed, restarts=False)
                await run.source.catch_up()
                if not live:
                    app.scene.column_order = ()  # they stand still from here on, and not from when it was opened
                app.draw(force=True)
                await console.settle()
                live.append((run.clock.now, _drawn(console.rows(), 1, 18)))
                run.clock.now += 1
            assert len({str(drawn) for _, drawn in live}) == 4
            await console.press("h")
            for at, drawn in reversed(live):
                app.history.go_to(datetime.fromtimestamp(at / 1000, UTC).isoformat())
                await console.settle()
                assert app.shown.now == at
                assert _drawn(console.rows(), 8, 19) == drawn
