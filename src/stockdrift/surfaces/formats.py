"""Which format a feed has, and the way from its bytes to columns. Pure: no file, no network."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.values import replace
from stockdrift.surfaces.answers import opens_with_tag
from stockdrift.surfaces.document import Document
from stockdrift.surfaces.duplicates import sum_duplicates
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.packing import beginning, is_packed
from stockdrift.surfaces.table import head_of_table, parse_table

WORDS: Final = {
    "csv": "CSV",
    "tsv": "TSV",
    "rss": "RSS",
    "atom": "Atom",
    "json": "JSON",
    "jsonl": "JSON Lines",
}
_LOOKED_AT: Final = 64 * 1024
_HTML: Final = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_JSON: Final = re.compile(rb"\[\s*[\[{\]]|\{\s*[\"}]")
_ROOT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(rss|RDF|feed)[\s>/]")
_LINES: Final = frozenset(
    {"application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/ndjson"}
)


def format_of(head: bytes, name: str = "", media_type: str = "") -> str:
    """The format of a feed by its ``head``, the beginning of it; ``name`` and media type have a say between JSON and
    JSON Lines alone. ``table`` where delimited text is left. Raises SurfaceFault for HTML.
    """
    start = head[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if opens_with_tag(head) or start.startswith((b"<\x00", b"\xff\xfe<", b"\xfe\xff\x00<")):
        if _HTML.search(start[:1024]):
            raise SurfaceFault("HTML instead of a table", Fault.SHAPE)
        root = _ROOT.search(start.replace(b"\x00", b""))
        return "atom" if root is not None and root[1] == b"feed" else "rss"
    if not _JSON.match(start):
        return "table"
    if start[:1] == b"[":
        return "json"
    if media_type in _LINES or name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        return "jsonl"
    first, _, rest = start.partition(b"\n")
    return "jsonl" if rest.lstrip()[:1] == b"{" and _is_json(first) else "json"


def parse_feed(
    body: bytes, settings: FeedSettings, *, name: str = "", media_type: str = "", max_depth: int = 64
) -> Document:
    """The items of a feed as columns, by the format that the settings name or its beginning shows. Raises SurfaceFault
    as the parsers do, and where the format is not the one named.
    """
    named = settings.format
    if named in ("csv", "tsv"):
        form: str = "table"
    else:
        form = format_of(body[:_LOOKED_AT], name, media_type) if named in ("auto", "rss", "atom") else named
    if form == "table" and named not in ("rss", "atom"):
        delimited = None if named == "auto" else named
        table = parse_table(body, settings.columns, form=delimited, name=name, sums_duplicates=settings.sums_duplicates)
        return Document(table, named if named != "auto" else "table", says_when=settings.generated is not None)
    document = _parse_items(body, form, settings, max_depth)
    if named not in ("auto", document.form):
        raise SurfaceFault(f"{WORDS[document.form]}, where the settings say {WORDS[named]}", Fault.SHAPE)
    return replace(document, table=sum_duplicates(document.table)) if settings.sums_duplicates else document


def look_at(body: bytes, settings: FeedSettings, *, name: str = "", media_type: str = "") -> str:
    """The format of a feed in words, by the beginning of its ``body``. Raises SurfaceFault where that shows already
    that it is none, or a table without one of the columns.
    """
    start = beginning(body, _LOOKED_AT)
    if not start.strip():
        raise SurfaceFault("empty", Fault.EMPTY)
    named = settings.format
    form: str = named if named in ("csv", "tsv", "json", "jsonl") else format_of(start, name, media_type)
    if form in ("csv", "tsv", "table"):
        layout = head_of_table(start, settings.columns, form=None if form == "table" else form, name=name)
        form = "tsv" if layout.delimiter == "\t" else "csv"
    return WORDS[form] + (", packed with gzip" if is_packed(body) else "")


def _parse_items(body: bytes, form: str, settings: FeedSettings, max_depth: int) -> Document:
    """Each parser is imported where a feed has its format: most have one, and start-up time feels the others."""
    if form in ("rss", "atom", "table"):
        from stockdrift.surfaces.xml_items import parse_xml

        return parse_xml(body, settings.columns, max_depth=max_depth)
    from stockdrift.surfaces.json_items import parse_json, parse_json_lines

    if form == "jsonl":
        return parse_json_lines(body, settings.columns, max_depth=max_depth)
    return parse_json(body, settings.columns, items=settings.items, generated=settings.generated, max_depth=max_depth)


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
