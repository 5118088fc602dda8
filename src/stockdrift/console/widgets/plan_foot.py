"""The lower part of a plan: what is skipped, why it is done, what has to be typed, and the buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.widgets.cause import Part, flow
from stockdrift.console.widgets.modal import CLOSE, LEFT, ROOMY
from stockdrift.console.widgets.plan_head import PlanHead
from stockdrift.stock.guards import TRUSTS
from stockdrift.stock.planner import Skipped

_VALUE: Final = 14
_MIDDLE: Final = 6  # rows between the list's figures and the buttons


class PlanFoot(PlanHead):
    """What stands below the list."""

    def tail(self, width: int, height: int) -> Sequence[Row]:
        """All of it below the rule, the last row under the frame."""
        form, roomy = self.form, height >= ROOMY
        blank = [self.blank(width)] if roomy else []
        rows: list[Row] = []
        if len(form.choices) > 1:
            rows.append(self._options(width, "where", [one.label for one in form.choices], form.choice))
        if form.hows:
            rows.append(self._options(width, "how", [told for _kind, told in form.hows], form.how))
        if height >= CLOSE:
            rows += [self._skipped(width), self._hidden(width)]
        rows += blank
        if form.asks_trust:
            rows.append(self._options(width, "trust", TRUSTS, TRUSTS.index(form.trust) if form.trust in TRUSTS else -1))
        middle = self._said(width, height)
        if roomy:
            middle = [*middle, *(self.blank(width) for _ in range(_MIDDLE - len(middle)))]
        rows += [*middle, self._buttons(width, roomy=roomy)]
        return [*rows, *([self._beneath(width), self.blank(width)] if roomy else ()), self.blank(width)]

    def _said(self, width: int, height: int) -> Sequence[Row]:
        """What stands in the way; else why it is done, and what has to be typed."""
        form, roomy = self.form, height >= ROOMY
        if form.refusals:
            return self._refusals(width, _MIDDLE if roomy else 3)
        if not form.sendable:
            return ()
        options = self._options(width, "reason", form.rules.reasons, form.reason)
        if form.reason < 0:
            options.put(1, self.scene.glyphs.flag, "late", bold=True)
        rows = [options, self._text(width, "note", form.note, _VALUE, width - 22)]
        if roomy:
            rows.append(self.blank(width))
        if form.needs or roomy:
            rows += self._typed(width) if form.needs else [self.blank(width)]
        most = 2 if roomy or height < CLOSE else 3
        return [*rows, *self._advice(width, most)]

    def rule(self, width: int) -> Row:
        """Between the list and the rest: what is shown of how much."""
        row, glyphs = self.blank(width), self.scene.glyphs
        row.fill(2, width - 2, glyphs.light)
        total, count = self.form.rows, len(self.form.items)
        if count:
            first, last = self.top + 1, min(self.top + self.room, count)
            listed = sum(len(plan.rows) for plan in self.form.plans)
            if last <= listed or not listed:
                text = f"{first}–{last} of {words.count(listed or count)}"
            else:
                text = f"{first}–{last} of {words.count(count)}, {words.count(count - listed)} of them skipped"
            row.right(width - 5, f" {text} ", "muted")
        elif total:
            row.right(width - 5, f" {words.count(total)} ", "muted")
        return row

    def _skipped(self, width: int) -> Row:
        row = self.labelled(width, "skipped")
        skipped = [item for item in self.form.items if isinstance(item.row, Skipped)]
        x = row.put(_VALUE, words.count(len(skipped)), "strong", bold=bool(skipped))
        x = row.put(x, " row" if len(skipped) == 1 else " rows", "text")
        said: list[str] = []
        for item in skipped:
            if isinstance(item.row, Skipped):
                said.append(f"{item.row.sku} {item.row.why}")
            if len(said) > 4:
                break
        if said:
            text = ": " + f"  {self.scene.glyphs.dot}  ".join(said)
            row.put(x, words.cut(text, width - 3 - x, self.scene.glyphs.ellipsis), "text")
        return row

    def _hidden(self, width: int) -> Row:
        """Marked rows that the list does not show, and how far the master can be believed."""
        row, glyphs, picture = self.labelled(width, "hidden"), self.scene.glyphs, self.scene.picture
        hidden = self.form.hidden
        x = row.put(_VALUE, words.count(hidden), "late" if hidden else "strong", bold=bool(hidden))
        where = "not in your list" if hidden and not self.scene.listing.text else "outside your filter"
        x = row.put(x, f" {'row' if hidden == 1 else 'rows'} {where}", "text")
        if picture is None or self.form.planned is None:
            return row
        doubt, read_at = self.form.planned.doubt, picture.master.read_at
        told = "not read" if read_at is None else f"{words.age(self.scene.now - read_at)} old"
        sound = not doubt and read_at is not None and "master" not in self.form.planned.unread
        text = f"{told}, {words.count(picture.master.listed)} rows, {doubt or 'not collapsed'}"
        at = max(x + 4, min(46, width - 16 - cell_len(text)))
        if at + 10 + len(told) > width - 3:
            return row
        row.put(at, "master", "muted")
        row.put(at + 8, words.cut(f"{glyphs.ok if sound else glyphs.unknown} {text}", width - 3 - at - 8,
                                  glyphs.ellipsis), "ok" if sound else "unknown")  # fmt: skip
        return row

    def _options(self, width: int, name: str, options: Sequence[str], chosen: int) -> Row:
        here = self.form.focus == name
        row = self.labelled(width, name, here=here)
        x, room = _VALUE + 2, width - 3 - _VALUE
        gap = 4 if sum(cell_len(option) + 4 for option in options) - 2 <= room else 2
        first = 0
        while first < chosen and sum(cell_len(one) + gap for one in options[first : chosen + 1]) > room:
            first += 1  # what is chosen is always seen
        for place, option in enumerate(options[first:], first):
            if x + cell_len(option) > width - 3:
                row.put(min(x, width - 3), self.scene.glyphs.ellipsis, "muted")
                break
            if place == chosen:
                row.put(x - 2, self.scene.glyphs.choice, "accent", bold=True)
            ink = "text" if place != chosen else "accent" if here else "strong"
            x = row.put(x, option, ink, bold=place == chosen) + gap
        return row

    def _text(self, width: int, name: str, text: str, x: int, stop: int) -> Row:
        here = self.form.focus == name
        row = self.labelled(width, name, here=here)
        self._input(row, x, max(x + 8, min(stop, width - 3)), text, here=here)
        return row

    def _input(self, row: Row, x: int, stop: int, text: str, *, here: bool) -> None:
        while cell_len(text) >= stop - x:
            text = text[1:]
        row.fill(x, stop, "_" if self.scene.theme.colourless else " ", "text", on="cursor")
        after = row.put(x, text, "strong", on="cursor")
        if here:
            row.put(after, " ", "background", on="text")

    def _advice(self, width: int, most: int) -> Sequence[Row]:
        several = len(self.form.sendable) > 1
        said = [
            f"{words.title(plan.surface)}: {why}" if several else why
            for plan in self.form.sendable
            for why in plan.warnings
        ]
        said += list(dict.fromkeys(plan.advice for plan in self.form.sendable if plan.advice))
        unread = self.form.planned.unread if self.form.planned else ()
        if unread:
            names = ", ".join(words.title(name) for name in unread)
            said.insert(0, f"{names} could not be read anew in time: the plan says what is known.")
        if not said:
            return ()
        rows = [self.blank(width) for _ in range(most)]
        parts: list[Part] = [(self.scene.glyphs.flag, "late", True), (" ".join(said), "text", False)]
        return rows[: flow(rows, 0, LEFT, width - 3, parts, most, self.scene.glyphs.ellipsis)]

    def _refusals(self, width: int, most: int) -> Sequence[Row]:
        rows = [self.blank(width) for _ in range(most)]
        y = 0
        for why in self.form.refusals:
            if y < most:
                first, _, rest = why.partition(". ")
                parts: list[Part] = [(self.scene.glyphs.oversell, "late", True), (first, "late", True)]
                if rest:
                    parts[-1] = (f"{first}.", "late", True)
                    parts.append((rest, "text", False))
                y = flow(rows, y, LEFT, width - 3, parts, most, self.scene.glyphs.ellipsis)
        return rows

    def _typed(self, width: int) -> Sequence[Row]:
        """What has to be typed and why; the reason in a row above where it has no room beside."""
        form, need = self.form, self.form.need
        row = self.blank(width)
        if need is None:
            x = row.put(
                LEFT, f"{self.scene.glyphs.ok} {', '.join(one.word for one in form.needs)}: typed", "ok", bold=True
            )
            to = "choose a reason" if form.reason < 0 else f"go to {form.verb}"
            if form.focus == "typed" and x + 11 + cell_len(to) < width - 3:
                row.put(row.put(x + 3, "Enter", "accent", bold=True) + 1, to)
            return [row]
        above: list[Row] = []
        here = form.focus == "typed"
        because = need.because
        if need.until is not None:
            because = f"{because.removesuffix('.')} until {self.scene.minute_of(need.until)}."
        x = row.put(LEFT, f"{self.scene.glyphs.flag} {because}", "late", bold=True) + 1
        what = "this name" if need.barrier else "the name of the surface"
        asked = f"Type {what} to allow it:"
        box = max(cell_len(need.word) + 2, 10)
        word = min(74 + width - 96 if width >= 96 else width, width - 3 - cell_len(need.word))
        if x + cell_len(asked) + 2 + box + 1 + cell_len(need.word) > width - 3:
            asked = "Type it:"
        if x + cell_len(asked) + 2 + box + 1 + cell_len(need.word) > width - 3:
            row, above = self.blank(width), [row]
            x = LEFT + 2
        x = row.put(x, asked, "strong" if here else "text")
        word = max(word, x + 2 + box + 1) if x + 2 + box + 1 + cell_len(need.word) <= width - 3 else x + 3 + box
        self._input(row, word - box - 1, word - 1, form.typed, here=here)
        row.put(word, need.word, "muted")
        return [*above, row]

    def _buttons(self, width: int, *, roomy: bool) -> Row:
        form, row = self.form, self.blank(width)
        cancel = "Cancel" if form.sendable or not form.ready else "Close"
        x = self.button(row, LEFT, 16 if width >= 72 else 12, cancel, chosen=form.focus == "cancel")
        if form.sendable and not form.barred:
            label = form.verb
            x = self.button(row, x + 3, max(24, cell_len(label) + 8) if width >= 72 else cell_len(label) + 6, label,
                            chosen=form.focus == "send", off=bool(form.obstacle))  # fmt: skip
            for lacks in () if roomy else (form.obstacle, f"needs {next(iter(form.lacks), '')}"):
                if form.lacks and x + 2 + cell_len(lacks) < width - 3:  # no row beneath says it
                    row.right(width - 4, lacks, "late")
                    return row
        keys = [("Tab", "next"), ("Enter", "choose"), (self.scene.key("back"), "cancel")]
        while keys and width - 3 - sum(len(key) + len(does) + 3 for key, does in keys) < x:
            del keys[0]
        x = width - 1 - sum(len(key) + len(does) + 3 for key, does in keys)
        for key, does in keys:
            x = row.put(row.put(x, key, "accent", bold=True) + 1, does, "muted") + 2
        return row

    def _beneath(self, width: int) -> Row:
        row, form = self.blank(width), self.form
        if form.sendable and not form.barred and form.obstacle:
            row.put(24, form.obstacle, "muted")
        return row
