"""What became of one SKU, told by the entries of the journal: its levels as steps, and events in words.

Nothing here is inferred: a step begins where a complete read said so and ends where the next one said otherwise, a read
failed or the last one grew stale; an event is a change that was read, a read that failed, an episode or an operator's
word that was recorded, a write and what became of it. Who sold it and why it fell no reading tells.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from msgspec import Struct

from stockdrift.stock.actions import ActionEntry
from stockdrift.stock.advice import Terms
from stockdrift.stock.deeds import Deeds
from stockdrift.stock.entries import (
    BufferRuling,
    CollectorNote,
    Entry,
    Episode,
    Ignoring,
    Poll,
    Remarked,
    RereadAsked,
    RulesChanged,
    Ruling,
    Saying,
)
from stockdrift.stock.levels import LevelState, UnknownReason
from stockdrift.stock.reading import MASTER, Outcome
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.rhythm import missed
from stockdrift.stock.rules import Rules
from stockdrift.stock.telling import sentence, word
from stockdrift.stock.values import replace
from stockdrift.stock.words import age, title

_ONE_BY_ONE: Final = 6
"""So many times missed in a row are told one by one; of more, that there were so many."""

Level = int | str
"""A quantity, or the word of the state that stands in its place."""

Steps = Sequence[tuple[int, int | None]]
"""Since when (ms) it holds, and the quantity; None where there is none, or where it is not known."""


class TimelineEvent(Struct, frozen=True):
    """``word`` is what happened, ``tone`` the state whose colour and glyph it takes, empty for somebody's deed."""

    at: int
    word: str
    tone: str
    surface: str
    text: str


class SkuHistory(Struct, frozen=True):
    """``begin`` is the time of the oldest entry that was looked at, None where there is none; ``whole`` where the
    journal has none before it.

    ``steps`` are by surface, the master first; ``events`` and ``episodes`` newest first. ``terms`` are what
    advice rests on, besides the episodes.
    """

    sku: str
    begin: int | None = None
    whole: bool = False
    steps: Sequence[tuple[str, Steps]] = ()
    events: Sequence[TimelineEvent] = ()
    episodes: Sequence[Episode] = ()
    terms: Sequence[Terms] = ()


def as_it_stood(history: SkuHistory, at: int) -> SkuHistory:
    """The history as far as it was known at ``at`` (ms): what came later is left out, what ended later goes on."""
    return replace(
        history,
        events=[event for event in history.events if event.at <= at],
        episodes=[
            replace(episode, closed_at=None) if episode.closed_at is not None and episode.closed_at > at else episode
            for episode in history.episodes
            if episode.opened_at <= at
        ],
    )


def level_of(state: int, quantity: int) -> Level:
    """A level as it is told."""
    return quantity if state == LevelState.COUNTED else LevelState(state).word


def level_at(steps: Steps, at: int) -> int | None:
    """What held at ``at``."""
    place = bisect_right(steps, at, key=lambda step: step[0])
    return steps[place - 1][1] if place else None


def timeline(
    entries: Sequence[Entry],
    row: int,
    sku: str,
    rules: Rules,
    present: Mapping[str, Level],
    master: Sequence[tuple[int, Level]] = (),
    episodes: Sequence[Episode] = (),
    *,
    whole: bool = False,
) -> SkuHistory:
    """The history of ``row`` from ``entries``, ascending and without a gap up to now.

    ``present`` holds each surface's level of now: where no entry changed it, it held all the while. ``master`` holds
    what the master's level was and since when, as far as that is known: it goes on where the entries begin, and stands
    for all of them where ``sku`` is a bundle, whose level is put together from others'. ``whole`` where the journal has
    no entries before these.
    """
    tracks = {one.name: _Track(one.name, one.stale_after) for one in (rules.master, *rules.surfaces) if one.active}
    changed = {entry.surface for entry in entries if isinstance(entry, Poll) and _change(entry, row) is not None}
    for name, track in tracks.items():
        if name not in changed:
            track.level = present.get(name)
    begin = entries[0].at if entries else None
    bundle = sku in rules.bundles
    if bundle:  # its parts change, and no entry says so of itself: "no change, so as now" does not hold
        tracks[MASTER].level = None
    elif MASTER in changed and begin is not None:
        tracks[MASTER].level = _before(master, begin)
    events: list[TimelineEvent] = []
    deeds = Deeds(sku)
    for entry in entries:
        if isinstance(entry, Poll):
            one = tracks.get(entry.surface)
            if one is not None:
                found = _change(entry, row)
                if bundle and one.name == MASTER:
                    level = _before(master, entry.read_at + 1)
                    found = None if level is None else (level, "")
                events += one.hear(entry, found, bundle=bundle)
        elif isinstance(entry, ActionEntry):
            events += [TimelineEvent(*deed) for deed in deeds.hear(entry)]
        else:
            events += _told(entry, sku)
    for track in tracks.values():
        events += track.missed()
    if begin is not None:
        events += [event for episode in episodes for event in _turns(episode) if event.at >= begin]
    events.sort(key=lambda event: event.at)  # stable: what was read comes before what followed from it
    steps = [(name, track.steps) for name, track in tracks.items()]
    return SkuHistory(sku, begin, whole, steps, events[::-1], list(episodes))


