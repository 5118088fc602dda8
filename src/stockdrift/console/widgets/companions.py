"""The companion strip: figures that stand beside the hero, in slots that do not move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.glyphs import Glyphs
from stockdrift.console.paint import Row
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.picture import Companion

_SLOTS: Final = {
    "out of stock": 16,
    "low stock": 12,
    "stock-outs": 13,
    "surfaces": 11,
    "pending": 15,
    "webhooks": 12,
    "API errors": 13,
    "untracked": 13,
    "at risk": 12,
}

_LOOSEST: Final = 6  # cells more than a slot needs


class Companions(Panel):
    """Three rows (rule, label, value), or two where the height is short (rule, value before label)."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        rows[0].fill(0, width, glyphs.light)
        rows[0].put(DIVIDER, glyphs.tee_up, "rule")
        picture = self.scene.picture
        if picture is None or not picture.companions:
            return rows
        figures, currency = picture.companions, picture.currency
        if height < 3:
            self._one_line(rows[1], figures, width, currency)
            return rows
        slots = [max(_SLOTS.get(figure.label, 12), _needs(figure)) for figure in figures]
        more = min(_LOOSEST, max(0, width - 2 - sum(slots)) // len(slots))
        x = 2
        for figure, slot in zip(figures, slots, strict=True):
            if x + max(cell_len(figure.label), cell_len(figure.value)) > width - 1:
                break
            rows[1].put(x, figure.label, "muted")
            value(rows[2], x, figure, glyphs, currency)
            x += slot + more
        return rows

    def _one_line(self, row: Row, figures: Sequence[Companion], width: int, currency: str) -> None:
        """As many as there is room for; those that nothing is wrong with go first, the last before the others."""
        told = [(figure, _brief(figure, self.scene.glyphs, currency)) for figure in figures]
        while told and 2 + sum(_wide(parts) + 3 for _figure, parts in told) - 3 > width - 1:
            quiet = [place for place, (figure, _parts) in enumerate(told) if not figure.tone]
            told.pop(quiet[-1] if quiet else -1)
        x = 2
        for _figure, parts in told:
            for text, ink, bold in parts:
                x = row.put(x, text, ink, bold=bold) + 1
            x += 2


_Part = tuple[str, str, bool]


def _brief(figure: Companion, glyphs: Glyphs, currency: str) -> list[_Part]:
    """Text, colour and weight of what one row has of a figure: ``18 out of stock ■ 2 live``, ``4 of 5 surfaces``."""
    text, tone, note = _said(figure, currency), figure.tone, figure.note
    label: _Part = (figure.label, "muted", False)
    if note.startswith("of "):
        return [(text, "strong", True), (note, "text", False), label]
    if tone and (not note or note.startswith((">", "<"))):
        flag = bool(note) or tone == "late"
        return [(f"{glyphs.flag if flag else glyphs.tone(tone)} {text}", tone, True), label]
    if tone:
        return [(text, "strong", True), label, (f"{glyphs.tone(tone)} {note}", tone, False)]
    said: _Part = (text, "strong", True)
    return [label, said] if text[:1].isalpha() else [said, label]


def _wide(parts: Sequence[_Part]) -> int:
    return sum(cell_len(text) + 1 for text, _ink, _bold in parts) - 1


def _needs(figure: Companion) -> int:
    """Cells that a slot needs for its label, and for a note that a tone's sign comes before."""
    aside = figure.note.endswith("ignored")
    said = cell_len(figure.value) + cell_len(figure.note) + 6 if aside else 0
    return max(cell_len(figure.label) + 3, said)


def value(row: Row, x: int, figure: Companion, glyphs: Glyphs, currency: str) -> None:
    """A figure with its note. A limit in the note (``> 100``) makes the figure a red flag; ``of 5`` belongs to the
    figure; other notes take the tone themselves; without a note the tone is the figure's.
    """
    text, tone = _said(figure, currency), figure.tone
    if figure.note.startswith("of "):
        row.put(row.put(x, text, "strong", bold=True) + 1, figure.note)
    elif not tone:
        nothing = text in ("—", "?") or not text.strip("0.£€$¥₹ %")
        after = row.put(x, text, "unknown" if text == "?" else "muted" if nothing else "strong", bold=not nothing)
        row.put(after + 2, figure.note, "muted")
    elif figure.note.startswith((">", "<")):
        row.put(row.put(x, f"{glyphs.flag} {text}", tone, bold=True) + 1, figure.note, "muted")
    elif figure.note:
        row.put(row.put(x, text, "strong", bold=True) + 2, f"{glyphs.tone(tone)} {figure.note}", tone)
    else:
        row.put(x, f"{glyphs.flag if tone == 'late' else glyphs.tone(tone)} {text}", tone, bold=True)


def _said(figure: Companion, currency: str) -> str:
    """The value as it is drawn: an amount of money, which the core gives as a plain number, in the store's currency."""
    if figure.label != "at risk":
        return figure.value
    try:
        return words.money(float(figure.value), currency, 9)
    except ValueError:
        return figure.value
