"""The simulated store: master stock, what each surface shows of it, sales, feeds, and the time in which they happen.

Everything follows from the plan, the seed and the simulated time; nothing here knows a clock. ``advance`` lets time
pass. Times are ms since the Unix epoch, simulated: at speed X they run X times as fast as the clock of whoever reads
the store, and ``shown_time`` turns one into the time that such a reader would see on the wire.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from random import Random

from stockdrift.sandbox.plan import MASTER, Drift, Plan, Scenario, SurfacePlan
from stockdrift.sandbox.selling import Sales
from stockdrift.sandbox.surface import Shown
from stockdrift.stock.values import replace

Listener = Callable[[str, int], None]
"""Told of each change: the surface (or master) and the item's place."""


class SimulatedStore:
    """Drive it with ``advance_to`` or ``advance``; read it by ``quantity``; change it with ``set_quantity``."""

    def __init__(self, scenario: Scenario, *, seed: int, opens_at: int, skus: int | None = None, speed: float = 1.0):
        count = scenario.skus if skus is None or scenario.fixed else skus
        self.plan: Plan = scenario.make(seed, count)
        self.seed = seed
        self.opens_at = opens_at
        self.speed = speed
        self.now = opens_at - self.plan.history
        self.items = self.plan.catalogue.items
        self.products = self.plan.catalogue.products
        self.place_of = {item.sku: place for place, item in enumerate(self.items)}
        self.product_of = self._owners()
        self.deleted: set[int] = set()  # products
        self.master: list[int | None] = [item.on_hand for item in self.items]
        self.master_since: list[int] = [self.now] * len(self.items)
        self.updated: list[int] = [self.now] * len(self.products)
        self.update_log: list[tuple[int, int]] = [(self.now, product) for product in range(len(self.products))]
        self.shown = {plan.name: Shown(plan, self.master, self.now) for plan in self.plan.surfaces}
        self.faults: dict[str, str | None] = {}  # put in by hand; they outrank the plan's
        self.injected: list[Drift] = []
        self._listeners: list[Listener] = []
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = 0
        self._sales = Sales(self.plan, self.place_of, self.master, Random(f"{seed}/sales"), opens_at)
        self._pushes = Random(f"{seed}/pushes")
        self._schedule_plan()
        self.advance_to(opens_at)

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def advance(self, ms: int) -> None:
        """Lets ``ms`` simulated milliseconds pass."""
        self.advance_to(self.now + ms)

    def advance_to(self, at: int) -> None:
        """Lets time pass until ``at``; what lies behind is left as it is."""
        while self._events and self._events[0][0] <= at:
            self.now, _, happen = heapq.heappop(self._events)
            happen()
        self.now = max(self.now, at)

    def shown_time(self, at: int) -> int:
        """The simulated time ``at`` as a reader's clock would tell it (ms)."""
        return self.opens_at + round((at - self.opens_at) / self.speed)

    def later(self, delay: int, happen: Callable[[], None]) -> None:
        """Has something happen ``delay`` ms of the reader's from now."""
        self._after(round(delay * self.speed), happen)

    def _after(self, delay: int, happen: Callable[[], None]) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (self.now + max(delay, 0), self._sequence, happen))

    def _at(self, at: int, happen: Callable[[], None]) -> None:
        self._after(self.opens_at + at - self.now, happen)

    def _schedule_plan(self) -> None:
        for drift in self.plan.drifts:
            self._at(drift.start, lambda drift=drift: self._inject(drift))  # type: ignore[misc]
        for delivery in self.plan.deliveries:
            place = self.place_of[delivery.sku]
            self._at(delivery.at, lambda place=place, units=delivery.units: self._move(place, units))  # type: ignore[misc]
        for plan in self.plan.surfaces:
            if plan.period:
                self._after(0, lambda plan=plan: self._generate_feed(plan))  # type: ignore[misc]
        self._next_sale()

    # ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def surface_names(self) -> Sequence[str]:
        """As planned, without the master."""
        return [plan.name for plan in self.plan.surfaces]

    def quantity(self, surface: str, place: int) -> int | None:
        """What ``surface`` (or the master) shows of an item; None where it sells without counting."""
        return self.master[place] if surface == MASTER else self.shown[surface].quantities[place]

    def lists(self, surface: str, place: int) -> bool:
        """Whether ``surface`` lists the item at all."""
        product = self.product_of[place]
        if product in self.deleted:
            return False
        return surface == MASTER or self.items[place].sku not in self.plan.unlisted.get(surface, frozenset())

    def fault(self, surface: str) -> str | None:
        """The name of the fault that ``surface`` (or the master) shows now."""
        if surface in self.faults:
            return self.faults[surface]
        at = self.now - self.opens_at
        for window in self.plan.windows:
            if surface in window.surfaces and window.fault != "stall" and window.holds(at):
                return window.fault
        return None

    def listen(self, listener: Listener) -> None:
        """Calls ``listener`` after each change of a level or a product."""
        self._listeners.append(listener)

    # ── changing, by hand ─────────────────────────────────────────────────────────────────────────────────────────

    def set_quantity(self, surface: str, sku: str, quantity: int | None) -> None:
        """Sets what the master holds, or what a surface shows from now on (a feed is published anew).

        Raises KeyError for an unknown SKU or surface.
        """
        place = self.place_of[sku]
        if surface == MASTER:
            self._set_master(place, quantity)
            return
        shown = self.shown[surface]
        shown.set(place, quantity, self.now)
        if shown.plan.period:
            shown.publish(self.now, self.now)
        self._tell(surface, place)

    def hide(self, surface: str, place: int, hidden: bool) -> None:
        """Takes the listing of an item down on a surface, or puts it up again."""
        held = self.shown[surface].hidden
        if hidden:
            held.add(place)
        else:
            held.discard(place)
        self._tell(surface, place)

    def refetch(self, surface: str) -> None:
        """Whoever sells from a feed fetches it now: it holds what the master has, unless it is not generated."""
        self._feed_of_now(self.shown[surface].plan)

    def set_enabled(self, sku: str, enabled: bool) -> None:
        """Enables or disables the product that holds ``sku``. Raises KeyError."""
        product = self.product_of[self.place_of[sku]]
        self.products[product].enabled = enabled
        self._touch(product)

    def delete(self, sku: str) -> None:
        """Deletes the product that holds ``sku``, with its variations. Raises KeyError."""
        product = self.product_of[self.place_of[sku]]
        self.deleted.add(product)
        self._touch(product)

    def inject(self, drift: Drift) -> None:
        """Puts a drift in now, whatever its start says."""
        self._inject(replace(drift, start=self.now - self.opens_at))

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────────────

    def _inject(self, drift: Drift) -> None:
        place, shown = self.place_of[drift.sku], self.shown[drift.surface]
        self.injected.append(drift)
        if drift.cause == "lost update":
            shown.frozen.add(place)
        elif drift.cause == "manual override":
            shown.offsets[place] = drift.offset
        quantity = shown.quantities[place]
        if quantity is not None and drift.cause != "lost update":
            shown.set(place, quantity + drift.offset, self.now)
            self._tell(drift.surface, place)

    def _next_sale(self) -> None:
        sale = self._sales.draw(self.now)
        if sale is not None:
            delay, place, units = sale
            self._after(delay, lambda: self._sell(place, units))

    def _sell(self, place: int | None, units: int) -> None:
        if place is not None:
            left = self.master[place]
            if left is not None and left > 0:
                self._move(place, -min(units, left))
        self._next_sale()

    def _move(self, place: int, units: int) -> None:
        left = self.master[place]
        if left is not None:
            self._set_master(place, left + units)

    def _set_master(self, place: int, quantity: int | None) -> None:
        if quantity == self.master[place]:
            return
        self.master[place] = quantity
        self.master_since[place] = self.now
        self._touch(self.product_of[place])
        for plan in self.plan.surfaces:
            if not plan.period:
                delay = round(plan.delay * (0.5 + self._pushes.random()))
                self._after(delay, lambda name=plan.name: self._push(name, place, quantity))  # type: ignore[misc]

    def _push(self, surface: str, place: int, quantity: int | None) -> None:
        if self.shown[surface].follow(place, quantity, self.now):
            self._tell(surface, place)

    def _generate_feed(self, plan: SurfacePlan) -> None:
        """Takes the snapshot now and publishes it after the time that writing the file takes."""
        self._after(plan.period, lambda: self._generate_feed(plan))
        self._feed_of_now(plan)

    def _feed_of_now(self, plan: SurfacePlan) -> None:
        at = self.now - self.opens_at
        if any(w.fault == "stall" and plan.name in w.surfaces and w.holds(at) for w in self.plan.windows):
            return
        snapshot, taken_at = list(self.master), self.now
        self._after(plan.delay if at > -self.plan.history else 0, lambda: self._publish(plan.name, snapshot, taken_at))

    def _publish(self, surface: str, snapshot: list[int | None], taken_at: int) -> None:
        self.shown[surface].take(snapshot, taken_at, self.now)

    def _touch(self, product: int) -> None:
        """A product was changed: its update time moves, its rows are stale in every cache."""
        self.updated[product] = self.now
        self.update_log.append((self.now, product))
        base = self.products[product].base
        if base is not None:
            self._tell(MASTER, base)

    def _tell(self, surface: str, place: int) -> None:
        if surface != MASTER and self.shown[surface].plan.store_id:  # a store of its own says when it was changed
            self.updated[self.product_of[place]] = self.now
            self.update_log.append((self.now, self.product_of[place]))
        for listener in self._listeners:
            listener(surface, place)

    def _owners(self) -> list[int]:
        owners = [0] * len(self.items)
        for number, product in enumerate(self.products):
            for place in (product.base, *product.variations):
                if place is not None:
                    owners[place] = number
        return owners
