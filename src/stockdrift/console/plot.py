"""Plots as cells: levels as steps, ages as an area. Values in, cells out; nothing here knows a screen.

A cell has eight dots, two by four, as braille has; it has one colour, so it belongs to one line. Signs are braille, or
half blocks, or ASCII: each is made of the same dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from msgspec import Struct

from stockdrift.console import words

Steps = Sequence[tuple[int, int | None]]
"""Since when (ms, ascending) it holds, and the quantity; None where there is none, or where it is not known."""

DOTS: Final = 4
"""Rows of dots in a cell; its columns are two."""

_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row from the top, and column (Unicode)
_UPPER, _LOWER = 0x1B, 0xE4  # the dots of a cell's halves
_THICK: Final = 2  # dots
_ASCII: Final = "=-~."  # by line
_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
_ROUND: Final = (1, 2, 5)


class Brush(Enum):
    """Of what signs a plot is made."""

    BRAILLE = auto()
    BLOCK = auto()
    ASCII = auto()


class Cell(Struct):
    """``bits`` are its dots, ``line`` whose they are; ``run`` where that line goes along in it, not only across."""

    bits: int
    line: int
    run: bool

    def sign(self, brush: Brush) -> str:
        """One character."""
        if brush is Brush.BRAILLE:
            return chr(0x2800 + self.bits)
        if brush is Brush.ASCII:
            return _ASCII[self.line % len(_ASCII)] if self.run else "|"
        if not self.run:
            return "|"
        return "█" if self.bits & _UPPER and self.bits & _LOWER else "▀" if self.bits & _UPPER else "▄"


Canvas = list[list[Cell | None]]
"""Rows from the top, cells from the left."""


class Scale(Struct, frozen=True):
    """Values from ``low`` to ``top`` on ``rows`` rows of cells. A unit is a row or more where so many fit, else three
    dots.
    """

    low: int
    top: int
    rows: int

    def dot(self, value: float) -> int:
        """The lower dot of a line at ``value``, counted from below; it and the one above lie in one cell."""
        room, span = DOTS * self.rows, self.top - self.low
        unit = (room - _THICK) / max(1, span)
        if unit < DOTS and (span + 1) * 3 <= room:
            unit = 3
        place = min(max(0, round((value - self.low) * unit)), room - _THICK)
        return place - 1 if place % DOTS == DOTS - 1 else place

    def row(self, value: float) -> int:
        """The row, from the top, of a line at ``value``."""
        return self.rows - 1 - self.dot(value) // DOTS


def ticks(low: int, top: int, most: int = 4) -> list[int]:
    """Round values from ``low`` to ``top``, about ``most`` of them."""
    step = next(
        size * 10**power for power in range(20) for size in _ROUND if (top - low) <= max(1, most) * size * 10**power
    )
    return list(range(-(-low // step) * step, top + 1, step))


def time_ticks(begin: int, end: int, zone: tzinfo | None, most: int = 6) -> list[int]:
    """Round times (ms) of the zone from ``begin`` to ``end``, at most about ``most`` of them."""
    span = max(1, end - begin)
    step = next((minutes for minutes in _MINUTES if span / (minutes * 60_000) <= most), 1440) * 60_000
    shift = words.utc_offset(begin, zone)
    return list(range(-(-(begin + shift) // step) * step - shift, end + 1, step))


def window(begin: int, now: int, halves: int, least: int) -> tuple[int, int]:
    """From when to when (ms) to draw on ``halves`` half cells, so that all from ``begin`` to ``now`` is in it.

    Each half cell is a round stretch of time, and the end goes on by whole stretches: what did not change stands still,
    also while the plot still grows.
    """
    halves = max(1, halves)
    stretch = max(1, -(-max(least, now - begin) // max(1, halves - 1)))
    grain = 1 << max(0, stretch.bit_length() - 5)
    stretch = -(-stretch // grain) * grain
    end = -(-now // stretch) * stretch
    return end - halves * stretch, end


def place(at: int, begin: int, end: int, width: int) -> int:
    """In which of ``width`` equal stretches from ``begin`` to ``end`` the moment lies; the ends take what lies outside.

    Later moments never lie further left.
    """
    return max(0, min(width - 1, (at - begin) * width // max(1, end - begin)))


def steps_on(lines: Sequence[Steps], begin: int, end: int, scale: Scale, width: int) -> Canvas:
    """Draws ``lines``, the one that matters most first, on ``width`` cells.

    A level that is not known leaves a gap. Two levels that differ and would share a cell are drawn in neighbouring
    ones, the higher above: a cell has one colour. Where lines cross, the one that runs along has the cell; of two, the
    first.
    """
    tracks = [_runs(line, begin, end, width) for line in lines]
    held: list[set[tuple[int, int]]] = [set() for _ in range(width)]  # line and level, by column
    for line, track in enumerate(tracks):
        for first, stop, value, _joined in track:
            for column in range(first // 2, stop // 2 + 1):
                held[column].add((line, value))
    moved = [_apart(here, scale) for here in held]
    canvas: Canvas = [[None] * width for _ in range(scale.rows)]
    for line, track in enumerate(tracks):
        before: int | None = None
        last = -1
        for first, stop, value, joined in track:
            for half in range(first, stop + 1):
                dot = moved[half // 2].get(value, scale.dot(value))
                if before is not None and (half > first or joined) and half - last <= 1 and before != dot:
                    _across(canvas, half, before, dot, line, scale.rows)
                for thick in range(_THICK):
                    _set(canvas, half, dot + thick, line, scale.rows, run=True)
                before, last = dot, half
    return canvas


def _runs(line: Steps, begin: int, end: int, width: int) -> list[tuple[int, int, int, bool]]:
    """First and last half-column of each known level, the level, and whether it follows the one before at once."""
    found: list[tuple[int, int, int, bool]] = []
    joined = False
    for index, (at, value) in enumerate(line):
        until = min(line[index + 1][0], end) if index + 1 < len(line) else end
        if until <= begin or at >= end:
            joined = value is not None and until > begin
            continue
        if value is not None:
            found.append((place(max(at, begin), begin, end, 2 * width), place(until - 1, begin, end, 2 * width), value,
                          joined and at > begin))  # fmt: skip
        joined = value is not None
    return found


def _apart(here: set[tuple[int, int]], scale: Scale) -> dict[int, int]:
    """Where the levels of one column lie that cannot lie in their own cell; ``here`` are lines and levels.

    The line that matters most stays; the others make way, upwards where they are higher, else downwards.
    """
    values = sorted({value for _, value in here})
    cells = {value: scale.dot(value) // DOTS for value in values}
    shared = any(
        cells[value] == cells[other] and value != other and line != neighbour
        for line, value in here
        for neighbour, other in here
    )
    if not shared or len(values) > scale.rows:
        return {}
    wanted = dict(cells)
    anchor = values.index(min(here)[1])
    for lower, value in pairwise(values[anchor:]):
        wanted[value] = max(wanted[value], wanted[lower] + 1)
    for higher, value in pairwise(values[anchor::-1]):
        wanted[value] = min(wanted[value], wanted[higher] - 1)
    room, floor = scale.rows - 1, 0
    for value in reversed(values):
        wanted[value] = min(wanted[value], room)
        room = wanted[value] - 1
    for value in values:
        wanted[value] = max(wanted[value], floor)
        floor = wanted[value] + 1
    return {
        value: DOTS * row + (0 if row > cells[value] else _THICK)
        for value, row in wanted.items()
        if row != cells[value]
    }


def _across(canvas: Canvas, half: int, start: int, stop: int, line: int, rows: int) -> None:
    low, high = sorted((start, stop))
    for dot in range(low, high + _THICK):
        _set(canvas, half, dot, line, rows, run=False)


def _set(canvas: Canvas, half: int, dot: int, line: int, rows: int, *, run: bool) -> None:
    row, column = rows - 1 - dot // DOTS, half // 2
    bit = _BITS[DOTS - 1 - dot % DOTS][half % 2]
    cell = canvas[row][column]
    if cell is None:
        canvas[row][column] = Cell(bit, line, run)
        return
    cell.bits |= bit
    if cell.line == line:
        cell.run = cell.run or run
    elif (run, -line) > (cell.run, -cell.line):
        cell.line, cell.run = line, run


BEYOND, WITHIN = 0, 1
"""Whose the cells of :func:`area_on` are. What is beyond comes first: it may not be taken for what is allowed."""


def area_on(values: Sequence[int | None], allowed: int, top: int, width: int, rows: int) -> Canvas:
    """Ages (ms, two for each of ``width`` cells) as a line from 0 to ``top``; what lies above ``allowed`` is filled.

    An age that is not known leaves a gap.
    """
    canvas: Canvas = [[None] * width for _ in range(rows)]
    most = DOTS * rows - 1
    bound = round(allowed / max(1, top) * most)
    before: int | None = None
    for half, value in enumerate(values[: 2 * width]):
        if value is None:
            before = None
            continue
        dot = min(most, round(max(0, value) / max(1, top) * most))
        beyond = value > allowed
        start = dot if before is None else before
        lowest, highest = min(dot, start), max(dot, start)
        if beyond:
            lowest = min(lowest, bound)
        for height in range(lowest, highest + 1):
            part = BEYOND if beyond and height >= bound else WITHIN
            _set(canvas, half, height, part, rows, run=True)
        before = dot
    return canvas
