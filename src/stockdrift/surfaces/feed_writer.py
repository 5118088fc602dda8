"""Writes quantities into a feed file that the store itself keeps: a CSV or TSV table, replaced in one step.

Only the cells that change are touched, and an availability that would contradict them: every other row keeps its bytes.
The new file is written beside the old one, flushed to the disk and renamed over it, so that whoever reads sees the old
table or the new one, never a part.
"""

from __future__ import annotations

import asyncio
import csv
import io
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.actions import RowChange
from stockdrift.stock.levels import LevelState, parse_quantity
from stockdrift.stock.text import clean_sku
from stockdrift.surfaces.cells import parse_availability
from stockdrift.surfaces.faults import SurfaceFault
from stockdrift.surfaces.feed_file import read_file
from stockdrift.surfaces.header import Layout, lay_out
from stockdrift.surfaces.writer import NotSentError, RowAnswer, UnansweredError, Verdict, WriteAnswer, shown

_LOCKED: Final = "{} is read-only: give its owner the right to write it (chmod u+w) to have it written."

_BOM: Final = b"\xef\xbb\xbf"


class _Record(Struct, frozen=True):
    """One row of the table: its bytes' text, line end and all, and its cells."""

    text: str
    cells: list[str]


class FeedWriter:
    """A :class:`~stockdrift.surfaces.writer.Writer` on a file. It compares: a row that shows something else than
    ``before`` is stale.

    A file that changed between our reading and our renaming is another writer's: nothing is written over it.
    """

    batch = 1_000
    visible_within = 5_000

    def __init__(self, settings: FeedSettings, max_bytes: int) -> None:
        if settings.path is None:
            raise TypeError("a feed behind a URL cannot be written")
        self._path = settings.path
        self._settings = settings
        self._max_bytes = max_bytes

    def spent(self) -> None:
        """A file costs no requests."""

    def describe(self, changes: Sequence[RowChange]) -> str:
        """The file, and its first rows."""
        return f"{self._path.name}: {shown(changes)}"

    async def ready(self) -> str:
        """Whether file and folder can be written. A file that its owner may not write is one that somebody has locked:
        the folder's right would be enough to replace it, and root needs none.
        """
        if _is_locked(self._path):
            return _LOCKED.format(self._path.name)
        for place in (self._path, self._path.parent):
            if not os.access(place, os.W_OK):
                return f"{place.name or place} cannot be written: change its owner or permissions."
        return ""

    async def write(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """Replaces the file once for all ``changes``. A repetition finds the new quantities there, and is stale."""
        return await asyncio.to_thread(self._write, changes)

    async def turn(self, changes: Sequence[RowChange], key: str) -> WriteAnswer:
        """A row of a table cannot be hidden. Nobody asks for it: the surface's rules name no listing."""
        raise NotSentError("a feed file has no listings to take down", lasting=True)

    async def close(self) -> None:
        """Holds nothing."""

    def _write(self, changes: Sequence[RowChange]) -> WriteAnswer:
        try:
            before = self._path.stat()
            if not before.st_mode & stat.S_IWUSR:
                raise NotSentError(_LOCKED.format(self._path.name), lasting=True)
            body = read_file(self._path, self._max_bytes).body
            layout = lay_out(
                body[: 64 * 1024].decode("utf-8-sig"),
                self._settings.columns,
                form=self._settings.format if self._settings.format in ("csv", "tsv") else None,
                name=self._path.name,
            )
            text = body.removeprefix(_BOM).decode("utf-8")
        except SurfaceFault as fault:
            raise NotSentError(str(fault)) from None
        except OSError as error:
            raise NotSentError(f"cannot read {self._path.name}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise NotSentError(f"{self._path.name} is not UTF-8: it is not written", lasting=True) from None
        if layout.quantity is None:
            raise NotSentError(f"{self._path.name} has no column of quantities", lasting=True)
        answers, content = _changed(list(_records(text, layout.delimiter)), layout, layout.quantity, changes)
        if any(answer.verdict is Verdict.ACCEPTED for answer in answers):
            self._replace((_BOM if body.startswith(_BOM) else b"") + content.encode(), before)
        return WriteAnswer(answers, f"{self._path.name} replaced")

    def _replace(self, content: bytes, before: os.stat_result) -> None:
        try:
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        except OSError as error:
            raise NotSentError(f"cannot write beside {self._path.name}: {error.strerror}") from None
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), before.st_mode & 0o777)
                os.fsync(file.fileno())
            now = self._path.stat()
            if (now.st_ino, now.st_mtime_ns, now.st_size) != (before.st_ino, before.st_mtime_ns, before.st_size):
                raise NotSentError(f"{self._path.name} was written by somebody else at the same time")
            beside.replace(self._path)
        except OSError as error:
            raise NotSentError(f"cannot replace {self._path.name}: {error.strerror}") from None
        finally:
            beside.unlink(missing_ok=True)
        try:
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise UnansweredError(f"the folder could not be flushed: {error.strerror}") from None


