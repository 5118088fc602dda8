"""The collector as a process of its own, on real files: what it sees, that it goes on, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from stockdrift.collector.follow import Follower
from stockdrift.collector.lease import holder
from stockdrift.collector.spawn import end_collector, ensure_collector, log_path
from stockdrift.settings import load, rules_of
from stockdrift.stock.entries import CollectorNote, Poll, RulesChanged
from stockdrift.stock.monitor import Monitor
from stockdrift.store.base import Journal, JournalError
from stockdrift.store.sqlite import open_journal
from tests.collector.fakes import everything, known, until

SETTINGS = """
[journal]
url = "sqlite:///drift.db"

[master]
system = "feed"
path = "master.csv"
columns = { sku = "id", quantity = "inventory", name = "title" }
every = "100ms"

[surfaces.facebook]
system = "feed"
path = "facebook.tsv"
columns = { sku = "id", quantity = "inventory" }
every = "100ms"
"""


_STUCK = """
import sys, time
from pathlib import Path
from stockdrift.commands.collect import run
from stockdrift.surfaces import feed

read_file = feed.read_file

def stuck(path, limit):  # as on a network drive that is gone
    if path.name == "facebook.tsv":
        time.sleep(3600)
    return read_file(path, limit)

feed.read_file = stuck
sys.exit(run(Path(sys.argv[1])))
"""

_CONSOLE = """
import sys, time
from pathlib import Path
from stockdrift.collector.spawn import ensure_collector

process = ensure_collector(Path(sys.argv[1]), Path(sys.argv[2]))
while True:
    time.sleep(60)
