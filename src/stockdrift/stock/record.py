"""All that operators wrote and said, as one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stockdrift.stock.actions import Action
from stockdrift.stock.telling import Spoken, spoken

if TYPE_CHECKING:
    from stockdrift.stock.ledger import Ledger
    from stockdrift.stock.sayings import Sayings


class Told(Protocol):
    """What has heard the journal, as :class:`stockdrift.stock.monitor.Monitor` has."""

    ledger: Ledger
    said: Sayings


def recorded(told: Told) -> list[Action | Spoken]:
    """All of it, oldest first."""
    return sorted([*told.ledger, *spoken(told.said)], key=moment)


def moment(one: Action | Spoken) -> int:
    """When it was asked or said (ms)."""
    return one.entry.at if isinstance(one, Spoken) else one.asked.at
