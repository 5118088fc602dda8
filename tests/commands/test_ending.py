"""How commands end: whatever the encoding of the terminal, whether anybody reads on or not, and by what status."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from stockdrift.collector.lease import LeaseError
from stockdrift.commands.ending import INTERNAL, INTERRUPTED, USAGE, UsageError, guarded
from stockdrift.settings import load, rules_of
from stockdrift.stock.admission import admit
from stockdrift.stock.entries import RulesChanged
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER
from stockdrift.store.base import JournalError
from stockdrift.store.sqlite import open_journal
from tests.commands.inside import stockdrift
from tests.stock.scene import T0, reading

SETTINGS = """
[store]
name = "Café"
[journal]
url = "sqlite:///drift.db"
[master]
system = "feed"
path = "master.csv"
[surfaces.shop]
system = "feed"
path = "shop.csv"
"""

COMMANDS = [
    ("check --fresh", 1),
    ("check --fresh --json", 1),
    ("explain Ö-1 --fresh", 0),
    ("explain Ö-1 --fresh --json", 0),
    ("mapping", 0),
    ("mapping --json", 0),
    ("doctor", 0),
    ("doctor --json", 0),
    ("settings --effective", 0),
    ("settings --json", 0),
    ("actions", 0),
    ("tolerance", 0),
    ("tolerance --json", 0),
    ("note Café", 0),
    ("keys", 0),
]


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a name beyond ASCII and a SKU that drifts."""
    folder = tmp_path_factory.mktemp("cafe")
    (folder / "settings.toml").write_text(SETTINGS)
    for name, stock in (("master", 3), ("shop", 7)):
        (folder / f"{name}.csv").write_text(f"id,inventory,title\nÖ-1,{stock},Crème\n")
    asyncio.run(_recorded(folder))
    return folder


async def _recorded(folder: Path) -> None:
    rules = rules_of(load(folder / "settings.toml"))
    journal = await open_journal(folder / "drift.db", writable=True)
    monitor = Monitor(rules)
    await journal.append([RulesChanged(T0, rules)])
    for name in (MASTER, "shop"):
        poll = admit(reading(name, {"Ö-1": 3}, T0), monitor.board)
        monitor.apply(poll)
        await journal.append([poll])
    await journal.close()


@pytest.mark.parametrize(("line", "status"), COMMANDS)
def test_a_terminal_of_any_encoding_is_told(cafe: Path, line: str, status: int) -> None:
    done = stockdrift(cafe, *line.split(), encoding="ascii")
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.isascii()
    if "--json" in line:
        assert json.loads(done.stdout)


@pytest.mark.parametrize(("line", "status"), COMMANDS)
def test_a_reader_who_has_left_takes_nothing_from_the_exit_status(cafe: Path, line: str, status: int) -> None:
    done = stockdrift(cafe, *line.split(), reader=False)
    assert (done.returncode, done.stderr) == (status, "")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (JournalError("It is gone."), USAGE, "stockdrift: It is gone.\n"),
        (LeaseError("Somebody has it."), USAGE, "stockdrift: Somebody has it.\n"),
        (UsageError("say why"), USAGE, "stockdrift: say why\n"),
        (KeyboardInterrupt(), INTERRUPTED, ""),
        (ZeroDivisionError("by nought"), INTERNAL, "stockdrift: internal error: ZeroDivisionError: by nought\n"),
    ],
)
def test_what_stops_a_command_is_said_and_is_its_status(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        raise error

    assert guarded(work) == status
    assert capsys.readouterr().err == said
