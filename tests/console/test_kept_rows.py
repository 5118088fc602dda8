"""Rows of the list that are kept as they were painted look as they would if they were painted now."""

from __future__ import annotations

import random

from stockdrift.console.widgets.panel import Panel
from stockdrift.console.widgets.sku_grid import SkuGrid
from stockdrift.stock.picture import Status
from stockdrift.stock.values import replace
from tests.console.fakes import FakeSource
from tests.console.harness import Running, running

KEYS = ["down", "up", "pagedown", "end", "home", "s", "S", "m", "M", "T", "tab", "right", "less_than_sign", "N"]
KEYS += ["escape"]


def check(console: Running, said: str) -> None:
    for panel in console.app.screen.query(Panel):
        if panel.display and panel.size.width and panel.painted:
            painted = [(row.chars, row.styles) for row in panel.painted]
            assert painted == [(row.chars, row.styles) for row in panel.paint(*panel.size)], f"{said}: {panel}"
    grid = console.app.screen.query_one(SkuGrid)
    shown = [(row.chars, row.styles) for row in grid._rows]
    grid._kept.clear()
    anew = [(row.chars, row.styles) for row in grid.paint(*grid.size)]
    assert shown == anew, said


async def test_kept_rows_are_as_painted_now() -> None:
    chance, source = random.Random(1), FakeSource()
    async with running((120, 40), source) as console:
        for number in range(30):
            kind = chance.random()
            if kind < 0.6:
                done = chance.choice(KEYS)
                await console.press(done)
            elif kind < 0.8:
                done = "time"
                await console.settle(chance.choice([300, 1_000, 61_000]))
            else:
                done = "news"
                model = source.model
                master = replace(model.shown.master, status=chance.choice([Status.ON_TIME, Status.NO_ANSWER]))
                model.shown = replace(model.shown, master=master, currency=chance.choice(["GBP", "EUR"]))
                model.version += 1
                await console.settle(1_000)
            check(console, f"step {number}, {done}")
