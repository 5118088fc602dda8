"""The drawings: what stands where, and in which colour."""

from __future__ import annotations

from collections.abc import Iterable

from tests.console.harness import Running

INK = {"oversell": "#ff6b7a", "over": "#f5945c", "under": "#62adf5", "late": "#efcb62", "unknown": "#b7a7c6",
       "ok": "#82d3a2", "muted": "#8f9ca9", "strong": "#dfe5ea", "accent": "#f0e2c0", "rule": "#3a4652"}  # fmt: skip


def check(console: Running, expected: Iterable[tuple[int, int, str]]) -> None:
    """Whether the texts stand where they were drawn: row, column, text."""
    rows = console.rows()
    wrong = [
        f"row {y} x {x}: {rows[y][x : x + len(text)]!r} instead of {text!r}"
        for y, x, text in expected
        if rows[y][x : x + len(text)] != text
    ]
    assert not wrong, "\n".join(wrong)


def check_colours(console: Running, expected: Iterable[tuple[int, int, str]]) -> None:
    """Whether cells have the inks they were drawn with: column, row, ink."""
    wrong = {(x, y): console.colour(x, y) for x, y, ink in expected if console.colour(x, y) != INK[ink]}
    assert not wrong
