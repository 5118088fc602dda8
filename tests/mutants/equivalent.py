"""Mutants that change nothing that can be observed, by their names, each with the reason."""

from __future__ import annotations

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {
    "judge.pair_up one + 1: Sub": "a pair is looked at twice, and a level is never apart from itself",
}
