"""Quotes that are opened and not closed where they should be: the cell goes on over the next rows and hides them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stockdrift.stock.levels import parse_quantity
from stockdrift.surfaces.cells import parse_availability
from stockdrift.surfaces.collected import Row
from stockdrift.surfaces.header import Layout


def swallowing(rows: Iterable[Row], layout: Layout) -> int | None:
    """The place of the first of ``rows`` that seems to have swallowed others, None where there is none.

    A cell may hold line ends, as descriptions do. It is suspect where its row has more cells than the header, or where
    its lines, read without the quote, are rows that state levels.
    """
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if "\n" not in cell and "\r" not in cell:
                continue
            if any(map(str.strip, row[layout.columns :])) or _holds_rows(row, column, layout):
                return place
    return None


def _holds_rows(row: Row, column: int, layout: Layout) -> bool:
    lines = row[column].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, *between, last = (line.split(layout.delimiter) for line in lines)
    if any(_states_a_level(cells, layout) for cells in between):
        return True
    return _states_a_level([*row[:column], *first], layout) and _states_a_level([*last, *row[column + 1 :]], layout)


def _states_a_level(cells: Sequence[str], layout: Layout) -> bool:
    """Whether ``cells`` are a row as the header announces it, with a SKU and something that is a level. What follows a
    delimiter and a space is prose.
    """
    if len(cells) != layout.columns or not cells[layout.sku].strip():
        return False
    if layout.parts is not None:
        return all(parse_quantity(cells[place]) is not None for place in layout.parts if place is not None)
    if layout.quantity is not None and parse_quantity(cells[layout.quantity]) is not None:
        return cells[layout.quantity][:1] != " "
    return layout.availability is not None and parse_availability(cells[layout.availability]) is not None
