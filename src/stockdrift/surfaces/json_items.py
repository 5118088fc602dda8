"""Items of a JSON document (RFC 8259) or of JSON Lines (jsonlines.org) to columns. Pure: no file, network or clock."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from stockdrift.settings.sources import FeedColumns
from stockdrift.surfaces.answers import nests_deeper, opens_with_tag
from stockdrift.surfaces.collected import Row
from stockdrift.surfaces.document import Document, Items, missing_columns
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.header import lay_out_fields
from stockdrift.surfaces.json_envelope import find_items, refuse_page, usual_time, value_at
from stockdrift.surfaces.stated_time import parse_time

_LONGEST_NUMBER: Final = 256  # digits, or bits

_WHOLE: Final = msgspec.json.Decoder()

Numbered = tuple[int, msgspec.Raw]


def parse_json(
    data: bytes, columns: FeedColumns, *, items: str | None = None, generated: str | None = None, max_depth: int = 64
) -> Document:
    """A JSON document. ``items`` is the dotted path of the list of items, by default the only list on the way down;
    ``generated`` that of its time of generation, by default one of the usual names beside the list or above it.

    A column names a field of an item, or the dotted path of one within it. ``null`` is an empty cell; a fraction, true
    or false, an object or a list is no quantity. True and false are an availability.

    Raises SurfaceFault: empty, not JSON, cut off, too deep, no such list, one page of several, a missing column.
    """
    body = _checked(data)
    rows, above = find_items(body, items)
    if not rows:
        raise SurfaceFault("no items in it", Fault.EMPTY)
    refuse_page(above, len(rows))
    for number, raw in enumerate(rows, 1):
        if nests_deeper(bytes(raw), max_depth):
            raise SurfaceFault(f"item {number:,} is nested deeper than {max_depth}", Fault.LARGE)
    table = _collect(lambda: enumerate(rows, 1), columns).table()
    stated = generated is not None
    moment = value_at(body, generated) if generated is not None else usual_time(above)
    return Document(table, "json", parse_time(_text(moment)), says_when=stated or moment is not None)


def parse_json_lines(data: bytes, columns: FeedColumns, *, max_depth: int = 64) -> Document:
    """One JSON object a line; blank lines are passed over. Columns as for :func:`parse_json`.

    A line that is no JSON makes all of it doubtful: what was to stand there, and how much, nobody knows. Raises
    SurfaceFault as :func:`parse_json`.
    """
    body = _checked(data)
    rows: list[Numbered] = []
    for number, line in enumerate(io.BytesIO(body), 1):
        if line.isspace():
            continue
        if nests_deeper(line, max_depth):
            raise SurfaceFault(f"line {number} is nested deeper than {max_depth}", Fault.LARGE)
        try:
            rows.append((number, msgspec.json.decode(line, type=msgspec.Raw)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise SurfaceFault(f"line {number:,} is not whole JSON", Fault.CUT) from None
    if not rows:
        raise SurfaceFault("no items in it", Fault.EMPTY)
    table = _collect(lambda: iter(rows), columns).table()
    table.ended = body.endswith(b"\n")
    return Document(table, "jsonl")


def _checked(data: bytes) -> bytes:
    body = data.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise SurfaceFault("empty", Fault.EMPTY)
    if opens_with_tag(body):
        raise SurfaceFault("HTML or XML instead of JSON", Fault.SHAPE)
    return body


def _collect(rows: Callable[[], Iterable[Numbered]], columns: FeedColumns) -> Items:
    layout, names = lay_out_fields(_names(rows(), columns), columns)
    words = names[layout.availability] if layout.availability is not None else None
    quick = not any("." in name for name in names)
    quoted = [json.dumps(name).encode() for name in names]
    found = Items(layout)
    for number, raw in rows():
        item = _item(raw)
        if not isinstance(item, dict):
            cells = [""] * len(names)
        elif quick:
            get = item.get
            cells = [value if type(value := get(name)) is str else _text(value, name == words) for name in names]
        else:
            cells = [_text(_within(item, name), name == words) for name in names]
        if cells[layout.sku] and type(_within(item, names[layout.sku])) not in (str, int):
            cells[layout.sku] = ""
        text = bytes(raw)
        if any(text.count(name) > 1 for name in quoted):
            _refuse_twice(text, names, layout.sku, cells)
        found.add(number, cells, lambda text=text: text[:400].decode("utf-8", "replace"))  # type: ignore[misc]
    return found


def _refuse_twice(text: bytes, names: Sequence[str], sku: int, cells: Row) -> None:
    """Spoils the cells whose field an item holds more than once with different values: which one counts is open (RFC
    8259, 4).
    """
    pairs = json.loads(text.decode("utf-8", "surrogateescape"), parse_int=_integer, object_pairs_hook=list)
    if not text.lstrip().startswith(b"{"):
        return
    for place, name in enumerate(names):
        said = [_text(value) for key, value in pairs if key == name]
        if len(set(said)) > 1:
            cells[place] = "" if place == sku else " | ".join(said)


def _names(rows: Iterable[Numbered], columns: FeedColumns) -> Sequence[str]:
    """The names of the items' fields, from the first on until every column is found, or all have been looked at."""
    present: dict[str, None] = {}
    dotted = [name for role in FeedColumns.model_fields if (name := getattr(columns, role)) and "." in name]
    for _, raw in rows:
        item = _item(raw)
        if not isinstance(item, dict):
            continue
        more = [name for name in item if name not in present]
        more += (name for name in dotted if name not in present and _within(item, name) is not None)
        if more:
            present.update(dict.fromkeys(more))
            if not missing_columns(columns, present):
                break
    return list(present)


def _item(raw: msgspec.Raw) -> Any:
    try:
        return _WHOLE.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # A number out of range, a text that is no UTF-8: one bad cell, and the SKU beside it is still told.
        try:
            return json.loads(bytes(raw).decode("utf-8", "surrogateescape"), parse_int=_integer)
        except (ValueError, RecursionError):
            return None
    except RecursionError:
        return None


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < _LONGEST_NUMBER else math.inf


def _within(item: Mapping[str, Any], path: str) -> Any:
    """The field called ``path``, or the one at the dotted path."""
    if path in item or "." not in path:
        return item.get(path)
    here: Any = item
    for name in path.split("."):
        if not isinstance(here, Mapping):
            return None
        here = here.get(name)
    return here


def _text(value: Any, is_availability: bool = False) -> str:
    """A value as the cell of a table would hold it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        if is_availability:
            return "in stock" if value else "out of stock"
        return str(value).lower()
    if isinstance(value, int):
        return str(value) if value.bit_length() < _LONGEST_NUMBER else "a number beyond all quantities"
    if isinstance(value, float):
        return str(value)
    return json.dumps(value, ensure_ascii=True)[:200]
