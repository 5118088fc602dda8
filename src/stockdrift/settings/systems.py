"""The systems that are read, each with what it needs to know; and all of them by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, model_validator

from stockdrift.settings.sources import FeedSettings, SourceSettings
from stockdrift.settings.values import (
    Address,
    Names,
    Password,
    Secret,
    Span,
    Text,
    Whole,
)


class EcwidSettings(SourceSettings):
    """An Ecwid store, read through its REST API with a secret token (scope ``read_catalog``, and
    ``update_catalog`` to write).
    """

    system: Literal["ecwid"] = Field(description="Ecwid by Lightspeed, all products.")
    store_id: Whole = Field(gt=0, description="The store's number.")
    token: Secret = Field(description='Secret token: "env:NAME" or "file:PATH".')
    api: Address = Field("https://app.ecwid.com/api/v3", description="Base address of the API.")
    sweep_every: Span = Field(900_000, description="Time between full reads; between them only changes are read.")


class EcwidStorefrontSettings(SourceSettings):
    """What a shopper sees of an Ecwid store: the embed widget and the Instant Site, read with a public token."""

    system: Literal["ecwid-storefront"] = Field(description="Ecwid, as a shopper sees it.")
    store_id: Whole = Field(gt=0, description="The store's number.")
    token: Secret = Field(description='Public token (it begins with public_): "env:NAME" or "file:PATH".')
    api: Address = Field("https://app.ecwid.com/api/v3", description="Base address of the API.")


class VendureSettings(SourceSettings):
    """A Vendure shop as its staff see it, read through the Admin API with an API key (Vendure 3.6 and later) or with a
    user's name and password. The role needs ReadCatalog, and ReadStockLocation where stock_locations is set.
    """

    system: Literal["vendure"] = Field(description="Vendure, all product variants of a channel.")
    url: Address = Field(description="Address of the Admin API, such as https://shop.example/admin-api.")
    token: Secret | None = Field(None, description='API key: "env:NAME" or "file:PATH"; else username and password.')
    username: Text | None = Field(None, description="An administrator's name or email address.")
    password: Password | None = Field(None, description='Its password: "env:NAME" or "file:PATH".')
    channel: Text | None = Field(None, description="The channel's token; by default the default channel.")
    stock_locations: Names = Field((), description="Names of the stock locations that count; by default all.")

    @model_validator(mode="after")
    def _one_way_in(self) -> VendureSettings:
        _one_credential(self.token, self.username, self.password, "username")
        return self


class VendureStorefrontSettings(SourceSettings):
    """What a shopper sees of a Vendure shop: the Shop API, which says in stock or not."""

    system: Literal["vendure-storefront"] = Field(description="Vendure, as a shopper sees it.")
    url: Address = Field(description="Address of the Shop API, such as https://shop.example/shop-api.")
    channel: Text | None = Field(None, description="The channel's token; by default the default channel.")


class MedusaSettings(SourceSettings):
    """A Medusa 2 store as its staff see it, read through the Admin API with a secret API key or with a user's email
    address and password.
    """

    system: Literal["medusa"] = Field(description="Medusa, all product variants.")
    url: Address = Field(description="Base address of the server, such as https://shop.example.")
    token: Secret | None = Field(
        None, description='Secret API key (it begins with sk_): "env:NAME" or "file:PATH"; else email and password.'
    )
    email: Text | None = Field(None, description="A user's email address.")
    password: Password | None = Field(None, description='Its password: "env:NAME" or "file:PATH".')
    sales_channel: Text | None = Field(
        None, description="Name or id of a sales channel: only its stock locations count, only its products are sold."
    )
    stock_locations: Names = Field((), description="Names or ids of the stock locations that count; by default all.")

    @model_validator(mode="after")
    def _one_way_in(self) -> MedusaSettings:
        _one_credential(self.token, self.email, self.password, "email")
        return self


class MedusaStorefrontSettings(SourceSettings):
    """What a shopper sees of a Medusa 2 store: the Store API, with the key that a storefront has."""

    system: Literal["medusa-storefront"] = Field(description="Medusa, as a shopper sees it.")
    url: Address = Field(description="Base address of the server, such as https://shop.example.")
    token: Secret = Field(description='Publishable API key (it begins with pk_): "env:NAME" or "file:PATH".')


class MetaSettings(SourceSettings):
    """A Meta catalogue, from which Facebook and Instagram shops sell, read through the Graph API with a token that has
    ``catalog_management`` (or ``ads_management``) on the catalogue.
    """

    system: Literal["meta"] = Field(description="A Meta catalogue: Facebook and Instagram.")
    catalog_id: Whole = Field(gt=0, description="The catalogue's number.")
    token: Secret = Field(description='Access token of a system user: "env:NAME" or "file:PATH".')
    api: Address = Field("https://graph.facebook.com/v25.0", description="Base address of the API, with its version.")
    levels: Literal["quantity", "availability"] = Field(
        "quantity",
        description="availability: in or out, for a catalogue without quantities. Else an item without one is unknown.",
    )
    feed_id: Whole | None = Field(
        None,
        gt=0,
        description="Number of the data feed that fills the catalogue: with write = true a refresh has it fetched.",
    )
    calls_per_hour: Whole = Field(
        100,
        ge=1,
        description="Calls made at most, of up to 500 items each. Meta documents 20,000 for reading; where it allows "
        "less, the wait that it asks for is kept.",
    )


def _one_credential(token: SecretStr | None, name: str | None, password: SecretStr | None, key: str) -> None:
    if (name is None) != (password is None):
        raise ValueError(f"{key} and password belong together")
    if (token is None) == (name is None):
        raise ValueError(f"needs either token, or {key} and password")


AnySystem = (
    FeedSettings
    | EcwidSettings
    | EcwidStorefrontSettings
    | VendureSettings
    | VendureStorefrontSettings
    | MedusaSettings
    | MedusaStorefrontSettings
    | MetaSettings
)

SOURCES: Final[Mapping[str, type[AnySystem]]] = {
    "feed": FeedSettings,
    "ecwid": EcwidSettings,
    "ecwid-storefront": EcwidStorefrontSettings,
    "vendure": VendureSettings,
    "vendure-storefront": VendureStorefrontSettings,
    "medusa": MedusaSettings,
    "medusa-storefront": MedusaStorefrontSettings,
    "meta": MetaSettings,
}
"""Every ``system`` and its settings."""


def writable(source: SourceSettings) -> bool:
    """Whether there is a writer for what ``source`` reads. It finds rows by their own ids: no mapping will do."""
    if source.mapping is not None:
        return False
    if isinstance(source, FeedSettings):
        return source.path is not None and source.format in ("auto", "csv", "tsv")
    if isinstance(source, MetaSettings):
        return source.levels == "quantity"
    return isinstance(source, EcwidSettings | VendureSettings | MedusaSettings)


AnySource = Annotated[AnySystem, Field(discriminator="system")]
