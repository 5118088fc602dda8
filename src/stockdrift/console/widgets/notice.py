"""One line above the grid: a banner that stands until its cause is gone, or what the last key did."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.panel import Panel
from stockdrift.stock.remarks import RemarkKind, Told
from stockdrift.stock.rules import Scope


class Notice(Panel):
    """Shown only while there is something to say. ``remarks`` are what operators said of what the screen is about."""

    def __init__(self, scene: Scene, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, id)
        self.remarks: Sequence[Told] = ()

    @property
    def wanted(self) -> bool:
        """Whether there is something to say."""
        return bool(self.scene.message or self.scene.banner[1] or self.remarks)

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """The banner as a filled line; a message quietly."""
        scene = self.scene
        ink, text = scene.banner
        row = self.row(width)
        if text and not scene.message:
            row = Row(scene.theme, width, on=ink)
            row.put(1, f"{scene.glyphs.tone(ink)} {words.cut(text, width - 4, scene.glyphs.ellipsis)}", "background",
                    bold=True)  # fmt: skip
        elif scene.message:
            after = row.put(1, f"{scene.glyphs.actor} ", "accent", bold=True)
            row.put(after, words.cut(scene.message, width - after - 1, scene.glyphs.ellipsis), "strong")
        elif self.remarks:
            after = row.put(1, f"{scene.glyphs.actor} ", "accent", bold=True)
            text = remarks_text(self.remarks, scene)
            row.put(after, words.cut(text, width - after - 1, scene.glyphs.ellipsis), "text")
        return [row]


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
