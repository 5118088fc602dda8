"""From the bytes of a CSV or TSV table to columns. Pure: no file, no network, no clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

import numpy as np

from stockdrift.settings.sources import FeedColumns
from stockdrift.surfaces.answers import opens_with_tag
from stockdrift.surfaces.collected import Collected, Row, Table
from stockdrift.surfaces.duplicates import sum_duplicates
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.header import Layout, lay_out
from stockdrift.surfaces.quotes import swallowing
from stockdrift.surfaces.regular import regular_table

__all__ = ["Table", "parse_table"]

_HEAD: Final = 64 * 1024
_BATCH: Final = 16_384
_END: Final = "\x00 end of table"


def parse_table(
    data: bytes, columns: FeedColumns, *, form: str | None = None, name: str = "", sums_duplicates: bool = False
) -> Table:
    """Reads a table as UTF-8 (or UTF-16 with its mark), delimiter and columns found from the header row.

    A row without a SKU, or without a whole quantity in 32 bits, is bad: counted, the first hundred kept, and with a
    SKU in the columns as ``UNKNOWN``. A SKU that is not UTF-8 is none; elsewhere undecodable bytes become visible
    escapes. Blank rows (no text in any cell) are passed over. Repeated SKUs stay, unless ``sums_duplicates``.

    Raises SurfaceFault: empty, only a header row, HTML, XML, JSON, not text, a missing column, a quote that is
    not closed, or only rows further down.
    """
    encoding = _encoding(data)
    layout = head_of_table(data, columns, form=form, name=name)
    table = regular_table(data, layout) if encoding == "utf-8-sig" else None
    table = table or _row_by_row(data, encoding, layout)
    if not table.rows:
        raise SurfaceFault("only a header row", Fault.EMPTY)
    table.ended = data[-2:].strip(b"\x00")[-1:] in (b"\n", b"\r")
    return sum_duplicates(table) if sums_duplicates else table


def head_of_table(data: bytes, columns: FeedColumns, *, form: str | None, name: str) -> Layout:
    """Where the columns stand, by the header row. Raises SurfaceFault as :func:`parse_table` does for that much."""
    return lay_out(_head(data, _encoding(data)), columns, form=form, name=name)


def _row_by_row(data: bytes, encoding: str, layout: Layout) -> Table:
    text = io.TextIOWrapper(io.BytesIO(data), encoding, errors=_errors(encoding), newline="")
    collected = Collected(layout)
    try:
        for number, rows in _batches(chain(text, [_END]), layout):
            collected.add(np.arange(number, number + len(rows)), rows)
    except UnicodeDecodeError:
        raise SurfaceFault(f"not {encoding.upper()} text", Fault.SHAPE) from None
    return collected.table()


def _encoding(data: bytes) -> str:
    """Raises SurfaceFault where ``data`` is empty, or plainly something other than a table."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    beginning = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not beginning and not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise SurfaceFault("empty", Fault.EMPTY)
    if opens_with_tag(data):
        is_xml = beginning.startswith(b"<?xml") and b"<html" not in beginning.lower()
        raise SurfaceFault(f"{'XML' if is_xml else 'HTML'} instead of a table", Fault.SHAPE)
    if beginning.startswith((b'{"', b"{\n", b"{ ", b"[{", b"[\n", b"{}", b"[]")):
        raise SurfaceFault("JSON instead of a table", Fault.SHAPE)
    if b"\x00" in data[:_HEAD]:
        raise SurfaceFault("not a text file", Fault.SHAPE)
    return "utf-8-sig"


def _errors(encoding: str) -> str:
    return "strict" if encoding == "utf-16" else "surrogateescape"


def _head(data: bytes, encoding: str) -> str:
    head = data[:_HEAD].decode(encoding, "replace")
    if not head.strip():
        raise SurfaceFault("empty", Fault.EMPTY)
    return head


def _batches(lines: Iterator[str], layout: Layout) -> Iterator[tuple[int, list[Row]]]:
    """Rows below the header with the number of the first, many at a time. Raises SurfaceFault for an open quote, and
    for one that hides rows.
    """
    reader = csv.reader(lines, delimiter=layout.delimiter)
    number = 0
    last: Row = []
    try:
        for row in reader:  # blank rows above the header count as rows, as they do in a spreadsheet
            number += 1
            if any(map(str.strip, row)):
                last = row
                break
        line = reader.line_num
        while batch := list(islice(reader, _BATCH)):
            last = batch[-1]
            several, line = reader.line_num - line > len(batch), reader.line_num
            if last == [_END]:
                batch.pop()
            elif last[-1:] and last[-1].endswith(_END):
                break
            hiding = swallowing(batch, layout) if several else None
            if hiding is not None:
                raise SurfaceFault(f"row {number + 1 + hiding} opens a quote that hides the rows below it", Fault.CUT)
            yield number + 1, batch
            number += len(batch)
    except csv.Error:
        reason = f"a cell below row {number} is larger than 128 kB: a quote is not closed?"
        raise SurfaceFault(reason, Fault.SHAPE) from None
    if last != [_END]:
        raise SurfaceFault("cut off: the last row opens a quote that nothing closes", Fault.CUT)
