"""A SKU as a row of the grid."""

from __future__ import annotations

import math
from typing import Final

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.columns import OTHERS_NAME, Columns, SurfaceColumn
from stockdrift.console.paint import Row
from stockdrift.console.scene import ANSWERING, Scene
from stockdrift.console.widgets.drift import badge
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import Cell, Phase, Severity, SkuLine, Verdict
from stockdrift.stock.remarks import RemarkKind

STATE_WORDS: Final = {
    "unlisted": "—",
    "unlimited": "unl.",
    "preorder": "pre",
    "backorder": "back",
    "disabled": "off",
    "unknown": "?",
}
"""A level that is not a number, in the four cells it has."""

_PHASES: Final = {Phase.PERSISTENT: "persist", Phase.IN_FLIGHT: "flight"}  # where eight cells have to do


def paint_line(row: Row, columns: Columns, line: SkuLine, scene: Scene) -> None:
    """Paints ``line`` into ``columns``. What agrees is muted; what differs is coloured, bold, and says by how much."""
    glyphs = scene.glyphs
    _severity(row, columns, line, scene)
    marked = scene.listing.is_marked(line.row)
    if marked:
        row.put(1, glyphs.line, "accent", bold=True)
    change = scene.change_of(line.row)
    if change and columns.severity == "words":
        row.put(columns.sku - 1, glyphs.worse if change == "worse" else "+", "accent", bold=True)
    orphan = line.severity is Severity.ORPHAN
    sku = words.cut_middle(line.sku, columns.sku_width, glyphs.ellipsis)
    row.put(columns.sku, sku, "accent" if marked else "strong", bold=True)
    if columns.line is not None:
        row.put(columns.line, glyphs.axis, "rule")
    name_edge = columns.master
    if columns.master is not None:
        silent = scene.picture is not None and scene.picture.master.status not in ANSWERING
        text = glyphs.unknown if orphan or silent else _level(line.master)
        start = row.right(columns.master, text, "unknown" if text == glyphs.unknown else "strong", bold=True)
        name_edge = min(start - 1, columns.master - 4)
    if columns.name is not None and name_edge is not None:
        room = min(columns.name_width, name_edge - columns.name)
        remark, ink = _elsewhere(line, columns, scene, room)
        if not remark:
            remark = remark_word(line, scene)
            ink = "late" if remark.endswith("snoozed") else "muted"
        left = room - cell_len(remark) - 1 if remark else room
        if remark:
            row.put(columns.name + left + 1, remark, ink)
        row.put(columns.name, words.cut(line.name, left, glyphs.ellipsis))
    for column in columns.surfaces:
        if len(column.surfaces) == 1:
            _cell(row, column, line.cells[column.surfaces[0]], scene)
        else:
            _others(row, column, line, scene)
    _worst(row, columns, line, scene)
    _tail(row, columns, line, scene)


def _elsewhere(line: SkuLine, columns: Columns, scene: Scene, room: int) -> tuple[str, str]:
    """Which surface drifts and by how much, with its colour, where all those that do have no column: the operator hid
    them. Empty where a column says it.
    """
    if columns.shows is not None or line.worst < 0 or scene.picture is None:
        return "", ""
    seen = {index for column in columns.surfaces for index in column.surfaces}
    if any(_differs(line.cells[index]) for index in seen):
        return "", ""
    return _named(line, line.worst, room - 1, scene), SEVERITY_INK[line.cells[line.worst].severity]


def _differs(cell: Cell) -> bool:
    return cell.verdict in (Verdict.DRIFTED, Verdict.IN_FLIGHT)


def _named(line: SkuLine, index: int, width: int, scene: Scene) -> str:
    """``Facebook +3``: where a SKU is off, and by how much."""
    off = _off(line.cells[index], scene)
    name = scene.picture.surfaces[index].name if scene.picture else ""
    return f"{words.short_title(name, max(1, width - cell_len(off) - 1))} {off}"


_REMARK: Final = 8  # cells of an operator's name


def remark_word(line: SkuLine, scene: Scene) -> str:
    """What somebody said of the SKU, the weightiest alone: that it rests, who is at work on it, that it is known."""
    actor = scene.glyphs.actor
    if line.said(RemarkKind.SNOOZE) is not None:
        return f"{actor} snoozed"
    claim = line.said(RemarkKind.CLAIM)
    if claim is not None:
        return f"{actor} {words.cut(claim.by.partition('@')[0], _REMARK, scene.glyphs.ellipsis)}"
    if line.said(RemarkKind.ACKNOWLEDGE) is not None:
        return f"{actor} known"
    return f"{actor} note" if line.said(RemarkKind.NOTE) is not None else ""


