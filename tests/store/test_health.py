"""A journal is looked at without changing it."""

from __future__ import annotations

import itertools
import sqlite3
from pathlib import Path

from stockdrift.stock.entries import CollectorNote
from stockdrift.store.health import examine
from stockdrift.store.schema import SCHEMA
from stockdrift.store.sqlite import open_journal


async def recorded(path: Path, count: int = 3) -> None:
    journal = await open_journal(path, writable=True)
    try:
        await journal.append([CollectorNote(at, "started", "x" * 200) for at in range(count)])
    finally:
        await journal.close()


async def test_none_yet_is_no_problem_and_stays_none(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "drift.db"
    found = await examine(path)
    assert (found.size, found.problem, found.writable) == (0, "", True)
    assert not path.parent.exists()


async def test_a_sound_journal(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await recorded(path)
    before = path.read_bytes()
    found = await examine(path)
    assert (found.schema, found.entries, found.problem, found.damage) == (SCHEMA, 3, "", "")
    assert found.size >= len(before)
    assert path.read_bytes() == before


async def test_another_program_s_file_and_a_later_schema_are_problems(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert "another program" in (await examine(other)).problem
    later = tmp_path / "later.db"
    await recorded(later)
    connection = sqlite3.connect(later)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    assert "later stockdrift" in (await examine(later)).problem


async def test_damage_in_the_middle_is_found(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, 400)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    found = await examine(path)
    assert found.problem or found.damage


async def test_a_check_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "drift.db"
    await recorded(path, 20_000)
    ticks = itertools.count(0, 10)
    assert (await examine(path, patience=5, timer=lambda: next(ticks))).damage is None
