"""The settings file as models: each field says what it is, its unit and its default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from stockdrift.settings.values import (
    Address,
    BySku,
    Column,
    Currency,
    Duration,
    FilePath,
    Link,
    Moment,
    Names,
    Password,
    Pause,
    Percent,
    Said,
    Secret,
    Share,
    Size,
    Sku,
    Span,
    Text,
    ToleranceValue,
    Units,
    Whole,
)
from stockdrift.stock.levels import QUANTITY_MAX
from stockdrift.stock.patterns import compiled
from stockdrift.stock.rules import ActionRules, Tolerance

JOURNAL_SCHEME: Final = "sqlite:///"
"""How every journal address begins; a file follows."""

_NO_FILE: Final = frozenset("?\0")
"""A question mark would begin options, which a journal has none of."""

Kind = Literal["native", "feed", "marketplace"]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(Section):
    """The store that is watched, and what holds for all its surfaces."""

    name: Text = Field("My store", description="Shown in the header and in reports.")
    currency: Currency = Field("", description="ISO code, for revenue at risk: GBP, EUR, USD.")
    tolerance: ToleranceValue = Field(Tolerance(), description='Units a level may be off, or "5%" of expected.')
    tolerance_floor: Units = Field(0, description="Least units allowed where the tolerance is a percentage.")
    low_stock: Units = Field(5, description="Units at or below which a SKU counts as low.")
    sku_tolerance: BySku[ToleranceValue] = Field(
        default_factory=dict, description="Tolerance of single SKUs on every surface."
    )
    bundles: BySku[BySku[Annotated[Whole, Field(gt=0, le=QUANTITY_MAX)]]] = Field(
        default_factory=dict, description="A bundle's SKU: its components and the units of each in one bundle."
    )

    @field_validator("bundles")
    @classmethod
    def _bundles_of_goods(cls, bundles: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        for bundle, parts in bundles.items():
            if not parts:
                raise ValueError(f"{bundle} has no components")
            nested = next((part for part in parts if part in bundles), None)
            if nested is not None:
                raise ValueError(f"{bundle} contains {nested}, which is a bundle; name its components instead")
        return bundles


class JournalSettings(Section):
    """Where every poll and level change is recorded."""

    url: str | None = Field(
        None, description='"sqlite:///drift.db"; by default a file of its own in the user\'s data folder.'
    )

    keep: Span = Field(30 * 86_400_000, description="How much of the past is kept; older entries are dropped.")
    max_size: Size = Field(
        2 * 10**9,
        ge=16 * 10**6,
        description="Most bytes of the file and its log, at least 16MB; the oldest entries are dropped earlier for it.",
    )

    @field_validator("url")
    @classmethod
    def _a_file(cls, url: str | None) -> str | None:
        if url is not None:
            file = url.removeprefix(JOURNAL_SCHEME)
            if (
                file == url
                or not file.strip("/")
                or file.startswith(":")
                or file.endswith("/")
                or not _NO_FILE.isdisjoint(file)
            ):
                raise ValueError(
                    'a journal is a file; write it as "sqlite:///drift.db", beside the settings file, '
                    'or "sqlite:////var/lib/stockdrift/drift.db"'
                )
        return url


class CollectorSettings(Section):
    """Limits that hold for every request."""

    timeout: Span = Field(30_000, description="For one request, from connecting to the last byte.")
    max_bytes: Whole = Field(256 * 2**20, ge=1024, description="Largest answer or file that is read, unpacked.")
    max_depth: Whole = Field(64, ge=4, le=500, description="Deepest nesting of an answer that is read.")
    backoff_cap: Span = Field(60_000, description="Longest wait between two tries of a request.")
    tries: Whole = Field(4, ge=1, le=10, description="Tries of a request before the read has failed.")


class IgnoreSettings(Section):
    """A SKU that is left out for a while: not counted, not compared, shown as ignored."""

    sku: Sku = Field(description="The SKU.")
    surface: str = Field("", description="Only there; by default on every surface.")
    reason: Said = Field(description="Why, for whoever asks later.")
    until: Moment = Field(description="From when it counts again: a date, or a date and time.")


class ActionSettings(Section):
    """What stands between an operator and a live shop."""

    confirm_rows: Whole = Field(25, ge=1, description="Above so many rows the surface's name has to be typed.")
    confirm_share: Percent = Field(1_000, description="So it has above this part of what the surface lists.")
    confirm_zeroes: Whole = Field(5, ge=0, description="And where more rows than this are set to 0.")
    reasons: tuple[Annotated[Text, StringConstraints(min_length=1, max_length=40)], ...] = Field(
        ActionRules().reasons, min_length=1, description="What an action may be done for."
    )


class AllotmentSettings(Section):
    """What a single SKU gets on a surface; what is left out is the surface's."""

    share: Share | None = Field(None, description='Part of ATP: 0.5 or "50%".')
    buffer: Units | None = Field(None, description="Units held back.")
    cap: Units | None = Field(None, description="Most units offered.")


