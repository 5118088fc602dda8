from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stockdrift.collector.lease import LeaseError, acquire, holder

STARTED = datetime(2026, 4, 21, 12, 0, 5, tzinfo=UTC)

_HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from stockdrift.collector.lease import acquire
lease = acquire(Path(sys.argv[1]), started=datetime.now(UTC))
print("held", flush=True)
sys.stdin.read()
"""


def test_one_holds_it_and_is_named(tmp_path: Path) -> None:
    journal = tmp_path / "new" / "drift.db"
    assert holder(journal) is None
    lease = acquire(journal, started=STARTED)
    said = holder(journal)
    assert said is not None
    assert f"process {os.getpid()} on " in said
    assert f"since {STARTED.astimezone():%Y-%m-%d %H:%M:%S}" in said
    with pytest.raises(LeaseError, match=f"A collector is at work on .*drift.db already: process {os.getpid()} on "):
        acquire(journal, started=STARTED)
    lease.release()
    lease.release()
    assert holder(journal) is None
    acquire(journal, started=STARTED).release()


def test_the_kernel_gives_it_back_when_its_holder_is_killed(tmp_path: Path) -> None:
    journal = tmp_path / "drift.db"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(journal)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert f"process {process.pid} on " in (holder(journal) or "")
        with pytest.raises(LeaseError, match=f"process {process.pid} on "):
            acquire(journal, started=STARTED)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert holder(journal) is None
    lease = acquire(journal, started=STARTED)
    assert f"process {os.getpid()} on " in (holder(journal) or "")
    lease.release()


def test_who_only_asks_keeps_nobody_from_it(tmp_path: Path) -> None:
    journal = tmp_path / "drift.db"
    acquire(journal, started=STARTED).release()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            holder(journal)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(50):
            acquire(journal, started=STARTED).release()
    finally:
        over.set()
        asking.join()


def test_a_place_where_no_file_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LeaseError, match="cannot be opened"):
        acquire(tmp_path / "file" / "drift.db", started=STARTED)
    assert holder(tmp_path / "file" / "drift.db") is None


def test_when_it_began_is_told_by_the_clock_of_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "drift.db"
    lease = acquire(journal, started=datetime(2026, 11, 27, 9, 30, tzinfo=UTC))
    try:
        monkeypatch.setenv("TZ", "America/New_York")
        time.tzset()
        assert "since 2026-11-27 04:30:00-05:00" in str(holder(journal))
    finally:
        monkeypatch.undo()
        time.tzset()
        lease.release()
