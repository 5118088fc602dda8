"""How levels went, as steps: braille dots where the terminal has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from stockdrift.console import words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.sku_hero import SkuPanel
from stockdrift.console.widgets.tones import SEVERITY_INK
from stockdrift.stock.picture import SkuPicture, Verdict

Steps = Sequence[tuple[int, int | None]]

_LEFT, _RIGHT = 5, 17  # cells left and right of the plot
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column of a cell
_DAY: Final = 86_400_000
_MINUTES: Final = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)


class StepPlot(SkuPanel):
    """Title, plot, times. To its right stands what the master says now, and what the worst surface shows."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        sku, scene = self.sku, self.scene
        glyphs = scene.glyphs
        title_rule(rows[0], 0, width, "Level of the master", light=glyphs.light)
        rows[0].put(DIVIDER, glyphs.tee_up, "rule")
        plot = rows[2 : height - 1]
        cells = width - _LEFT - _RIGHT
        steps = [(name, line) for name, line in sku.steps if line] if sku else []
        if sku is None or not steps or len(plot) < 3 or cells < 10:
            return rows
        values = [value for _name, line in steps for _at, value in line if value is not None]
        now = _levels_now(sku)
        low = min(0, *values, *(value for value, _label, _ink in now))
        top = max([*values, *(value for value, _label, _ink in now), low + 4])
        begin = max(min(line[0][0] for _name, line in steps), scene.now - _DAY)
        span = max(60_000, scene.now - begin)
        for value in _ticks(low, top):
            row = plot[_row_of(value, low, top, len(plot))]
            row.fill(_LEFT, _LEFT + cells, glyphs.dotted, "track")
            row.right(_LEFT - 2, words.short(value, 4), "muted")
        for _name, line in steps:
            dots = trace(line, begin, span, low, top, cells, len(plot))
            for y, row in enumerate(plot):
                for x, bits in enumerate(dots[y]):
                    if bits:
                        row.put(_LEFT + x, chr(0x2800 + bits) if glyphs.braille else glyphs.heavy, "strong")
        self._labels(plot, now, low, top, _LEFT + cells + 1)
        _times(rows[height - 1], begin, span, cells, scene.zone)
        return rows

    def _labels(self, plot: Sequence[Row], now: Sequence[tuple[int, str, str]], low: int, top: int, x: int) -> None:
        taken: set[int] = set()
        for value, label, ink in now:
            y = _row_of(value, low, top, len(plot))
            while y in taken and y > 0:
                y -= 1
            taken.add(y)
            plot[y].put(x, words.cut(f"{words.short(value, 5)} {label}", _RIGHT - 2), ink, bold=True)


def _levels_now(sku: SkuPicture) -> list[tuple[int, str, str]]:
    found = []
    if isinstance(sku.line.master, int):
        found.append((sku.line.master, "master", "strong"))
    if sku.line.worst >= 0:
        level = sku.levels[sku.line.worst]
        if isinstance(level.cell.reported, int) and level.cell.verdict is not Verdict.UNKNOWN:
            found.append((level.cell.reported, words.short_title(level.surface, 10), SEVERITY_INK[level.cell.severity]))
    return found


def _row_of(value: float, low: int, top: int, rows: int) -> int:
    return rows - 1 - round((value - low) / (top - low) * (rows - 1))


def _ticks(low: int, top: int) -> list[int]:
    step = next(size * 10**power for power in range(10) for size in (1, 2, 5) if (top - low) <= 4 * size * 10**power)
    return list(range(-(-low // step) * step, top + 1, step))


def trace(line: Steps, begin: int, span: int, low: int, top: int, cells: int, rows: int) -> list[list[int]]:
    """The braille bits of a step line: per row, per cell. A level that was not counted leaves a gap."""
    bits = [[0] * cells for _ in range(rows)]
    width, height = cells * 2, rows * 4
    before: int | None = None
    for index, (at, value) in enumerate(line):
        until = line[index + 1][0] if index + 1 < len(line) else begin + span
        if value is None or until < begin:
            before = None
            continue
        start = max(0, min(width - 1, (max(at, begin) - begin) * (width - 1) // span))
        stop = max(start, min(width - 1, (until - begin) * (width - 1) // span))
        y = height - 2 - round((value - low) / (top - low) * (height - 2))
        for x in range(start, stop + 1):
            _dot(bits, x, y)
            _dot(bits, x, y + 1)
        if before is not None:
            for between in range(min(before, y), max(before, y) + 2):
                _dot(bits, start, between)
        before = y
    return bits


def _dot(bits: list[list[int]], x: int, y: int) -> None:
    bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]


def _times(row: Row, begin: int, span: int, cells: int, zone: tzinfo | None) -> None:
    step = next((minutes for minutes in _MINUTES if span / (minutes * 60_000) <= 6), 1440) * 60_000
    local = datetime.fromtimestamp(begin / 1000, zone) if zone else datetime.fromtimestamp(begin / 1000).astimezone()
    offset = local.utcoffset()
    shift = round(offset.total_seconds() * 1000) if offset else 0
    at = -(-(begin + shift) // step) * step - shift
    while at <= begin + span:
        x = _LEFT + round((at - begin) / span * (cells - 1)) - 2
        if _LEFT <= x <= _LEFT + cells - 5:
            row.put(x, words.minute(at, zone), "muted")
        at += step
