"""A journal of an earlier version, brought forward before the console opens it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_PATIENCE: Final = 10.0  # s for another program of this version that is bringing it forward
_LOOK: Final = 0.2


def bring_forward_alone(journal: Path) -> str:
    """Brings ``journal`` to this version's schema while no collector is at work; returns what there is to say of it,
    empty where nothing was to be done. Raises JournalError.
    """
    from stockdrift.store.migrate import is_outdated

    until = time.monotonic() + _PATIENCE
    while is_outdated(journal):
        from stockdrift.collector.lease import LeaseError, acquire
        from stockdrift.store.base import JournalError
        from stockdrift.store.migrate import bring_forward

        try:
            lease = acquire(journal, started=datetime.now(UTC))
        except LeaseError as error:
            if time.monotonic() < until:
                time.sleep(_LOOK)
                continue
            raise JournalError(
                f"The journal {journal} was written by an earlier stockdrift, and a collector uses it: end that one, "
                f"and start again. {error}"
            ) from error
        try:
            copy = bring_forward(journal, datetime.now(UTC))
        finally:
            lease.release()
        return f"The journal was brought to this version's schema; as it was it lies at {copy}" if copy else ""
    return ""
