"""What the form asks when an operator says something that stands: its fields, what it means, what Enter does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from stockdrift.stock.remarks import CLAIM_LASTS, RemarkKind
from stockdrift.stock.rules import Scope

_WHY: Final = "Say why: whoever asks later wants to know"


class Question(Struct, frozen=True):
    """``fields`` are of units, text, until and where, in the order in which they are shown. ``means`` fits into 80
    columns. ``needed`` says what is missing where one is empty; ``usual`` is offered. ``kind`` is the remark it makes,
    None where it makes none.
    """

    verb: str
    fields: tuple[str, ...]
    means: str
    needed: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)
    kind: RemarkKind | None = None
    label: str = "Reason"


class Place(Struct, frozen=True):
    """One answer to *where*: a word, and the scopes that it means."""

    word: str
    scopes: Sequence[Scope]


class Answer(Struct, frozen=True):
    """What was filled in. ``until`` (ms) and ``units`` None: left empty."""

    text: str = ""
    until: int | None = None
    units: int | None = None


IGNORE: Final = Question(
    "Ignore",
    ("text", "until", "where"),
    "Left out of every count until then; an oversell among them is still told.",
    {"text": _WHY, "until": "Say until when"},
    {"until": "7d"},
)
BUFFER: Final = Question(
    "Buffer",
    ("units", "text", "where"),
    "Units held back of what is offered; empty: as set. It hides no oversell.",
    {"text": _WHY},
)
TOLERANCE: Final = Question(
    "Apply",
    ("text",),
    "Holds for every console until it is taken back; never where none is left.",
    {"text": _WHY},
)
PAUSE: Final = Question(
    "Pause",
    ("text", "until", "where"),
    "Not read on schedule. Paused is not calm: it grows stale, then unknown.",
    {"text": _WHY},
    kind=RemarkKind.PAUSE,
)
ACKNOWLEDGE: Final = Question(
    "Acknowledge",
    ("text", "until", "where"),
    "Marked as known, counted as before. What begins or grows later is not meant.",
    kind=RemarkKind.ACKNOWLEDGE,
)
SNOOZE: Final = Question(
    "Snooze",
    ("text", "until", "where"),
    "Leaves this list until then or until it grows worse; counted as before.",
    {"text": _WHY, "until": "A snooze has an end"},
    {"until": "1h"},
    kind=RemarkKind.SNOOZE,
)
CLAIM: Final = Question(
    "Claim",
    ("text", "until", "where"),
    "Every console shows that you are at work on it.",
    usual={"until": CLAIM_LASTS},
    kind=RemarkKind.CLAIM,
)
NOTE: Final = Question(
    "Note",
    ("text", "until", "where"),
    "For whoever comes next: shown when a console opens, and where it belongs.",
    {"text": "Write what the next one should know"},
    kind=RemarkKind.NOTE,
    label="Note",
)
