"""One Vendure shop on loopback, as its staff and its shoppers use it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.real.environment import node
from tests.real.goods import MAIN
from tests.real.server import Server, ShopError

_PROJECT: Final = Path(__file__).parent / "vendure"

USERNAME: Final = "staff"
PASSWORD: Final = "loopback-only"

_ORDER: Final = (
    """mutation { setCustomerForOrder(input: {firstName: "Ada", lastName: "Hill", emailAddress: "ada@shop.example"})
       { __typename ... on ErrorResult { message } } }""",
    """mutation { setOrderShippingAddress(input: {fullName: "Ada Hill", streetLine1: "1 High St", city: "York",
       postalCode: "YO1 7HH", countryCode: "GB"}) { __typename ... on ErrorResult { message } } }""",
    """mutation { setOrderShippingMethod(shippingMethodId: ["1"]) { __typename ... on ErrorResult { message } } }""",
    """mutation { transitionOrderToState(state: "ArrangingPayment") { __typename ... on ErrorResult { message } } }""",
    """mutation { addPaymentToOrder(input: {method: "card", metadata: {}})
       { __typename ... on ErrorResult { message } } }""",
)
"""What a shopper does once the basket is full."""


@dataclass
class VendureShop(Server):
    """A shop that keeps its SQLite file in ``folder``. A new one begins with a copy of the file ``stocked``, or without
    one with ``goods`` on a new shelf. ``session`` is how long a log-in holds, as Vendure writes durations.
    """

    home: Path
    goods: Sequence[Mapping[str, Any]]
    stocked: Path | None = None
    session: str = "1y"
    _token: str = field(default="", init=False)

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "shop.db"

    def command(self) -> list[str]:
        goods = self.folder / "goods.json"
        goods.write_text(json.dumps(self.goods), encoding="utf-8")
        return [node(), str(_PROJECT / "serve.js"), str(self.database), str(goods)]

    def environment(self) -> Mapping[str, str]:
        return {
            "NODE_PATH": str(self.home / "node_modules"),
            "SHOP_SESSION": self.session,
            "VENDURE_DISABLE_TELEMETRY": "true",
        }

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        if self.stocked and not self.database.exists():
            shutil.copyfile(self.stocked, self.database)
        super().start()

    def count(self, sku: str, on_hand: int, location: str = MAIN) -> None:
        """The staff counts the shelf of a location."""
        places = self.admin("{ stockLocations { items { id name } } }")["stockLocations"]["items"]
        (place,) = [place["id"] for place in places if place["name"] == location]
        level = [{"stockLocationId": place, "stockOnHand": on_hand}]
        change = {"input": [{"id": self.variant(sku)["id"], "stockLevels": level}]}
        self.admin(
            "mutation($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }", change
        )

    def order(self, sku: str, quantity: int) -> None:
        """A shopper orders and pays: the shop allocates, and ships later."""
        basket = """mutation($id: ID!, $n: Int!) { addItemToOrder(productVariantId: $id, quantity: $n)
                    { __typename ... on ErrorResult { message } } }"""
        token = ""
        for number, query in enumerate((basket, *_ORDER)):
            variables = {"id": self.variant(sku)["id"], "n": quantity} if number == 0 else {}
            answer, token = self._ask("shop-api", query, variables, token)
            (said,) = answer.values()
            if said["__typename"] not in ("Order", "ActiveOrder"):
                raise ShopError(f"{self.name}: {query.split()[2]}: {said}")

    def variant(self, sku: str) -> dict[str, Any]:
        """What the shop's own back office says of a variant."""
        found = self.admin(
            """query($sku: String!) { productVariants(options: {filter: {sku: {eq: $sku}}}) { items
               { id sku enabled stockOnHand stockAllocated stockLevels { stockOnHand stockLocation { name } } } } }""",
            {"sku": sku},
        )
        (variant,) = found["productVariants"]["items"]
        assert isinstance(variant, dict)
        return variant

    def add_reader(self, name: str, permissions: Sequence[str]) -> None:
        """A user with a role of just these permissions, and the password that everybody has here."""
        role = self.admin(
            "mutation($input: CreateRoleInput!) { createRole(input: $input) { id } }",
            {"input": {"code": name, "description": name, "permissions": list(permissions)}},
        )["createRole"]["id"]
        who = {"firstName": name, "lastName": name, "emailAddress": name, "password": PASSWORD, "roleIds": [role]}
        self.admin(
            "mutation($input: CreateAdministratorInput!) { createAdministrator(input: $input) { id } }", {"input": who}
        )

    def add_api_key(self, permissions: Sequence[str]) -> str:
        """An API key of a role of just these permissions."""
        role = self.admin(
            "mutation($input: CreateRoleInput!) { createRole(input: $input) { id } }",
            {"input": {"code": "key", "description": "key", "permissions": list(permissions)}},
        )["createRole"]["id"]
        key = self.admin(
            "mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey } }",
            {"input": {"roleIds": [role], "translations": [{"languageCode": "en", "name": "stockdrift"}]}},
        )["createApiKey"]["apiKey"]
        return str(key)

    def admin(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Asks the Admin API as the staff. Raises ShopError."""
        if not self._token:
            log_in = "mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }"
            _, self._token = self._ask("admin-api", log_in, {"u": USERNAME, "p": PASSWORD}, "")
        answer, self._token = self._ask("admin-api", query, variables or {}, self._token)
        return answer

    def shop(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Asks the Shop API as anybody. Raises ShopError."""
        return self._ask("shop-api", query, variables or {}, "")[0]

    def _ask(self, api: str, query: str, variables: Mapping[str, object], token: str) -> tuple[dict[str, Any], str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/{api}", json=body, headers=headers, trust_env=False, timeout=30)
        said = answer.json()
        if answer.is_error or said.get("errors"):
            raise ShopError(f"{self.name}: {query.split('(')[0]}: {answer.status_code} {answer.text[:500]}")
        return said["data"], answer.headers.get("vendure-auth-token") or token
