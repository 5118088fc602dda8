"""The shortest way to put the cursor somewhere (ECMA-48: CUP, CHA, CUF, CUB, VPA)."""

from __future__ import annotations


def move(at: tuple[int, int] | None, x: int, y: int) -> str:
    """To cell (x, y), counted from 0; ``at`` is where the cursor is, x -1 where only its line is known."""
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"]
    if at is not None:
        if at == (x, y):
            return ""
        if at[1] == y:
            ways += _along(at[0], x)
        elif x == 0 and at[1] + 1 == y:
            ways.append("\r\n")
        elif at[0] == x:
            ways.append(f"\x1b[{y + 1}d")
    return min(ways, key=len)


def _along(before: int, x: int) -> list[str]:
    if x == 0:
        return ["\r"]
    ways = [f"\x1b[{x + 1}G"]
    if 0 <= before < x:
        ways.append(f"\x1b[{x - before}C" if x - before > 1 else "\x1b[C")
    elif before > x:
        ways.append("\b" * (before - x) if before - x < 4 else f"\x1b[{before - x}D")
    return ways
