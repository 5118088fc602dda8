"""Items of a JSON document (RFC 8259) or of JSON Lines (jsonlines.org) to columns. Pure: no file, network or clock."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from stockdrift.settings.models import FeedColumns
from stockdrift.stock.text import clean
from stockdrift.surfaces.answers import nests_deeper, opens_with_tag
from stockdrift.surfaces.collected import Row
from stockdrift.surfaces.document import Document, Items, missing_columns
from stockdrift.surfaces.faults import Fault, SurfaceFault, size_words
from stockdrift.surfaces.header import lay_out_fields
from stockdrift.surfaces.stated_time import parse_time

_TIMES: Final = (
    "generated_at",
    "generatedAt",
    "generated",
    "updated_at",
    "updatedAt",
    "last_updated",
    "lastUpdated",
    "updated",
)
_TOTALS: Final = ("total_count", "totalCount", "total_items", "totalItems", "count")
_PAGED: Final = frozenset({"offset", "limit", "page", "per_page", "perPage", "page_size", "pageSize"})
_NEXT: Final = ("next", "next_url", "next_page", "nextPage", "next_cursor", "nextCursor")
_PAGES: Final = ("pagination", "paging", "page_info", "pageInfo", "meta", "links")
_LONGEST_NUMBER: Final = 256  # digits, or bits
_DESCENT: Final = 8  # objects on the way to the items

_WHOLE: Final = msgspec.json.Decoder()
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])

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
    found, above = _find(body, items)
    rows: Sequence[msgspec.Raw] = _decode(found, _RAW_LIST)
    if not rows:
        raise SurfaceFault("no items in it", Fault.EMPTY)
    _refuse_page(above, len(rows))
    for number, raw in enumerate(rows, 1):
        if nests_deeper(bytes(raw), max_depth):
            raise SurfaceFault(f"item {number:,} is nested deeper than {max_depth}", Fault.LARGE)
    table = _collect(lambda: enumerate(rows, 1), columns).table()
    stated = generated is not None
    moment = _at_path(body, generated) if generated is not None else _usual_time(above)
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


def _decode(body: Any, decoder: Any) -> Any:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise SurfaceFault("JSON of another shape than the settings say", Fault.SHAPE) from None
    except msgspec.DecodeError as error:
        if "truncated" in str(error):
            raise SurfaceFault(f"the JSON is cut off after {size_words(len(body))}", Fault.CUT) from None
        raise SurfaceFault(f"not JSON: {error}", Fault.SHAPE) from None
    except UnicodeDecodeError:
        raise SurfaceFault("not JSON: a name in it is not UTF-8", Fault.SHAPE) from None
    except RecursionError:  # msgspec goes no deeper than Python itself would
        raise SurfaceFault("nested too deep", Fault.LARGE) from None


# ── the way to the items ──────────────────────────────────────────────────────────────────────────────────────────


def _find(body: bytes, path: str | None) -> tuple[Any, list[Mapping[str, Any]]]:
    """The list of items as it stands, and the objects on the way to it, the outermost first."""
    above: list[Mapping[str, Any]] = []
    here: Any = body
    for name in path.split(".") if path else ():
        above.append(_object(here, f"no list of items at “{clean(path or '')}”"))
        if name not in above[-1]:
            raise SurfaceFault(f"no list of items at “{clean(path or '')}”: there is no “{clean(name)}”", Fault.SHAPE)
        here = above[-1][name]
    if path:
        if not _opens(here, b"["):
            raise SurfaceFault(f"what stands at “{clean(path)}” is no list of items", Fault.SHAPE)
        return here, above
    while not _opens(here, b"["):
        above.append(_object(here, "no list of items in it"))
        lists = [name for name, value in above[-1].items() if _opens(value, b"[")]
        inner = [name for name, value in above[-1].items() if _opens(value, b"{")]
        if len(lists) > 1:
            named = ", ".join(f"“{clean(name)[:40]}”" for name in lists[:5])
            raise SurfaceFault(f"several lists in it: {named}; name the one with the items as items", Fault.SHAPE)
        if not lists and (len(inner) != 1 or len(above) == _DESCENT):
            raise SurfaceFault("no list of items in it; name its path as items", Fault.SHAPE)
        here = above[-1][(lists or inner)[0]]
    return here, above


def _object(here: Any, otherwise: str) -> Mapping[str, Any]:
    if not _opens(here, b"{"):
        _decode(here, _WHOLE)  # what is not even JSON is called so
        raise SurfaceFault(otherwise, Fault.SHAPE)
    found: Mapping[str, Any] = _decode(here, _RAW_OBJECT)
    return found


def _opens(here: Any, bracket: bytes) -> bool:
    return bytes(memoryview(here)[:1024]).lstrip()[:1] == bracket


def _refuse_page(above: Sequence[Mapping[str, Any]], rows: int) -> None:
    """One page taken for the whole would unlist the others."""
    inner = (_plain(level.get(name)) for level in above for name in _PAGES)
    for level in [*above, *(found for found in inner if isinstance(found, Mapping))]:
        # "total" may be a sum of units, unless pages are spoken of beside it.
        for name in (*_TOTALS, *(("total",) if _PAGED & level.keys() else ())):
            total = _plain(level.get(name))
            if type(total) is int and total > rows:
                raise SurfaceFault(f"{rows:,} items came, and its “{name}” says {total:,}", Fault.CUT)
        for name in _NEXT:
            if _leads_on(name, _plain(level.get(name))):
                raise SurfaceFault(f"only one page of the items: it names a “{name}”", Fault.CUT)


def _leads_on(name: str, value: Any) -> bool:
    """Whether a field speaks of another page. A bare ``next`` may be the time of the next feed."""
    if name == "next":
        return isinstance(value, str) and value.startswith(("http:", "https:", "/", "?"))
    return bool(value)


def _usual_time(above: Sequence[Mapping[str, Any]]) -> Any:
    for level in reversed(above):
        for name in _TIMES:
            if name in level:
                return _plain(level[name])
    return None


def _at_path(body: bytes, path: str) -> Any:
    here: Any = body
    for name in path.split("."):
        if not _opens(here, b"{"):
            return None
        here = _decode(here, _RAW_OBJECT).get(name)
        if here is None:
            return None
    return _plain(here)


def _plain(value: Any) -> Any:
    """What a value is once decoded; None where it cannot be."""
    if not isinstance(value, msgspec.Raw):
        return value
    try:
        return _WHOLE.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


# ── items to rows ─────────────────────────────────────────────────────────────────────────────────────────────────


def _collect(rows: Callable[[], Iterable[Numbered]], columns: FeedColumns) -> Items:
    layout, names = lay_out_fields(_names(rows(), columns), columns)
    plain = [name for name in names if "." not in name]
    words = names[layout.availability] if layout.availability is not None else None
    quick = len(plain) == len(names)
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
        _unnamed(cells, layout.sku, item, names)
        found.add(number, cells, lambda raw=raw: bytes(memoryview(raw)[:400]).decode("utf-8", "replace"))  # type: ignore[misc]
    return found


def _unnamed(cells: Row, place: int, item: Any, names: Sequence[str]) -> None:
    """Takes the SKU out of ``cells`` where it is neither a text nor a whole number."""
    if cells[place]:
        sku = _within(item, names[place])
        if type(sku) is not str and type(sku) is not int:
            cells[place] = ""


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