def _severity(row: Row, columns: Columns, line: SkuLine, scene: Scene) -> None:
    glyphs = scene.glyphs
    if line.severity is Severity.OVERSELL and columns.severity == "words":
        badge(row, 1, f"{glyphs.oversell} oversell")
        return
    ink = SEVERITY_INK[line.severity]
    glyph, word = glyphs.tone(ink), line.severity.word
    if line.severity is Severity.ORPHAN:
        glyph = glyphs.flag
    elif line.severity is Severity.NONE and line.unknown:
        glyph, word, ink = glyphs.unknown, "unknown", "unknown"
    elif line.severity is Severity.NONE and line.ignored:
        glyph, word, ink = glyphs.none, "ignored", "muted"
    elif line.severity is Severity.NONE and not any(cell.verdict is Verdict.IN_SYNC for cell in line.cells):
        tracked = isinstance(line.master, int)
        glyph, word, ink = glyphs.none, "uncovered" if tracked else "untracked", "muted"
    elif line.severity is Severity.NONE:
        word = "in sync"
    row.put(2, glyph if columns.severity == "glyph" else f"{glyph} {word}", ink)


def _level(level: int | str) -> str:
    return words.short(level, 6) if isinstance(level, int) else STATE_WORDS.get(level, level)


def _cell(row: Row, column: SurfaceColumn, cell: Cell, scene: Scene) -> None:
    glyphs = scene.glyphs
    if cell.verdict is Verdict.UNKNOWN:
        row.right(column.value, glyphs.unknown, "unknown")
        return
    text = words.short(cell.reported, 5) if isinstance(cell.reported, int) else _level(cell.reported)
    if cell.verdict in (Verdict.IN_SYNC, Verdict.NOT_COMPARED):
        row.right(column.value, glyphs.none if text == "—" else text, "muted")
        if cell.verdict is Verdict.IN_SYNC and cell.deviation and column.deviation is not None:
            row.right(column.deviation, deviation(cell.deviation, 4), "muted")  # within the tolerance
        return
    flying = cell.verdict is Verdict.IN_FLIGHT
    ink = "late" if flying and cell.severity is not Severity.OVERSELL else SEVERITY_INK[cell.severity]
    if column.deviation is None:  # a level alone would look like the master's own, once it has come near it
        row.right(column.value, _off(cell, scene), ink, bold=not flying)
        return
    row.right(column.value, text, ink, bold=not flying)
    if cell.deviation is None:
        row.right(column.deviation, glyphs.tone(SEVERITY_INK[cell.severity]), ink)
    else:
        row.right(column.deviation, deviation(cell.deviation, 4), ink)


def _off(cell: Cell, scene: Scene) -> str:
    """How a level differs, in at most five cells: by how much, or with the sign of how bad it is what it is instead."""
    if cell.deviation is not None:
        return deviation(cell.deviation, 4)
    level = words.short(cell.reported, 4) if isinstance(cell.reported, int) else _level(cell.reported)[:4]
    return scene.glyphs.tone(SEVERITY_INK[cell.severity]) + level


def deviation(number: int, width: int) -> str:
    """The deviation with its sign, in at most ``width`` cells."""
    text = words.signed(number)
    return text if len(text) <= width else ("+" if number > 0 else "") + words.short(number, width - (number > 0))


def _others(row: Row, column: SurfaceColumn, line: SkuLine, scene: Scene) -> None:
    """Several surfaces in one column: the one that deviates most, a question mark, or that all agree."""
    cells = [line.cells[index] for index in column.surfaces]
    off = [index for index in column.surfaces if _differs(line.cells[index])]
    if off:
        worst = max(off, key=lambda index: (line.cells[index].severity, abs(line.cells[index].deviation or 0)))
        text = _named(line, worst, OTHERS_NAME + 5, scene)
        row.right(column.value, text, SEVERITY_INK[line.cells[worst].severity], bold=True)
    elif any(cell.verdict is Verdict.UNKNOWN for cell in cells):
        row.right(column.value, scene.glyphs.unknown, "unknown")
    else:
        agreeing = sum(cell.verdict is Verdict.IN_SYNC for cell in cells)
        row.right(column.value, f"= {agreeing}" if agreeing else scene.glyphs.none, "muted")


