"""What the sandbox answers, before it is bytes on a wire."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Manner(StrEnum):
    """How the bytes of an answer are sent."""

    WHOLE = "whole"
    HALF = "half"  # half of the body, then the connection is closed
    SHORT = "short"  # all of the body, under a Content-Length that promises more
    DRIP = "drip"  # a byte now and then
    HANG = "hang"  # nothing, and the connection stays open
    FLOOD = "flood"  # the body again and again, without an end
    CLOSE = "close"  # nothing, and the connection is closed


class Reply(msgspec.Struct, frozen=True):
    """An HTTP answer. ``headers`` hold what the status and body do not say by themselves."""

    status: int = 200
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""
    manner: Manner = Manner.WHOLE


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """``value`` as a JSON answer."""
    return Reply(status, {"Content-Type": "application/json;charset=UTF-8", **(headers or {})}, encode(value))


def ecwid_error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An error in the form of Ecwid's REST API: ``errorCode`` and ``errorMessage`` (as its official client reads
    them).
    """
    return as_json({"errorMessage": message, "errorCode": code}, status, headers)


def encode(value: object) -> bytes:
    """``value`` as JSON, in the order in which it was made."""
    return msgspec.json.encode(value)
