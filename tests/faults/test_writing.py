"""Every fault against every writer: whatever comes back, nothing is written twice, and nothing is called in sync that
was not read so.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from stockdrift.sandbox.faults import FAULTS
from stockdrift.sandbox.writing import WRITE_FAULTS
from stockdrift.stock.actions import ENDED, ActionStep, RowState
from tests.collector.vendors import FACEBOOK, MEDUSA, OUTLET, VENDURE, VendorHouse, play
from tests.faults.table import PROPERTY, cell

GOOD = (RowState.IN_SYNC, RowState.NEEDLESS)


@pytest.mark.parametrize("surface", [FACEBOOK, OUTLET, VENDURE, MEDUSA])
@pytest.mark.parametrize("fault", [*FAULTS, *WRITE_FAULTS])
def test_while_it_holds_and_after(fault: str, surface: str, record_property: Callable[[str, object], None]) -> None:
    async def scene(house: VendorHouse) -> None:
        rows = house.confirmed()
        house.store.faults[surface] = fault
        await house.ask("one", rows)
        await asyncio.sleep(400)
        for row, state in zip(rows, house.states("one"), strict=True):
            # What a reading without its own words says may come true by chance; what the shop holds does not.
            assert state not in GOOD or house.shows(row.sku) == row.after or fault == "write_overwritten"
        house.store.faults[surface] = None
        await asyncio.sleep(4_000)

    house = play(surface, scene)
    states = house.states("one")
    found = ", ".join(f"{count} {state}" for state, count in Counter(states).items())
    record_property(PROPERTY, cell(fault, f"writing {surface}", "written", found, house.whys("one")[0]))
    assert set(states) <= ENDED, "every row comes to its end"
    assert max(Counter(house.written()).values(), default=0) <= 1, "nothing is written twice"
    for row, state in zip(house.rows_of("one"), states, strict=True):
        if state in GOOD and fault != "write_overwritten":
            assert house.shows(row.sku) == row.after
        if state in (RowState.FAILED, RowState.REFUSED, RowState.REJECTED, RowState.UNDELIVERED):
            assert row.sku not in dict(house.written()), f"{state}, and yet it was written"
    sent = Counter(
        place
        for step in house.journal
        if isinstance(step, ActionStep) and step.state is RowState.SENT
        for place in step.places
    )
    deferred = Counter(
        place
        for step in house.journal
        if isinstance(step, ActionStep) and step.state is RowState.DEFERRED
        for place in step.places
    )
    assert all(count <= 1 + deferred[place] for place, count in sent.items()), "only what was certainly not taken"
