"""The header row of a table: which character parts its cells, and where the columns stand that the settings name."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from stockdrift.settings.sources import FeedColumns
from stockdrift.stock.text import clean
from stockdrift.surfaces.faults import Fault, SurfaceFault

_META: Final = "quantity_to_sell_on_facebook"
"""What Meta calls the quantity since it gave up ``inventory``; nothing else can be meant by it."""

_ROLES: Final = ("sku", "quantity", "availability", "name", "price", "on_hand", "committed", "reserved", "damaged")
_PARTS: Final = ("on_hand", "committed", "reserved", "damaged")
_LONGEST: Final = 40
_NAMED: Final = 6  # columns that are listed where none is near
_NEAR: Final = 0.7  # share of letters from which on two names are
_OFTEN: Final[Mapping[str, Sequence[str]]] = {
    "sku": ("sku", "id", "item id", "item sku", "variant sku", "seller sku", "product id", "item number"),
    "quantity": (
        "quantity", "inventory", "stock", "qty", "available", "available quantity", "stock quantity",
        "inventory quantity", "on hand", "stock level", _META.replace("_", " "),
    ),
    "availability": ("availability", "in stock", "stock status", "status"),
    "name": ("title", "name", "product name"),
    "price": ("price", "regular price"),
}  # fmt: skip
"""How columns are often called, by what they hold: nobody's ``id`` is meant by ``quantity``."""


class Layout(Struct, frozen=True):
    """The delimiter, and each column's place from 0; None where the table or the settings have no such column.

    Where ``parts`` (on hand, committed, reserved, damaged) are read, the quantity is not: they make the ATP.
    """

    delimiter: str
    sku: int
    quantity: int | None
    availability: int | None
    name: int | None
    price: int | None
    parts: Sequence[int | None] | None
    columns: int  # cells of the header

    @property
    def needed(self) -> int:
        """Cells that a row must have to state a level."""
        levels = self.parts or ((self.quantity,) if self.quantity is not None else (self.availability,))
        return 1 + max(self.sku, *(place for place in levels if place is not None))

    @property
    def width(self) -> int:
        """Cells that a row needs to state everything."""
        optional = (self.availability, self.name, self.price)
        return max(self.needed, *(1 + place for place in optional if place is not None), 0)


def lay_out(head: str, columns: FeedColumns, *, form: str | None, name: str) -> Layout:
    """Finds delimiter and columns in ``head``, the beginning of a table.

    ``form`` tsv parts at tabs alone, csv at commas or (as spreadsheets write where the comma is the decimal)
    semicolons; without it every delimiter is tried, the one that ``name`` suggests first. Raises SurfaceFault naming
    the column that is missing, or there twice, and the nearest one present.
    """
    fault: SurfaceFault | None = None
    most = -1
    for delimiter in _delimiters(form, name):
        names = first_row(head.splitlines(keepends=True), delimiter)
        found = _locate(names, columns)
        try:
            return _layout(delimiter, names, found, columns)
        except SurfaceFault as missing:
            score = 100 * len(found) + len(names)
            if score > most:
                fault, most = missing, score
    raise fault or SurfaceFault("empty", Fault.EMPTY)


def lay_out_fields(present: Sequence[str], columns: FeedColumns) -> tuple[Layout, list[str]]:
    """As :func:`lay_out`, for items whose fields have names: the layout of a row, and which field stands at which
    place of it. ``present`` holds all names that items have. A last place beyond these is for what an item said that
    names no SKU. Raises SurfaceFault as :func:`lay_out`.
    """
    whole = _layout("", present, _locate(present, columns), columns)
    singles = (whole.sku, whole.quantity, whole.availability, whole.name, whole.price)
    used = sorted({place for place in (*singles, *(whole.parts or ())) if place is not None})
    names = [present[place] for place in used]
    return _layout("", [*names, ""], _locate(names, columns), columns), names


def first_row(lines: Iterable[str], delimiter: str) -> list[str]:
    """The first row that is not blank; empty where there is none."""
    try:
        return next((row for row in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, row))), [])
    except csv.Error:
        return []


