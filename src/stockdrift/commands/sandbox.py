"""``stockdrift sandbox``: serves a simulated store on loopback until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from stockdrift.sandbox.ecwid_wire import STORE_ID
from stockdrift.sandbox.feed_text import FORMS
from stockdrift.sandbox.feed_wire import PACKED
from stockdrift.sandbox.meta_wire import PATH as GRAPH
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.server import Sandbox, serve
from stockdrift.sandbox.settings_file import write_settings
from stockdrift.sandbox.writing import WRITE_FAULTS


def run(scenario: str, *, port: int, skus: int | None, seed: int, speed: float, settings_file: Path | None) -> int:
    """Serves until SIGINT or SIGTERM. Returns 0, or 3 where the scenario, the speed, the port or the file will not
    do.
    """
    if scenario not in SCENARIOS:
        click.echo(f"There is no scenario {scenario!r}. There are:\n{_listed()}", err=True)
        return 3
    if not 0 < speed <= 10_000:
        click.echo(
            f"--speed is simulated seconds in one real second, above 0 and at most 10000, not {speed:g}", err=True
        )
        return 3
    try:
        return asyncio.run(_serve(scenario, port, skus, seed, speed, settings_file))
    except OSError as error:
        what = error.strerror or str(error)
        where = error.filename or f"127.0.0.1:{port}"
        click.echo(f"Cannot use {where}: {what}", err=True)
        return 3


async def _serve(
    scenario: str, port: int, skus: int | None, seed: int, speed: float, settings_file: Path | None
) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # where the platform has no signals to handle
            loop.add_signal_handler(number, stopped.set)
    async with serve(scenario, port=port, skus=skus, seed=seed, speed=speed) as sandbox:
        written = write_settings(sandbox, settings_file) if settings_file is not None else []
        click.echo(_greeting(sandbox, scenario, written))
        sys.stdout.flush()
        await stopped.wait()
    return 0


def _greeting(sandbox: Sandbox, scenario: str, written: Sequence[Path]) -> str:
    store = sandbox.store
    tracked = sum(quantity is not None for quantity in store.master)
    lines = [
        f"stockdrift sandbox: {scenario}, {tracked:,} counted SKUs, seed {store.seed}, speed {store.speed:g}",
        f"  address   {sandbox.base_url}",
        f"  products  {sandbox.base_url}/api/v3/{STORE_ID}/products, as a bearer token sees them:",
    ]
    lines += [f"  token     {viewer:<13} {token}" for viewer, token in sandbox.router.tokens.items()]
    lines += [f"  feed      {sandbox.base_url}/feeds/{plan.file}" for plan in store.plan.surfaces if plan.file]
    if any(plan.file for plan in store.plan.surfaces):
        lines.append(f"            each also as {', '.join(f'.{form}' for form in FORMS)}, and with {PACKED}")
    lines += [
        f"  catalogue {sandbox.base_url}{GRAPH}/{plan.catalog_id}/products ({plan.name})"
        for plan in store.plan.surfaces
        if plan.catalog_id
    ]
    writable = [plan.name for plan in store.plan.surfaces if plan.store_id or plan.catalog_id]
    if writable:
        lines.append(f"  writable  {', '.join(writable)}; faults of writing: {', '.join(WRITE_FAULTS)}")
    if written:
        lines.append(f"  settings  {written[0]}, with the tokens in files beside it")
        lines.append(f"Next, in another terminal: stockdrift watch --settings {written[0]}")
        lines.append(f"                       or: stockdrift check --settings {written[0]}")
    else:
        lines.append(
            "Next: run it again with --write-settings settings.toml, then in another terminal: stockdrift watch"
        )
    lines.append("Ctrl-C ends it.")
    return "\n".join(lines)


def _listed() -> str:
    width = max(map(len, SCENARIOS))
    return "\n".join(f"  {name:<{width}}  {scenario.about}" for name, scenario in SCENARIOS.items())
