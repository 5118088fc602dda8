"""An event loop whose time jumps to the next thing that is due: hours pass in milliseconds, and always alike."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class _Jumping(selectors.SelectSelector):
    """Never waits: what it was to wait for is added to the loop's time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self.now += timeout
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0. For tests that do no I/O."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(what: Coroutine[Any, Any, None]) -> None:
    """Runs ``what`` to its end in its own time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(what)