"""


class Files:
    """A store as two feeds in a folder."""

    def __init__(self, folder: Path) -> None:
        self.settings = folder / "settings.toml"
        self.journal = folder / "drift.db"
        self._folder = folder
        self.settings.write_text(SETTINGS)
        self._write("master.csv", "id,inventory,title\nSS-220,3,Sea Salt\nAN-220,7,Amber Noir\n")
        self.facebook(sea_salt=3)

    def facebook(self, sea_salt: int) -> None:
        self._write("facebook.tsv", f"id\tinventory\nSS-220\t{sea_salt}\nAN-220\t7\n")

    def _write(self, name: str, text: str) -> None:
        """Beside and renamed, as a feed should be."""
        fresh = self._folder / f"{name}.new"
        fresh.write_text(text)
        fresh.rename(self._folder / name)

    def start(self, *options: str) -> subprocess.Popen[str]:
        command = str(Path(sys.executable).with_name("stockdrift"))
        return self._process(command, "collect", "--settings", str(self.settings), *options)

    @contextmanager
    def collecting(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        with _ended(self.start(*options)) as process:
            yield process

    @contextmanager
    def running(self, script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        with _ended(self._process(sys.executable, "-c", script, *arguments)) as process:
            yield process

    def _process(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Journal]:
        journal = await open_journal(self.journal, writable=False)
        try:
            yield journal
        finally:
            await journal.close()

    async def polls(self) -> int:
        """How many are recorded; none where there is no journal yet."""
        try:
            async with self.reading() as journal:
                return len([entry for entry in await everything(journal) if isinstance(entry, Poll)])
        except JournalError:
            return 0

    async def more_polls(self, count: int = 4) -> None:
        before = await self.polls()

        async def met() -> bool:
            return await self.polls() >= before + count

        await until(met)

    async def drifting(self) -> object:
        monitor = Monitor(rules_of(load(self.settings)))
        async with self.reading() as journal:
            await Follower(journal, monitor).catch_up()
        return known(monitor)["drifting"]

    async def comes_to(self, drifting: int) -> None:
        async def met() -> bool:
            return await self.drifting() == drifting

        await until(met)


@contextmanager
def _ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


async def test_it_sees_a_change_of_a_file_and_that_it_was_put_right(files: Files) -> None:
    with files.collecting() as process:
        await files.more_polls()
        assert await files.drifting() == 0
        files.facebook(sea_salt=11)
        await files.comes_to(drifting=1)

        async def opened() -> bool:  # an episode follows its poll in the next transaction
            async with files.reading() as journal:
                return bool(await journal.episodes("SS-220"))

        await until(opened)
        async with files.reading() as journal:
            (episode,) = await journal.episodes("SS-220")
        assert (episode.surface, episode.severity, episode.deviation) == ("facebook", "over", 8)
        assert episode.closed_at is None
        files.facebook(sea_salt=3)
        await files.comes_to(drifting=0)

        async def closed() -> bool:
            async with files.reading() as journal:
                return not await journal.episodes(only_open=True)

        await until(closed)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Collecting from master, facebook" in said
    assert "Stopped." in said
    assert "Traceback" not in said


async def test_it_takes_changed_settings_over_and_refuses_bad_ones(files: Files) -> None:
    files.facebook(sea_salt=5)

    async def told(event: str) -> bool:
        async with files.reading() as journal:
            return any(isinstance(entry, CollectorNote) and entry.event == event for entry in await everything(journal))

    with files.collecting() as process:
        await files.more_polls()
        await files.comes_to(drifting=1)
        files.settings.write_text(SETTINGS + "tolerance = 2\n")
        await files.comes_to(drifting=0)
        files.settings.write_text(SETTINGS + "tolerance = -2\n")
        process.send_signal(signal.SIGHUP)

        async def refused() -> bool:
            return await told("settings refused")

        await until(refused)
        await files.more_polls()
        files.settings.write_text(SETTINGS)
        await files.comes_to(drifting=1)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Settings reloaded: surfaces.facebook.tolerance none → 2 units" in said
    assert "The settings were refused, those before hold on: " in said
    assert "Traceback" not in said


async def test_killed_it_goes_on_with_the_same_rows(files: Files) -> None:
    files.facebook(sea_salt=11)
    for turn in range(2):
        with files.collecting() as process:
            await files.more_polls()
            await files.comes_to(drifting=1)
            process.kill()
            process.wait()
        assert holder(files.journal) is None, turn
    async with files.reading() as journal:
        entries = await everything(journal)
        episodes = await journal.episodes()
    assert len([entry for entry in entries if isinstance(entry, RulesChanged)]) == 1
    assert [entry.event for entry in entries if isinstance(entry, CollectorNote)] == ["started", "started"]
    new = [sku for entry in entries if isinstance(entry, Poll) for sku in entry.new_skus]
    assert new == ["SS-220", "AN-220"]
    assert len(episodes) == 1


async def test_of_two_one_collects_and_the_other_says_who(files: Files) -> None:
    with files.collecting() as one, files.collecting() as other:
        both = [one, other]

        async def one_ended() -> bool:
            return any(process.poll() is not None for process in both)

        await until(one_ended)
        loser, winner = sorted(both, key=lambda process: process.poll() is None)
        _, said = loser.communicate(timeout=10)
        assert loser.returncode == 3
        assert f"A collector is at work on {files.journal} already: process {winner.pid} on " in said
        assert "Traceback" not in said
        await files.more_polls()
        winner.terminate()
        winner.communicate(timeout=10)
        assert winner.returncode == 0


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_a_signal_ends_it_within_two_seconds(files: Files, number: int, status: int) -> None:
    with files.collecting() as process:
        await files.more_polls(2)
        process.send_signal(number)
        await asyncio.to_thread(process.wait, 2)
        assert process.returncode == status
    async with files.reading() as journal:
        last = (await everything(journal))[-1]
    assert isinstance(last, CollectorNote)
    assert last.event == "stopped"


async def test_it_ends_even_where_a_file_never_answers(files: Files) -> None:
    with files.running(_STUCK, str(files.settings)) as process:
        await files.more_polls(2)
        process.terminate()
        await asyncio.to_thread(process.wait, 3)
        assert process.returncode == 0
    async with files.reading() as journal:
        assert {entry.surface for entry in await everything(journal) if isinstance(entry, Poll)} == {"master"}


async def test_it_ends_with_its_input_where_it_is_told_to(files: Files) -> None:
    with files.collecting("--until-eof") as process:
        await files.more_polls(2)
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        await asyncio.to_thread(process.wait, 3)
        assert process.returncode == 0


async def test_its_input_does_not_matter_otherwise(files: Files) -> None:
    with files.collecting() as process:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
        await files.more_polls(3)
        assert process.poll() is None


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda files: files.settings.write_text("[master]\n"), "settings.toml"),
        (lambda files: files.settings.unlink(), "no such settings file"),
        (lambda files: files.journal.write_text("not a database\n" * 90), "is not a stockdrift journal"),
        (lambda files: files.journal.mkdir(), "cannot be opened: Is a directory"),
    ],
)
def test_what_keeps_it_from_starting_is_one_message(files: Files, spoil: object, said: str) -> None:
    spoil(files)  # type: ignore[operator]
    with files.collecting() as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert errors.startswith("stockdrift: ")
    assert said in errors
    assert "Traceback" not in errors


async def test_a_console_starts_one_where_none_is_at_work_and_ends_it(files: Files) -> None:
    process = ensure_collector(files.settings, files.journal)
    assert process is not None
    try:
        await until(lambda: holder(files.journal) is not None)
        assert ensure_collector(files.settings, files.journal) is None
        await files.more_polls()
    finally:
        end_collector(process)
    assert process.returncode == 0
    log = log_path(files.journal)
    assert "Collecting from master, facebook" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


async def test_the_collector_of_a_console_that_is_killed_ends_too(files: Files) -> None:
    with files.running(_CONSOLE, str(files.settings), str(files.journal)) as console:
        await until(lambda: holder(files.journal) is not None)
        await files.more_polls(2)
        console.kill()
    await until(lambda: holder(files.journal) is None, seconds=5)
    async with files.reading() as journal:
        last = (await everything(journal))[-1]
    assert isinstance(last, CollectorNote)
    assert last.event == "stopped"
