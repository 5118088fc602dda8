"""Which colour and glyph a state has."""

from __future__ import annotations

from typing import Final

from stockdrift.console.scene import Scene
from stockdrift.stock.picture import GaugeLine, Severity, Status

SEVERITY_INK: Final = {
    Severity.NONE: "ok",
    Severity.ORPHAN: "late",
    Severity.UNDER: "under",
    Severity.OVER: "over",
    Severity.OVERSELL: "oversell",
}
STATUS_INK: Final = {
    Status.ON_TIME: "ok",
    Status.LATE: "late",
    Status.NO_ANSWER: "unknown",
    Status.PARTIAL: "unknown",
    Status.STALE: "unknown",
    Status.NOT_READ: "unknown",
    Status.OFF: "muted",
    Status.PAUSED: "unknown",
}
STATUS_WORD: Final = {Status.NOT_READ: "not read"}
"""Where the status itself is too long for its column."""


def status_word(status: Status) -> str:
    """The status in at most nine cells."""
    return STATUS_WORD.get(status, status.value)


def status_glyph(status: Status, scene: Scene) -> str:
    """The glyph of a surface's state."""
    return scene.glyphs.none if status is Status.OFF else scene.glyphs.tone(STATUS_INK[status])


def hero_ink(gauge: GaugeLine) -> str:
    """The colour of the worst state that is present; green only where all is known and agrees."""
    if not gauge.known:
        return "unknown"
    for number, ink in ((gauge.oversell, "oversell"), (gauge.over, "over"), (gauge.under, "under")):
        if number:
            return ink
    return "unknown" if gauge.unknown or gauge.silent else "late" if gauge.orphans else "ok"
