"""One full fresh reading of everything, for those who need no journal."""

from __future__ import annotations

import asyncio

from stockdrift.collector.attempt import attempt
from stockdrift.settings import Settings
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.reading import MASTER, Covers
from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.rules import Rules, Scope
from stockdrift.stock.values import replace
from stockdrift.surfaces.build import build_connector
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.http import Http


async def read_once(settings: Settings, rules: Rules, clock: Clock, known: Monitor | None = None) -> Monitor:
    """A monitor that has heard one reading of the master and of each active surface; ``known``, with them added,
    where something is known already. A surface that an operator has paused is not read.

    All are read at the same time, and the master is heard first: a surface is judged by what it should show.
    """
    sources = {MASTER: settings.master} | {
        name: source
        for name, source in settings.surfaces.items()
        if source.active and not (known and known.said.remarks.of(RemarkKind.PAUSE, Scope(name), clock()))
    }
    http = Http.of(settings.collector, clock)
    connectors = {name: build_connector(name, source, http, clock) for name, source in sources.items()}
    try:
        readings = await asyncio.gather(
            *(attempt(name, connector, Covers.ALL, clock) for name, connector in connectors.items())
        )
    finally:
        for connector in connectors.values():
            await connector.close()
        await http.close()
    monitor = known or Monitor(rules)
    for number, reading in enumerate(readings, 1):
        monitor.apply(replace(admit(reading, monitor.board), number=number))
    return monitor
