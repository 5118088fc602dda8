"""At which stock locations a write is made, where a shop keeps stock at several."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from stockdrift.stock.values import replace


class Kept(Struct, frozen=True):
    """What stands at one location: ``promised`` of ``on_hand`` is allocated or reserved."""

    location: str
    on_hand: int
    promised: int

    @property
    def free(self) -> int:
        """What could be taken from here without touching what is promised."""
        return max(0, self.on_hand - self.promised)


def corrected(kept: Sequence[Kept], difference: int, *, named: bool) -> Sequence[Kept] | str:
    """The locations of ``kept`` that have to hold something else, so that ``difference`` more units can be sold; or why
    that cannot be told, as words. ``kept`` are the locations that count, in the order of the settings where those name
    them (``named``): then what comes in goes to the first, and what goes out is taken from one after the other, what is
    free before what is promised. Where they name none it has to be clear which one is meant: the only one, the only one
    that has anything to do with the SKU, or all of them where nothing is left free. None is brought below nothing.
    """
    stocked = [one for one in kept if one.on_hand or one.promised]
    candidates = list(kept) if named else stocked or list(kept)
    if not candidates:
        return "it is kept at no stock location that counts"
    nothing_free = all(one.on_hand >= one.promised for one in candidates) and not (
        sum(one.free for one in candidates) + difference
    )
    if not named and len(candidates) > 1 and not nothing_free:
        return f"it is kept at {len(candidates)} stock locations: name them in stock_locations, the one to fill first"
    if difference >= 0:
        return [replace(candidates[0], on_hand=candidates[0].on_hand + difference)]
    left = -difference
    if sum(max(0, one.on_hand) for one in candidates) < left:
        return f"its stock locations hold too little to be {left} less"
    after = {one.location: one for one in candidates}
    for free_only in (True, False):
        for one in list(after.values()):
            taken = min(left, one.free if free_only else max(0, one.on_hand))
            after[one.location] = replace(one, on_hand=one.on_hand - taken)
            left -= taken
    return [after[one.location] for one in candidates if after[one.location] != one]