def _is_locked(path: Path) -> bool:
    try:
        return not path.stat().st_mode & stat.S_IWUSR
    except OSError:  # it is told by whoever reads it
        return False


def _changed(
    records: list[_Record], layout: Layout, quantity: int, changes: Sequence[RowChange]
) -> tuple[list[RowAnswer], str]:
    """What each change amounts to, and the table with those that are accepted."""
    places: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        if len(record.cells) > max(layout.sku, quantity):
            places.setdefault(clean_sku(record.cells[layout.sku]), []).append(place)
    answers = []
    texts = [record.text for record in records]
    for change in changes:
        found = places.get(change.sku, [])
        if len(found) != 1:
            why = "the file does not list it" if not found else f"the file lists it {len(found)} times"
            answers.append(RowAnswer(Verdict.REJECTED, why))
            continue
        record = records[found[0]]
        if parse_quantity(record.cells[quantity]) != change.before:
            answers.append(RowAnswer(Verdict.STALE, f"the file says {record.cells[quantity].strip() or 'nothing'}"))
            continue
        cells = list(record.cells)
        cells[quantity] = str(change.after)
        if layout.availability is not None and layout.availability < len(cells):
            cells[layout.availability] = _word(cells[layout.availability], change.after, records, layout.availability)
        texts[found[0]] = _line(cells, layout.delimiter, record.text)
        answers.append(RowAnswer(Verdict.ACCEPTED))
    return answers, "".join(texts)


def _word(word: str, quantity: int, records: Sequence[_Record], place: int) -> str:
    """What stands beside ``quantity``: its ``word`` unless that contradicts it, for then neither would be believed.
    Else as the table spells the other word, or as Google and Meta do.
    """
    meant, contrary = (LevelState.IN, LevelState.OUT) if quantity > 0 else (LevelState.OUT, LevelState.IN)
    if parse_availability(word) is not contrary:
        return word
    spelled = (record.cells[place] for record in records if len(record.cells) > place)
    usual = "in stock" if meant is LevelState.IN else "out of stock"
    return next((other for other in spelled if parse_availability(other) is meant), usual)


def _records(text: str, delimiter: str) -> Iterator[_Record]:
    """The rows with the text that each was written in: quoted cells may go over several lines."""
    lines = io.StringIO(text, newline="").readlines()
    taken = 0
    reader = csv.reader(lines, delimiter=delimiter)
    for cells in reader:
        yield _Record("".join(lines[taken : reader.line_num]), cells)
        taken = reader.line_num


def _line(cells: Sequence[str], delimiter: str, written: str) -> str:
    """``cells`` as a row, with the line end that the row had."""
    end = written[len(written.rstrip("\r\n")) :]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)  # it quotes what would end a line
    return text.getvalue().removesuffix("\r\n") + end
