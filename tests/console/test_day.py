"""A calm screen tells how the day went: from the counts that were recorded, in the operator's zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from stockdrift.console.day import CELLS, bounds, day_of
from stockdrift.stock.gauge import Sample
from stockdrift.stock.picture import Busiest
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, H, M, calm
from tests.console.harness import running

MIDNIGHT = NOW - 10 * H - 42 * M - 7_000


def sample(at: int, drifting: int = 0, *, known: bool = True, oversell: int = 0, unknown: int = 0) -> Sample:
    return Sample(at, known, drifting, oversell, drifting - oversell, 0, unknown)


COUNTS = [
    sample(MIDNIGHT - H),
    sample(MIDNIGHT + 3 * H, 3),
    sample(MIDNIGHT + 3 * H + 13 * M),
    sample(MIDNIGHT + 5 * H, 0, known=False),
    sample(MIDNIGHT + 5 * H + 30 * M),
    sample(MIDNIGHT + 6 * H, 8, oversell=1),
    sample(MIDNIGHT + 6 * H + 12 * M),
]


def quiet() -> FakeSource:
    picture = replace(calm(), busiest=Busiest("SEA-220", "Sea Salt 220ml", 6.0, 31))
    return FakeSource(FakeModel(shown=picture, rows=[]), counts=COUNTS)


async def test_a_calm_screen_shows_the_day_and_what_sells_fastest() -> None:
    async with running(source=quiet()) as console:
        await console.settle(300)
        rows = console.rows()
        left = (120 - CELLS) // 2
        ribbon = next(y for y, row in enumerate(rows) if row[left : left + 5] == "today") + 2
        assert rows[ribbon - 2][left:].startswith("today  ")
        assert rows[ribbon - 2].rstrip().endswith("2 episodes, at most 8 SKUs, 25m of drift, 30m not known")
        assert rows[ribbon - 1][left + 12 :].startswith("▲ 3 13m")
        assert rows[ribbon - 1][left + 24 :].startswith("■ 8 12m")
        now = left + 42
        assert rows[ribbon][left:now] == "━" * 20 + "┈" * 2 + "━" * 20
        assert rows[ribbon][now:].strip() == "┃", "of what is to come nothing is drawn"
        assert console.colour(left + 11, ribbon) == "#82d3a2"
        assert console.colour(left + 12, ribbon) == "#f5945c"
        assert console.colour(left + 24, ribbon) == "#ff6b7a"
        assert rows[ribbon + 1][left:].split() == ["00", "03", "06", "09", "12", "15", "18", "21", "24"]
        assert "busiest SKU  SEA-220 Sea Salt 220ml  6 an hour, 31 left, lasts 5h10m" in "\n".join(rows)


@pytest.mark.parametrize(
    ("counts", "left", "right"),
    [
        ([], "today", "nothing recorded"),
        ([sample(MIDNIGHT - H)], "today", "no drift since midnight"),
        ([sample(NOW - 5_000)], "today, nothing recorded before 10:42", "no drift since 10:42"),
        (
            [sample(MIDNIGHT + H, known=False), sample(MIDNIGHT + 2 * H), sample(NOW - M, known=False)],
            "today, nothing recorded before 01:00",
            "no drift since 01:00, 1h01m not known",
        ),
        ([sample(MIDNIGHT - H, known=False), sample(MIDNIGHT + M)], "today", "no drift since midnight, 1m not known"),
        ([sample(MIDNIGHT - H), sample(MIDNIGHT, known=False), sample(MIDNIGHT + 999)], "today", "midnight"),
    ],
)
async def test_what_was_not_recorded_or_not_known_is_no_calm(counts: list[Sample], left: str, right: str) -> None:
    source = quiet()
    source.counts = counts
    async with running(source=source) as console:
        await console.settle(300)
        told = next(row for row in console.rows() if row.lstrip().startswith("today"))
        assert told.strip().startswith(f"{left}  ")
        assert told.rstrip().endswith(right)


async def test_what_cannot_be_read_leaves_the_screen_as_it_was() -> None:
    source = quiet()
    source.silent = RuntimeError("locked")
    async with running(source=source) as console:
        await console.settle(300)
        assert "Nothing drifts" in console.text()
        assert "today" not in console.text()


async def test_a_small_calm_screen_has_no_ribbon() -> None:
    async with running((80, 24), quiet()) as console:
        await console.settle(300)
        assert "today" not in console.text()


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 27), 24)], ids=["short", "long", "usual"]
)
def test_a_day_is_from_midnight_to_midnight_whatever_the_clocks_do(day: tuple[int, int, int], hours: int) -> None:
    zone = ZoneInfo("Europe/London")
    now = round(datetime(*day, 10, 42, tzinfo=zone).timestamp() * 1000)
    begin, end, marked = bounds(now, zone)
    assert end - begin == hours * H
    assert [hour for hour, _ in marked] == list(range(0, 25, 3))
    assert datetime.fromtimestamp(marked[4][1] / 1000, zone).hour == 12
    found = day_of([], now, zone)
    assert found.place(begin) == 0
    assert found.place(end - 1) <= CELLS - 1
    assert not any(slot.recorded for slot in found.slots)


def test_a_time_in_which_some_skus_were_not_known_is_no_calm() -> None:
    found = day_of([sample(MIDNIGHT), sample(MIDNIGHT + H, unknown=40), sample(MIDNIGHT + 2 * H)], NOW, UTC)
    assert [slot.drifting for slot in found.slots[:10]] == [0] * 4 + [None] * 4 + [0] * 2
    assert found.unknown == H


def test_drift_that_goes_on_over_midnight_counts_from_midnight() -> None:
    found = day_of([sample(MIDNIGHT - H, 2), sample(MIDNIGHT + H)], NOW, UTC)
    assert found.drifted == H
    assert found.slots[0].drifting == 2
