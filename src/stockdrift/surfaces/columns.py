"""The columns of a reading, as the rows of an API fill them one after the other."""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np

from stockdrift.stock.levels import QUANTITY_MAX, QUANTITY_MIN, LevelState
from stockdrift.stock.reading import BadRow, Covers, Outcome, Reading, Traffic
from stockdrift.stock.text import clean, clean_sku

_BAD_ROWS_KEPT: Final = 100
_LONGEST_SAID: Final = 60

Parts = tuple[int, int, int, int]
"""On hand, committed, reserved, damaged; what is left of the first is ATP."""

_NO_PARTS: Final[Parts] = (0, 0, 0, 0)


class Columns:
    """Item i of each speaks of ``skus[i]``. ``parts`` is empty, or as long as the others."""

    def __init__(self) -> None:
        self.skus: list[str] = []
        self.states: list[int] = []
        self.quantities: list[int] = []
        self.names: list[str] = []
        self.prices: list[float] = []
        self.parts: list[Parts] = []
        self.bad_rows: list[BadRow] = []
        self.bad_count = 0
        self.nameless = 0

    def append(self, sku: str, name: str, price: float, state: LevelState, quantity: int = 0) -> None:
        """One level."""
        self.skus.append(sku)
        self.names.append(name)
        self.prices.append(price)
        self.states.append(state)
        self.quantities.append(quantity)

    def append_parts(self, row: int, sku: str, name: str, price: float, state: LevelState, parts: Parts) -> None:
        """One level whose quantity is the ATP of its ``parts``; outside 32 bits it is a bad row."""
        atp = parts[0] - sum(parts[1:])
        if not all(QUANTITY_MIN <= value <= QUANTITY_MAX for value in (*parts, atp)):
            self.bad(row, sku, f"{parts[0]} on hand")
            state = LevelState.UNKNOWN
        counted = state is LevelState.COUNTED
        self.append(sku, name, price, state, atp if counted else 0)
        self.parts.append(parts if counted else _NO_PARTS)

    def bad(self, row: int, sku: str, said: str) -> None:
        """Counts a row that states no level."""
        self.bad_count += 1
        self.nameless += not sku
        if len(self.bad_rows) < _BAD_ROWS_KEPT:
            self.bad_rows.append(BadRow(row, sku, clean(said)[:_LONGEST_SAID]))

    def reading(
        self, surface: str, *, started_at: int, read_at: int, covers: Covers = Covers.ALL, traffic: Traffic
    ) -> Reading:
        """The columns as a complete reading."""
        return Reading(
            surface=surface,
            outcome=Outcome.COMPLETE,
            started_at=started_at,
            read_at=read_at,
            covers=covers,
            skus=self.skus,
            states=np.array(self.states, np.uint8),
            quantities=np.array(self.quantities, np.int32),
            parts=np.array(self.parts, np.int32) if self.parts else None,
            names=self.names,
            prices=self.prices,
            bad_rows=self.bad_rows,
            bad_count=self.bad_count,
            nameless=self.nameless,
            traffic=traffic,
        )


def sku_of(text: str | None) -> str:
    """A SKU as the API states it, cleaned; empty where there is none."""
    return clean_sku(text or "")


def text_of(raw: msgspec.Raw) -> str:
    """What stands in a raw JSON value: a number's digits, a string's text, nothing for null or absent."""
    held = bytes(raw)
    if held in (b"", b"null"):
        return ""
    if held[:1] == b'"':
        return str(msgspec.json.decode(held))
    return held.decode("utf-8", "replace")


def price_of(raw: msgspec.Raw) -> float:
    """A price as a number or its text; NaN where it is none."""
    try:
        price = float(text_of(raw) or "nan")
    except ValueError:
        return math.nan
    return price if 0 <= price < math.inf else math.nan
