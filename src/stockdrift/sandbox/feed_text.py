"""How a feed is written in each of its formats."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Final
from xml.sax.saxutils import escape

from msgspec import Struct

from stockdrift.sandbox.faults import Row
from stockdrift.sandbox.reply import encode

_GOOGLE: Final = "http://base.google.com/ns/1.0"
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no document may hold these (XML 1.0, 2.2)

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


class Feed(Struct, frozen=True):
    """``as_of`` is Unix ms. Rows hold text only, by the names in ``columns``."""

    title: str
    as_of: int
    columns: Sequence[str]
    rows: Sequence[Row]


class Form(Struct, frozen=True):
    """A format: its media type, and what writes it."""

    media_type: str
    write: Callable[[Feed], bytes]


def _csv(feed: Feed) -> bytes:
    return _delimited(feed, "excel", "\r\n")


def _tsv(feed: Feed) -> bytes:
    return _delimited(feed, "excel-tab", "\n")


def _delimited(feed: Feed, dialect: str, line_end: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, feed.columns, dialect=dialect, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(feed.rows)
    return text.getvalue().encode()


def _json(feed: Feed) -> bytes:
    return encode({"title": feed.title, "generated_at": _iso(feed.as_of), "items": [_typed(row) for row in feed.rows]})


def _jsonl(feed: Feed) -> bytes:
    return b"".join(encode(_typed(row)) + b"\n" for row in feed.rows)


def _rss(feed: Feed) -> bytes:
    made = formatdate(feed.as_of / 1_000, usegmt=True)
    items = "\n".join(f"<item>{_attributes(row)}</item>" for row in feed.rows)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="{_GOOGLE}">\n<channel>\n'
        f"<title>{escape(feed.title)}</title>\n<lastBuildDate>{made}</lastBuildDate>\n{items}\n</channel>\n</rss>\n"
    ).encode()


def _atom(feed: Feed) -> bytes:
    entries = "\n".join(f"<entry>{_attributes(row)}</entry>" for row in feed.rows)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="{_GOOGLE}">\n'
        f"<title>{escape(feed.title)}</title>\n<updated>{_iso(feed.as_of)}</updated>\n{entries}\n</feed>\n"
    ).encode()


def _attributes(row: Row) -> str:
    return "".join(f"<g:{name}>{escape(_NOT_XML.sub('', text))}</g:{name}>" for name, text in row.items())


def _typed(row: Row) -> Mapping[str, object]:
    """Whole quantities as numbers, as shops write them in JSON."""
    return {name: int(text) if name != "id" and _WHOLE.fullmatch(text) else text for name, text in row.items()}


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000, UTC).isoformat()


FORMS: Final[Mapping[str, Form]] = {
    "csv": Form("text/csv;charset=utf-8", _csv),
    "tsv": Form("text/tab-separated-values;charset=utf-8", _tsv),
    "rss": Form("application/rss+xml;charset=utf-8", _rss),
    "atom": Form("application/atom+xml;charset=utf-8", _atom),
    "json": Form("application/json", _json),
    "jsonl": Form("application/jsonl", _jsonl),
}
"""Every format, by the ending of its files."""
