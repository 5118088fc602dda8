"""The master's history against a plain list of its records: what is kept, linked, found again, and forgotten when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from stockdrift.stock import history as module
from stockdrift.stock.brief import runs_of, whole
from stockdrift.stock.history import KEPT, MasterHistory
from stockdrift.stock.levels import LevelState
from stockdrift.stock.packed_levels import PackedLevels

ROWS = 5
Read = tuple[int, int, Sequence[tuple[int, int, int]]]
"""Ms since the read before, ms by which that was the last of the value before, and of some rows a state and an ATP."""


class Record(Struct):
    row: int
    low: int
    high: int
    state: int
    atp: int


class Plain:
    """Keeps records in a list. Where there is no room for more, those whose value was replaced long ago go first."""

    def __init__(self, room: int) -> None:
        self.records: list[Record] = []
        self.room = room

    def record(self, found: Sequence[Record], at: int) -> None:
        if len(self.records) + len(found) > self.room:
            self.records = [one for place, one in enumerate(self.records) if self.replaced_at(place) >= at - KEPT]
            while self.room < len(self.records) + len(found):
                self.room *= 2
        self.records += found

    def replaced_at(self, place: int) -> float:
        row = self.records[place].row
        return next((one.high for one in self.records[place + 1 :] if one.row == row), float("inf"))

    def previous(self, place: int) -> int:
        row = self.records[place].row
        return max((before for before in range(place) if self.records[before].row == row), default=-1)

    def newest(self, row: int) -> int:
        return max((place for place, one in enumerate(self.records) if one.row == row), default=-1)


@st.composite
def reads(draw: st.DrawFn) -> list[Read]:
    level = st.tuples(st.just(LevelState.COUNTED), st.integers(-2, 9)) | st.just((LevelState.UNLIMITED, 0))
    found: list[Read] = []
    for _ in range(draw(st.integers(1, 12))):
        wait = draw(st.sampled_from([0, 1, 2, KEPT // 3, KEPT // 2, KEPT - 1, KEPT, KEPT + 1]))
        rows = sorted(draw(st.sets(st.integers(0, ROWS - 1), max_size=ROWS)))
        found.append((wait, draw(st.integers(0, wait)), [(row, *draw(level)) for row in rows]))
    return found


def check(history: MasterHistory, plain: Plain, now: int) -> None:
    records = plain.records
    every = np.arange(len(records))
    columns = [whole(history.column(name)).tolist() for name in ("rows", "lows", "highs", "states", "atps")]
    assert [list(one) for one in zip(*columns, strict=True)] == [
        [one.row, one.low, one.high, one.state, one.atp] for one in records
    ]
    assert (history.count, history.room) == (len(records), plain.room)
    assert history.previous.tolist() == [plain.previous(place) for place in every.tolist()]
    assert history.highs(every).tolist() == [one.high for one in records]
    assert [times.tolist() for times in history.moments(every)] == [
        [one.low for one in records], [one.high for one in records],
    ]  # fmt: skip
    asked = np.arange(ROWS + 2, dtype=np.int32)
    assert history.newest(asked).tolist() == [plain.newest(row) for row in asked.tolist()]
    for row in range(ROWS):
        assert history.of_row(row) == [(one.high, one.state, one.atp) for one in records if one.row == row]
    for at in {now, *(one.high + off for one in records for off in (-1, 0))}:
        since = [place for place, one in enumerate(records) if one.high > at]
        assert list(range(*history.since(at).indices(len(records)))) == since
        assert history.rows_since(at).tolist() == [
            records[place].row for place in since if plain.newest(records[place].row) == place
        ]


@settings(max_examples=100, deadline=None)
@given(reads())
def test_it_is_what_a_list_of_the_records_says_and_so_is_one_that_is_put_back(told: list[Read]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FIRST_CAPACITY", 4)
        history, plain, now = MasterHistory(), Plain(4), 1_000_000_000_000
        for number, (wait, ago, levels) in enumerate(told):
            last_read, now = now + wait - ago if number else 0, now + wait
            rows, states, atps = (np.array([level[part] for level in levels], np.int64) for part in range(3))
            history.record(
                rows.astype(np.int32), states.astype(np.uint8), atps.astype(np.int32),
                last_read=last_read, read_at=now, catalogue_size=min(ROWS, 2 + max(rows, default=0)),
            )  # fmt: skip
            plain.record([Record(row, last_read, now, state, atp) for row, state, atp in levels], now)
            check(history, plain, now)
            column = {name: whole(history.column(name)).copy() for name in history.COLUMNS}
            packed = PackedLevels(history.count, LevelState.UNKNOWN)
            packed.put(slice(0, history.count), column["states"], column["atps"])
            put_back = MasterHistory.restored(
                column["rows"], runs_of(column["lows"]), runs_of(column["highs"]), packed,
                first_at=history.first_at, catalogue_size=ROWS, room=history.room,
            )  # fmt: skip
            check(put_back, plain, now)
            if number % 3 == 2:
                history = put_back
