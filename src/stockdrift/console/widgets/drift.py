"""Drift: the hero number, what it is made of, and how it came about in the last hour."""

from __future__ import annotations

from collections.abc import Sequence

from stockdrift.console import digits, words
from stockdrift.console.geometry import DIVIDER
from stockdrift.console.paint import Row, title_rule
from stockdrift.console.scene import ANSWERING, Scene
from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.tones import hero_ink
from stockdrift.stock.picture import GaugeLine, Status

_LEFT, _RIGHT = 7, 27  # cells of the composition bar on each side of the line
_DAY = 86_400_000  # ms
_ROWS = 12  # of fewer, the last are left out
_JOINT = 7  # the row at which the panel to the right has its second title


class DriftPanel(Panel):
    """Twelve rows: title, digits and words, composition bar, counts, sparkline; at its right edge the divider. In
    History the first ten.
    """

    def paint(self, width: int, height: int) -> Sequence[Row]:
        """See the class."""
        rows = [self.row(width) for _ in range(max(height, _ROWS))]
        scene, glyphs = self.scene, self.scene.glyphs
        title_rule(rows[0], 0, DIVIDER, scene.tense("Drift", "Drift, as it stood"), light=glyphs.light)
        gauge = scene.picture.gauge if scene.picture else None
        if gauge is None or not gauge.known:
            self._unknown(rows, gauge)
        else:
            ink = hero_ink(gauge, overdue=self.scene.missing_since is not None)
            self._hero(rows, gauge, ink)
            composition(rows[8], scene, gauge, 2, _LEFT, _RIGHT)
            self._counts(rows[9], rows[10], gauge)
            self._trend(rows[11], gauge, ink)
        for y, row in enumerate(rows):
            joint = glyphs.tee_down if y == 0 else glyphs.tee_right if y == _JOINT else glyphs.axis
            row.put(DIVIDER, joint, "rule")
        return rows[:height]

    def _hero(self, rows: Sequence[Row], gauge: GaugeLine, ink: str) -> None:
        number = words.count(gauge.drifting)
        shapes = digits.big(str(gauge.drifting), self.scene.glyphs.block)
        for y, shape in enumerate(shapes):
            rows[2 + y].put(2, shape, ink)
        if not shapes:
            rows[4].put(2, number, ink, bold=True)
        x = min(2 + (len(shapes[0]) if shapes else len(number)) + 3, 21)
        rows[2].put(x, drift_words(self.scene, gauge.drifting), "strong", bold=True)
        said = f"of {words.count(gauge.tracked)} tracked"
        if x + len(said) >= DIVIDER:  # the number is worth more than the word
            said = f"of {words.short(gauge.tracked, DIVIDER - x - 4)}"
        rows[3].put(x, said, "muted")
        if gauge.in_flight:
            text = f"{self.scene.glyphs.in_flight} {words.count(gauge.in_flight)} in flight"
            rows[4].put(x, text, "late")
        if not gauge.drifting:
            self._calm_words(rows, gauge, x, ink)
            return
        if gauge.change is not None:
            after = rows[5].put(x, words.signed(gauge.change) if gauge.change else "±0", "strong", bold=True)
            rows[5].put(after + 1, "in 10 min", "muted")
        if gauge.since is not None:
            rows[6].put(rows[6].put(x, "since ", "muted"), self._moment(gauge.since))

        self._remarks(rows[7], gauge, x)

    def _remarks(self, row: Row, gauge: GaugeLine, x: int) -> None:
        """How many of them rest, or are known to somebody."""
        said = ((gauge.snoozed, "snoozed"), (gauge.acknowledged, "known"))
        pieces = [f"{words.count(count)} {word}" for count, word in said if count]
        row.put(x, words.fitting(pieces, DIVIDER - x - 1, self.scene.glyphs.ellipsis), "muted")

    def _calm_words(self, rows: Sequence[Row], gauge: GaugeLine, x: int, ink: str) -> None:
        if gauge.unknown:
            rows[5].put(x, f"{self.scene.glyphs.unknown} {words.count(gauge.unknown)} unknown", ink)
        elif gauge.orphans:
            rows[5].put(x, f"{self.scene.glyphs.flag} {words.count(gauge.orphans)} unknown to master", ink)
        elif gauge.silent:
            rows[5].put(x, f"{self.scene.glyphs.unknown} not all is read", ink)
        elif self.scene.missing_since is not None:
            rows[5].put(x, f"{self.scene.glyphs.late} clean {self.scene.age(self.scene.missing_since)} ago", "late")
        elif gauge.since is not None:
            after = rows[5].put(x, f"{self.scene.glyphs.ok} clean for ", ink)
            rows[5].put(after, self.scene.age(gauge.since), "strong", bold=True)
            rows[6].put(rows[6].put(x, "since ", "muted"), self._moment(gauge.since))
        else:
            rows[5].put(x, f"{self.scene.glyphs.ok} clean", ink)

    def _moment(self, at: int) -> str:
        text = words.minute(at, self.scene.zone)
        self.scene.holds(at + _DAY)
        return text if self.scene.moment < at + _DAY else f"{words.day(at, self.scene.zone)[4:]} {text}"

    def _counts(self, first: Row, second: Row, gauge: GaugeLine) -> None:
        glyphs = self.scene.glyphs
        under, over, oversell = (words.short(number, 3) for number in (gauge.under, gauge.over, gauge.oversell))
        crowded = len(under) + len(over) + len(oversell) > 5
        after = first.put(1 if crowded else 2, f"{glyphs.under} {under} under", "under" if gauge.under else "muted")
        x = after + 1 if crowded else max(13, after + 2)
        after = first.put(x, f"{glyphs.over} {over} over", "over" if gauge.over else "muted")
        text = f"{glyphs.oversell} {oversell} oversell"
        if crowded and gauge.oversell:  # a pill without its margins
            first.put(after + 1, text, "oversell_badge_text", bold=True, on="oversell_badge")
        else:
            badge(first, after if crowded else max(23, after + 1), text, quiet=not gauge.oversell)
        in_sync, unknown = words.short(gauge.in_sync, 10), words.short(gauge.unknown, 6)
        second.put(2, f"{glyphs.ok} {in_sync} in sync", "ok" if gauge.in_sync else "muted")
        said = f"{glyphs.unknown} {unknown} unknown"
        said = said if len(said) < DIVIDER - 24 else f"{glyphs.unknown} {unknown} unk."
        second.put(24, said, "unknown" if gauge.unknown else "muted")

    def _trend(self, row: Row, gauge: GaugeLine, ink: str) -> None:
        row.put(2, "1 h", "muted")
        sparks = self.scene.glyphs.sparks
        known = [sample for sample in gauge.trend if sample is not None]
        top = max([*known, 1])
        last = len(gauge.trend) - 1
        for x, sample in enumerate(gauge.trend[-24:]):
            if sample is None:
                row.put(7 + x, self.scene.glyphs.dotted, "track")
                continue
            level = 0 if not sample else max(1, round((len(sparks) - 1) * sample / top))
            own = ink if x == last and sample else "muted" if sample else "track"
            row.put(7 + x, sparks[level], own)
        row.put(32, "now", "muted")

    def _unknown(self, rows: Sequence[Row], gauge: GaugeLine | None) -> None:
        for y, shape in enumerate(digits.big("?", self.scene.glyphs.block)):
            rows[2 + y].put(2, shape, "unknown")
        head, why, reason = self._nothing()
        rows[2].put(12, head, "strong", bold=True)
        if gauge is not None and gauge.tracked:
            rows[3].put(12, f"{words.count(gauge.tracked)} SKUs tracked", "muted")
        rows[5].put(12, why, "muted")
        rows[6].put(12, words.cut(reason, DIVIDER - 13, self.scene.glyphs.ellipsis), "unknown")
        composition(rows[8], self.scene, None, 2, _LEFT, _RIGHT)
        if gauge is not None:
            self._trend(rows[11], gauge, "unknown")

    def _nothing(self) -> tuple[str, str, str]:
        """Why there is no figure: in two words, in some more, and what the master answered."""
        picture = self.scene.picture
        if picture is None or picture.master.status is Status.NOT_READ:
            return "nothing known yet", "reading the master", ""
        if picture.master.status not in ANSWERING:
            return "unknown", "no good master read", picture.master.reason
        if not picture.gauge.tracked:
            return "nothing to compare", "the master tracks no SKU", ""
        if not any(surface.active for surface in picture.surfaces):
            return "nothing to compare", "no surface is active", ""
        return "nothing known yet", "reading the surfaces", ""


