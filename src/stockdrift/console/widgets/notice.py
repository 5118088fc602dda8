"""What stands above the grid: a banner until its cause is gone, or what the last key did; in a line or a few more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.cause import flow
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.remarks import RemarkKind, Told
from stockdrift.stock.rules import Scope

_TEXT: Final = 3
_MARGIN: Final = 4
_MOST: Final = 3
"""Rows, at most."""


class Notice(Panel):
    """Shown only while there is something to say. ``remarks`` are what operators said of what the screen is about."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.remarks: Sequence[Told] = ()

    @property
    def wanted(self) -> bool:
        """Whether there is something to say."""
        return bool(self.scene.message or self.scene.banner[1] or self.remarks)

    def lines(self, width: int) -> int:
        """How many rows it needs: a sentence is not cut before its point."""
        text = self.scene.message or self.scene.banner[1]  # remarks are one line, and stand whole elsewhere
        if cell_len(text) <= width - _MARGIN:
            return 1
        rows = [Row(self.scene.theme, width) for _ in range(_MOST)]
        return flow(rows, 0, _TEXT, width - 1, [(text, "text", False)], _MOST, self.scene.glyphs.ellipsis)

    def _said(self) -> tuple[str, str, str]:
        """What is to be said: the ink of the line where it is filled, its glyph, the text."""
        scene = self.scene
        ink, text = scene.banner
        if text and not scene.message:
            return ink, scene.glyphs.tone(ink), text
        return "", scene.glyphs.actor, scene.message or remarks_text(self.remarks, scene)

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The banner as filled lines; a message quietly."""
        scene = self.scene
        on, glyph, text = self._said()
        rows = [Row(scene.theme, width, on=on) if on else self.row(width) for _ in range(height)]
        if text:
            rows[0].put(1, glyph, "background" if on else "accent", bold=True)
            ink = "background" if on else "strong" if scene.message else "text"
            if height == 1:
                rows[0].put(_TEXT, words.cut(text, width - _MARGIN, scene.glyphs.ellipsis), ink, bold=bool(on))
            else:
                flow(rows, 0, _TEXT, width - 1, [(text, ink, bool(on))], height, scene.glyphs.ellipsis)
        return rows


def remarks_text(remarks: Sequence[Told], scene: Scene) -> str:
    """Who said what, until when and why, of all of them, the notes first."""
    ordered = sorted(remarks, key=lambda told: told.kind is not RemarkKind.NOTE)
    return "; ".join(_said(told, scene) for told in ordered)


def _said(told: Told, scene: Scene) -> str:
    remark, zone = told.remark, scene.zone
    when = scene.minute_of(remark.since)
    where = f" on {words.title(told.scope.surface)}" if told.scope.sku and told.scope.surface else ""
    if told.kind is RemarkKind.NOTE:
        about = "" if told.scope == Scope() else f" on {told.scope.sku or words.title(told.scope.surface)}"
        return f"{remark.by} {when}{about}: {remark.text}"
    until = "" if remark.until is None else f" until {words.day(remark.until, zone)} {words.minute(remark.until, zone)}"
    why = f": {remark.text}" if remark.text else ""
    return f"{told.kind.done}{where} by {remark.by} {when}{until}{why}"
