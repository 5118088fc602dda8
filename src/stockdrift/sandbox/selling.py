"""When what is sold: a Poisson process whose pace follows the plan, over SKUs of unequal popularity."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random

from stockdrift.sandbox.plan import MINUTE, Plan, along

_UNITS = (1, 1, 1, 1, 1, 1, 2, 2, 3)


class Sales:
    """Draws the next sale. ``master`` is read for what can be sold outside the campaign, never changed."""

    def __init__(
        self, plan: Plan, place_of: Mapping[str, int], master: Sequence[int | None], rng: Random, opens_at: int
    ) -> None:
        self._selling = plan.selling
        self._rng = rng
        self._opens_at = opens_at
        self._campaign = [place_of[sku] for sku, _ in plan.selling.weights]
        self._weights = list(accumulate(weight for _, weight in plan.selling.weights))
        campaign = set(self._campaign)
        kept = {place_of[drift.sku] for drift in plan.drifts}
        self._rest = [
            place
            for place, quantity in enumerate(master)
            if quantity is not None and place not in campaign and place not in kept
        ]
        self._fastest = max((rate for _, rate in plan.selling.pace), default=0.0)

    def draw(self, now: int) -> tuple[int, int | None, int] | None:
        """The next arrival after ``now``: (ms until then, the item or None for nobody, units); None: no more sales.

        Thinning: arrivals come at the plan's fastest pace, and those beyond the pace of the moment buy nothing.
        """
        if self._fastest <= 0:
            return None
        delay = max(1, round(self._rng.expovariate(self._fastest) * MINUTE))
        at = now + delay - self._opens_at
        if self._rng.random() * self._fastest > along(self._selling.pace, at):
            return delay, None, 0
        background = along(self._selling.background, at)
        if self._rest and self._rng.random() < background:
            place = self._rng.choice(self._rest)
        elif self._weights:
            point = self._rng.random() * self._weights[-1]
            place = self._campaign[min(bisect(self._weights, point), len(self._campaign) - 1)]
        else:
            return delay, None, 0
        return delay, place, self._rng.choice(_UNITS)
