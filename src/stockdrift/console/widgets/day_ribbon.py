"""What stands below a calm list: how the day went, and what sells fastest."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.day import CELLS, Day
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.course import Slot
from stockdrift.stock.words import several

_ROWS = 4  # of the ribbon
_HEADROOM = 2


def paint_day(rows: Sequence[Row], width: int, scene: Scene) -> None:
    """Writes the ribbon into ``rows`` where it has room, and the busiest SKU below it."""
    day = scene.day
    left = (width - CELLS) // 2
    if day is None or left < 2 or len(rows) < _ROWS + _HEADROOM:
        return
    top = min(3, len(rows) - _ROWS)
    begins = ""
    if day.recorded_from is not None and day.recorded_from > day.begin:
        begins = f", nothing recorded before {words.minute(day.recorded_from, scene.zone)}"
    rows[top].put(left, f"today{begins}", "muted")
    rows[top].right(left + CELLS - 1, _summary(day, scene), "muted")
    _labels(rows[top + 1], day, left, scene)
    for x, slot in enumerate(day.slots):
        _slot(rows[top + 2], left + x, slot, day, x, scene)
    rows[top + 2].put(left + day.place(scene.now), scene.glyphs.line, "accent", bold=True)
    for hour, at in day.hours:
        x = left + (CELLS - 2 if hour == 24 else day.place(at))
        rows[top + 3].put(x, f"{hour:02}", "muted")
    if len(rows) > top + 6:
        _busiest(rows[top + 6], width, scene)


_BLINK = 60_000  # ms not known that are not worth a word


def _summary(day: Day, scene: Scene) -> str:
    if day.recorded_from is None:
        return "nothing recorded"
    unknown = f", {words.age(day.unknown)} not known" if day.unknown >= _BLINK else ""
    if not day.stretches:
        since = "midnight" if day.recorded_from == day.begin else words.minute(day.recorded_from, scene.zone)
        return f"no drift since {since}{unknown}"
    peak = max(one.peak for one in day.stretches)
    most = f"at most {several(peak, 'SKU')}"
    return f"{several(len(day.stretches), 'episode')}, {most}, {words.age(day.drifted)} of drift{unknown}"


def _labels(row: Row, day: Day, left: int, scene: Scene) -> None:
    """Each episode above its beginning, as far as there is room."""
    free = left
    for one in day.stretches:
        ink = SEVERITY_INK[one.severity]
        lasted = words.age((day.now if one.end is None else one.end) - one.begin)
        text = f"{scene.glyphs.tone(ink)} {words.count(one.peak)} {lasted}"
        x = left + day.place(one.begin)
        if x >= free and x + cell_len(text) <= left + CELLS:
            free = row.put(x, text, ink) + 1


def _slot(row: Row, at: int, slot: Slot, day: Day, x: int, scene: Scene) -> None:
    glyphs = scene.glyphs
    if x > day.place(scene.now):
        return  # a line would look like calm
    if not slot.recorded or slot.drifting is None:
        row.put(at, glyphs.dotted, "unknown" if slot.recorded else "track")
    elif slot.drifting:
        row.put(at, glyphs.heavy, SEVERITY_INK[slot.severity], bold=True)
    else:
        row.put(at, glyphs.heavy, "ok")


def _busiest(row: Row, width: int, scene: Scene) -> None:
    busiest = scene.picture.busiest if scene.picture else None
    if busiest is None:
        return
    name = "" if busiest.name in ("", busiest.sku) else f" {words.cut(busiest.name, 30, scene.glyphs.ellipsis)}"
    lasts = words.age(round(max(busiest.left, 0) / busiest.pace * 3_600_000))
    said = f"  {busiest.pace:.3g} an hour, {words.count(busiest.left)} left, lasts {lasts}"
    lead, sku = "busiest SKU  ", f"{busiest.sku}{name}"
    x = (width - cell_len(lead + sku + said)) // 2
    if x >= 1:
        x = row.put(x, lead, "muted")
        row.put(row.put(x, sku, "text"), said, "muted")
