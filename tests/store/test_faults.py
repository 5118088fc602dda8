"""What can befall a file: every time a sentence, never a traceback, and nothing half recorded."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stockdrift.stock.entries import CollectorNote
from stockdrift.store import sqlite as sqlite_module
from stockdrift.store.base import JournalError
from stockdrift.store.sqlite import open_journal
from tests.store.entries import began, numbered, portrait


async def _filled(path: Path, count: int = 50) -> None:
    journal = await open_journal(path, writable=True)
    await journal.append([numbered(number) for number in range(1, count + 1)])
    await journal.close()


@pytest.mark.parametrize("writable", [True, False])
async def test_a_file_that_is_no_database(tmp_path: Path, writable: bool) -> None:
    path = tmp_path / "drift.db"
    path.write_text("sku,quantity\n" * 500)
    with pytest.raises(JournalError, match="is not a stockdrift journal: it is not a database"):
        await open_journal(path, writable=writable)
    assert path.read_text() == "sku,quantity\n" * 500


@pytest.mark.parametrize("writable", [True, False])
async def test_a_database_of_another_program(tmp_path: Path, writable: bool) -> None:
    path = tmp_path / "drift.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="is a database of another program"):
        await open_journal(path, writable=writable)
    assert path.read_bytes() == before


@pytest.mark.parametrize("writable", [True, False])
async def test_a_journal_of_a_later_version(tmp_path: Path, writable: bool) -> None:
    path = tmp_path / "drift.db"
    await _filled(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(JournalError, match=r"later stockdrift \(journal schema 9, this one reads up to 2\)"):
        await open_journal(path, writable=writable)


async def test_no_journal_and_an_empty_one_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="There is no journal at"):
        await open_journal(tmp_path / "drift.db", writable=False)
    assert not (tmp_path / "drift.db").exists()
    (tmp_path / "drift.db").touch()
    with pytest.raises(JournalError, match="nothing has been recorded yet"):
        await open_journal(tmp_path / "drift.db", writable=False)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="cannot be opened: "):
        await open_journal(tmp_path / "file" / "drift.db", writable=True)


async def test_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be opened: Is a directory"):
        await open_journal(tmp_path, writable=True)


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9, 0.99])
async def test_a_journal_cut_in_the_middle(tmp_path: Path, share: float, writable: bool) -> None:
    path = tmp_path / "drift.db"
    await _filled(path, 200)
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(JournalError, match=r"is damaged|is not a database"):  # noqa: PT012 - either may see it
        journal = await open_journal(path, writable=writable)
        try:
            await journal.read()
        finally:
            await journal.close()


async def test_bytes_overwritten_in_the_middle_never_read_as_something_else(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await _filled(path, 200)
    whole = path.read_bytes()
    seen = 0
    for start in range(5000, len(whole) - 600, len(whole) // 40):
        path.write_bytes(whole[:start] + b"\x5a" * 500 + whole[start + 500 :])
        try:
            journal = await open_journal(path, writable=False)
        except JournalError:
            seen += 1
            continue
        try:
            found = await journal.read()
            assert [portrait(entry) for entry in found] == [portrait(numbered(entry.number)) for entry in found]
        except JournalError:
            seen += 1
        finally:
            await journal.close()
    assert seen


async def test_a_full_disk_records_nothing_and_the_journal_works_again_with_room(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await _filled(path, 20)
    journal = await open_journal(path, writable=True)
    pages = await journal._run(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await journal._run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").close())
    with pytest.raises(JournalError, match="the disk is full"):
        await journal.append([numbered(number) for number in range(21, 200)], [began("AMB-220", 1)])
    assert [entry.number for entry in await journal.read()] == list(range(1, 21))
    assert await journal.episodes() == []

    await journal._run(lambda connection: connection.execute("PRAGMA max_page_count = 1000000").close())
    assert list(await journal.append([numbered(21)])) == [21]
    await journal.close()


async def test_a_journal_opened_for_reading_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await _filled(path, 5)
    journal = await open_journal(path, writable=False)
    with pytest.raises(JournalError, match="read-only"):
        await journal.append([CollectorNote(1, "started")])
    assert len(await journal.read()) == 5
    await journal.close()


async def test_a_journal_locked_by_another_program(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await _filled(path, 5)
    journal = await open_journal(path, writable=True)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="is locked by another program"):
        await journal.append([CollectorNote(1, "started")])
    assert len(await journal.read()) == 5  # reading goes on
    other.execute("ROLLBACK")
    await journal.append([CollectorNote(1, "started")])
    await journal.close()

    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match="is locked by another program"):
        await open_journal(path, writable=True)
    other.close()


_AS_SOMEBODY_ELSE = """
import asyncio, concurrent.futures.thread, os, sys
from pathlib import Path
from stockdrift.store.base import JournalError
from stockdrift.store.sqlite import open_journal

async def main():
    try:
        journal = await open_journal(Path(sys.argv[1]), writable=True)
    except JournalError as error:
        print(error)
    else:
        await journal.close()
        print("opened")

if os.geteuid() == 0:  # who may write everything
    os.seteuid(65534)
asyncio.run(main())
"""


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_or_folder_that_may_not_be_written(what: str) -> None:
    folder = Path(tempfile.mkdtemp())  # not pytest's, which are closed to others
    try:
        path = folder / "drift.db"
        if what == "file":
            asyncio.run(_filled(path, 5))
            path.chmod(0o444)
        folder.chmod(0o555)
        found = subprocess.run(
            [sys.executable, "-c", _AS_SOMEBODY_ELSE, str(path)],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert found.stderr == ""
        said = "written: the file or its folder is read-only" if what == "file" else "opened: Permission denied"
        assert found.stdout == f"The journal {path} cannot be {said}.\n"
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


async def test_a_journal_that_was_removed_is_not_written_into_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    journal = await open_journal(path, writable=True)
    path.unlink()
    for attempt in (journal.append([CollectorNote(1, "started")]), journal.has_news()):
        with pytest.raises(JournalError, match="was removed or replaced while it was in use"):
            await attempt
    path.touch()
    with pytest.raises(JournalError, match="was removed or replaced"):
        await journal.append([CollectorNote(1, "started")])
    await journal.close()


async def test_a_journal_that_is_cut_while_it_is_written_is_not_written_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "_CARRIED_OVER", 0.05)
    path = tmp_path / "drift.db"
    await _filled(path, 200)
    journal = await open_journal(path, writable=True)
    await journal.append([CollectorNote(1, "started")])
    await asyncio.sleep(0.1)
    await journal.append([CollectorNote(1, "started")])  # nothing is wrong with one whose end is in its log
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(JournalError, match="is damaged: it was cut"):  # noqa: PT012 - the first look may still wait
        for _ in range(20):
            await journal.has_news()
            await asyncio.sleep(0.02)
    with pytest.raises(JournalError, match="is damaged: it was cut"):
        await journal.append([CollectorNote(1, "recording")])
    await journal.close()