class MappingSettings(Section):
    """How a surface's own ids become SKUs: by one of column, file, rule and prefix. An id that none of them speaks of
    stands for itself.
    """

    column: Column | None = Field(
        None, description="Of a feed: the column that names the SKU, where another one holds its own id."
    )
    file: FilePath | None = Field(
        None, description="A CSV or TSV table of the columns id and sku; relative to the settings file."
    )
    rule: Column | None = Field(None, description='A regular expression for the whole id: "FB-(.+)".')
    to: Column = Field(r"\1", description="What the SKU is made of where the rule matches.")
    prefix: Column | None = Field(None, description='Letters that stand before the SKU: "FB-".')

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """The rule, compiled."""
        return None if self.rule is None else compiled(self.rule)

    @model_validator(mode="after")
    def _by_one_way(self) -> MappingSettings:
        ways = [name for name in ("column", "file", "rule", "prefix") if getattr(self, name) is not None]
        if len(ways) != 1:
            raise ValueError("a mapping has one of column, file, rule and prefix")
        if "to" in self.model_fields_set and self.rule is None:
            raise ValueError("to belongs to a rule")
        return self

    @model_validator(mode="after")
    def _a_sound_rule(self) -> MappingSettings:
        if self.rule is not None:
            try:
                pattern = compiled(self.rule)
            except ValueError as error:
                raise ValueError(f"the rule {error}") from None
            try:
                pattern.sub(self.to, "")  # reads what is put in, whether it is found or not
            except (re.error, IndexError) as error:
                raise ValueError(f"to cannot be made of the rule: {error}") from None
        return self


class SourceSettings(Section):
    """What the master and every surface share."""

    OF_SURFACES: ClassVar[frozenset[str]] = frozenset(
        {
            "active",
            "buffer",
            "cap",
            "compare_preorder",
            "conflict",
            "lag",
            "mapping",
            "overwritten",
            "share",
            "sku_allotment",
            "sku_tolerance",
            "tolerance",
            "tolerance_floor",
            "write",
        }
    )
    """Keys that judge a surface. On the master they would be without effect, so they are refused there."""

    every: Pause | None = Field(None, description="Time between reads, 100ms at least; by default by kind.")
    stale_after: Span | None = Field(
        None, description="Age of the last complete read at which levels become unknown; by default max(3 × every, 2m)."
    )
    max_shrink: Percent = Field(2_000, description="A read with that many fewer rows than the last is partial.")
    kind: Kind | None = Field(
        None,
        description="What every and lag are by default: native 30s and 30s, feed 15m and 1h, marketplace 5m and 15m. "
        "Itself by default feed where the system is, marketplace for meta, else native.",
    )
    link: Link | None = Field(
        None, description="A SKU's page in the control panel, to be opened from the SKU screen; {sku} is the SKU."
    )
    lag: Duration | None = Field(None, description="How far behind is still normal; by default by kind.")
    active: bool = Field(True, description="false: shown, not read, not compared.")
    tolerance: ToleranceValue | None = Field(None, description="Outranks the store's.")
    tolerance_floor: Units = Field(0, description="Least units allowed where the tolerance is a percentage.")
    sku_tolerance: BySku[ToleranceValue] = Field(default_factory=dict, description="Tolerance of single SKUs here.")
    share: Share = Field(10_000, description='Part of ATP offered here: 0.5 or "50%".')
    buffer: Units = Field(0, description="Units held back here.")
    cap: Units | None = Field(None, description="Most units offered here.")
    sku_allotment: BySku[AllotmentSettings] = Field(
        default_factory=dict, description="Share, buffer or cap of single SKUs here."
    )
    mapping: MappingSettings | None = Field(None, description="How its own ids become SKUs; by default they are SKUs.")
    compare_preorder: bool = Field(False, description="Compare pre-order and backorder levels as in stock.")
    write: bool = Field(False, description="true: operators may have it written, by a collector run with --write.")
    conflict: Literal["master", "surface", "ask"] = Field(
        "master", description="Whom a resync trusts; from the surface nothing is written back, ask refuses."
    )
    overwritten: bool = Field(False, description="true: a feed will overwrite what is written; every plan says so.")

    def secrets(self) -> Mapping[str, SecretStr]:
        """The secrets that are set, by their keys."""
        held = {key: getattr(self, key) for key in type(self).model_fields}
        return {key: value for key, value in held.items() if isinstance(value, SecretStr)}


