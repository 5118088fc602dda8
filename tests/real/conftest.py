"""Two real shops with the same stock, and a page of what was seen at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.real.environment import InstallError, shop_python
from tests.real.shop import Shop, ShopError
from tests.real.watcher import COMMAND, Watcher

Note = Callable[[str], None]
_NOTES: Final = pytest.StashKey[list[str]]()

# The candles of the golden case, a name that a CSV must quote, and enough others to see that they stay quiet.
GOODS: Final = [
    {"sku": "SEA-220", "title": "Sea Salt 220ml", "quantity": 11, "price": "18.00"},
    {"sku": "AMB-220", "title": "Amber Noir 220ml", "quantity": 7, "price": "18.00"},
    {"sku": "FIG-220", "title": "Fig & Vetiver 220ml", "quantity": 2, "price": "19.50"},
    {"sku": "MNT-REF", "title": 'Wild Mint, refill "8 oz" – Größe M', "quantity": 15, "price": "9.00"},
    {"sku": "OUT-001", "title": "Sold out", "quantity": 0, "price": "5.00"},
    *({"sku": f"WICK-{n:03}", "title": f"Wick {n}", "quantity": 5 + n, "price": "1.25"} for n in range(45)),
]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_NOTES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if notes := config.stash[_NOTES]:
        terminalreporter.section("real servers")
        for note in notes:
            terminalreporter.write_line(note)


@pytest.fixture(scope="session")
def note(request: pytest.FixtureRequest) -> Note:
    """Writes a line on the page at the end."""
    notes = request.config.stash[_NOTES]

    def write(line: str) -> None:
        if line not in notes:
            notes.append(line)

    return write


@pytest.fixture(scope="session")
def python() -> Path:
    """The shop's interpreter. A shop that cannot be installed fails the tests: they never skip."""
    if not COMMAND.is_file():
        pytest.fail(f"stockdrift is not installed beside {COMMAND.parent}: these tests run the command", pytrace=False)
    problem = ""
    try:
        return shop_python()
    except InstallError as error:
        problem = str(error)
    pytest.fail(f"No real shop to test against: {problem}", pytrace=False)  # outside: one message, not a chain


@pytest.fixture(scope="session")
def stocked(python: Path, tmp_path_factory: pytest.TempPathFactory, note: Note) -> Path:
    """The database of a shop that has just filled its shelf: making its tables takes longer than booting."""
    shop = Shop("first", python, tmp_path_factory.mktemp("stocked") / "shop", GOODS)
    _boot(shop)
    shop.stop()
    note("server: " + ", ".join(f"{name} {version}" for name, version in shop.versions.items()))
    note(f"first boot, tables and stock: {shop.boot_seconds:.1f} s")
    return shop.database


@pytest.fixture
def shops(python: Path, stocked: Path, tmp_path: Path, note: Note) -> Iterator[tuple[Shop, Shop]]:
    """The master's shop and the outlet, booted side by side with the same stock, each with a database of its own."""
    warehouse = Shop("warehouse", python, tmp_path / "warehouse", GOODS, stocked)
    outlet = Shop("outlet", python, tmp_path / "outlet", GOODS, stocked)
    try:
        _boot(warehouse, outlet)
        note(f"two shops booted in {warehouse.boot_seconds:.1f} s and {outlet.boot_seconds:.1f} s")
        yield warehouse, outlet
    finally:
        warehouse.stop()
        outlet.stop()


def _boot(*shops: Shop) -> None:
    """Side by side; none is left running where one does not come up."""
    try:
        for shop in shops:
            shop.start()
        for shop in shops:
            shop.wait_until_ready()
        return
    except ShopError as error:
        problem = str(error)
    for shop in shops:
        shop.stop()
    pytest.fail(problem, pytrace=False)


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    folder = tmp_path / "watcher"
    folder.mkdir()
    return Watcher(folder)
