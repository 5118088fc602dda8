"""Over any schedule of a vendor's faults, crashes, sales and other applications: the real service and the real writers
write nothing but what was confirmed, nothing twice, and call nothing in sync that was not read so.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.writing import WRITE_FAULTS
from stockdrift.stock import plan
from stockdrift.stock.actions import ENDED, ActionAsked, ActionStep, RowState
from tests.collector.test_action_schedules import check_read_backs
from tests.collector.vendors import FACEBOOK, MEDUSA, OUTLET, VENDURE, VendorHouse, play

_PLACES = st.integers(0, 3)
_ACTS = st.one_of(
    st.tuples(st.just("ask"), st.none()),
    st.tuples(st.just("fault"), st.sampled_from([*WRITE_FAULTS, "http_503", "nothing", "half_body", "html", None])),
    st.tuples(st.just("sale"), _PLACES),
    st.tuples(st.just("stranger"), _PLACES),
    st.tuples(st.just("wait"), st.sampled_from([0.03, 0.1, 0.2, 1.0, 9.0, 70.0])),
    st.tuples(st.just("kill"), st.none()),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("read"), st.none()),
)


async def act(house: VendorHouse, what: str, value: Any) -> None:
    """One thing that happens."""
    store, asked = house.store, [entry for entry in house.journal if isinstance(entry, ActionAsked)]
    match what:
        case "ask":
            made = plan.resync(house.monitor, house.surface, None, house.now())
            if made.rows and not made.refusals:
                await house.ask(f"k{len(asked)}", [row.change for row in made.rows])
        case "fault":
            store.faults[house.surface] = value
        case "sale":
            store.set_quantity(MASTER, store.items[value].sku, (store.master[value] or 0) - 1)
        case "stranger":
            shown = store.quantity(house.surface, value) or 0
            store.set_quantity(house.surface, store.items[value].sku, shown + 5)
        case "wait":
            await asyncio.sleep(value)
        case "kill":
            await house.kill()
            house.start()
        case "stop":
            if asked:
                await house.stop(asked[-1].key)
        case _:
            await house.reread_all()


@pytest.mark.parametrize("surface", [FACEBOOK, OUTLET, VENDURE, MEDUSA])
@settings(max_examples=15, deadline=None)
@given(st.lists(_ACTS, max_size=14))
def test_the_door_holds(surface: str, acts: list[tuple[str, Any]]) -> None:
    async def scene(house: VendorHouse) -> None:
        for what, value in acts:
            await act(house, what, value)
        house.store.faults[surface] = None
        for _ in range(40):
            await house.keep_reading(60)
            if not any(action.open for action in house.monitor.ledger):
                break

    house = play(surface, scene)
    asked = {entry.key: entry for entry in house.journal if isinstance(entry, ActionAsked)}
    confirmed = Counter((row.sku, row.after) for one in asked.values() for row in one.rows)
    written = Counter(house.written())
    assert written <= confirmed, "nothing but what was confirmed, and nothing twice"
    for action in house.monitor.ledger:
        assert set(action.states) <= ENDED, "every row comes to its end"
    recorded = {
        (step.key, place): at
        for step, at in zip(house.journal, house.recorded_at, strict=True)
        if isinstance(step, ActionStep) and step.state is RowState.SENT
        for place in step.places
    }
    sent = Counter((asked[key].rows[place].sku, asked[key].rows[place].after) for key, place in recorded)
    assert written <= sent, "nothing unrecorded"
    check_read_backs(house, asked)
