"""The top of a small screen: hero, composition, surfaces and cause, a line each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.widgets.drift import badge, composition, drift_words
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import (
    hero_ink,
    is_fine,
    overdue_words,
    status_glyph,
    status_ink,
    status_word,
    waits,
)
from stockdrift.stock.picture import GaugeLine, Status, SurfaceLine


class CompactTop(Panel):
    """One, two or four rows, as many as the height allows."""

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(height)]
        picture = self.scene.picture
        gauge = picture.gauge if picture else None
        self._hero(rows[0], gauge, width)
        if height > 1:
            left = max(2, (width - 3) * 12 // 77)
            composition(rows[1], self.scene, gauge if gauge and gauge.known else None, 1, left, width - 3 - left)
        if height > 2 and picture:
            self._surfaces(rows[2], width)
            self._cause(rows[3], width)
        return rows

    def _hero(self, row: Row, gauge: GaugeLine | None, width: int) -> None:
        glyphs = self.scene.glyphs
        if gauge is None or not gauge.known:
            text = "nothing known yet" if gauge is None or not gauge.tracked else "unknown: no good master read"
            row.put(1, words.cut(f"{glyphs.unknown} {text}", width - 2, glyphs.ellipsis), "unknown", bold=True)
            return
        ink = hero_ink(gauge, overdue=self.scene.missing_since is not None)
        noun = drift_words(self.scene, gauge.drifting)
        mark = "" if gauge.drifting else f"{glyphs.tone(ink)} "
        after = row.put(1, f"{mark}{words.count(gauge.drifting)} {noun}", ink, bold=True)
        edge = width
        if gauge.unknown or width >= 80:
            text = f"{glyphs.unknown} {words.count(gauge.unknown)} unk."
            if after + 2 + len(text) < width:
                edge = row.right(width - 2, text, "unknown" if gauge.unknown else "muted")
        if gauge.change is not None and gauge.drifting and width >= 60:
            change = words.signed(gauge.change) if gauge.change else "±0"
            need = sum(len(text) + 2 for text, _number, _ink in self._texts(gauge)) + len(change) + len(" in 10 min")
            if after + 5 + need < edge:  # what it is made of comes before how it came about
                after = row.put(after + 2, change, "strong", bold=True)
                after = row.put(after + 1, "in 10 min", "muted")
        self._severities(row, gauge, after, edge)

    def _texts(self, gauge: GaugeLine) -> list[tuple[str, int, str]]:
        glyphs = self.scene.glyphs
        return [
            (f"{glyphs.oversell} {words.count(gauge.oversell)} oversell", gauge.oversell, "oversell"),
            (f"{glyphs.over} {words.count(gauge.over)} over", gauge.over, "over"),
            (f"{glyphs.under} {words.count(gauge.under)} under", gauge.under, "under"),
        ]

    def _severities(self, row: Row, gauge: GaugeLine, after: int, edge: int) -> None:
        """What drifts by severity, up to and without ``edge``: words go before a number does, noughts before others;
        what is left out for all that is an ellipsis.
        """
        texts = self._texts(gauge)
        short = [(text if ink == "oversell" else _bare(text), number, ink) for text, number, ink in texts]
        bare = [(_bare(text), number, ink) for text, number, ink in texts]
        some = [one for one in bare if one[1]]
        x = after + 3 if after + 3 + _cells(texts) + 2 < edge else after + 1
        found = next((one for one in (texts, short, bare) if x + _cells(one) < edge), some)
        for text, number, ink in found:
            if x + len(text) + 2 * (ink == "oversell") >= edge:
                row.put(min(x, edge - 1), self.scene.glyphs.ellipsis, "muted")
                return
            if ink == "oversell":
                x = badge(row, x, text, quiet=not number) + 1
            else:
                x = row.put(x, text, ink if number else "muted") + 2

    def _surfaces(self, row: Row, width: int) -> None:
        scene = self.scene
        picture = scene.picture
        if picture is None:
            return
        x = 1
        fine: list[str] = []
        inked: list[tuple[str, list[tuple[str, str, bool]]]] = []
        for index in scene.surface_order:
            surface = picture.surfaces[index]
            if is_fine(surface, scene) and not surface.drifting:
                fine.append(words.short_title(surface.name, 9))
            elif surface.active:
                inked.append((status_glyph(surface, scene), self._parts(surface)))
        for glyph, parts in inked:
            need = 1 + sum(cell_len(text) + 1 for text, _ink, _bold in parts)
            if x + need > width - 1:
                row.put(min(x, width - 2), scene.glyphs.ellipsis, "muted")
                return
            x = row.put(x, glyph, parts[0][1])
            for text, ink, bold in parts:
                x = row.put(x + 1, text, ink, bold=bold)
            x += 2
        if fine and x < width - 4:
            row.put(x, f"{scene.glyphs.ok} {words.cut(' '.join(fine), width - x - 3, scene.glyphs.ellipsis)}", "ok")

    def _parts(self, surface: SurfaceLine) -> list[tuple[str, str, bool]]:
        ink = status_ink(surface, self.scene)
        loud = surface.status is Status.LATE
        parts = [(words.short_title(surface.name, 12), ink, loud)]
        if not is_fine(surface, self.scene):
            if loud and surface.lag is not None:
                behind = words.age(surface.lag)
            else:
                behind = self.scene.age(surface.next_at if surface.status is Status.ON_TIME else surface.read_at)
            parts.append((f"{behind} {status_word(surface, self.scene)}", ink, False))
        if surface.drifting:
            parts.append((words.count(surface.drifting), "over", loud))
        return parts

    def _cause(self, row: Row, width: int) -> None:
        scene = self.scene
        picture = scene.picture
        if picture is None:
            return
        edge = width - 1
        if not picture.findings or scene.calm:
            text, ink = scene.banner[1] or "Reading the master and its surfaces.", "muted"
            if scene.calm:
                missed = overdue_words(scene.read, scene)
                text, ink = (f"{missed}.", "late") if missed else waits(scene)
            row.put(1, words.cut(text, width - 2, scene.glyphs.ellipsis), "muted" if ink == "text" else ink)
            return
        finding = picture.findings[0]
        if finding.surface and finding.surface != "master" and width >= 60 and scene.replay is None:
            drifts = any(one.name == finding.surface and one.drifting for one in picture.surfaces)
            start = row.right(width - 2, "plan resync" if drifts else "read again")
            key = self.scene.key("resync-surface" if drifts else "reread")
            edge = row.right(start - 2, key, "accent", bold=True) - 2
        said = finding.said(scene.minute_of)
        lead = words.cut(finding.lead, edge - 1, scene.glyphs.ellipsis)
        after = row.put(1, lead, "strong", bold=True)
        row.put(after + 1, words.cut(said, edge - after - 1, scene.glyphs.ellipsis))


def _bare(text: str) -> str:
    return text.rpartition(" ")[0]


def _cells(texts: Sequence[tuple[str, int, str]]) -> int:
    """What they take beside each other: a pill has a cell on each side."""
    return sum(len(text) + 2 + (ink == "oversell") for text, _number, ink in texts) - 2
