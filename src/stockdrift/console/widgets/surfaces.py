"""Surfaces: who is how far behind, how much of it is allowed, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message

from stockdrift.console import words
from stockdrift.console.geometry import SurfaceColumns, surface_columns
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import is_fine, status_glyph, status_ink, status_word
from stockdrift.stock.picture import Status, SurfaceLine

_BAR, _BEYOND = 7, 4  # cells up to what is allowed, and past it


class SurfacesPanel(Panel):
    """A title, the column heads and a row for each surface that fits; more are reached by moving the cursor."""

    class Chosen(Message):
        """A surface was clicked or scrolled to; ``place`` is its place in the panel's order. ``opened`` by a second
        click.
        """

        def __init__(self, place: int, *, opened: bool = False) -> None:
            super().__init__()
            self.place = place
            self.opened = opened

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        scene, glyphs = self.scene, self.scene.glyphs
        order = scene.surface_order
        shown = height - 2
        top = self._top(shown)
        right = "shortest allowance first" if scene.calm else "worst first"
        if len(order) > shown:
            right += f"   {top + 1}–{min(top + shown, len(order))} of {len(order)}"
        focused = scene.focus == "surfaces"
        title = scene.tense("Surfaces", "Surfaces, as they stood")
        title_rule(rows[0], -1, width, title, right, focused=focused, light=glyphs.light, heavy=glyphs.heavy)
        columns = surface_columns(width, calm=scene.calm, roomy=scene.roomy)
        _heads(rows[1], columns)
        if scene.picture is None:
            return rows
        for y, place in enumerate(range(top, min(top + shown, len(order)))):
            if focused and place == scene.surface_cursor:
                row = rows[2 + y] = self.row(width, "cursor")
                row.put(0, glyphs.cursor, "accent")
            self._surface(rows[2 + y], scene.picture.surfaces[order[place]], columns)
        return rows

    def _top(self, shown: int) -> int:
        scene = self.scene
        scene.surface_top = max(0, min(scene.surface_top, len(scene.surface_order) - shown))
        if scene.focus == "surfaces":
            scene.surface_top = min(scene.surface_top, scene.surface_cursor)
            scene.surface_top = max(scene.surface_top, scene.surface_cursor - shown + 1)
        return scene.surface_top

    def on_click(self, event: Click) -> None:
        """Says which surface was clicked."""
        place = self.scene.surface_top + event.y - 2
        if event.y >= 2 and place < len(self.scene.surface_order):
            self.post_message(self.Chosen(place, opened=event.chain > 1))

    def on_mouse_scroll_down(self, _event: MouseScrollDown) -> None:
        """The next one."""
        self._scroll(1)

    def on_mouse_scroll_up(self, _event: MouseScrollUp) -> None:
        """The one before."""
        self._scroll(-1)

    def _scroll(self, by: int) -> None:
        if self.scene.surface_order:
            place = self.scene.surface_cursor + by
            self.post_message(self.Chosen(max(0, min(place, len(self.scene.surface_order) - 1))))

    def _surface(self, row: Row, surface: SurfaceLine, columns: SurfaceColumns) -> None:
        scene = self.scene
        ink = status_ink(surface, scene)
        fine = surface.status is Status.OFF or is_fine(surface, scene)
        row.put(1, status_glyph(surface, scene), ink)
        name = words.short_title(surface.name, columns.name_width)
        after = row.put(columns.name, name, "text" if fine else "strong", bold=not fine)
        kind = words.kind_word(surface.kind)
        if kind and after + 1 + len(kind) <= columns.name + columns.name_width:
            row.put(after + 1, kind, "muted")
        row.right(columns.read, scene.age(surface.read_at), "text" if fine else ink)
        times = [at for at in (surface.read_at, surface.as_of) if at is not None]
        allowance(row, columns.bar, self, min(times, default=None), surface.allowed, ink)
        row.put(columns.word, status_word(surface, scene), ink)
        row.right(columns.lag, words.age(surface.lag), "late" if surface.status is Status.LATE else "muted")
        _figure(row, columns.drift, surface.drifting, self.scene.glyphs.unknown, "over", bold=not fine)
        if surface.pending is None:
            row.right(columns.pending, scene.glyphs.none, "muted")
        else:
            _figure(row, columns.pending, surface.pending, scene.glyphs.unknown, "text")
        self._costs(row, surface, columns)

    def _costs(self, row: Row, surface: SurfaceLine, columns: SurfaceColumns) -> None:
        scene = self.scene
        if columns.errors is not None:
            _figure(row, columns.errors, surface.errors_hour, scene.glyphs.unknown, "text")
        if columns.budget is not None:
            used = surface.budget
            text = scene.glyphs.none if used is None else f"{round(used * 100)} %"
            row.right(columns.budget, text, "text" if used is not None and used >= 0.9 else "muted")
        if columns.next_read is not None:
            if surface.next_at is None:
                row.right(columns.next_read, scene.glyphs.none, "muted")
            else:
                missed = scene.missed(surface)
                said = scene.age(surface.next_at) if missed else scene.left(surface.next_at)
                start = row.right(columns.next_read, said, "late" if missed else "text")
                row.right(start - 2, "due" if missed else "in", "late" if missed else "muted")


def _heads(row: Row, columns: SurfaceColumns) -> None:
    row.put(columns.name, "surface", "muted")
    row.right(columns.read, "read", "muted")
    row.put(columns.bar, "age of allowed", "muted")
    for edge, text in (
        (columns.lag, "lag"),
        (columns.drift, "drift"),
        (columns.pending, "pending"),
        (columns.errors, "err/h"),
        (columns.budget, "budget"),
        (columns.next_read, "next read"),
    ):
        if edge is not None:
            row.right(edge, text, "muted")


def _figure(row: Row, edge: int, number: int | None, unknown: str, ink: str, *, bold: bool = False) -> None:
    if number is None:
        row.right(edge, unknown, "unknown")
    else:
        row.right(edge, words.short(number, 6), ink if number else "muted", bold=bold and number > 0)


def allowance(row: Row, x: int, panel: Panel, since: int | None, allowed: int, ink: str) -> None:
    """The bar of an age from ``since`` on: seven cells are what is ``allowed`` (ms), each past the line one allowance
    more, in steps of half a cell.
    """
    scene, glyphs = panel.scene, panel.scene.glyphs
    row.fill(x, x + _BAR, glyphs.light, "track")
    allowed = max(1, allowed)
    age = 0 if since is None else max(0, scene.moment - since)
    share = age / allowed
    if since is not None:
        quarters = 4 * _BAR * age // allowed  # of a cell: rounded to halves, the bar changes at some of them
        scene.holds(since - -(quarters + 1) * allowed // (4 * _BAR))
    beyond = share > 1
    row.put(x + _BAR, glyphs.line if beyond else glyphs.axis, "strong" if beyond else "muted", bold=beyond)
    ink = "late" if beyond and ink == "ok" else ink  # green never reaches past the line
    _bar(row, x, round(2 * _BAR * min(share, 1)), panel, ink)
    if beyond:
        row.fill(x + _BAR + 1, x + _BAR + 1 + _BEYOND, glyphs.light, "track")
        _bar(row, x + _BAR + 1, round(2 * min(share - 1, _BEYOND)), panel, ink)


def _bar(row: Row, x: int, halves: int, panel: Panel, ink: str) -> None:
    row.fill(x, x + halves // 2, panel.scene.glyphs.heavy, ink)
    if halves % 2:
        row.put(x + halves // 2, panel.scene.glyphs.half, ink)
