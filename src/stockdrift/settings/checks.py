"""What no single key can tell: settings that would compare the master with itself, or say what cannot count."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from stockdrift.settings.models import ActionSettings, IgnoreSettings
from stockdrift.settings.problems import dotted, nearest
from stockdrift.settings.sources import FeedSettings
from stockdrift.settings.systems import (
    AnySource,
    EcwidSettings,
    EcwidStorefrontSettings,
    MedusaSettings,
    MedusaStorefrontSettings,
    MetaSettings,
    VendureSettings,
    VendureStorefrontSettings,
    writable,
)
from stockdrift.stock.reading import MASTER
from stockdrift.stock.text import clean

_LONGEST_NAME: Final = 40
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


def contradictions(
    master: AnySource,
    surfaces: Mapping[str, AnySource],
    journal: Path,
    ignores: Sequence[IgnoreSettings] = (),
    actions: ActionSettings | None = None,
) -> Iterator[str]:
    """Each contradiction as a line that begins with its key."""
    yield from _ignores(ignores, surfaces)
    yield from _windows(actions, surfaces)
    yield from _mappings(surfaces)
    for key in sorted(master.OF_SURFACES & master.model_fields_set):
        yield f"{dotted((MASTER, key))}: has no effect on the master; it belongs to a surface"
    for keys, source in ((MASTER,), master), *((("surfaces", name), source) for name, source in surfaces.items()):
        if isinstance(source, EcwidSettings) and _begins(source.token, "public_"):
            yield f"{dotted(keys)}.token: is a public token; all products are read with the secret one"
        if isinstance(source, MedusaSettings) and source.token and not _begins(source.token, "sk_"):
            yield f"{dotted(keys)}.token: is no secret API key (it begins with sk_)"
        if isinstance(source, MedusaStorefrontSettings) and not _begins(source.token, "pk_"):
            yield f"{dotted(keys)}.token: is no publishable API key (it begins with pk_); a shopper has no other"
        if isinstance(source, FeedSettings) and source.path is not None and _file(source.path) == _file(journal):
            yield f"journal.url: is the very file that {dotted(keys)} reads"
    for name, surface in surfaces.items():
        key = dotted(("surfaces", name))
        if name.casefold() == MASTER:
            yield f'{key}: a surface cannot be called "{MASTER}"'
        elif not name or clean(name) != name or len(name) > _LONGEST_NAME:
            yield f"{key}: a surface's name has 1 to {_LONGEST_NAME} printable characters"
        yield from _unwritable(key, surface, master)
        if _same(surface, master):
            yield (
                f"{key}: is read through the master's own endpoint and credential; "
                "it would be compared with itself and always agree"
            )
        elif isinstance(surface, EcwidStorefrontSettings) and _begins(surface.token, "secret_"):
            yield f"{key}.token: is a secret token; what a shopper sees is read with the public one"


def _unwritable(key: str, surface: AnySource, master: AnySource) -> Iterator[str]:
    if not surface.write:
        return
    if (
        isinstance(surface, EcwidSettings)
        and isinstance(master, EcwidSettings)
        and surface.store_id == master.store_id  # whatever the address: a store has one stock
    ):
        yield f"{key}.write: is the master's own store, which is never written"
    elif not writable(surface):
        yield f"{key}.write: stockdrift cannot write to {_called(surface)}; it can be read only"


def _called(source: AnySource) -> str:
    if source.mapping is not None:
        return "a surface whose ids are mapped"
    if isinstance(source, MetaSettings):
        return "a catalogue of which only the availability is read"
    if not isinstance(source, FeedSettings):
        return f"a surface of system {source.system}"
    return "a feed behind a URL" if source.path is None else "a feed that is no table"


def _begins(token: SecretStr, letters: str) -> bool:
    return token.get_secret_value().startswith(letters)


def _ignores(ignores: Sequence[IgnoreSettings], surfaces: Mapping[str, AnySource]) -> Iterator[str]:
    seen = set()
    for number, ignore in enumerate(ignores, 1):
        key = dotted(("ignore", str(number)))
        if ignore.surface and ignore.surface not in surfaces:
            near = nearest(ignore.surface, surfaces)
            hint = f'; did you mean "{near}"?' if near else ""
            yield f"{key}.surface: there is no surface {ignore.surface[:40]!r}{hint}"
        if (ignore.sku, ignore.surface) in seen:
            where = f" on {ignore.surface}" if ignore.surface else ""
            yield f"{key}: {ignore.sku}{where} is ignored twice"
        seen.add((ignore.sku, ignore.surface))


def _windows(actions: ActionSettings | None, surfaces: Mapping[str, AnySource]) -> Iterator[str]:
    """A window of a surface that does not exist would freeze nothing, and nobody would notice."""
    for key in ("freeze", "open") if actions else ():
        for number, window in enumerate(getattr(actions, key), 1):
            for name in window.surfaces:
                if name not in surfaces:
                    near = nearest(name, surfaces)
                    hint = f'; did you mean "{near}"?' if near else ""
                    yield f"{dotted(('actions', key, str(number)))}.surfaces: there is no surface {name[:40]!r}{hint}"


def _mappings(surfaces: Mapping[str, AnySource]) -> Iterator[str]:
    for name, surface in surfaces.items():
        if surface.mapping is not None and surface.mapping.column and not isinstance(surface, FeedSettings):
            yield f"{dotted(('surfaces', name))}.mapping.column: belongs to a feed; {surface.system} has no columns"
        if surface.mapping is not None and surface.write:
            yield (
                f"{dotted(('surfaces', name))}.write: cannot be true with a mapping: SKUs are not turned back into the "
                "surface's own ids"
            )


def _same(one: AnySource, other: AnySource) -> bool:
    """Whether both read the same: an Ecwid store shows its owner one stock, by whichever secret token."""
    if isinstance(one, EcwidSettings) and isinstance(other, EcwidSettings):
        return _endpoint(one)[:3] == _endpoint(other)[:3]
    if isinstance(one, FeedSettings) and isinstance(other, FeedSettings) and one.path and other.path:
        with contextlib.suppress(OSError):  # where one is not there yet its name decides
            return one.path.samefile(other.path)
    return _endpoint(one) == _endpoint(other)


def _endpoint(source: AnySource) -> tuple[object, ...]:
    """What a source reads, where equal endpoints show equal levels."""
    if isinstance(source, EcwidSettings | EcwidStorefrontSettings):
        # The storefront is the same endpoint by another token: that alone makes it another view.
        return ("ecwid", _address(source.api), source.store_id, source.token.get_secret_value())
    if isinstance(source, MetaSettings):
        return (source.system, _address(source.api), source.catalog_id)
    if isinstance(source, VendureSettings | MedusaSettings):
        # Whoever asks is shown the same; another choice of locations is another stock.
        part = source.channel if isinstance(source, VendureSettings) else source.sales_channel
        return (source.system, _address(source.url), part, frozenset(source.stock_locations))
    if isinstance(source, VendureStorefrontSettings):
        return (source.system, _address(source.url), source.channel)
    if isinstance(source, MedusaStorefrontSettings):
        return (source.system, _address(source.url), source.token.get_secret_value())
    if source.path is not None:
        return ("file", _file(source.path))
    return ("url", _address(source.url or ""), "" if source.token is None else source.token.get_secret_value())


def _file(path: Path) -> str:
    return os.path.realpath(path)


def _address(address: str) -> tuple[object, ...]:
    parts = urlsplit(address)
    port = parts.port or _PORTS.get(parts.scheme)
    return (parts.scheme, parts.hostname, port, parts.path.rstrip("/"), parts.query)
