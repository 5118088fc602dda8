"""Mutants that change nothing that can be observed, by their names, each with the reason."""

from __future__ import annotations

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {
    "judge.pair_up one + 1: Sub": "a pair is looked at twice, and a level is never apart from itself",
    **dict.fromkeys(
        (
            "judge.pair_up this > 0: GtE",
            "judge.pair_up here & (this > 0): BitOr",
            "judge.pair_up this < 0: LtE",
            "judge.pair_up here & (this < 0): BitOr",
            "judge.pair_up above & below: BitOr",
        ),
        "more rows are looked at closely, in which no two levels are apart",
    ),
    **dict.fromkeys(
        ("judge.pair_up this[which] > 0: GtE", "judge.pair_up this[which] < 0: LtE"),
        "of two that agree with the master and are apart, neither stands at it exactly",
    ),
}
