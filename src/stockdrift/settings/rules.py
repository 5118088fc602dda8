"""From settings to the rules by which the core judges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from stockdrift.settings.loading import Settings
from stockdrift.settings.sources import AllotmentSettings, Kind, SourceSettings
from stockdrift.settings.systems import AnySource, EcwidSettings, MedusaStorefrontSettings, MetaSettings, writable
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import ActionRules, Allotment, Ignore, Rules, Spending, SurfaceRules, Tolerance
from stockdrift.stock.text import clean_sku
from stockdrift.stock.values import replace

_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND

EVERY: Final[Mapping[Kind, int]] = {"native": 30 * _SECOND, "marketplace": 5 * _MINUTE, "feed": 15 * _MINUTE}
"""Time between reads by kind, ms."""

LAG: Final[Mapping[Kind, int]] = {"native": 30 * _SECOND, "marketplace": 15 * _MINUTE, "feed": 60 * _MINUTE}
"""How far behind is still normal by kind, ms."""

_LEAST_STALE: Final = 2 * _MINUTE

_ECWID_PER_MINUTE: Final = 600  # a test holds these against the writers: settings know nothing of what is behind them

_NOT_OF_THE_SOURCE: Final = (SourceSettings.OF_SURFACES - {"mapping"}) | {
    "every",
    "kind",
    "max_shrink",
    "stale_after",
    "sweep_every",
    "token",
}
"""Keys that say when a source is read, by which right, and how it is judged; not which one it is."""


def rules_of(settings: Settings) -> Rules:
    """The rules that ``settings`` state, defaults filled in."""
    store = settings.store
    ignores = {
        name: {one.sku: Ignore(one.reason, one.until) for one in settings.ignore if one.surface == name}
        for name in ("", *settings.surfaces)
    }
    floor = store.tolerance_floor
    return Rules(
        master=_surface(MASTER, settings.master, default_kind="native"),
        surfaces=tuple(
            replace(_surface(name, source, default_kind=_kind(source)), ignores=ignores[name])
            for name, source in settings.surfaces.items()
        ),
        tolerance=_floored(store.tolerance, floor),
        tolerances={clean_sku(sku): _floored(tolerance, floor) for sku, tolerance in store.sku_tolerance.items()},
        bundles={
            clean_sku(sku): {clean_sku(part): units for part, units in parts.items()}
            for sku, parts in store.bundles.items()
        },
        ignores=ignores[""],
        low_stock=store.low_stock,
        store=store.name,
        currency=store.currency,
        actions=ActionRules(
            confirm_rows=settings.actions.confirm_rows,
            confirm_share=settings.actions.confirm_share,
            confirm_zeroes=settings.actions.confirm_zeroes,
            reasons=settings.actions.reasons,
            freezes=tuple(one.window() for one in settings.actions.freeze),
            openings=tuple(one.window() for one in settings.actions.open),
            reserve=settings.actions.reserve,
            tries=settings.actions.tries,
            keep=settings.journal.keep,
        ),
    )


_ASK: Final = {
    "ecwid-storefront": "It shows the master's own stock: publish it anew in the store's control panel.",
    "feed": "Whoever makes the feed has to make it anew: at Meta or Google ask for a fetch of the data source.",
    "vendure-storefront": "It shows the shop's own stock: rebuild the shop's search index.",
    "medusa-storefront": "It shows the shop's own stock, without a delay of its own.",
}
"""What a person can do where nothing can be written, by system."""


_LISTING: Final = {"ecwid": "product", "medusa": "product", "vendure": "variant", "meta": "item"}
"""What is taken down with a listing, by system."""


def _kind(source: AnySource) -> Kind:
    if source.system == "feed":
        return "feed"
    return "marketplace" if source.system == "meta" else "native"


def _surface(name: str, source: AnySource, *, default_kind: Kind) -> SurfaceRules:
    kind: Kind = source.kind or default_kind
    every = EVERY[kind] if source.every is None else source.every
    floor = source.tolerance_floor
    return SurfaceRules(
        name=name,
        kind=kind,
        active=source.active,
        lag=LAG[kind] if source.lag is None else source.lag,
        every=every,
        stale_after=max(3 * every, _LEAST_STALE) if source.stale_after is None else source.stale_after,
        max_shrink=source.max_shrink,
        allotment=Allotment(source.share, source.buffer, source.cap),
        allotments={clean_sku(sku): _allotment(own, source) for sku, own in source.sku_allotment.items()},
        buffers={clean_sku(sku): own.buffer for sku, own in source.sku_allotment.items() if own.buffer is not None},
        tolerance=None if source.tolerance is None else _floored(source.tolerance, floor),
        tolerances={clean_sku(sku): _floored(tolerance, floor) for sku, tolerance in source.sku_tolerance.items()},
        compare_preorder=source.compare_preorder,
        writable=writable(source),
        write=source.write,
        conflict=source.conflict,
        overwritten=source.overwritten,
        listing=_LISTING.get(source.system, "") if writable(source) else "",
        refresh="" if writable(source) else _ASK.get(source.system, "Correct it in its own control panel."),
        spending=_spending(source),
        sums_duplicates=source.system == "feed" and source.sums_duplicates,
        source=fingerprint(source),
    )


def _spending(source: AnySource) -> Spending | None:
    """As the writers of these systems send, and as their vendors allow."""
    if isinstance(source, EcwidSettings):
        return Spending(_ECWID_PER_MINUTE, rows=100, a_row=1)  # each product is looked up first
    return Spending(source.calls_per_hour, rows=500) if isinstance(source, MetaSettings) else None


def fingerprint(source: AnySource) -> str:
    """Where and how ``source`` is read, as 16 letters: the same for the same place, whatever token opens it, unless the
    token is what says which place. It tells nothing of an address that holds a secret.
    """
    told = source.model_dump(mode="json", exclude=set(_NOT_OF_THE_SOURCE), exclude_defaults=True)
    if isinstance(source, MedusaStorefrontSettings):  # the key names the sales channels whose products are shown
        told["token"] = source.token.get_secret_value()
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _allotment(own: AllotmentSettings, source: AnySource) -> Allotment:
    return Allotment(
        source.share if own.share is None else own.share,
        source.buffer if own.buffer is None else own.buffer,
        source.cap if own.cap is None else own.cap,
    )


def _floored(tolerance: Tolerance, floor: int) -> Tolerance:
    """A percentage takes the floor that stands beside it; units need none."""
    return Tolerance(floor, tolerance.percent) if tolerance.percent else tolerance
