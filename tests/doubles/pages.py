"""Lists that are paged by an offset, as the doubles serve them, and what becomes of them while a fault holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stockdrift.sandbox.faults import bad_quantity, hostile_name

Row = dict[str, Any]


@dataclass(frozen=True)
class Faulty:
    """How one row is spoiled: another quantity in it, another name, or the same once more under an id of its own."""

    quantity: Callable[[Row, Any], Row]
    name: Callable[[Row, Callable[[str], str]], Row]
    again: Callable[[Row], Row]


def page(fault: str | None, rows: Sequence[Row], offset: int, limit: int, faulty: Faulty) -> tuple[list[Row], int]:
    """The rows of the page at ``offset``, and the total that it states."""
    shaped = list(rows)
    if fault == "header_only":
        shaped = []
    elif fault == "few_rows":
        shaped = shaped[: max(1, len(rows) // 3)]
    elif fault == "bad_rows":
        shaped = [faulty.quantity(row, bad_quantity(number)) for number, row in enumerate(rows)]
    elif fault == "duplicates":
        shaped += [faulty.quantity(faulty.again(row), 999) for row in rows]
    elif fault == "hostile_text":
        shaped = [faulty.name(row, hostile_name) for row in rows]
    total = len(shaped) + (7 if fault == "wrong_count" else 0)
    if fault == "missing_page" and limit <= offset < 2 * limit:
        return [], total
    if fault == "repeated_page":
        offset = max(0, offset - limit)
    return shaped[offset : offset + limit], total
