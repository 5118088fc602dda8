"""The upper part of a plan: how many rows, of how much of the surface, and how long writes there take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.digits import big
from stockdrift.console.paint import Row
from stockdrift.console.plan_form import PlanForm
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.modal import LEFT
from stockdrift.console.widgets.modal_list import ModalList
from stockdrift.console.widgets.plan_rows import changes
from stockdrift.stock.actions import LISTING
from stockdrift.stock.forecast import Forecast
from stockdrift.stock.rules import WHOLE
from stockdrift.stock.words import several

_BAR: Final = 24  # cells up to the limit
_BESIDE: Final = 23  # where text stands beside the digits


class PlanHead(ModalList):
    """``form`` is what it shows."""

    def __init__(self, scene: Scene, behind: Sequence[str], form: PlanForm, id: str | None = None) -> None:  # noqa: A002
        super().__init__(scene, behind, id)
        self.form = form

    def hero(self, width: int) -> Sequence[Row]:
        """As drawn: the number of rows in big digits, and beside it what they are."""
        rows = [self.blank(width) for _ in range(7)]
        digits = big(words.count(self.form.rows) if self.form.ready else "?", self.scene.glyphs.block)
        for y, line in enumerate(digits, 1):
            rows[y].put(LEFT, line, "strong")
        x = _BESIDE
        if not digits:
            x = rows[1].put(LEFT, words.count(self.form.rows), "strong", bold=True) + 1
        rows[1].put(x, self._will_be(), "strong", bold=True)
        self._changes(rows[2], _BESIDE)
        self._blast(rows[4], _BESIDE, width)
        self._budget(rows[5], _BESIDE, width)
        return rows

    def _will_be(self) -> str:
        rows = "row" if self.form.rows == 1 else "rows"
        return f"{rows} will be watched, none is written" if self.form.kind == "refresh" else f"{rows} will be written"

    def short_hero(self, width: int) -> Sequence[Row]:
        """The same in two lines."""
        rows = [self.blank(width), self.blank(width)]
        number = words.count(self.form.rows) if self.form.ready else self.scene.glyphs.unknown
        what = self._will_be() if self.form.kind == "refresh" else "row" if self.form.rows == 1 else "rows"
        x = rows[0].put(LEFT, f"{number} {what}", "strong", bold=True)
        self._changes(rows[0], x + 3)
        self._blast(rows[1], LEFT, width)
        return rows

    def _changes(self, row: Row, x: int) -> None:
        sells = sum(plan.overselling for plan in self.form.sendable)
        if sells:
            x = (
                row.put(x, f"{self.scene.glyphs.oversell} {words.count(sells)} will oversell", "oversell", bold=True)
                + 2
            )
        if self.form.kind in LISTING or self.form.kind == "refresh":  # no number is written
            return
        lowered, raised, zeroed = changes([one for plan in self.form.sendable for one in plan.rows])
        for count, word in ((lowered, "lowered"), (raised, "raised")):
            if count:
                x = row.put(x, f"{words.count(count)} {word}", "text") + 2
        if zeroed:
            row.put(x, f"{self.scene.glyphs.oversell} {words.count(zeroed)} set to 0", "oversell")

    def _blast(self, row: Row, x: int, width: int) -> None:
        """How much of the surface that is, against the share above which its name has to be typed."""
        plans, glyphs = self.form.plans, self.scene.glyphs
        if len(plans) != 1 or not plans[0].listed:
            if len(plans) > 1:
                row.put(x, f"on {several(len(self.form.sendable), 'surface')} of {len(plans)}", "muted")
            return
        plan, limit = plans[0], self.form.rules.confirm_share
        share = len(plan.rows) * WHOLE / plan.listed
        over = share > limit
        x = row.put(x, f"of {words.count(plan.listed)} on {words.title(plan.surface)}  ", "text")
        percent, rest = f"{share / 100:.1f} %", f" of a {limit / 100:g} % limit"
        bar = min(_BAR, width - 4 - x - len(percent) - len(rest))
        if bar >= 6:
            halves = min(2 * bar, round(share / max(1, limit) * 2 * bar))
            row.fill(x, x + bar, glyphs.light, "track")
            row.fill(x, x + halves // 2, glyphs.heavy, "over" if over else "strong")
            if halves % 2:
                row.put(x + halves // 2, glyphs.half, "strong")
            row.put(x + bar, glyphs.line if over else glyphs.axis, "accent" if over else "strong")
            x += bar + 2
        x = row.put(x, percent, "late" if over else "strong", bold=True)
        row.put(x, rest, "muted")

    def _spent(self, used: float, told: Forecast | None) -> tuple[str, str, str]:
        """How much of the request budget will be in use: no more than sending may, for it waits before the reserve."""
        if told is None or told.spends is None or self.form.kind == "refresh":
            return "budget", f"{round(used * 100)} %", "text"
        most = 1 - self.form.rules.reserve / WHOLE
        after = max(used, min(used + told.spends, most))
        if used + told.spends > most:
            return "budget after", f"{round(after * 100)} %, sending waits", "late"
        return "budget after", f"{round(after * 100)} %", "text"

    def _budget(self, row: Row, x: int, width: int) -> None:
        """How long it will take, how much of the request budget is in use, when shoppers will see it."""
        plans, picture = self.form.plans, self.scene.picture
        if len(plans) != 1 or picture is None:
            return
        told, facts = plans[0].forecast, []
        line = next((one for one in picture.surfaces if one.name == plans[0].surface), None)
        if told is not None and self.form.kind != "refresh":
            facts.append(("takes", told.takes_words, "text" if told.takes is not None else "unknown"))
        if line is not None and line.budget is not None:
            facts.append(self._spent(line.budget, told))
        if told is not None:
            facts.append(("visible to shoppers", told.seen_words, "text"))
        if sum(cell_len(label) + cell_len(value) + 3 for label, value, _ in facts) - 2 > width - 3 - x:
            waits = any(ink == "late" for _, _, ink in facts)
            least = "visible" if waits else "budget"  # the budget stands among the surfaces, too
            facts = [fact for fact in facts if not fact[0].startswith(least)]
        for label, value, ink in facts:
            x = row.put(row.put(x, label, "muted") + 1, words.cut(value, width - 4 - x - len(label)), ink) + 2