class FeedColumns(Section):
    """Names of a table's columns, or of the fields of an item in other formats, case aside: ``id`` is ``g:id`` in RSS
    and Atom, ``stock.available`` a field within another in JSON. A column that is named must be there.

    Levels come from ``on_hand`` less the other parts of ATP where that is named, else from ``quantity``, else from
    ``availability``. A quantity that its availability contradicts is a bad row.
    """

    sku: Column = Field("id", description="The SKU.")
    quantity: Column | None = Field(
        "inventory", description="The quantity available; unless set, also quantity_to_sell_on_facebook."
    )
    name: Column | None = Field(None, description="The product's name, for the screen.")
    price: Column | None = Field(None, description="The price of one unit, for revenue at risk.")
    availability: Column | None = Field(
        None, description="in_stock, out of stock, preorder …: in or out, where there is no quantity."
    )
    on_hand: Column | None = Field(None, description="Units in the house, where ATP is stated in its parts.")
    committed: Column | None = Field(None, description="Of these, units sold and not sent yet.")
    reserved: Column | None = Field(None, description="Of these, units held in baskets or for someone.")
    damaged: Column | None = Field(None, description="Of these, units that cannot be sold.")


class FeedSettings(SourceSettings):
    """A product feed as a file or behind a URL: CSV, TSV, RSS, Atom, JSON or JSON Lines, packed with gzip or not. RSS
    and Atom have their products' attributes in the ``g:`` namespace, as Google and Meta ask for.
    """

    system: Literal["feed"] = Field(description="A feed of products.")
    path: FilePath | None = Field(None, description="A file; relative to the settings file.")
    url: Address | None = Field(None, description="http or https; instead of path.")
    format: Literal["auto", "csv", "tsv", "rss", "atom", "json", "jsonl"] = Field(
        "auto", description="auto: from the content; doctor says which it is."
    )
    items: Column | None = Field(
        None,
        description='Where the list of products stands in a JSON document: "data.products"; by default the only list.',
    )
    generated: Column | None = Field(
        None,
        description='Where a JSON document says when it was made: "meta.generated_at"; by default by the usual names.',
    )
    columns: FeedColumns = Field(FeedColumns(), description="Which column holds what.")
    sums_duplicates: bool = Field(False, description="Several rows of one SKU (one per location) mean their sum.")
    token: Secret | None = Field(None, description='Bearer token: "env:NAME" or "file:PATH".')

    @model_validator(mode="after")
    def _one_place(self) -> FeedSettings:
        if (self.path is None) == (self.url is None):
            raise ValueError("a feed has either path or url")
        return self

    @model_validator(mode="after")
    def _paths_in_json(self) -> FeedSettings:
        if self.format not in ("auto", "json") and (self.items or self.generated):
            raise ValueError("items and generated are paths in a JSON document; the format is another")
        return self

    @model_validator(mode="after")
    def _parts_of_something(self) -> FeedSettings:
        columns = self.columns
        if columns.on_hand is None and any((columns.committed, columns.reserved, columns.damaged)):
            raise ValueError("the columns committed, reserved and damaged are parts of on_hand; name that too")
        return self


class EcwidSettings(SourceSettings):
    """An Ecwid store, read through its REST API with a secret token (scope ``read_catalog``)."""

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
    table = isinstance(source, FeedSettings) and source.path is not None and source.format in ("auto", "csv", "tsv")
    return table and source.mapping is None


AnySource = Annotated[AnySystem, Field(discriminator="system")]


class DisplaySettings(Section):
    """The console."""

    theme: str = Field("dark", description="A file in themes/ or in the user's config folder, without .toml.")
    glyphs: Literal["full", "plain"] = Field("full", description="plain where the font or a CJK locale asks for it.")
    bell: bool = Field(
        False, description="true: ring the terminal's bell when more SKUs oversell, once a minute at most."
    )
    notify: Literal["off", "osc9", "osc777"] = Field(
        "off", description="The same as a notification of the desktop, by the sequence that your terminal knows."
    )
    plain_output: bool = Field(
        False, description="Draw by whole regions, as Textual does, where a terminal shows differences wrongly."
    )


Document = dict[str, Any]
