"""The SKU screen's lower part: what happened to it, and when it drifted before."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.record_list import RecordList
from stockdrift.stock.actions import RowState
from stockdrift.stock.advice import advice
from stockdrift.stock.entries import Episode
from stockdrift.stock.picture import SkuPicture
from stockdrift.stock.timeline import SkuHistory

_UNSAID = frozenset({"collector", *map(str, RowState)})
"""Words of events whose text does not say the same."""


class SkuRecord(RecordList):
    """A list of the SKU's history. ``missing`` says why there is none yet, ``failed`` whether for a fault."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.history: SkuHistory | None = None
        self.missing = ""
        self.failed = False

    def absent(self) -> tuple[str, str]:
        """What stands there while nothing is known."""
        return self.missing, "unknown" if self.failed else "muted"


class EventsPanel(SkuRecord):
    """What the journal says of the SKU, newest first: time, glyph and word, text."""

    FOLLOWS_CURSOR = True

    def title(self) -> str:
        """See :class:`RecordList`."""
        return "Events"

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return self.history.events if self.history else ()

    def below(self) -> tuple[str, str]:
        """How far back was looked."""
        history = self.history
        if history is None or self.missing:
            return self.absent()
        if history.begin is None:
            return "The journal says nothing of it yet", "muted"
        at = words.day_minute(history.begin, self.scene.zone).strip()
        return f"The journal begins at {at}" if history.whole else f"Looked back to {at}", "muted"

    def item(self, row: Row, index: int, width: int) -> None:
        """One event."""
        scene = self.scene
        if self.history is None:
            return
        event = self.history.events[index]
        row.put(2, words.moment(event.at, scene.now, scene.zone), "muted")
        ink = event.tone or "muted"
        row.put(12, scene.glyphs.event(event.word, event.tone), ink)
        row.put(14, words.cut(event.word, 10, scene.glyphs.ellipsis), ink if event.tone else "text")
        row.put(25, words.cut(event.text, width - 26, scene.glyphs.ellipsis), "text")


class PreviewEvents(EventsPanel):
    """The same beside the list, where there is room for a sentence and no word before it."""

    def item(self, row: Row, index: int, width: int) -> None:
        """One event."""
        scene = self.scene
        if self.history is None:
            return
        event = self.history.events[index]
        row.put(2, words.moment(event.at, scene.now, scene.zone), "muted")
        row.put(12, scene.glyphs.event(event.word, event.tone), event.tone or "muted")
        unsaid = event.word in _UNSAID and event.tone != "unknown"  # a read that failed says so itself
        text = f"{event.word} {event.text}" if unsaid else event.text
        row.put(14, words.cut(text, width - 16, scene.glyphs.ellipsis), "text")


class EpisodesPanel(SkuRecord):
    """Stretches of drift: from, to, how long, by how much and where. What goes on comes first, in colour, with how far
    off it is now, for which ``sku`` is asked; then the others, newest first, with how they began.
    """

    sku: SkuPicture | None = None
    _sorted: tuple[SkuHistory | None, Sequence[Episode]] = (None, ())

    @property
    def _episodes(self) -> Sequence[Episode]:
        history = self.history
        if history is not self._sorted[0]:
            found = () if history is None else sorted(history.episodes, key=lambda one: one.closed_at is not None)
            self._sorted = history, found
        return self._sorted[1]

    def title(self) -> str:
        """See :class:`RecordList`."""
        return "Episodes"

    def keys(self) -> Sequence[object]:
        """See :class:`RecordList`."""
        return [(one.surface, one.opened_at) for one in self._episodes]

    def below(self) -> tuple[str, str]:
        """That there is none; what would have spared it those that there are."""
        if self.history is None or self.missing:
            return self.absent()
        if not self.history.episodes:
            return "No drift of it is on record", "muted"
        advised = advice(self.history.episodes, self.history.terms)
        return (advised[0].short if advised else ""), "accent"

    def item(self, row: Row, index: int, width: int) -> None:
        """One episode."""
        self._episode(row, self._episodes[index], width)

    def _episode(self, row: Row, episode: Episode, width: int) -> None:
        scene = self.scene
        going_on = episode.closed_at is None
        end = scene.now if episode.closed_at is None else episode.closed_at
        row.put(2, words.day_minute(episode.opened_at, scene.zone), "text" if going_on else "muted")
        if going_on:
            row.put(16, "now", "text")
        else:
            row.put(16, words.until(end, episode.opened_at, scene.zone), "muted")
        row.right(29, words.age(max(0, end - episode.opened_at)), "late" if going_on else "muted")
        deviation, severity = episode.deviation, episode.severity
        levels = self.sku.levels if going_on and self.sku is not None else ()
        for cell in (level.cell for level in levels if level.surface == episode.surface):
            if cell.deviation:
                deviation, severity = cell.deviation, cell.severity.word
        off = "" if deviation is None else f"{words.signed(deviation)} "
        ink = severity if going_on and severity in _INKS else "muted"
        row.put(32, words.cut(f"{off}{words.title(episode.surface)}", width - 33, scene.glyphs.ellipsis), ink)


_INKS = ("over", "oversell", "under")
