"""The one writer of readings: what is admitted is recorded, and what is recorded is applied, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from stockdrift.collector.follow import Follower
from stockdrift.stock.admission import admit
from stockdrift.stock.entries import Changes, CollectorNote, Entry, EpisodeEvent, Naming, Poll, RulesChanged
from stockdrift.stock.gauge import Sample
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import Reading
from stockdrift.stock.rules import Rules
from stockdrift.stock.snapshot import seen
from stockdrift.stock.values import replace
from stockdrift.store.base import EntryError, Journal, JournalError
from stockdrift.store.codec import rules_text
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.threads import in_thread

_CHECKPOINT_EVERY: Final = 250  # entries
_CHANGES: Final = 1_000_000  # changed levels
_WORK: Final = 0.5  # s of judging: whoever opens the journal has to do it again

_log = logging.getLogger(__name__)


class Recorder:
    """Keeps journal and monitor at one.

    The monitor hears only what the journal holds, by following it like everybody else: so its own polls and what
    consoles wrote between them come in the order that a replay will hear. While the journal cannot be written,
    readings are dropped; then what is on screen grows old, and unknown. ``heard`` is told each entry after the replay,
    ``failing`` since when (ms) and why nothing can be recorded, and an empty reason when it can again.
    """

    def __init__(
        self,
        journal: Journal,
        rules: Rules,
        clock: Clock,
        heard: Callable[[Entry], None] = lambda entry: None,
        failing: Callable[[int, str], None] = lambda since, why: None,
    ) -> None:
        self.monitor = Monitor(rules, self._count)
        self._journal = journal
        self._rules = rules
        self._clock = clock
        self._heard = heard
        self._follower = Follower(journal, self.monitor, self._hear)
        self._turn = asyncio.Lock()
        self._due: list[Entry] = []  # to be recorded before anything else
        self._judged = 0
        self._checkpoint = 0
        self._changes = 0  # changed levels since then
        self._worked = 0.0  # s of judging up to then
        self._events: list[EpisodeEvent] = []
        self._samples: list[Sample] = []  # counts that changed, recorded with the episodes
        self._counts: list[Sample] = []  # of the entry that is being heard
        self._last_counts: tuple[object, ...] = ()
        self._recorded_rules: str | None = None
        self._live = False
        self._tell = failing
        self._failing = False
        self._failing_since = 0
        self._why = ""
        self._late = False

    async def resume(self) -> int:
        """Hears the whole journal, so that a restart goes on where the last collector ended; returns how many entries.

        Raises JournalError where it cannot be read. What it then has to say itself, rules that changed and that it has
        started, may have to wait until the journal can be written.
        """
        self._judged = await self._journal.judged_through()
        count = 0
        try:
            count = await self._follower.catch_up()
        except EntryError as error:  # it stays so until somebody acts: better said all the time than at each start
            self._fail(error)
        self._checkpoint, self._worked = self._follower.position, self._follower.worked
        if self._recorded_rules is None and self._follower.position > count:  # begun from a checkpoint
            self._recorded_rules = rules_text(self.monitor.rules)
        now = self._clock()
        if self._recorded_rules != rules_text(self._rules):
            self._due.append(RulesChanged(now, self._rules))
        self._due.append(CollectorNote(now, "started"))
        self._live = True
        async with self._turn:
            await self._write([])
        return count

    async def record(
        self, reading: Reading, *, next_at: int | None = None, recorded: Callable[[], None] = lambda: None
    ) -> Poll | None:
        """Admits, records and applies a reading; returns the poll without what it changed, None where it could not be
        recorded, and then nothing has changed. ``recorded`` is called between the two: what was recorded is heard from
        the journal, and while a large reading is heard it should not be there twice.
        """
        async with self._turn:
            try:
                await self._follower.catch_up()  # it is judged against everything known
            except JournalError as error:
                self._fail(error)
                return None
            if self._due and not await self._write([]):  # rules that changed come before what is judged by them
                return None
            # In a thread: a first reading of a million SKUs takes a second, and other sources' deadlines run on.
            poll = await in_thread(admit, reading, self.monitor.board, next_at=next_at)
            del reading
            entries: list[Entry] = [poll]
            poll = replace(poll, new_skus=(), changes=Changes(), naming=Naming())

            def let_go() -> None:
                entries.clear()
                recorded()

            return poll if await self._write(entries, let_go) else None

    async def follow(self) -> None:
        """Hears what others have written, where they have."""
        try:
            if await self._journal.has_news():
                async with self._turn:
                    await self._follower.catch_up()
                    await self._record_episodes()
        except JournalError as error:
            self._fail(error)

    async def tell(self, entries: Sequence[Entry]) -> bool:
        """Records entries of others than sources; False where they could not be recorded, or where other rules come
        first: by those nobody has decided them.
        """
        async with self._turn:
            if any(isinstance(entry, RulesChanged) for entry in self._due):
                await self._write([])
                return False
            return await self._write(entries)

    async def checkpoint(self) -> None:
        """Writes a checkpoint now, so that what lies before it can be dropped."""
        async with self._turn:
            await self._write_checkpoint(due=True)

    async def say(self, event: str, text: str = "") -> bool:
        """Records a note of the collector."""
        async with self._turn:
            return await self._write([CollectorNote(self._clock(), event, text)])

    async def adopt(self, rules: Rules) -> None:
        """Judges by ``rules`` from here on: they are recorded before any reading that is judged by them."""
        async with self._turn:
            self._rules = rules
            self._due = [entry for entry in self._due if not isinstance(entry, RulesChanged)]
            if rules_text(rules) != self._recorded_rules:
                self._due.append(RulesChanged(self._clock(), rules))
            await self._write([])

    async def settings_told(self, event: str, text: str) -> None:
        """Tells every console what became of changed settings, as soon as the journal can be written."""
        async with self._turn:
            self._due.append(CollectorNote(self._clock(), event, text))
            await self._write([])

    async def _write(self, entries: Sequence[Entry], recorded: Callable[[], None] = lambda: None) -> bool:
        back = [CollectorNote(self._clock(), "recording")] if self._failing else []
        try:
            if self._follower.stuck:  # what would be recorded could not be judged
                await self._follower.catch_up()
            await self._journal.append([*self._due, *back, *entries])
        except JournalError as error:
            self._fail(error)
            return False
        recorded()
        self._due.clear()
        if self._failing:
            self._failing, self._why = False, ""
            self._tell(self._clock(), "")
            _log.warning("The journal is being recorded again.")
        try:
            await self._follower.catch_up()
            await self._record_episodes()
            await self._write_checkpoint()
        except JournalError as error:  # recorded all the same: it is heard as soon as the journal can be read
            self._fail(error)
        return True

    async def _record_episodes(self) -> None:
        if not self._events and not self._samples:
            return
        try:
            await self._journal.record_episodes(self._events, self._follower.position, self._samples)
        except JournalError as error:  # they follow from what is recorded, and go with the next
            if not self._late:
                _log.warning("Episodes are late: %s", error)
            self._late = True
        else:
            self._events.clear()
            self._samples.clear()
            self._late = False

    async def _write_checkpoint(self, *, due: bool = False) -> None:
        """So that whoever opens the journal has but few entries to hear."""
        position = self._follower.position
        due = due or position - self._checkpoint >= _CHECKPOINT_EVERY or self._changes >= _CHANGES
        due = due or self._follower.worked - self._worked >= _WORK
        # Never past episodes that are still to be recorded: a restart would not hear of them again.
        if not due or self._events or self._samples or position == self._checkpoint:
            return
        self._checkpoint, self._changes, self._worked = position, 0, self._follower.worked
        try:
            await self._journal.write_checkpoint(position, seen(self.monitor), based_on=self._follower.base)
        except JournalError as error:  # it saves time and holds nothing of its own: the next one will do
            _log.warning("No checkpoint was written: %s", error)
        else:
            self._follower.base = position
            self.monitor.board.catalogue.touched.clear()

    def _fail(self, error: JournalError) -> None:
        if not self._failing:
            self._failing, self._failing_since = True, self._clock()
            self._due.append(CollectorNote(self._failing_since, "not recording", str(error)))
        if str(error) != self._why:
            self._why = str(error)
            _log.error("Not recording: %s", error)
            self._tell(self._failing_since, self._why)

    def _count(self, sample: Sample) -> None:
        if sample.counts != self._last_counts:
            self._last_counts = sample.counts
            self._counts.append(sample)

    def _hear(self, entry: Entry, events: Sequence[EpisodeEvent]) -> None:
        if entry.number > self._judged:  # the episodes of earlier ones are in the journal
            self._events.extend(events)
            self._samples.extend(self._counts)
        self._counts.clear()
        if isinstance(entry, Poll):
            self._changes += len(entry.changes)
        elif isinstance(entry, RulesChanged):
            self._recorded_rules = rules_text(entry.rules)
        if self._live:
            self._heard(entry)
