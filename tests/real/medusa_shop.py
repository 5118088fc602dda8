"""One Medusa store on loopback, as its staff and its shoppers use it, and the PostgreSQL that it keeps things in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.real.environment import node
from tests.real.goods import MAIN
from tests.real.server import Server, ShopError

_HERE: Final = Path(__file__).parent

EMAIL: Final = "staff@shop.example"
PASSWORD: Final = "loopback-only"
_PATIENCE: Final = 300  # s for the tables

_ADDRESS: Final = {
    "first_name": "Ada",
    "last_name": "Hill",
    "address_1": "1 High St",
    "city": "York",
    "postal_code": "YO1 7HH",
    "country_code": "gb",
}


@dataclass
class Postgres(Server):
    """A PostgreSQL server for all stores of a run."""

    home: Path
    _psql: list[str] = field(default_factory=list, init=False)

    def command(self) -> list[str]:
        return [sys.executable, str(_HERE / "postgres" / "serve.py"), str(self.home), str(self.folder)]

    def is_ready(self, said: Mapping[str, Any]) -> None:
        self._psql = said["psql"]

    def address(self, database: str) -> str:
        """Where a store finds ``database``."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """A new database, as ``template`` is now; nobody may be using that."""
        done = subprocess.run(
            [*self._psql, "-qc", f'CREATE DATABASE "{database}" TEMPLATE "{template}"'], capture_output=True, text=True
        )
        if done.returncode:
            raise ShopError(f"PostgreSQL: {done.stderr}")


@dataclass
class MedusaShop(Server):
    """A store in the database at ``database``. One without products begins with ``goods``. ``token_life`` is how long a
    log-in holds, as Medusa writes durations.
    """

    home: Path
    goods: Sequence[Mapping[str, Any]]
    database: str
    token_life: str = "1d"
    key: str = field(default="", init=False)
    """The publishable key that its storefront has."""
    _token: str = field(default="", init=False)

    def command(self) -> list[str]:
        goods = self.folder / "goods.json"
        goods.write_text(json.dumps(self.goods), encoding="utf-8")
        return [node(), str(_HERE / "medusa" / "serve.js"), str(self.home), str(goods)]

    def environment(self) -> Mapping[str, str]:
        return {
            "SHOP_DATABASE": self.database,
            "SHOP_TOKEN_LIFE": self.token_life,
            "MEDUSA_DISABLE_TELEMETRY": "true",
            "NODE_ENV": "production",
        }

    def is_ready(self, said: Mapping[str, Any]) -> None:
        self.key, self._token = said["key"], ""

    def prepare(self) -> None:
        """Makes the tables of a new database, and a user. Raises ShopError."""
        self.folder.mkdir(exist_ok=True)
        for arguments in (["db:migrate"], ["user", "-e", EMAIL, "-p", PASSWORD]):
            with self.log.open("a") as log:
                done = subprocess.run(
                    [node(), str(self.home / "node_modules" / ".bin" / "medusa"), *arguments],
                    cwd=self.home,
                    env={"PATH": str(Path(node()).parent), **self.environment()},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    timeout=_PATIENCE,
                )
            if done.returncode:
                raise ShopError(f"medusa {arguments[0]}: {self.log.read_text(encoding='utf-8')[-3000:]}")

    def count(self, sku: str, stocked: int, location: str = MAIN) -> None:
        """The staff counts the shelf of a location."""
        (place,) = [
            place["id"]
            for place in self.admin("GET", "stock-locations?limit=100")["stock_locations"]
            if place["name"] == location
        ]
        item = self.item(sku)["id"]
        self.admin("POST", f"inventory-items/{item}/location-levels/{place}", {"stocked_quantity": stocked})

    def share(self, sku: str, of: str) -> None:
        """From here on the variant ``sku`` takes of the stock of another, too."""
        (variant,) = self.admin("GET", f"product-variants?sku={sku}")["variants"]
        path = f"products/{variant['product_id']}/variants/{variant['id']}/inventory-items"
        self.admin("POST", path, {"inventory_item_id": self.item(of)["id"], "required_quantity": 1})

    def order(self, sku: str, quantity: int) -> None:
        """A shopper orders: the store reserves, and ships later."""
        (variant,) = self.admin("GET", f"product-variants?sku={sku}")["variants"]
        (region,) = self.store("GET", "regions")["regions"]
        who = {"email": "ada@shop.example", "shipping_address": _ADDRESS, "billing_address": _ADDRESS}
        cart = self.store("POST", "carts", {"region_id": region["id"], **who})["cart"]["id"]
        self.store("POST", f"carts/{cart}/line-items", {"variant_id": variant["id"], "quantity": quantity})
        (option,) = self.store("GET", f"shipping-options?cart_id={cart}")["shipping_options"]
        self.store("POST", f"carts/{cart}/shipping-methods", {"option_id": option["id"]})
        payment = self.store("POST", "payment-collections", {"cart_id": cart})["payment_collection"]["id"]
        session = {"provider_id": "pp_system_default"}
        self.store("POST", f"payment-collections/{payment}/payment-sessions", session)
        said = self.store("POST", f"carts/{cart}/complete")
        if said["type"] != "order":
            raise ShopError(f"{self.name}: the order was not taken: {said}")

    def item(self, sku: str) -> dict[str, Any]:
        """What the store's own back office says of an inventory item: ``stocked_quantity``, ``reserved_quantity``, over
        all locations.
        """
        (item,) = self.admin("GET", f"inventory-items?sku={sku}")["inventory_items"]
        assert isinstance(item, dict)
        return item

    def product(self, sku: str) -> dict[str, Any]:
        """What the store's own back office says of the product of a variant."""
        (variant,) = self.admin("GET", f"product-variants?sku={sku}")["variants"]
        product = self.admin("GET", f"products/{variant['product_id']}")["product"]
        assert isinstance(product, dict)
        return product

    def add_secret_key(self) -> str:
        """A secret API key."""
        return str(self.admin("POST", "api-keys", {"title": "stockdrift", "type": "secret"})["api_key"]["token"])

    def admin(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Asks the Admin API as the staff. Raises ShopError."""
        if not self._token:
            entered = self._ask("POST", "auth/user/emailpass", {"email": EMAIL, "password": PASSWORD}, {})
            self._token = entered["token"]
        return self._ask(method, f"admin/{path}", body, {"Authorization": f"Bearer {self._token}"})

    def store(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Asks the Store API as its storefront. Raises ShopError."""
        return self._ask(method, f"store/{path}", body, {"x-publishable-api-key": self.key})

    def _ask(self, method: str, path: str, body: object, headers: Mapping[str, str]) -> dict[str, Any]:
        answer = httpx.request(
            method, f"{self.url}/{path}", json=body, headers=dict(headers), trust_env=False, timeout=30
        )
        if answer.is_error:
            raise ShopError(f"{self.name}: {method} {path}: {answer.status_code} {answer.text[:500]}")
        said = answer.json()
        assert isinstance(said, dict)
        return said