def _delimiters(form: str | None, name: str) -> Sequence[str]:
    if form == "tsv":
        return "\t"
    if form == "csv":
        return ",;"
    return "\t,;|" if name.lower().endswith((".tsv", ".tab")) else ",\t;|"


def _locate(names: Sequence[str], columns: FeedColumns) -> Mapping[str, list[int]]:
    """Places of each role that the settings name: those spelled exactly so, else those that differ in case only."""
    trimmed = [name.strip().strip("\ufeff") for name in names]
    folded = [name.casefold() for name in trimmed]
    found: dict[str, list[int]] = {}
    for role in _ROLES:
        wanted: str | None = getattr(columns, role)
        if wanted is None:
            continue
        wanted = wanted.strip()
        places = [place for place, name in enumerate(trimmed) if name == wanted]
        places = places or [place for place, name in enumerate(folded) if name == wanted.casefold()]
        if places:
            found[role] = places
    if "quantity" not in found and "quantity" not in columns.model_fields_set and _META in folded:
        found["quantity"] = [place for place, name in enumerate(folded) if name == _META]
    return found


def _layout(delimiter: str, names: Sequence[str], found: Mapping[str, list[int]], columns: FeedColumns) -> Layout:
    def place(role: str, *, needed: bool = True) -> int | None:
        wanted = getattr(columns, role)
        if wanted is None:
            return None
        places = found.get(role, [])
        if len(places) > 1:
            raise SurfaceFault(f"the column {_quoted(wanted)} is there {len(places)} times", Fault.SHAPE)
        if not places and needed:
            raise _missing(role, wanted, names)
        return places[0] if places else None

    sku = place("sku")
    if sku is None:
        raise SurfaceFault("the settings name no SKU column", Fault.SHAPE)
    parts = [place(role) for role in _PARTS]
    has_parts = parts[0] is not None
    if not has_parts and any(part is not None for part in parts):
        raise SurfaceFault("the settings name parts of ATP without a column for on hand", Fault.SHAPE)
    availability = place("availability")
    # A quantity column that the settings name outright must be there: to compare in or out instead would hide drift.
    named = "quantity" in columns.model_fields_set
    quantity = place("quantity", needed=not has_parts and (named or availability is None))
    if not has_parts and quantity is None and availability is None:
        raise SurfaceFault("the settings name neither a quantity nor an availability column", Fault.SHAPE)
    return Layout(
        delimiter=delimiter,
        sku=sku,
        quantity=None if has_parts else quantity,
        availability=None if has_parts else availability,
        name=place("name"),
        price=place("price"),
        parts=parts if has_parts else None,
        columns=len(names),
    )


def _missing(role: str, wanted: str, names: Sequence[str]) -> SurfaceFault:
    """What is missing, which column may be meant by it, and what to set: the columns of a feed are a setting."""
    present = [name.strip().strip("\ufeff") for name in names if name.strip()]
    near = _nearest(role, wanted, present)
    if near:
        hint = f"; the nearest is {_quoted(near)}: if that is meant, set columns.{role} to it"
    elif present:
        there = ", ".join(_quoted(name) for name in present[:_NAMED]) + (" …" if len(present) > _NAMED else "")
        hint = f"; set columns.{role} to one of {there}"
    else:
        hint = ""
    return SurfaceFault(f"no column {_quoted(wanted)}{hint}", Fault.SHAPE)


def _nearest(role: str, wanted: str, present: Sequence[str]) -> str:
    """A column that is often called so where it holds this, else one spelled much alike; empty where there is none."""
    spelled = {_bare(name): name for name in reversed(present)}
    often = next((spelled[name] for name in _OFTEN.get(role, ()) if name in spelled), "")
    if often:
        return often
    others = {name for other, usual in _OFTEN.items() if other != role for name in usual}
    near = difflib.get_close_matches(_bare(wanted), [name for name in spelled if name not in others], 1, _NEAR)
    return spelled[near[0]] if near else ""


def _bare(name: str) -> str:
    """Without case, a namespace, and what stands between words."""
    return " ".join(name.casefold().rpartition(":")[2].replace("_", " ").replace("-", " ").split())


def _quoted(name: str) -> str:
    name = clean(name)
    return f"“{name if len(name) <= _LONGEST else name[: _LONGEST - 1] + '…'}”"
