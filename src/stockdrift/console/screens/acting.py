"""Keys that lead to a plan: resync, contain, and the record of all that was done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stockdrift.console import words
from stockdrift.console.screens.base import PanelScreen
from stockdrift.stock.picture import Severity, SkuLine, Verdict
from stockdrift.stock.reading import MASTER

MOST_PLANNED: Final = 5_000
"""SKUs that are planned by name at once; a whole surface has no such limit."""


class ActingKeys(PanelScreen):
    """A screen says which SKUs and which surface its keys mean."""

    def rows_meant(self) -> Sequence[int]:
        """The catalogue rows of the SKUs that a key is about: the marked ones, or the one under the cursor."""
        raise NotImplementedError

    def surface_meant(self) -> str:
        """The surface that a key is about: the one in focus, or the worst; empty where there is none."""
        raise NotImplementedError

    def acting_label(self, label: str) -> str | None:
        """The footer's label of a key that leads to a plan, which a console that may not write shows as well; None
        where it has nothing to plan.
        """
        return label if self.rows_meant() else None

    def action_resync(self) -> None:
        """Plans to bring the SKUs meant to what they should show, on the surfaces where they drift."""
        lines = self._lines()
        if not lines:
            return
        drifting: dict[str, list[str]] = {}
        settled = []
        for line in lines:
            found = [name for name, cell in zip(self._surfaces(), line.cells, strict=True) if cell.severity]
            for name in found:
                drifting.setdefault(name, []).append(line.sku)
            if not found:
                settled.append(line.sku)
        if not drifting:
            self.say(f"{self._none_of(lines)} known to drift{self._in_sync(lines)}: there is nothing to resync")
            return
        danger = {name: max(self._severity(lines, name), default=Severity.NONE) for name in drifting}
        order = sorted(drifting, key=lambda name: (-danger[name], -len(drifting[name])))
        drifting[order[0]] += settled  # the plan says why they are left out
        self._open_plan("resync", [(name, drifting[name]) for name in order], "all of these")

    def _none_of(self, lines: Sequence[SkuLine]) -> str:
        count = f"{words.count(len(lines))} marked SKUs"
        return f"{lines[0].sku} is not" if len(lines) == 1 else f"None of the {count} is"

    def _in_sync(self, lines: Sequence[SkuLine]) -> str:
        """What became of SKUs that do not drift, any more perhaps: those that are in sync now."""
        agree = sum(not line.unknown and any(one.verdict is Verdict.IN_SYNC for one in line.cells) for line in lines)
        if not agree:
            return ""
        return ", and is in sync" if len(lines) == 1 else f", {words.count(agree)} in sync"

    def action_resync_surface(self) -> None:
        """Plans the same for all that drifts on the surface meant."""
        name = self.surface_meant()
        if name == MASTER:
            self.say("The master is what all others are brought to: go to a surface first")
        elif name:
            self._open_plan("resync", [(name, ())], "")
        else:
            self.say("No surface is meant: go to one first")

    def action_contain(self) -> None:
        """Plans to set the SKUs meant to 0 on a surface, or on all but the master."""
        lines = self._lines()
        if lines:
            first, picture = self.surface_meant(), self.scene.picture
            active = [line.name for line in picture.surfaces if line.active] if picture else []
            if len(lines) == 1 and lines[0].worst >= 0 and not self.surface_in_focus():
                first = self._surfaces()[lines[0].worst]
            order = sorted(active, key=lambda name: name != first)
            self._open_plan("contain", [(name, [line.sku for line in lines]) for name in order], "all but the master")

    def action_actions(self) -> None:
        """Who wrote and said what, when and why."""
        self.console_app.open_actions()

    def surface_in_focus(self) -> bool:
        """Whether the operator stands on a surface, and means it."""
        return False

    def _surfaces(self) -> Sequence[str]:
        return [line.name for line in self.scene.picture.surfaces] if self.scene.picture else ()

    def _severity(self, lines: Sequence[SkuLine], name: str) -> Sequence[Severity]:
        place = self._surfaces().index(name)
        return [line.cells[place].severity for line in lines]

    def _lines(self) -> Sequence[SkuLine]:
        model, rows = self.scene.model, self.rows_meant()
        if not rows or model is None:
            self.say("No SKU is chosen")
            return ()
        if len(rows) > MOST_PLANNED:
            self.say(f"Not at once: more than {words.count(MOST_PLANNED)} SKUs are marked; "
                     f"{self.scene.key('resync-surface')} plans a whole surface")  # fmt: skip
            return ()
        return model.lines(rows)

    def _open_plan(self, kind: str, on: Sequence[tuple[str, Sequence[str]]], together: str) -> None:
        model = self.scene.model
        if model is None or not on:
            self.say("There is no surface to write to")
            return
        from stockdrift.console.plan_form import CONTAINING, Choice, PlanForm  # no start makes a plan
        from stockdrift.stock.wanted import Wanted

        counted = kind == "resync" and len(on) > 1
        choices = [
            Choice(f"{words.title(name)} {len(skus)}" if counted else words.title(name), (name,)) for name, skus in on
        ]
        if len(on) > 1:
            choices.append(Choice(together, tuple(name for name, _ in on)))
        wanted = [Wanted(kind, name, tuple(skus)) for name, skus in on]
        self.console_app.open_plan(
            PlanForm(wanted, choices, model.rules.actions, self.hidden(), CONTAINING if kind == "contain" else ())
        )