def drift_words(scene: Scene, drifting: int) -> str:
    """``SKUs drift``, or that they did."""
    one = drifting == 1
    return scene.tense("SKU drifts" if one else "SKUs drift", "SKU drifted" if one else "SKUs drifted")


def badge(row: Row, x: int, text: str, *, quiet: bool = False) -> int:
    """The oversell pill, a cell wider on each side than its text; muted and unfilled where there is none."""
    if quiet:
        return row.put(x + 1, text, "muted") + 1
    return row.put(x, f" {text} ", "oversell_badge_text", bold=True, on="oversell_badge")


def composition(row: Row, scene: Scene, gauge: GaugeLine | None, x: int, left: int, right: int) -> None:
    """What drifts, measured from the line: under to its left, over and oversell to its right, on one scale."""
    glyphs = scene.glyphs
    row.fill(x, x + left, glyphs.light, "track")
    row.fill(x + left + 1, x + left + 1 + right, glyphs.light, "track")
    line = x + left
    if gauge is None:
        row.put(line, glyphs.line, "unknown", bold=True)
        return
    calm = "ok" if scene.missing_since is None else "late"
    row.put(line, glyphs.line, "accent" if gauge.drifting or gauge.unknown else calm, bold=True)
    scale = max(gauge.under / left, (gauge.over + gauge.oversell) / right)
    if not scale:
        return
    under = _cells(gauge.under, scale)
    oversell = _cells(gauge.oversell, scale)
    over = min(max(_cells(gauge.over, scale), 0), right - oversell)
    row.fill(line - min(under, left), line, glyphs.heavy, "under")
    row.fill(line + 1, line + 1 + over, glyphs.heavy, "over")
    row.fill(line + 1 + over, line + 1 + over + oversell, glyphs.heavy, "oversell")


def _cells(number: int, scale: float) -> int:
    return max(1, round(number / scale)) if number else 0
