"""What comes back: an answer's bytes, and JSON out of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec
import numpy as np

from stockdrift.surfaces.faults import Fault, SurfaceFault, size_words

T = TypeVar("T")

# Possessive, and an open string runs to the end: linear on any input.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEP: Final = np.zeros(256, np.int32)
_STEP[list(b"[{")] = 1
_STEP[list(b"]}")] = -1
_BLOCK: Final = 2**20
_NEXT_PAGE: Final = re.compile(r';\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next\s*(?:[;,]|$))', re.IGNORECASE)


class Answer(msgspec.Struct, frozen=True):
    """A 2xx answer, whole and unpacked, or the 304 to a conditional request. ``headers`` have lower-case names.

    ``framed`` is false where the server named neither a length nor chunks: then a cut-off body looks like a whole one.
    ``moved`` is true where redirects led to it: then it may come from elsewhere the next time.
    """

    status: int
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    body: bytes = b""
    framed: bool = True
    moved: bool = False

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case; empty where there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def leads_on(self) -> bool:
        """Whether it calls itself one page of several: a link to the next in its headers (RFC 8288)."""
        return _NEXT_PAGE.search(self.headers.get("link", "")) is not None

    @property
    def is_html(self) -> bool:
        """A page where data was expected: by its type, or because it opens with a tag."""
        return "html" in self.content_type or opens_with_tag(self.body)


def opens_with_tag(body: bytes) -> bool:
    """Whether the first thing in ``body`` is ``<``, after white space and a byte order mark."""
    return body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def decode_json(answer: Answer, shape: type[T], *, max_depth: int = 64) -> T:
    """``answer`` as ``shape``, any type that msgspec knows. Raises SurfaceFault: empty, HTML, not whole, not JSON, too
    deep, or JSON of another shape.
    """
    body = answer.body
    if not body.strip():
        raise SurfaceFault("an empty answer instead of JSON", Fault.EMPTY, status=answer.status)
    if answer.is_html:
        raise SurfaceFault("HTML instead of JSON", Fault.SHAPE, status=answer.status)
    if nests_deeper(body, max_depth):
        raise SurfaceFault(f"nested deeper than {max_depth}", Fault.LARGE, status=answer.status)
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        # The sentence names the field and the types, never the value.
        raise SurfaceFault(f"JSON of another shape: {error}", Fault.SHAPE, status=answer.status) from None
    except msgspec.DecodeError as error:
        if "truncated" in str(error):
            reason = f"the JSON is cut off after {size_words(len(body))}"
            raise SurfaceFault(reason, Fault.CUT, status=answer.status) from None
        raise SurfaceFault(f"not JSON: {error}", Fault.SHAPE, status=answer.status) from None
    except UnicodeDecodeError:
        raise SurfaceFault("not JSON: a text in it is not UTF-8", Fault.SHAPE, status=answer.status) from None
    except RecursionError:
        raise SurfaceFault("nested too deep", Fault.LARGE, status=answer.status) from None


def nests_deeper(body: bytes, depth: int) -> bool:
    """Whether brackets in ``body`` nest deeper than ``depth``, counted without decoding; those in strings are text."""
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    brackets = _STRING.sub(b"", body).translate(None, _NO_BRACKETS)
    level = 0
    for start in range(0, len(brackets), _BLOCK):
        steps = _STEP[np.frombuffer(brackets[start : start + _BLOCK], np.uint8)].cumsum()
        if level + int(steps.max()) > depth:
            return True
        level += int(steps[-1])
    return False
