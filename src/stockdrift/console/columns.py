"""The columns of the SKU grid, by width. They stand still until the operator asks for them anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.arrangement import AS_SHIPPED, TAIL, Arrangement
from stockdrift.stock.values import replace

SKU_MIN: Final = 7
SKU_MAX: Final = 20
_NAME: Final = 19
_NAME_MIN: Final = 12
_NAME_MAX: Final = 40
_LABEL: Final = 9
_AXIS: Final = 15  # the deviation axis with its gap
_PLAINLY: Final = 12  # so long a SKU never loses its middle for being the exception
OTHERS_NAME: Final = 8
_OTHERS: Final = OTHERS_NAME + 5  # which surface it is, and its deviation
WIDE: Final = 104
"""From so many cells on each surface has its column."""


class Head(Struct, frozen=True):
    """A column's head: ``text`` in the cells from ``start`` up to and without ``stop``. Its id names an order."""

    id: str
    text: str
    start: int
    stop: int


class SurfaceColumn(Struct, frozen=True):
    """``surfaces`` are indices as configured: one, or those that share a column. Edges are last cells."""

    id: str
    label: str
    surfaces: Sequence[int]
    head: int
    value: int
    deviation: int | None


class Columns(Struct, frozen=True):
    """Cells of a row. Left-aligned columns by first cell and width, right-aligned by last cell; None: no room."""

    width: int
    severity: str  # words | glyph
    sku: int
    sku_width: int
    name: int | None
    name_width: int
    master: int | None
    line: int | None
    surfaces: Sequence[SurfaceColumn]
    worst: int | None
    worst_width: int
    shows: int | None
    off: int | None
    axis: int | None
    phase: int | None
    phase_width: int
    since: int | None
    out_in: int | None
    risk: int | None


def sku_width(lengths: Sequence[int]) -> int:
    """Wide enough for 95 of 100 SKUs, and for all that are not long, within limits; longer ones lose their middle."""
    if not lengths:
        return SKU_MIN
    ordered = sorted(lengths)
    usual = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    plain = max((length for length in ordered if length <= _PLAINLY), default=0)
    return min(SKU_MAX, max(SKU_MIN, usual, plain))


def columns(
    width: int,
    surfaces: Sequence[str],
    order: Sequence[int],
    sku: int = SKU_MIN,
    arranged: Arrangement = AS_SHIPPED,
    *,
    axis: bool = False,
) -> Columns:
    """The grid at ``width`` cells. ``surfaces`` are names as configured, ``order`` their indices as they shall stand.

    There is room to arrange columns from :data:`WIDE` cells on, and for the ``axis`` of deviations where the screen is
    wide.
    """
    if width >= WIDE:
        return _wide(width, surfaces, order, sku, arranged, axis=axis)
    if width >= 60:
        return _middle(width, sku)
    return _narrow(width)


def heads(columns: Columns, axis: str) -> list[Head]:
    """The heads from left to right; ``axis`` is the glyph of the line in the middle of the deviation axis."""

    def left(name: str, x: int | None, text: str) -> list[Head]:
        return [] if x is None else [Head(name, text, x, x + cell_len(text))]

    def right(name: str, edge: int | None, text: str) -> list[Head]:
        return [] if edge is None else [Head(name, text, edge + 1 - cell_len(text), edge + 1)]

    with_worst = columns.worst is not None
    found = [
        *left("sku", columns.sku, "SKU"),
        *left("name", columns.name, "name"),
        *right("master", columns.master, "master"),
        *(head for surface in columns.surfaces for head in right(surface.id, surface.head, surface.label)),
        *left("deviation", columns.worst, "worst"),
        *right("shows", None if columns.shows is None else columns.shows + with_worst,
               "shows" if with_worst else "shows/master"),
        *right("deviation", columns.off, "off"),
        *left("deviation", columns.axis, f" under {axis} over"),
        *left("phase", columns.phase, "phase"),
        *right("since", columns.since, "since"),
        *right("out-in", columns.out_in, "out in"),
        *right("risk", columns.risk, "risk"),
    ]  # fmt: skip
    return sorted(found, key=lambda head: head.start)


