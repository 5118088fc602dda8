"""Conditional requests (RFC 9110, 13): asking for a feed only if it is another one than that which was read.

A 304 wrongly believed would show an old feed as read just now. So only strong validators are used, none that came by
way of a redirect, and none for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.stated_time import parse_time

LONGEST: Final = 3_600_000
"""Milliseconds after which a feed is read whole again, whatever its validators say."""

_STRONG: Final = re.compile(r'"[\x21\x23-\x7e]+"')  # RFC 9110, 8.8.3; a weak one begins with W/

_APART: Final = 60_000
"""Milliseconds by which an answer's Date must be later than its Last-Modified: a file that was written again within the
same second would bear the same time (RFC 9110, 8.8.2.2), and where it is as long as before, the same ETag from a server
that makes it of the two (nginx does)."""


class Validators(Struct, frozen=True):
    """What an answer can be recognised by. ``etag`` and ``modified`` are as the server wrote them, or empty; an ETag
    that is weak is compared and not asked with.
    """

    etag: str
    modified: str

    @property
    def conditions(self) -> Mapping[str, str]:
        """The headers to ask with; none where nothing here is strong."""
        named = {"If-None-Match": self.etag if _STRONG.fullmatch(self.etag) else "", "If-Modified-Since": self.modified}
        return {name: value for name, value in named.items() if value}

    def recognise(self, answer: Answer) -> bool:
        """Whether a 304 speaks of the very feed that these belong to."""
        now = answer.headers.get("etag", "").strip()
        return not answer.moved and (not now or not self.etag or now.removeprefix("W/") == self.etag.removeprefix("W/"))


def validators_of(answer: Answer) -> Validators | None:
    """The validators of ``answer``; None where it has none to ask with."""
    if answer.moved:
        return None
    modified = answer.headers.get("last-modified", "").strip()
    written, sent = parse_time(modified), parse_time(answer.headers.get("date", ""))
    if written is not None and (sent is None or sent - written < _APART):
        return None
    found = Validators(answer.headers.get("etag", "").strip(), modified if written is not None else "")
    return found if found.conditions else None