def _worst(row: Row, columns: Columns, line: SkuLine, scene: Scene) -> None:
    if columns.shows is None:
        return
    if line.worst < 0:
        text = scene.glyphs.unknown
        if not line.unknown:
            agrees = any(cell.verdict is Verdict.IN_SYNC for cell in line.cells)
            text = "=" if agrees else scene.glyphs.none
            if columns.worst is None:
                text = _level(line.master) if agrees else f"{text}/{_level(line.master)}"
        row.right(columns.shows, text, "unknown" if line.unknown else "muted")
        return
    cell = line.cells[line.worst]
    ink = SEVERITY_INK[cell.severity]
    if columns.worst is None:
        text = f"{_level(cell.reported)}/{_level(line.master)}"
        row.right(columns.shows, text if len(text) <= 9 else _level(cell.reported), ink, bold=True)
        return
    picture = scene.picture
    name = picture.surfaces[line.worst].name if picture else ""
    usual = bool(scene.column_order) and line.worst == scene.column_order[0]
    row.put(columns.worst, words.short_title(name, columns.worst_width), "muted" if usual else "text")
    row.right(columns.shows, _level(cell.reported), ink, bold=True)
    if columns.off is not None and cell.deviation is not None:
        row.right(columns.off, deviation(cell.deviation, 5), ink)


def age_of(line: SkuLine, columns: Columns, scene: Scene) -> str:
    """How long it has drifted, as the list says it; empty where it says nothing."""
    return "" if columns.since is None or line.since is None else scene.age(line.since)


def paint_since(row: Row, columns: Columns, age: str) -> None:
    """The cells of the age, whatever stood there before: of a row that only grows older nothing else is painted."""
    if columns.since is not None:
        row.fill(columns.since - _AGE + 1, columns.since + 1, " ", "text")
        row.right(columns.since, age, "muted")


def _tail(row: Row, columns: Columns, line: SkuLine, scene: Scene) -> None:
    drifting = line.severity > Severity.ORPHAN
    if columns.axis is not None:
        axis(row, columns.axis, line.cells[line.worst].deviation if line.worst >= 0 else None, line.severity, scene)
    if columns.phase is not None and drifting:
        word = line.phase.word if columns.phase_width >= 10 else _PHASES.get(line.phase, line.phase.word)
        earnest = line.phase >= Phase.PERSISTENT
        ink = "late" if line.phase is Phase.IN_FLIGHT else "text" if earnest else "muted"
        row.put(columns.phase, word, ink, bold=earnest)
    elif columns.phase is not None and line.ignored:
        row.put(columns.phase, "ignored", "muted")
    paint_since(row, columns, age_of(line, columns, scene))
    if columns.out_in is not None and drifting:
        text = words.out_in(line.out_in)
        ink = "oversell" if text == "now" else "muted" if line.out_in is None else "text"
        row.right(columns.out_in, scene.glyphs.none if text == "—" else text, ink, bold=text == "now")
    if columns.risk is not None and drifting:
        _risk(row, columns.risk, line, scene)


def _risk(row: Row, edge: int, line: SkuLine, scene: Scene) -> None:
    if line.at_risk is None:
        dangerous = line.severity in (Severity.OVER, Severity.OVERSELL)
        row.right(edge, scene.glyphs.unknown if dangerous else scene.glyphs.none, "unknown" if dangerous else "muted")
    elif not line.at_risk:
        row.right(edge, scene.glyphs.none, "muted")
    else:
        row.right(edge, words.money(line.at_risk, scene.picture.currency if scene.picture else "", 5))


_AGE: Final = 5
_SIDE: Final = 6
_FULL_AT: Final = 40  # the deviation that fills a side of the axis


def axis(row: Row, x: int, number: int | None, severity: Severity, scene: Scene) -> None:
    """How far off, on a logarithmic scale: six cells left of the line are under, six right of it over."""
    glyphs = scene.glyphs
    row.fill(x, x + _SIDE, glyphs.light, "track")
    row.put(x + _SIDE, glyphs.axis, "muted")
    row.fill(x + _SIDE + 1, x + 2 * _SIDE + 1, glyphs.light, "track")
    if not number:
        return
    halves = axis_halves(abs(number))
    ink = SEVERITY_INK[severity]
    whole = halves // 2
    if number > 0:
        row.fill(x + _SIDE + 1, x + _SIDE + 1 + whole, glyphs.heavy, ink)
        if halves % 2:
            row.put(x + _SIDE + 1 + whole, glyphs.half, ink)
    else:
        row.fill(x + _SIDE - whole, x + _SIDE, glyphs.heavy, ink)
        if halves % 2:
            row.put(x + _SIDE - whole - 1, glyphs.half_left, ink)


def axis_halves(size: int) -> int:
    """Half cells of a side of the axis that a deviation of ``size`` units fills: 1 to 12."""
    share = math.log2(size + 1) / math.log2(_FULL_AT + 1)
    return max(1, min(2 * _SIDE, round(2 * _SIDE * share)))