class _Track:
    """One surface's levels of the SKU. ``level`` None: what it held then is not in these entries."""

    def __init__(self, name: str, stale_after: int) -> None:
        self.name = name
        self.steps: list[tuple[int, int | None]] = []
        self.level: Level | None = None
        self._stale_after = stale_after
        self._failed = 0
        self._reads: list[tuple[int, int, int]] = []  # the complete ones: begun, ended, as of

    def hear(self, poll: Poll, found: tuple[Level, str] | None, *, bundle: bool) -> Iterable[TimelineEvent]:
        """Takes over a poll that says ``found`` of the SKU, with the reason where it is unknown."""
        if poll.outcome is not Outcome.COMPLETE:
            self._step(poll.read_at, None)
            self._failed += 1
            if self._failed == 1:
                word = "partial" if poll.outcome is Outcome.PARTIAL else "failed"
                why = poll.reason or "no reason was given"
                yield TimelineEvent(poll.read_at, word, "unknown", self.name, f"{title(self.name)}: {why}")
            return
        if poll.as_of is not None:
            self._reads.append((poll.started_at, poll.read_at, poll.as_of))
        if self._failed:
            text = f"{title(self.name)} was read again, after {self._failed:,} in vain"
            yield TimelineEvent(poll.read_at, "recovered", "ok", self.name, text)
            self._failed = 0
        if found is not None and found[0] != self.level:
            word, text = _difference(self.name, self.level, *found, bundle=bundle)
            yield TimelineEvent(poll.read_at, word, "", self.name, text)
            self.level = found[0]
        self._step(poll.read_at, self.level if isinstance(self.level, int) else None)
        self._step(poll.read_at + self._stale_after + 1, None)  # unless it is read again before

    def missed(self) -> Iterable[TimelineEvent]:
        """When the surface was due to renew what it shows, and did not."""
        for _, group in groupby(missed(self._reads), key=lambda one: one.shown):
            times = [one.at for one in group]
            text = f"{title(self.name)} was not made anew when due"
            if len(times) > _ONE_BY_ONE:
                text = f"{text}, {len(times):,} times in a row"
                del times[1:]
            for at in times:
                yield TimelineEvent(at, "missed", "late", self.name, text)

    def _step(self, at: int, value: int | None) -> None:
        """What holds from ``at`` on, whatever was thought of later times: staleness, or a clock that was set back."""
        while self.steps and self.steps[-1][0] >= at:
            self.steps.pop()
        if not self.steps or self.steps[-1][1] != value:
            self.steps.append((at, value))


def _change(poll: Poll, row: int) -> tuple[Level, str] | None:
    """What a complete poll changed of ``row``, and why it is unknown where it is."""
    if poll.outcome is not Outcome.COMPLETE:
        return None
    changes = poll.changes
    place = int(changes.rows.searchsorted(row))
    if place == len(changes) or changes.rows[place] != row:
        return None
    level = level_of(int(changes.states[place]), int(changes.quantities[place]))
    return level, UnknownReason(int(changes.reasons[place])).words


def _before(known: Sequence[tuple[int, Level]], at: int) -> Level | None:
    """What held last before ``at``, as far as ``known`` reaches."""
    place = bisect_left(known, at, key=lambda record: record[0])
    return known[place - 1][1] if place else None


def _difference(surface: str, before: Level | None, now: Level, why: str, *, bundle: bool) -> tuple[str, str]:
    """The word and the text of a level that was read to be another."""
    name = "master" if surface == MASTER else title(surface)
    said = f"{now:,}" if isinstance(now, int) else now + (f": {why}" if why else "")
    said = said.replace("-", "−") if isinstance(now, int) else said
    if before is None:
        return "shows", f"{name} shows {said}"
    was = f"{before:,}".replace("-", "−") if isinstance(before, int) else before
    if surface != MASTER or not isinstance(before, int) or not isinstance(now, int):
        return "changed", f"{name} {was} to {said}"
    off = f"{now - before:+,}".replace("-", "−")
    parts = ", put together from its parts" if bundle else ""
    return "fell" if off.startswith("−") else "rose", f"{name} {was} to {said}, {off}{parts}"


def _told(entry: Entry, sku: str) -> Iterable[TimelineEvent]:
    """What somebody said that concerns the SKU."""
    match entry:
        case RereadAsked():
            what = title(entry.surface) if entry.surface else "the master and every surface"
            yield TimelineEvent(entry.at, "read asked", "", entry.surface, f"{entry.operator} asked for {what}")
        case Ruling() | BufferRuling() | Ignoring() | Remarked() if _concerns(entry, sku):
            yield TimelineEvent(entry.at, word(entry), "", entry.scope.surface, sentence(entry))
        case RulesChanged():
            yield TimelineEvent(entry.at, "settings", "", "", "the collector took its settings over")
        case CollectorNote():
            tone = "unknown" if entry.event == "not recording" else ""
            text = f"{entry.event}: {entry.text}" if entry.text else entry.event
            yield TimelineEvent(entry.at, "collector", tone, "", text)


def _concerns(entry: Saying, sku: str) -> bool:
    """A note on the store or a surface is no event of each of its SKUs."""
    note = isinstance(entry, Remarked) and entry.kind is RemarkKind.NOTE
    return entry.scope.sku == sku or (not entry.scope.sku and not note)


def _turns(episode: Episode) -> Iterable[TimelineEvent]:
    name = title(episode.surface)
    off = ""
    if episode.deviation:
        off = f", {episode.deviation:+,}".replace("-", "−")
    text = f"{name} {episode.severity}{off}"
    yield TimelineEvent(episode.opened_at, "drift", episode.severity, episode.surface, text)
    if episode.closed_at is not None:
        text = f"{name} no longer drifts, after {age(episode.closed_at - episode.opened_at)}"
        yield TimelineEvent(episode.closed_at, "ended", "", episode.surface, text)
