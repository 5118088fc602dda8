"""What can be done about a SKU: each key with what it would do here, and what holds now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from stockdrift.console import words
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.sku_hero import SkuPanel
from stockdrift.stock.picture import LevelLine, SkuPicture, Verdict
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.words import several

_LABEL: Final = 6
_VALUE: Final = 21


def worst_of(sku: SkuPicture) -> LevelLine | None:
    """Where it is worst; None where it drifts nowhere."""
    return sku.levels[sku.line.worst] if sku.line.worst >= 0 else None


def resync_words(worst: LevelLine | None) -> str:
    """From what is shown to what should be, where it drifts most."""
    if worst is None or worst.cell.verdict not in (Verdict.DRIFTED, Verdict.IN_FLIGHT):
        return "nothing drifts"
    shown, due = worst.cell.reported, worst.cell.expected
    name = words.title(worst.surface)
    if not isinstance(shown, int) or due is None:
        return f"{name} {shown}"
    return f"{name} {words.count(shown)} to {words.count(due)}"


class SkuActionsPanel(SkuPanel):
    """Six rows below a title. ``buffer`` are the units held back where it is worst, ``link`` the address of the SKU in
    the control panel.
    """

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.buffer = 0
        self.link = ""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs = self.scene.glyphs
        start = 0 if self.region.x == 0 else -1
        title_rule(rows[0], start, width, "Actions", light=glyphs.light, heavy=glyphs.heavy)
        if self.sku is None:
            return rows
        for row, (key, label, value) in zip(rows[1:], self._facts(worst_of(self.sku)), strict=False):
            row.put(2, key, "accent", bold=True)
            row.put(_LABEL, label, "text")
            row.put(_VALUE, words.cut(value, width - _VALUE - 1, glyphs.ellipsis), "muted")
        return rows

    def _facts(self, worst: LevelLine | None) -> Sequence[tuple[str, str, str]]:
        sku, key = self.sku, self.scene.key
        if sku is None:
            return ()
        known = sku.line.said(RemarkKind.ACKNOWLEDGE)
        tolerance = worst.tolerance if worst is not None else sku.levels[0].tolerance if sku.levels else ""
        host = urlsplit(self.link).hostname or "" if self.link else "no link in the settings"
        place = words.title(worst.surface) if worst is not None else "any surface"
        return (
            (key("resync"), "plan resync", resync_words(worst)),
            (
                key("contain"),
                "contain",
                f"{place} to 0",
            ),
            (key("tolerance"), "tolerance", tolerance),
            (key("buffer"), "safety buffer", several(self.buffer, "unit")),
            (key("acknowledge"), "acknowledge", f"by {known.by}" if known is not None else ""),
            (key("link"), "open panel", host),
        )


class DoingPanel(SkuPanel):
    """The same in the preview: four rows below a title."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        glyphs, key, sku = self.scene.glyphs, self.scene.key, self.sku
        title_rule(rows[0], -1, width, "What you can do", light=glyphs.light, heavy=glyphs.heavy)
        if sku is None:
            return rows
        worst = worst_of(sku)
        place = words.title(worst.surface) if worst is not None else "any surface"
        tolerance = (worst or sku.levels[0]).tolerance.split(",")[0] if sku.levels else ""
        facts = (
            (key("resync"), f"plan resync: {resync_words(worst)}"),
            (key("contain"), f"contain: {place} to 0"),
            (key("tolerance"), f"tolerance of this SKU, now {tolerance}"),
            (key("open"), "open the SKU"),
        )
        for row, (name, said) in zip(rows[1:], facts, strict=False):
            row.put(2, name, "accent", bold=True)
            row.put(8, words.cut(said, width - 10, glyphs.ellipsis), "text")
        return rows
