"""One django-oscar shop on loopback, as its owner and its shoppers use it."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

_PROJECT: Final = Path(__file__).parent / "oscar"
_READY: Final = 90  # s to boot on a busy machine
_END: Final = 5  # s to end when asked

_STAFF: Final = ("staff@shop.example", "loopback only")
_SHOPPER: Final = ("shopper@shop.example", "loopback only")
_ADDRESS: Final = {
    "first_name": "Ada",
    "last_name": "Hill",
    "line1": "1 High St",
    "line4": "York",
    "postcode": "YO1 7HH",
}


class ShopError(Exception):
    """The shop did not do as asked; the message tells what it said."""


@dataclass
class Shop:
    """A shop that keeps its database and log in ``folder``: made ready by :meth:`start` and :meth:`wait_until_ready`.

    A new one begins with a copy of the database ``stocked``, or without one with ``goods`` on a new shelf.
    """

    name: str
    python: Path
    folder: Path
    goods: Sequence[Mapping[str, object]]
    stocked: Path | None = None
    port: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    boot_seconds: float = 0.0
    _ids: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = None
    _started: float = 0.0

    @property
    def url(self) -> str:
        """Where the shop is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def feed(self) -> str:
        """The address of its stock as CSV."""
        return f"{self.url}/feeds/stock.csv"

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "shop.db"

    def start(self) -> None:
        """Starts the process; again, with the database and on the port that it had before."""
        goods = self.folder / "goods.json"
        self.folder.mkdir(exist_ok=True)
        if self.stocked and not self.database.exists():
            shutil.copyfile(self.stocked, self.database)
        goods.write_text(json.dumps(self.goods), encoding="utf-8")
        command = [str(self.python), "-B", str(_PROJECT / "serve.py"), str(self.database), str(goods)]
        self._started = time.monotonic()
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, str(self.port)],
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                stdin=subprocess.PIPE,  # its end is the shop's end, should this process be killed
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait_until_ready(self) -> None:
        """Waits for the shop to say that it sells. Raises ShopError with the end of its log."""
        assert self._process is not None
        assert self._process.stdout is not None
        heard, _, _ = select.select([self._process.stdout], [], [], _READY)
        line = self._process.stdout.readline() if heard else ""
        if not line:
            self.stop()
            log = self._log.read_text(encoding="utf-8")
            raise ShopError(f"the {self.name} shop did not boot within {_READY} s:\n{log[-3000:]}")
        self.boot_seconds = time.monotonic() - self._started
        ready = json.loads(line)
        self.port, self.versions, self._ids = ready["port"], ready["versions"], ready["ids"]

    def stop(self) -> None:
        """Ends the process. May be called more than once."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    def count(self, sku: str, in_stock: int) -> None:
        """The staff counts the shelf: through the admin API, like every back office does."""
        record = self._ids[sku]["stockrecord"]
        self._ask("PATCH", f"api/admin/stockrecords/{record}/", _STAFF, {"num_in_stock": in_stock})

    def order(self, sku: str, quantity: int) -> str:
        """A shopper orders through the checkout API; the order's number. The shop allocates, it does not ship yet."""
        product = f"{self.url}/api/products/{self._ids[sku]['product']}/"
        basket = self._ask("POST", "api/basket/add-product/", _SHOPPER, {"url": product, "quantity": quantity})
        address = {**_ADDRESS, "country": f"{self.url}/api/countries/GB/"}
        order = self._ask("POST", "api/checkout/", _SHOPPER, {"basket": basket["url"], "shipping_address": address})
        return str(order["number"])

    def stock_record(self, sku: str) -> dict[str, Any]:
        """What the shop's own API says of a stock record: ``num_in_stock``, ``num_allocated``, …"""
        return self._ask("GET", f"api/admin/stockrecords/{self._ids[sku]['stockrecord']}/", _STAFF)

    @property
    def _log(self) -> Path:
        return self.folder / "shop.log"

    def _ask(self, method: str, path: str, who: tuple[str, str], body: object = None) -> dict[str, Any]:
        answer = httpx.request(method, f"{self.url}/{path}", auth=who, json=body, trust_env=False, timeout=30)
        if answer.is_error:
            raise ShopError(f"{self.name}: {method} {path}: {answer.status_code} {answer.text[:500]}")
        said = answer.json()
        assert isinstance(said, dict)
        return said
