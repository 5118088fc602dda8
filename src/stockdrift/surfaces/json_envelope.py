"""What stands around the items of a JSON document: the way to their list, its time, and whether it is all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from stockdrift.stock.text import clean
from stockdrift.surfaces.faults import Fault, SurfaceFault, size_words

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
_MORE: Final = ("has_more", "hasMore", "has_next", "hasNext", "has_next_page", "hasNextPage")
_PAGE_COUNTS: Final = ("total_pages", "totalPages", "page_count", "pageCount", "last_page", "lastPage")
_NEXT: Final = ("next", "next_url", "next_page", "nextPage", "next_cursor", "nextCursor")
_PAGES: Final = ("pagination", "paging", "page_info", "pageInfo", "meta", "links")
_DESCENT: Final = 8  # objects on the way to the items

_WHOLE: Final = msgspec.json.Decoder()
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])

Level = Mapping[str, msgspec.Raw]
"""An object on the way to the items, its values still as they were written."""


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


def find_items(body: bytes, path: str | None) -> tuple[Sequence[msgspec.Raw], Sequence[Level]]:
    """The items, and the objects on the way to their list, the outermost first. ``path`` is the list's, with dots; None
    goes down where there is but one way. Raises SurfaceFault where that leads to no list.
    """
    above: list[Level] = []
    here: Any = body
    for name in path.split(".") if path else ():
        above.append(_object(here, f"no list of items at “{clean(path or '')}”"))
        if name not in above[-1]:
            raise SurfaceFault(f"no list of items at “{clean(path or '')}”: there is no “{clean(name)}”", Fault.SHAPE)
        here = above[-1][name]
    if path:
        if not _opens(here, b"["):
            raise SurfaceFault(f"what stands at “{clean(path)}” is no list of items", Fault.SHAPE)
        return _decode(here, _RAW_LIST), above
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
    return _decode(here, _RAW_LIST), above


def _object(here: Any, otherwise: str) -> Level:
    if not _opens(here, b"{"):
        _decode(here, _WHOLE)  # what is not even JSON is called so
        raise SurfaceFault(otherwise, Fault.SHAPE)
    found: Level = _decode(here, _RAW_OBJECT)
    return found


def _opens(here: Any, bracket: bytes) -> bool:
    return bytes(memoryview(here)[:1024]).lstrip()[:1] == bracket


def refuse_page(above: Sequence[Level], rows: int) -> None:
    """Raises SurfaceFault where the ``rows`` items are one page of several: taken for all, they unlist the rest."""
    inner = (_plain(level.get(name)) for level in above for name in _PAGES)
    levels: list[Mapping[str, Any]] = [*above, *(found for found in inner if isinstance(found, Mapping))]
    for level in levels:
        # "total" may be a sum of units, unless pages are spoken of beside it.
        for name in (*_TOTALS, *(("total",) if _PAGED & level.keys() else ())):
            total = _plain(level.get(name))
            if type(total) is int and total > rows:
                raise SurfaceFault(f"{rows:,} items came, and its “{name}” says {total:,}", Fault.CUT)
        for name in _PAGE_COUNTS:
            pages = _plain(level.get(name))
            if type(pages) is int and pages > 1:
                raise SurfaceFault(f"only one page of the items: its “{name}” says {pages:,}", Fault.CUT)
        for name in _MORE:
            if _plain(level.get(name)) is True:
                raise SurfaceFault(f"only one page of the items: its “{name}” is true", Fault.CUT)
        for name in _NEXT:
            if _leads_on(name, _plain(level.get(name))):
                raise SurfaceFault(f"only one page of the items: it names a “{name}”", Fault.CUT)


def _leads_on(name: str, value: Any) -> bool:
    """Whether a field speaks of another page. A bare ``next`` may be the time of the next feed."""
    if name == "next":
        return isinstance(value, str) and value.startswith(("http:", "https:", "/", "?"))
    return bool(value)


def usual_time(above: Sequence[Level]) -> Any:
    """What stands under one of the usual names for the time of generation, nearest to the items; else None."""
    for level in reversed(above):
        for name in _TIMES:
            if name in level:
                return _plain(level[name])
    return None


def value_at(body: bytes, path: str) -> Any:
    """The value at a dotted path of the document; None where there is none."""
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
