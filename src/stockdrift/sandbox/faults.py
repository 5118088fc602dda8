"""Everything that a source can do wrong, by name. Each fault can be put on the master and on every surface.

``shape_rows`` and ``shape_page`` spoil the content of an otherwise healthy answer, ``spoiled`` replaces or cuts the
answer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from stockdrift.sandbox.reply import Manner, Reply, ecwid_error
from stockdrift.stock.values import replace

Row = dict[str, Any]

HOSTILE: Final = "\x1b[2J\x1b[31m\u202egnp.exe\u202c\u200b[bold red]free[/] [@click=app.quit]x[/]\x9b2J\x07"
"""A product name that would clear the screen, turn the line around, hide a character and inject markup."""

_STATUS: Final[Mapping[str, tuple[int, str, str]]] = {
    "http_401": (401, "UNAUTHORIZED", "Access token is missing or not valid"),
    "http_403": (403, "ACCESS_DENIED", "The token has no access to this resource"),
    "http_404": (404, "NOT_FOUND", "Not found"),
    "http_429": (429, "TOO_MANY_REQUESTS", "Too many requests"),
    "http_500": (500, "INTERNAL_ERROR", "Internal server error"),
    "http_503": (503, "SERVICE_UNAVAILABLE", "Service temporarily unavailable"),
}
_MANNERS: Final = {
    "half_body": Manner.HALF,
    "too_much": Manner.FLOOD,
    "too_late": Manner.HANG,
    "drip": Manner.DRIP,
    "nothing": Manner.CLOSE,
}
_CONTENT: Final = (
    "header_only",
    "few_rows",
    "wrong_count",
    "missing_page",
    "repeated_page",
    "bad_rows",
    "duplicates",
    "hostile_text",
)

FAULTS: Final = (*_STATUS, "html", *_MANNERS, *_CONTENT, "deep_json", "cut_document", "entities", "not_modified")
"""All names. ``empty_list`` is another name of ``header_only``."""

ALIASES: Final = {"empty_list": "header_only"}

RETRY_AFTER: Final = 2
"""Seconds that a 429 asks for."""

_ENTITIES: Final = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><rss><channel><item><title>&a9;</title></item></channel></rss>"
)
"""A billion laughs: a gigabyte of text for whoever resolves entities."""

_BAD_QUANTITIES: Final = ("3.5", "NaN", "1e309", str(2**63), "")
_LOGIN_PAGE: Final = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"


def spoiled(fault: str | None, reply: Reply) -> Reply:
    """``reply`` as it goes out while ``fault`` holds."""
    if fault is None:
        return reply
    if fault in _STATUS:
        status, code, message = _STATUS[fault]
        return ecwid_error(status, code, message, {"Retry-After": str(RETRY_AFTER)} if status == 429 else None)
    if fault == "html":
        return Reply(200, {"Content-Type": "text/html;charset=UTF-8"}, _LOGIN_PAGE)
    if fault == "deep_json":
        return Reply(200, {"Content-Type": "application/json"}, b'{"total":1,"items":' + b"[" * 100_000)
    if fault == "entities":
        return Reply(200, {"Content-Type": "application/xml"}, _ENTITIES)
    if fault == "not_modified":
        return Reply(304)
    if fault == "cut_document":
        return replace(reply, body=_half(reply.body))
    if fault in _MANNERS:
        return replace(reply, manner=_MANNERS[fault])
    return reply


def _half(body: bytes) -> bytes:
    """The first half, as a file that was not written to its end: within a line, and with all the bytes it announces."""
    half = body[: len(body) // 2]
    return half[:-1] if half.endswith(b"\n") else half


def bad_quantity(number: int) -> str:
    """The text that stands where a quantity should, for the row of this number."""
    return _BAD_QUANTITIES[number % len(_BAD_QUANTITIES)]


def hostile_name(name: str) -> str:
    """``name`` with everything in it that could steer a terminal."""
    return f"{name} {HOSTILE}"


def shape_rows(fault: str | None, rows: Sequence[Row], *, quantity: str, name: str) -> list[Row]:
    """The rows of a table while ``fault`` holds. ``quantity`` and ``name`` are the names of their columns.

    A table has no pages: ``missing_page`` lacks its middle third, ``repeated_page`` has its first third twice.
    """
    third = max(1, len(rows) // 3)
    shapes: Mapping[str, Callable[[], list[Row]]] = {
        "header_only": list,
        "few_rows": lambda: list(rows[:third]),
        "missing_page": lambda: [*rows[:third], *rows[2 * third :]],
        "repeated_page": lambda: [*rows, *rows[:third]],
        "bad_rows": lambda: [{**row, quantity: bad_quantity(number)} for number, row in enumerate(rows)],
        "duplicates": lambda: [*rows, *({**row, quantity: "999"} for row in rows)],
        "hostile_text": lambda: [{**row, name: hostile_name(row[name])} for row in rows],
    }
    shape = shapes.get(fault or "")
    return shape() if shape else list(rows)
