"""What a source is told, whatever its system; and a feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, SecretStr, model_validator

from stockdrift.settings.models import Section
from stockdrift.settings.values import (
    Address,
    BySku,
    Column,
    Duration,
    FilePath,
    Link,
    Pause,
    Percent,
    Secret,
    Share,
    Span,
    ToleranceValue,
    Units,
)
from stockdrift.stock.patterns import compiled

Kind = Literal["native", "feed", "marketplace"]


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
        "master",
        description="Whom a resync trusts: from the surface nothing is written back; ask leaves it to the operator.",
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
