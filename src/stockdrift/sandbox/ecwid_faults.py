"""Faults that only pages can have: what a page of products looks like while one holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from stockdrift.sandbox.faults import bad_quantity, hostile_name
from stockdrift.sandbox.reply import encode

FEWER: Final = ("header_only", "few_rows")
_OTHER_ID: Final = 10_000_000_000


def few(fault: str, total: int) -> int:
    """How many products the shop claims to have."""
    return 0 if fault == "header_only" else max(1, total // 3)


def window(fault: str | None, offset: int, limit: int) -> tuple[int, int]:
    """The offset and limit that are served for those that were asked for. Where each product comes twice, a page
    holds half as many of them.
    """
    if fault == "repeated_page":
        return max(0, offset - limit), limit
    if fault == "duplicates":
        return offset // 2, max(1, limit // 2)
    return offset, limit


def shape_page(fault: str | None, rows: list[bytes], *, offset: int, limit: int, total: int) -> tuple[list[bytes], int]:
    """The encoded rows of a page, and the total it states, while ``fault`` holds. A shop of a single page misses or
    repeats half of it.
    """
    if fault == "wrong_count":
        return rows, total + 7
    if fault == "missing_page":
        if total <= limit:
            return rows[: len(rows) // 2], total
        return ([] if limit <= offset < 2 * limit else rows), total
    if fault == "repeated_page" and total <= limit:
        half = rows[: (len(rows) + 1) // 2]
        return (half + half)[: len(rows)], total
    if fault == "duplicates":
        return [*rows, *(_again(row) for row in rows)], 2 * total
    changes: Mapping[str, Callable[[bytes, int], bytes]] = {"bad_rows": _bad, "hostile_text": _hostile}
    change = changes.get(fault or "")
    return ([change(row, offset + number) for number, row in enumerate(rows)] if change else rows), total


def _bad(row: bytes, number: int) -> bytes:
    """A quantity that is none, in the product and its variations: as a number where JSON has it, else as text."""
    text = bad_quantity(number)
    said = text.encode() if text[:1].isdigit() else encode(text)

    def spoil(holder: dict[str, Any]) -> None:
        holder["quantity"] = msgspec.Raw(said)
        holder["unlimited"] = False

    value = msgspec.json.decode(row)
    spoil(value)
    for variation in value.get("combinations", ()):
        spoil(variation)
    return encode(value)


def _hostile(row: bytes, _number: int) -> bytes:
    value = msgspec.json.decode(row)
    value["name"] = hostile_name(value.get("name", ""))
    return encode(value)


def _again(row: bytes) -> bytes:
    """The same SKUs once more, in another product and with another stock."""
    value = msgspec.json.decode(row)
    value["id"] = value.get("id", 0) + _OTHER_ID
    value["quantity"], value["unlimited"] = 999, False
    return encode(value)
