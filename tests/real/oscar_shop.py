"""One django-oscar shop on loopback, as its owner and its shoppers use it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.real.server import Server, ShopError

_PROJECT: Final = Path(__file__).parent / "oscar"

_STAFF: Final = ("staff@shop.example", "loopback only")
_SHOPPER: Final = ("shopper@shop.example", "loopback only")
_ADDRESS: Final = {
    "first_name": "Ada",
    "last_name": "Hill",
    "line1": "1 High St",
    "line4": "York",
    "postcode": "YO1 7HH",
}


@dataclass
class Shop(Server):
    """A shop that keeps its database in ``folder``. A new one begins with a copy of the database ``stocked``, or with
    ``goods`` on a new shelf.
    """

    python: Path
    goods: Sequence[Mapping[str, object]]
    stocked: Path | None = None
    _ids: Mapping[str, Mapping[str, int]] = field(default_factory=dict, init=False)

    @property
    def feed(self) -> str:
        """The address of its stock as CSV."""
        return f"{self.url}/feeds/stock.csv"

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "shop.db"

    def command(self) -> list[str]:
        goods = self.folder / "goods.json"
        goods.write_text(json.dumps(self.goods), encoding="utf-8")
        return [str(self.python), "-B", str(_PROJECT / "serve.py"), str(self.database), str(goods)]

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        if self.stocked and not self.database.exists():
            shutil.copyfile(self.stocked, self.database)
        super().start()

    def is_ready(self, said: Mapping[str, Any]) -> None:
        self._ids = said["ids"]

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

    def _ask(self, method: str, path: str, who: tuple[str, str], body: object = None) -> dict[str, Any]:
        answer = httpx.request(method, f"{self.url}/{path}", auth=who, json=body, trust_env=False, timeout=30)
        if answer.is_error:
            raise ShopError(f"{self.name}: {method} {path}: {answer.status_code} {answer.text[:500]}")
        said = answer.json()
        assert isinstance(said, dict)
        return said
