"""What is known at a moment follows from the entries before it and from the moment, however one came there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from stockdrift.stock import history
from stockdrift.stock.admission import admit
from stockdrift.stock.entries import BufferRuling, CollectorNote, Entry, Ignoring, Remarked, RulesChanged, Ruling
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Outcome, Reading
from stockdrift.stock.rules import Rules
from stockdrift.stock.snapshot import freeze, thaw
from stockdrift.stock.values import replace
from tests.stock.scene import HOUR, T0, reading, rules, surface, tell
from tests.stock.strategies import (
    any_rules,
    buffer_rulings,
    ignores,
    readings,
    remarked,
    scopes,
    sku_scopes,
    tolerances,
)


@dataclass(frozen=True)
class Told:
    """Something that is told at a moment, before it is an entry."""

    at: int
    what: Reading | RulesChanged | Ruling | BufferRuling | Ignoring | Remarked | CollectorNote

    def entry(self, monitor: Monitor) -> Entry:
        return admit(self.what, monitor.board) if isinstance(self.what, Reading) else self.what


@st.composite
def schedules(draw: st.DrawFn) -> list[Told | int]:
    """Readings, failures, rulings, reloaded settings and notes; between them moments at which somebody looks."""
    now, found = T0, []  # type: int, list[Told | int]
    for _ in range(draw(st.integers(1, 14))):
        now += draw(st.integers(0, 30))
        match draw(
            st.sampled_from(["read"] * 6 + ["look"] * 4 + ["rule", "buffer", "ignore", "remark", "reload", "note"])
        ):
            case "read":
                late = draw(st.sampled_from([0, 0, 0, 7]))  # it ended before somebody looked, and came after
                found.append(Told(now - late, draw(readings(now - late))))
            case "rule":
                found.append(Told(now, Ruling(now, "op", draw(scopes), draw(st.none() | tolerances))))
            case "buffer":
                found.append(Told(now, draw(buffer_rulings(now))))
            case "remark":
                found.append(Told(now, draw(remarked(now))))
            case "ignore":
                found.append(Told(now, Ignoring(now, "op", draw(sku_scopes), draw(st.none() | ignores))))
            case "reload":
                found.append(Told(now, RulesChanged(now, draw(any_rules))))
            case "note":
                found.append(Told(now, CollectorNote(now, draw(st.sampled_from(["not recording", "recording"])))))
            case _:
                found.append(now)
    return found


def shown(monitor: Monitor, now: int) -> dict[str, Any]:
    """All that a console draws from, at ``now``."""
    monitor.tick(now)
    rows = monitor.order(everything=True)
    return {
        "picture": to_builtins(monitor.picture(now)),
        "drifting": monitor.order().tolist(),
        "rows": rows.tolist(),
        "lines": [to_builtins(line) for line in monitor.lines(rows)],
        "skus": [to_builtins(monitor.sku(int(row), now)) for row in rows],
    }


def dumped(monitor: Monitor, now: int) -> str:
    return json.dumps(shown(monitor, now), sort_keys=True)


@settings(max_examples=300, deadline=None)
@given(any_rules, schedules(), st.integers(0, 14), st.data())
def test_at_any_moment_it_stands_as_it_stood(
    first: Rules, schedule: Sequence[Told | int], cut: int, data: st.DataObject
) -> None:
    live = Monitor(first)
    entries: list[Entry] = []
    seen: list[tuple[int, int, str]] = []  # entries told, the moment, what was shown
    frozen = (0, freeze(live))
    for number, step in enumerate(schedule):
        if isinstance(step, Told):
            entry = step.entry(live)
            live.apply(entry)
            entries.append(entry)
        else:
            seen.append((len(entries), step, dumped(live, step)))
        if number == cut:
            frozen = (len(entries), freeze(live))
    for told, moment, before in seen:
        replayed = Monitor(first)
        for entry in entries[:told]:
            replayed.apply(entry)
        assert dumped(replayed, moment) == before
        begun, snapshot = frozen
        if begun <= told:
            thawed = thaw(snapshot)
            for entry in entries[begun:told]:
                thawed.apply(entry)
                if data.draw(st.booleans()):
                    thawed.tick(entry.at + data.draw(st.integers(0, 60)))
            assert dumped(thawed, moment) == before


def test_the_trend_turns_when_a_reading_grew_stale_not_when_it_was_noticed() -> None:
    held = rules(surface("shop", stale_after=1_000), surface("feed", stale_after=HOUR))
    ticked, silent = Monitor(held), Monitor(held)
    for monitor in (ticked, silent):
        tell(monitor, reading(MASTER, {"A": 4, "B": 2}))
        tell(monitor, reading("feed", {"A": 4, "B": 2}, T0 + 10))
        tell(monitor, reading("shop", {"A": 9, "B": 2}, T0 + 20))
    ticked.tick(T0 + 1_500)
    assert ticked.picture(T0 + 1_500).gauge.since is None  # no drift is seen any more: unknown, from 1,021 ms on
    for monitor in (ticked, silent):
        tell(monitor, reading("feed", {"A": 4, "B": 2}, T0 + 1_800))
    assert shown(ticked, T0 + 1_900) == shown(silent, T0 + 1_900)
    assert ticked.trend.steps()[-1] == (T0 + 1_021, 0)


def test_what_a_late_entry_makes_undone_was_never_so() -> None:
    """A console looks just before a reading arrives that was made before it looked."""
    held = rules(surface("shop", stale_after=1_000))
    looked, silent = Monitor(held), Monitor(held)
    for monitor in (looked, silent):
        tell(monitor, reading(MASTER, {"A": 4}))
        tell(monitor, reading("shop", {"A": 9}, T0 + 20))
    looked.tick(T0 + 1_030)
    assert not looked.picture(T0 + 1_030).gauge.known
    for monitor in (looked, silent):
        tell(monitor, reading("shop", {"A": 9}, T0 + 1_010))
    assert shown(looked, T0 + 1_040) == shown(silent, T0 + 1_040)
    assert looked.trend.steps() == silent.trend.steps()


def test_a_clock_that_is_set_back_is_looked_at_alike() -> None:
    held = rules(surface("shop", stale_after=HOUR))
    ticked, silent = Monitor(held), Monitor(held)
    for monitor in (ticked, silent):
        tell(monitor, reading(MASTER, {"A": 4}))
        tell(monitor, reading("shop", {"A": 9}, T0 + 20))
    for moment in (T0 + HOUR // 2, T0 - HOUR, T0 - HOUR // 2, T0 + 2 * HOUR, T0 - 10):
        ticked.tick(moment)
        fresh = thaw(freeze(silent))
        assert shown(ticked, moment) == shown(fresh, moment)


def test_a_restored_history_drops_the_same_records() -> None:
    """Old levels of the master give way when room runs out: at the same entry, whenever it was frozen before."""
    whole = Monitor(rules(surface("shop")))
    thawed: list[Monitor] = []
    now, counts = T0, []
    for step in range(60):
        now += history.KEPT // 8
        changing = 400 if step < 10 else 40
        read = reading(MASTER, {f"S{n}": step if n < changing else 0 for n in range(400)}, now)
        for monitor in (whole, *thawed):
            tell(monitor, read)
        counts.append(whole.history.count)
        assert all(np.array_equal(other.history.rows, whole.history.rows) for other in thawed)
        if step % 6 == 0:
            thawed.append(thaw(freeze(whole)))
    assert min(counts[20:]) < max(counts) // 2  # some did go
    assert all(shown(other, now) == shown(whole, now) for other in thawed)


def test_the_pace_is_that_of_the_last_reading_whenever_it_was_asked_for() -> None:
    asked, silent = Monitor(rules(surface("shop"))), Monitor(rules(surface("shop")))
    for step, level in enumerate((9, 8, 8, 8)):
        for monitor in (asked, silent):
            tell(monitor, replace(reading(MASTER, {"A": level}, T0 + step * 300_000), outcome=Outcome.COMPLETE))
        asked.pace()
    assert asked.sku(0, T0 + HOUR) == silent.sku(0, T0 + HOUR)
