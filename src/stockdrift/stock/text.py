"""Vendor text is cleaned once, where it enters, before it is stored or drawn."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LONGEST: Final = 512

# C0, DEL and C1 controls; zero-width and joining marks; bidi marks, embeddings, overrides and isolates; line and
# paragraph separators; interlinear annotation; tag characters; lone surrogates. Each can lie about what a line says.
_HARMFUL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)

_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


def clean(text: str) -> str:
    """``text`` trimmed, in NFC, with everything that could steer a terminal or hide itself as a visible escape.

    ``"a\\x1b[31m"`` becomes ``"a\\\\x1b[31m"``. Text beyond 512 characters is cut with an ellipsis.
    """
    text = text.strip()
    if text.isascii() and text.isprintable() and len(text) <= _LONGEST:
        return text
    text = _HARMFUL.sub(_escape, unicodedata.normalize("NFC", text))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def clean_sku(text: str) -> str:
    """A SKU: exact text after trimming white space, harmful characters escaped, never normalised and never cut."""
    return escaped(text.strip())


def escaped(text: str) -> str:
    """``text`` with what could steer a terminal or hide itself as visible escapes, line ends too; else unchanged."""
    return text if text.isascii() and text.isprintable() else _HARMFUL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def spreadsheet_safe(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula: one that could be begins with an apostrophe."""
    return f"'{text}" if _FORMULA.match(text) else text
