"""The list as a CSV file: what the grid shows, in its order, with nothing cut.

UTF-8 with a byte order mark, without which a spreadsheet takes names for Latin-1; commas and CRLF as in RFC 4180. Text
that a spreadsheet would take for a formula begins with an apostrophe; numbers are written as numbers.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final

from stockdrift.console import words
from stockdrift.stock.picture import Cell, Phase, Picture, Severity, SkuLine, Status, Verdict
from stockdrift.stock.remarks import QUIET, RemarkKind
from stockdrift.stock.text import spreadsheet_safe

_MOST_NAMES: Final = 100  # files of one store and second


def csv_bytes(picture: Picture, order: Sequence[int], lines: Iterable[SkuLine], zone: tzinfo | None) -> bytes:
    """The whole file. ``order`` holds the surfaces' indices as the grid's columns stand; times are in ``zone``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([spreadsheet_safe(cell) for cell in _head(picture, order)])
    silent = picture.master.status not in (Status.ON_TIME, Status.LATE)
    for line in lines:
        cells = _row(line, order, zone, silent=silent)
        writer.writerow([spreadsheet_safe(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue().encode("utf-8-sig", errors="backslashreplace")


def write_new(folder: Path, store: str, at: int, zone: tzinfo | None, content: bytes) -> Path:
    """Writes ``content`` beside what is there already, under the store's name and the time ``at`` (ms); returns where.
    Raises OSError, and then leaves nothing behind.
    """
    moment = words.on_clock(at, zone)
    for path in _names(folder, f"stockdrift-{_slug(store)}-{moment:%Y%m%d-%H%M%S}"):
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(content)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path
    raise FileExistsError("there are files of this name already")


def _names(folder: Path, stem: str) -> Iterator[Path]:
    yield folder / f"{stem}.csv"
    for number in range(2, _MOST_NAMES):
        yield folder / f"{stem}-{number}.csv"


_REMARKS: Final = (*QUIET, RemarkKind.CLAIM)


def _slug(store: str) -> str:
    plain = unicodedata.normalize("NFKD", store).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "store"


def _head(picture: Picture, order: Sequence[int]) -> Iterator[str]:
    yield from ("severity", "SKU", "name", "master")
    for index in order:
        name = picture.surfaces[index].name
        yield from (name, f"{name} deviation", f"{name} verdict", f"{name} reason")
    yield from ("phase", "since", "minutes to oversell", f"at risk {picture.currency}".rstrip())
    yield from (kind.done for kind in _REMARKS)


def _row(line: SkuLine, order: Sequence[int], zone: tzinfo | None, *, silent: bool) -> Iterator[str | int | float]:
    yield (
        "unknown"
        if line.unknown
        else "ignored"
        if line.ignored
        else ""
        if line.severity is Severity.NONE
        else line.severity.word
    )
    yield from (line.sku, line.name, "?" if silent else line.master)
    for index in order:
        yield from _level(line.cells[index])
    yield "" if line.phase is Phase.NONE else line.phase.word
    since = line.since
    yield "" if since is None else words.on_clock(since, zone).isoformat(" ", "seconds")
    yield "" if line.out_in is None else round(line.out_in, 1)
    yield "" if line.at_risk is None else round(line.at_risk, 2)
    for kind in _REMARKS:
        remark = line.said(kind)
        yield "" if remark is None else f"{remark.by}: {remark.text}".removesuffix(": ")


def _level(cell: Cell) -> Iterator[str | int]:
    """A level that is unknown is ``?``, as on screen: the last one known would pass for the present one."""
    yield "?" if cell.verdict is Verdict.UNKNOWN else cell.reported
    yield "" if cell.deviation is None else cell.deviation
    yield cell.verdict.word
    yield cell.reason
