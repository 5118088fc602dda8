"""Writes a settings file that points at a sandbox, with its tokens in files beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stockdrift.sandbox.ecwid_query import MAX_LIMIT
from stockdrift.sandbox.ecwid_wire import STORE_ID
from stockdrift.sandbox.meta_wire import FEED
from stockdrift.sandbox.meta_wire import MAX_LIMIT as MAX_CATALOG_PAGE
from stockdrift.sandbox.meta_wire import PATH as GRAPH
from stockdrift.sandbox.plan import MASTER, SurfacePlan
from stockdrift.sandbox.server import Sandbox
from stockdrift.sandbox.throttle import PER_MINUTE

_SHARE: Final = 0.7
"""Part of a token's allowance that reading at the written pace may take."""


def write_settings(sandbox: Sandbox, file: Path) -> Sequence[Path]:
    """Writes ``file``, the tokens beside it (mode 0600) and the name of a journal of its own; returns all that was
    written. Raises OSError.
    """
    file = file.absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    tokens: dict[str, Path] = {}
    for viewer, token in sandbox.router.tokens.items():
        tokens[viewer] = file.with_name(f"{file.stem}.{viewer}.token")
        _write_secret(tokens[viewer], token)
    file.write_text(_document(sandbox, file, tokens), encoding="utf-8")
    return [file, *tokens.values()]


def _write_secret(file: Path, secret: str) -> None:
    file.unlink(missing_ok=True)  # an older file may be readable by others
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(secret + "\n")


def _document(sandbox: Sandbox, file: Path, tokens: dict[str, Path]) -> str:
    store, plan = sandbox.store, sandbox.store.plan
    pages = -(-len(store.products) // MAX_LIMIT)
    sweep = max(10.0, pages * 60 / (PER_MINUTE * _SHARE))  # seconds between whole reads that the allowance bears
    # Another store is another history.
    journal = file.with_name(f"{file.stem}.{plan.name}-{len(store.items)}-{store.seed}.db")
    parts = [
        f"# A simulated store: scenario {plan.name}, seed {store.seed}. It answers while the sandbox runs.",
        _table("store", name=plan.store, currency=plan.currency),
        _table("journal", url=f"sqlite:///{journal}"),
        _table(
            "master",
            system="ecwid",
            store_id=STORE_ID,
            api=f"{sandbox.base_url}/api/v3",
            token=f"file:{tokens[MASTER]}",
            every="5s",
            sweep_every=_seconds(max(60.0, 3 * sweep)),
        ),
    ]
    for surface in plan.surfaces:
        if surface.catalog_id:
            parts.append(_catalogue(sandbox, surface, tokens[surface.name]))
        elif surface.period:
            parts.append(_feed(sandbox, surface))
        elif surface.store_id:
            parts.append(
                _table(
                    f"surfaces.{surface.name}",
                    system="ecwid",
                    kind="native",
                    store_id=surface.store_id,
                    api=f"{sandbox.base_url}/api/v3",
                    token=f"file:{tokens[surface.name]}",
                    every="5s",
                    sweep_every=_seconds(max(60.0, 3 * sweep)),
                    write=True,
                )
            )
        else:
            parts.append(
                _table(
                    f"surfaces.{surface.name}",
                    system="ecwid-storefront",
                    kind="native",
                    store_id=STORE_ID,
                    api=f"{sandbox.base_url}/api/v3",
                    token=f"file:{tokens[surface.name]}",
                    every=_seconds(sweep),
                )
            )
    return "\n".join(parts)


def _catalogue(sandbox: Sandbox, surface: SurfacePlan, token: Path) -> str:
    pages = -(-len(sandbox.store.items) // MAX_CATALOG_PAGE)
    return _table(
        f"surfaces.{surface.name}",
        system="meta",
        kind=surface.kind,
        api=f"{sandbox.base_url}{GRAPH}",
        catalog_id=surface.catalog_id,
        token=f"file:{token}",
        **({"feed_id": surface.catalog_id + FEED} if surface.period else {}),
        calls_per_hour=surface.calls_per_hour,
        every=_seconds(max(10.0, pages * 3_600 / (surface.calls_per_hour * _SHARE))),
        lag=_seconds(max(1.0, surface.lag / 1_000 / sandbox.store.speed)),
        write=True,
    )


def _feed(sandbox: Sandbox, surface: SurfacePlan) -> str:
    columns = {"sku": "id", "quantity": surface.quantity_column, "name": "title", "price": "price"}
    return _table(
        f"surfaces.{surface.name}",
        system="feed",
        kind=surface.kind,
        url=f"{sandbox.base_url}/feeds/{surface.file}",
        columns=columns,
        every="15s",
        # A sandbox at ten times the speed is allowed a tenth of the lag.
        lag=_seconds(max(1.0, surface.lag / 1_000 / sandbox.store.speed)),
    )


def _table(name: str, /, **values: str | int | dict[str, str]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items()), ""])


def _value(value: str | int | dict[str, str]) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _seconds(seconds: float) -> str:
    return f"{round(seconds * 1_000)}ms" if seconds < 1 else f"{round(seconds)}s"
