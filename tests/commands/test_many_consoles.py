"""One collector, many consoles: installed processes, collectors killed, every change of the store in the journal."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockdrift.collector.lease import holder
from stockdrift.settings import journal_path, load
from stockdrift.stock.entries import CollectorNote, Entry, Poll
from stockdrift.store.sqlite import open_journal
from tests.terminal import Terminal

COMMAND = str(Path(sys.executable).with_name("stockdrift"))
pytestmark = [pytest.mark.torture, pytest.mark.timeout(300)]


class Store:
    """The simulated store as a process, the settings that point at it, and its journal."""

    def __init__(self, folder: Path) -> None:
        self.settings = folder / "settings.toml"
        command = [COMMAND, "sandbox", "--scenario", "candle", "--port", "0", "--write-settings", str(self.settings)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.address = next(
            found.group() for line in self.process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line))
        )
        text = re.sub(r'every = "\d+s"', 'every = "500ms"', self.settings.read_text())
        self.settings.write_text(text)
        self.journal = journal_path(load(self.settings))

    def change(self, sku: str, quantity: int) -> None:
        body = json.dumps({"sku": sku, "surface": "embed", "quantity": quantity}).encode()
        request = urllib.request.Request(f"{self.address}/control/change", body, {"Content-Type": "application/json"})  # noqa: S310
        urllib.request.urlopen(request).read()  # noqa: S310

    def console(self) -> Terminal:
        return Terminal([COMMAND, "watch", "--settings", str(self.settings)])

    def collector(self) -> int | None:
        """The process that holds the lease."""
        found = re.search(r"process (\d+)", holder(self.journal) or "")
        return int(found[1]) if found else None

    def entries(self) -> list[Entry]:
        async def read() -> list[Entry]:
            journal = await open_journal(self.journal, writable=False)
            entries: list[Entry] = []
            while batch := await journal.read(entries[-1].number if entries else 0):
                entries += batch
            await journal.close()
            return entries

        return asyncio.run(read())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.process.terminate()
    store.process.wait(10)
    assert store.process.stdout is not None
    store.process.stdout.close()


def reads_until(consoles: list[Terminal], met: object, seconds: float) -> float:
    """Keeps the consoles' screens flowing until ``met()``; returns the seconds it took."""
    began = time.monotonic()
    while not met():  # type: ignore[operator]
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        for console in consoles:
            console.read(0.02)
    return time.monotonic() - began


def test_collectors_die_consoles_start_others_and_no_change_is_lost(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    with store.console() as one, store.console() as two:  # at once: one collector comes of it
        for console in (one, two):
            console.until(r"of 4 tracked", 30)
        first = store.collector()
        assert first is not None
        changes, waits = [], []
        for number in range(12):
            quantity = 100 + number
            store.change("AMB-220", quantity)
            changes.append(quantity)
            if number in {3, 7}:
                killed = store.collector()
                assert killed is not None
                os.kill(killed, signal.SIGKILL)
                waits.append(reads_until([one, two], lambda dead=killed: store.collector() not in {None, dead}, 15))
            # The screen of each console shows it: what one collector reads all consoles follow.
            for console in (one, two):
                console.until(rf"AMB-220.*\b{quantity}\b", 30)
        os.kill(one.pid, signal.SIGKILL)  # a console dies, with its collector if that was its own
        store.change("AMB-220", 500)
        two.until(r"AMB-220.*\b500\b", 30)
        two.send("q")
        assert two.wait(10) == 0
    entries = store.entries()
    recorded = {
        int(quantity)
        for entry in entries
        if isinstance(entry, Poll) and entry.surface == "embed"
        for quantity in entry.changes.quantities
    }
    lost = [quantity for quantity in [*changes, 500] if quantity not in recorded]
    numbers = [entry.number for entry in entries]
    starts = sum(isinstance(entry, CollectorNote) and entry.event == "started" for entry in entries)
    with capsys.disabled():
        print(
            f"\n{len(changes) + 1} changes, {len(lost)} lost; {starts} collectors in turn; "
            f"after a kill another was at work within {', '.join(f'{wait:.1f} s' for wait in waits)}"
        )
    assert not lost
    assert numbers == sorted(set(numbers))
    assert all(wait < 5 for wait in waits)
    assert starts >= 3


def test_a_second_console_polls_nothing(store: Store) -> None:
    with store.console() as one:
        one.until(r"of 4 tracked", 30)
        with store.console() as two:
            two.until(r"of 4 tracked", 30)
            collector = store.collector()
            children = Path(f"/proc/{two.pid}/task/{two.pid}/children").read_text().split()
            assert str(collector) not in children
            two.send("q")
            assert two.wait(10) == 0
        assert store.collector() == collector
        one.send("q")
        assert one.wait(10) == 0
    assert store.collector() is None
