"""A reading: what one attempt to read a surface brought, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

MASTER: Final = "master"
"""The name under which readings of the master are filed; no surface may bear it."""


class Outcome(StrEnum):
    """How a reading ended. Only ``COMPLETE`` may change a level."""

    COMPLETE = "complete"
    PARTIAL = "partial"  # something came, but not all of it
    FAILED = "failed"  # nothing usable came


class Covers(StrEnum):
    """What a complete reading speaks of: every SKU, or only those that changed since the last one."""

    ALL = "all"
    CHANGED = "changed"


class Call(Struct, frozen=True, array_like=True):
    """One request: ``asked`` names what for (``products page 2``), ``began`` is ms since the epoch, ``took`` ms.
    ``status`` is 0 where no answer came; ``why`` is why it failed, empty where it did not.
    """

    asked: str
    began: int
    took: int
    status: int = 0
    why: str = ""


class Traffic(Struct, frozen=True):
    """What the reading cost on the wire. ``budget`` is the share (0 to 1) of the vendor's allowance in use. ``calls``
    are its requests, oldest first, where there was more than one, or one that failed; not all of very many.
    """

    requests: int = 0
    failures: int = 0  # requests that did not answer 2xx or 304, retried ones included
    throttled: int = 0  # of these, 429s
    bytes: int = 0
    budget: float | None = None
    calls: Sequence[Call] = ()


class BadRow(Struct, frozen=True):
    """A row that states no level. ``row`` counts from 1 in the source (the header is row 1 of a table)."""

    row: int
    sku: str
    said: str  # what stood there, cleaned and cut


class Reading(Struct, frozen=True, eq=False):
    """One attempt to read one surface. Columns are parallel: item i of each speaks of ``skus[i]``.

    ``skus`` may name a SKU more than once: the admission decides what that means. A bad row with a SKU is in the
    columns too, as ``UNKNOWN``. ``names`` and ``prices`` are empty or parallel; a price that is not known is NaN.
    ``parts``, where a master states them, has one column each for on hand, committed, reserved and damaged, and
    ``quantities`` then holds their ATP. ``as_of`` is the surface's own time of generation, where it has one.
    ``reason`` says in words why the outcome is not ``COMPLETE``; it holds no secret.
    """

    surface: str
    outcome: Outcome
    started_at: int
    read_at: int
    covers: Covers = Covers.ALL
    reason: str = ""
    as_of: int | None = None
    skus: Sequence[str] = ()
    states: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    quantities: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    parts: NDArray[np.int32] | None = None
    names: Sequence[str] = ()
    prices: Sequence[float] = ()
    bad_rows: Sequence[BadRow] = ()  # the first hundred
    bad_count: int = 0
    nameless: int = 0  # of these, rows that name no SKU, or perhaps another one's
    traffic: Traffic = Traffic()
