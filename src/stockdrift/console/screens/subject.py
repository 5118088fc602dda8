"""What the keys of the first screen are about: what is marked, what is under the cursor, a surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stockdrift.console import words
from stockdrift.console.screens.acting import ActingKeys
from stockdrift.console.screens.saying import MOST_SAID, Saying
from stockdrift.stock.picture import Severity, SkuLine
from stockdrift.stock.rules import Scope

MOST_COPIED: Final = 1_000
"""SKUs that the clipboard is offered at once."""


class Subject(Saying, ActingKeys):
    """The marked SKUs, else the one under the cursor; the surface in focus, else the one that is worst."""

    def rows_meant(self) -> Sequence[int]:
        """The marked SKUs, else the one under the cursor."""
        listing = self.scene.listing
        return listing.marked.tolist() or ([] if listing.row is None else [listing.row])

    def surface_in_focus(self) -> bool:
        """Whether the surfaces have the focus."""
        return self.scene.focus == "surfaces"

    def hidden(self) -> int:
        """Marked SKUs that are not in the list."""
        listing = self.scene.listing
        return len(listing.marks) - listing.marks_listed

    def skus_meant(self) -> Sequence[str]:
        """The marked SKUs, else the one under the cursor; none where the surfaces have the focus."""
        return [line.sku for line in self._lines_meant()]

    def _lines_meant(self) -> Sequence[SkuLine]:
        model = self.scene.model
        return [] if model is None or self.scene.focus == "surfaces" else model.lines(self.rows_meant()[:MOST_SAID])

    def drifts(self) -> bool:
        """Whether any of these does."""
        return any(line.severity is not Severity.NONE for line in self._lines_meant())

    def surface_meant(self) -> str:
        """The surface in focus, else the one that is worst."""
        surface = self.scene.surface if self.scene.focus == "surfaces" else None
        return self.surface_to_read() if surface is None else surface.name

    def too_many(self) -> bool:
        """Whether more are marked than something is said of at once."""
        return self.scene.focus != "surfaces" and len(self.scene.listing.marks) > MOST_SAID

    def action_surface(self) -> None:
        """Opens the surface in focus, or the one that is worst."""
        surface = self.scene.surface if self.scene.focus == "surfaces" else None
        name = surface.name if surface is not None else self.surface_to_read()
        if name:
            self.console_app.open_surface(name)

    def action_copy(self) -> None:
        """Gives the marked SKUs, a line each, or the one under the cursor to the terminal's clipboard."""
        rows, model = self.rows_meant(), self.scene.model
        if model is not None and len(rows) > MOST_COPIED:
            self.say(f"Not copied: more than {words.count(MOST_COPIED)} SKUs are marked")
        elif model is not None and rows:
            skus = [line.sku for line in model.lines(rows)]
            self.console_app.copy("\n".join(skus), skus[0] if len(skus) == 1 else f"{words.count(len(skus))} SKUs")

    def action_export(self) -> None:
        """Writes the marked SKUs, or the list as it stands, with its filter and its order."""
        listing = self.scene.listing
        if not len(listing.rows) and not len(listing.marks):
            self.say("Nothing is listed: nothing to export")
        else:
            self.console_app.export()

    def action_tune(self) -> None:
        """What another tolerance would do, of the surface in focus, else of the store."""
        surface = self.scene.surface if self.scene.focus == "surfaces" else None
        self.console_app.open_tuner(Scope(surface.name if surface else ""))

    def action_tolerance(self, by: int) -> None:
        """Of the surface in focus, else of the store."""
        surface = self.scene.surface if self.scene.focus == "surfaces" else None
        self.console_app.change_tolerance(Scope(surface.name if surface else "", ""), by)

    def surface_to_read(self) -> str:
        """The surface in focus, else the one that the causes name first, else the worst; empty where none is read."""
        scene = self.scene
        if scene.picture is None:
            return ""
        if scene.focus == "surfaces" and scene.surface is not None:
            return scene.surface.name if scene.surface.active else ""
        for finding in scene.picture.findings:
            if finding.surface:
                return finding.surface
        for index in scene.surface_order:
            if scene.picture.surfaces[index].active:
                return scene.picture.surfaces[index].name
        return ""

    def action_reread(self) -> None:
        """Asks for a fresh reading of the surface in focus, or of the one that is worst."""
        name = self.surface_to_read()
        if name:
            self.console_app.reread(name, words.title(name))
