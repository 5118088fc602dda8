"""The settings file as models: each field says what it is, its unit and its default."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from stockdrift.settings.values import (
    BySku,
    Currency,
    Moment,
    Percent,
    Said,
    Size,
    Sku,
    Span,
    Text,
    ToleranceValue,
    Units,
    Whole,
)
from stockdrift.settings.windows import WindowSettings
from stockdrift.stock.levels import QUANTITY_MAX
from stockdrift.stock.rules import ActionRules, Tolerance

JOURNAL_SCHEME: Final = "sqlite:///"
"""How every journal address begins; a file follows."""

_NO_FILE: Final = frozenset("?\0")
"""A question mark would begin options, which a journal has none of."""


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
    reserve: Percent = Field(2_000, description="Part of a surface's request budget that is kept for reading back.")
    tries: Whole = Field(
        5, ge=1, le=10, description="How often is tried what was certainly not sent; after that it is a dead letter."
    )
    freeze: list[WindowSettings] = Field([], description="When nothing is written, whatever is open.")
    open: list[WindowSettings] = Field([], description="When something may be written; by default always.")


class DisplaySettings(Section):
    """The console."""

    theme: str = Field(
        "dark", description="A file in themes/, or in stockdrift/themes/ of the user's config folder; without .toml."
    )
    glyphs: Literal["full", "plain", "ascii"] = Field(
        "full", description="plain where the font or a CJK locale asks for it, ascii where it has no blocks either."
    )
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
