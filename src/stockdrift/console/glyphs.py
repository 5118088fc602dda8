"""The signs of the screen, in three sets: full, plain for fonts and locales that lack some of them, and ascii for
those that have no blocks either.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from stockdrift.console.plot import Brush
from stockdrift.stock.values import replace


class Glyphs(Struct, frozen=True):
    """Each is one cell wide. ``sparks`` ascends; ``tone`` gives the glyph of a state by its name."""

    heavy: str = "━"
    half: str = "╸"
    half_left: str = "╺"
    light: str = "─"
    dotted: str = "┈"
    guide: str = "┊"
    line: str = "┃"  # the line that all is measured from, where it matters
    axis: str = "│"  # the same line, quiet
    mark: str = "┼━"
    tee_down: str = "┬"
    tee_up: str = "┴"
    tee_right: str = "├"
    tee_left: str = "┤"
    cross: str = "╋"
    turn: str = "╾"  # a heavy rule that ends in a light one
    cursor: str = "▌"
    corners: str = "┏┓┗┛"
    sparks: str = "▁▂▃▄▅▆▇█"
    hidden: str = "░"  # the part of a bar that would not count any more
    ok: str = "●"
    unknown: str = "?"
    failed: str = "×"
    under: str = "▼"
    late: str = "◆"
    in_flight: str = "◇"
    over: str = "▲"
    oversell: str = "■"
    actor: str = "○"
    flag: str = "!"
    dot: str = "·"
    choice: str = "►"  # before what is chosen, and on both sides of the button in focus
    choice_end: str = "◄"
    worse: str = "↑"
    none: str = "—"
    minus: str = "−"
    ellipsis: str = "…"
    block: str = "█"  # of which large digits are made
    brush: Brush = Brush.BRAILLE  # of plots

    def tone(self, name: str) -> str:
        """The glyph of a state: ok, unknown, under, late, over, oversell."""
        return {
            "ok": self.ok,
            "unknown": self.unknown,
            "under": self.under,
            "late": self.late,
            "over": self.over,
            "oversell": self.oversell,
        }.get(name, " ")

    def event(self, word: str, tone: str) -> str:
        """The glyph of what happened: of a read that failed, of a state, else of somebody's deed."""
        sign = self.failed if word == "failed" else self.tone(tone)
        return sign if sign.strip() else self.actor


FULL: Final = Glyphs()
PLAIN: Final = Glyphs(
    heavy="=",
    half="-",
    half_left="-",
    light="-",
    dotted=".",
    guide=":",
    line="|",
    axis="|",
    mark="+-",
    tee_down="+",
    tee_up="+",
    tee_right="+",
    tee_left="+",
    cross="+",
    turn="+",
    cursor=">",
    corners="++++",
    sparks=".:-=#",
    hidden=":",
    ok="o",
    failed="x",
    under="v",
    late="*",
    in_flight="o",
    over="^",
    oversell="#",
    actor="o",
    dot="-",
    choice=">",
    choice_end="<",
    worse="^",
    none="-",
    minus="-",
    ellipsis="~",
    brush=Brush.BLOCK,
)
ASCII: Final = replace(PLAIN, block="#", brush=Brush.ASCII)


def glyphs_called(name: str) -> Glyphs:
    """The set that the setting ``glyphs`` names: full, plain or ascii."""
    return {"plain": PLAIN, "ascii": ASCII}.get(name, FULL)
