"""Which colour and glyph a state has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stockdrift.console import words
from stockdrift.console.scene import Scene
from stockdrift.stock.picture import GaugeLine, Severity, Status, SurfaceLine
from stockdrift.stock.reading import MASTER
from stockdrift.stock.words import several

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


def is_fine(surface: SurfaceLine, scene: Scene) -> bool:
    """Whether it answers, and in time."""
    return surface.status is Status.ON_TIME and not scene.missed(surface)


def status_ink(surface: SurfaceLine, scene: Scene) -> str:
    """The colour of its state: never green where a read does not come back."""
    return "late" if scene.missed(surface) else STATUS_INK[surface.status]


def status_word(surface: SurfaceLine, scene: Scene) -> str:
    """Its state in at most nine cells."""
    if surface.status is Status.ON_TIME and scene.missed(surface):
        return "overdue"
    return STATUS_WORD.get(surface.status, surface.status.value)


def status_glyph(surface: SurfaceLine, scene: Scene) -> str:
    """The glyph of its state."""
    return scene.glyphs.none if surface.status is Status.OFF else scene.glyphs.tone(status_ink(surface, scene))


def waits(scene: Scene) -> tuple[str, str]:
    """What waits on the operator where all is calm, and its colour."""
    failed = scene.dead_letters
    if not failed:
        return "Nothing waits on you.", "text"
    verb = "waits" if failed == 1 else "wait"
    return f"{several(failed, 'failed action')} {verb} on you: {scene.key('actions')}.", "oversell"


def overdue_words(surfaces: Sequence[SurfaceLine], scene: Scene) -> str:
    """``Embed has not answered for 53s``; empty where every read that was due has come."""
    late = {one.name: one.next_at for one in surfaces if scene.missed(one) and one.next_at is not None}
    if not late:
        return ""
    names = [words.title(name) for name in late if name != MASTER]
    names = names if len(names) < 3 else [f"{len(names)} surfaces"]
    names = ["The master", *names] if MASTER in late else names
    who = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{who} {'has' if len(late) == 1 else 'have'} not answered for {scene.age(min(late.values()))}"


def hero_ink(gauge: GaugeLine, *, overdue: bool = False) -> str:
    """The colour of the worst state that is present; green only where all is known, agrees and answers."""
    if not gauge.known:
        return "unknown"
    for number, ink in ((gauge.oversell, "oversell"), (gauge.over, "over"), (gauge.under, "under")):
        if number:
            return ink
    return "unknown" if gauge.unknown or gauge.silent else "late" if gauge.orphans or overdue else "ok"
