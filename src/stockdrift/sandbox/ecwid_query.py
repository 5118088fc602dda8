"""The query of ``GET /api/v3/{storeId}/products``, read and checked as Ecwid does it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

MAX_LIMIT: Final = 100
SORTS: Final = (
    "RELEVANCE",
    "DEFINED_BY_STORE_OWNER",
    "ADDED_TIME_ASC",
    "ADDED_TIME_DESC",
    "UPDATED_TIME_ASC",
    "UPDATED_TIME_DESC",
    "NAME_ASC",
    "NAME_DESC",
    "PRICE_ASC",
    "PRICE_DESC",
)
_FIELD: Final = re.compile(r"\s*([A-Za-z]+)\s*|([(),])")

Fields = Mapping[str, "Fields | None"]
"""What ``responseFields`` asks for: names, each with the fields wanted inside it, or None for all of them."""


class BadQueryError(ValueError):
    """A parameter that the API would answer with 400; the message is what it says."""


class Query(Struct, frozen=True):
    """A search. Times are Unix seconds."""

    offset: int = 0
    limit: int = MAX_LIMIT
    updated_from: int | None = None
    updated_to: int | None = None
    sku: str | None = None
    product_ids: Sequence[int] = ()
    enabled: bool | None = None
    in_stock: bool | None = None
    sort: str = "RELEVANCE"
    fields: str = ""

    @property
    def selects(self) -> bool:
        """Whether anything but paging and fields narrows or orders the products."""
        return Query(offset=self.offset, limit=self.limit, fields=self.fields) != self


def parse_query(params: Mapping[str, str]) -> Query:
    """The query that ``params`` state; unknown parameters are ignored, as the API does. Raises BadQueryError."""
    sort = params.get("sortBy", "RELEVANCE")
    if sort not in SORTS:
        raise BadQueryError(f"Wrong parameter 'sortBy' value: {sort}")
    ids = [part for part in params.get("productId", "").split(",") if part]
    if not all(part.isdecimal() for part in ids):
        raise BadQueryError("Wrong parameter 'productId' value: expected numbers separated by a comma")
    return Query(
        offset=_number(params, "offset") or 0,
        limit=min(_number(params, "limit") or MAX_LIMIT, MAX_LIMIT),
        updated_from=_time(params, "updatedFrom"),
        updated_to=_time(params, "updatedTo"),
        sku=params.get("sku"),
        product_ids=tuple(int(part) for part in ids),
        enabled=_flag(params, "enabled"),
        in_stock=_flag(params, "inStock"),
        sort=sort,
        fields=params.get("responseFields", ""),
    )


def parse_fields(text: str) -> Fields | None:
    """``"total,items(id,options(name))"`` as a tree; None for an empty text: everything. Raises BadQueryError."""
    if not text.strip():
        return None
    tree: dict[str, Any] = {}
    stack: list[dict[str, Any]] = [tree]
    last, end = "", 0
    for match in _FIELD.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        name, sign = match.groups()
        if name:
            stack[-1][name], last = None, name
        elif sign == "(" and last:
            inner: dict[str, Any] = {}
            stack[-1][last] = inner
            stack.append(inner)
            last = ""
        elif sign == ")" and len(stack) > 1:
            stack.pop()
        elif sign != ",":
            break
    if end != len(text) or len(stack) != 1:
        raise BadQueryError("Wrong parameter 'responseFields' value")
    return tree


def project(value: Any, fields: Fields | None) -> Any:
    """``value`` with only ``fields`` in it; lists are taken item by item."""
    if fields is None:
        return value
    if isinstance(value, list):
        return [project(item, fields) for item in value]
    if isinstance(value, dict):
        return {name: project(inner, fields[name]) for name, inner in value.items() if name in fields}
    return value


def _number(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 12:
        raise BadQueryError(f"Wrong parameter '{name}' value: expected a number")
    return int(text)


def _time(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name)
    if text is None or text.isdecimal():
        return _number(params, name)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadQueryError(f"Wrong parameter '{name}' value: expected a UNIX timestamp or a date") from None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def _flag(params: Mapping[str, str], name: str) -> bool | None:
    text = params.get(name)
    if text is None:
        return None
    if text.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
        raise BadQueryError(
            f"Wrong parameter '{name}' value: expected one of 'true', 'false', 'yes', 'no', 'on', 'off', '1', '0'"
        )
    return text.lower() in ("true", "yes", "on", "1")
