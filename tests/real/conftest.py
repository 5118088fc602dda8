"""Two real shops with the same stock, and a page of what was seen at the end of the run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import pytest

from tests.real import goods
from tests.real.environment import InstallError, medusa_home, postgres_home, shop_python, vendure_home
from tests.real.medusa_shop import MedusaShop, Postgres
from tests.real.oscar_shop import Shop
from tests.real.server import Server, ShopError, boot
from tests.real.vendure_shop import VendureShop
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


def _installed(home: Callable[[], Path]) -> Path:
    """What ``home`` installs. A shop that cannot be installed fails the tests: they never skip."""
    if not COMMAND.is_file():
        pytest.fail(f"stockdrift is not installed beside {COMMAND.parent}: these tests run the command", pytrace=False)
    problem = ""
    try:
        return home()
    except InstallError as error:
        problem = str(error)
    pytest.fail(f"No real shop to test against: {problem}", pytrace=False)  # outside: one message, not a chain


@pytest.fixture(scope="session")
def python() -> Path:
    """The interpreter that has django-oscar."""
    return _installed(shop_python)


@pytest.fixture(scope="session")
def stocked(python: Path, tmp_path_factory: pytest.TempPathFactory, note: Note) -> Path:
    """The database of a shop that has just filled its shelf: making its tables takes longer than booting."""
    shop = Shop("first", tmp_path_factory.mktemp("stocked") / "shop", python, GOODS)
    _boot(shop)
    shop.stop()
    note("server: " + ", ".join(f"{name} {version}" for name, version in shop.versions.items()))
    note(f"first boot, tables and stock: {shop.boot_seconds:.1f} s")
    return shop.database


@pytest.fixture
def shops(python: Path, stocked: Path, tmp_path: Path, note: Note) -> Iterator[tuple[Shop, Shop]]:
    """The master's shop and the outlet, booted side by side with the same stock, each with a database of its own."""
    warehouse = Shop("warehouse", tmp_path / "warehouse", python, GOODS, stocked)
    outlet = Shop("outlet", tmp_path / "outlet", python, GOODS, stocked)
    try:
        _boot(warehouse, outlet)
        note(f"two shops booted in {warehouse.boot_seconds:.1f} s and {outlet.boot_seconds:.1f} s")
        yield warehouse, outlet
    finally:
        warehouse.stop()
        outlet.stop()


@pytest.fixture(scope="session")
def stocked_vendure(tmp_path_factory: pytest.TempPathFactory, note: Note) -> tuple[Path, Path]:
    """Vendure's packages, and the database of a shop that has just filled its shelf."""
    home = _installed(vendure_home)
    shop = VendureShop("first", tmp_path_factory.mktemp("vendure") / "shop", home, goods.GOODS)
    _boot(shop)
    shop.stop()
    note("server: " + ", ".join(f"{name} {version}" for name, version in shop.versions.items()))
    note(f"Vendure, first boot, tables and stock: {shop.boot_seconds:.1f} s")
    return home, shop.database


@pytest.fixture
def vendure(stocked_vendure: tuple[Path, Path], tmp_path: Path, note: Note) -> Iterator[VendureShop]:
    """A Vendure shop with its shelf full."""
    home, stocked = stocked_vendure
    shop = VendureShop("Vendure", tmp_path / "vendure", home, goods.GOODS, stocked)
    yield from _open(shop, note)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, note: Note) -> Iterator[Postgres]:
    """A database server for all Medusa stores of the run."""
    server = Postgres("PostgreSQL", tmp_path_factory.mktemp("postgres"), _installed(postgres_home))
    yield from _open(server, note)


@pytest.fixture(scope="session")
def stocked_medusa(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, note: Note) -> Path:
    """Medusa's packages; the database ``stocked`` is that of a store that has just filled its shelf."""
    home = _installed(medusa_home)
    postgres.create("stocked")
    folder = tmp_path_factory.mktemp("medusa") / "shop"
    shop = MedusaShop("first", folder, home, goods.GOODS, postgres.address("stocked"))
    began = time.monotonic()
    try:
        shop.prepare()
    except ShopError as error:
        pytest.fail(str(error), pytrace=False)
    _boot(shop)
    shop.stop()
    note("server: " + ", ".join(f"{name} {version}" for name, version in shop.versions.items()))
    note(f"Medusa, tables, first boot and stock: {time.monotonic() - began:.1f} s")
    return home


@pytest.fixture
def medusa(stocked_medusa: Path, postgres: Postgres, tmp_path: Path, note: Note) -> Iterator[MedusaShop]:
    """A Medusa store with its shelf full."""
    name = tmp_path.name
    postgres.create(name, "stocked")
    shop = MedusaShop("Medusa", tmp_path / "medusa", stocked_medusa, goods.GOODS, postgres.address(name))
    yield from _open(shop, note)


ServerT = TypeVar("ServerT", bound=Server)


def _open(server: ServerT, note: Note) -> Iterator[ServerT]:
    """For as long as a fixture lives."""
    try:
        _boot(server)
        note(f"{server.name} booted in {server.boot_seconds:.1f} s")
        yield server
    finally:
        server.stop()


def _boot(*servers: Server) -> None:
    problem = ""
    try:
        boot(*servers)
        return
    except ShopError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)  # outside: one message, not a chain


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    folder = tmp_path / "watcher"
    folder.mkdir()
    return Watcher(folder)