def _wide(
    width: int, surfaces: Sequence[str], order: Sequence[int], sku: int, arranged: Arrangement, *, axis: bool
) -> Columns:
    tail: dict[str, int] = {}
    x = width - 3
    for column in reversed([column for column in arranged.tail if column not in arranged.hidden]):
        tail[column] = x
        x -= TAIL[column]
    named = "name" not in arranged.hidden
    name = 14 + sku + 1
    name_width = max(_NAME_MIN, _NAME - (sku - SKU_MIN)) if named else 2
    room = x - (name + name_width + 6)
    shown = [index for index in order if f"surface:{surfaces[index]}" not in arranged.hidden]
    wanted = [(words.short_title(surfaces[index], _LABEL), (index,)) for index in shown]
    axis_at = x + 2 - _AXIS if axis and "deviation" not in arranged.hidden else None
    plans = _fit(wanted, room if axis_at is None else room - _AXIS)
    if axis_at is not None and len(plans) == len(wanted):
        room -= _AXIS
    elif axis_at is not None:  # no surface goes without its column for it
        axis_at, plans = None, _fit(wanted, room)
    spare = room - sum(gap + wide for _label, _which, gap, wide, _dev in plans)
    wider = min(max(spare, 0), _NAME_MAX - name_width) if named else 0
    name_width += wider
    spare -= wider
    gap_more = max(spare, 0) // len(plans) if plans else 0
    master = name + name_width + 4
    at = master + 2
    placed = []
    for label, which, gap, wide, with_deviation in plans:
        at += gap + gap_more + wide
        one = f"surface:{surfaces[which[0]]}" if len(which) == 1 else "others"
        placed.append(SurfaceColumn(one, label, which, at, at - 4 if with_deviation else at,
                                    at if with_deviation else None))  # fmt: skip
    phase = tail.get("phase")
    return Columns(
        width, "words", 14, sku, name if named else None, name_width, master, master + 2, placed, None, 0, None, None,
        axis_at, None if phase is None else phase - 9, 10, tail.get("since"), tail.get("out-in"), tail.get("risk"),
    )  # fmt: skip


_Fit = tuple[str, tuple[int, ...], int, int, bool]


def _fit(wanted: Sequence[tuple[str, tuple[int, ...]]], room: int) -> list[_Fit]:
    """Label, surfaces, gap, width, and whether the deviation has a column: the worst are served first. What shares a
    column has room for the name of one.
    """

    def plain(label: str, which: tuple[int, ...]) -> _Fit:
        return label, which, 1, max(cell_len(label), 4) if len(which) == 1 else _OTHERS, False

    plans = [plain(label, which) for label, which in wanted]
    while len(plans) > 1 and sum(gap + wide for _label, _which, gap, wide, _dev in plans) > room:
        last = plans.pop()[1]  # what is folded already, or the first to be
        folded = (*plans.pop()[1], *last)
        plans.append(plain("others", folded))
    used = sum(gap + wide for _label, _which, gap, wide, _dev in plans)
    for index, (label, which, gap, wide, _dev) in enumerate(plans):
        more = 2 + max(cell_len(label), 8) - gap - wide
        if len(which) == 1 and used + more <= room:
            plans[index] = (label, which, 2, max(cell_len(label), 8), True)
            used += more
    return plans


def _middle(width: int, sku: int) -> Columns:
    out_in = width - 2
    with_phase = width >= 68
    phase = out_in - 13 if with_phase else None
    off = (phase if phase is not None else out_in - 4) - 2
    shows = off - 5
    if phase is None:
        off, shows = out_in - 7, out_in - 12
    worst = shows - 13
    line = worst - 2
    master = line - 2
    name: int | None = 14 + sku + 1
    name_width = master - 5 - (name or 0)
    if width < 80 or name_width < 4:
        name, name_width = None, 0
        sku = master - 6 - 14
    return Columns(
        width, "words", 14, sku, name, name_width, master, line, (), worst, 9, shows, off, None,
        phase, 8, None, out_in, None,
    )  # fmt: skip


def _narrow(width: int) -> Columns:
    bare = Columns(
        width, "glyph", 4, max(1, width - 6), None, 0, None, None, (), None, 0, None, None, None,
        None, 0, None, None, None,
    )  # fmt: skip
    if width < 30:
        return bare
    out_in = width - 2
    shows = out_in - 7
    return replace(bare, sku_width=shows - 10 - 4, shows=shows, out_in=out_in)
