"""Ecwid's allowance: 600 requests a minute per token; beyond it 429 with ``Retry-After``; a client that goes on with a
refused token is shut out for longer (docs.ecwid.com, REST API overview).
"""

from __future__ import annotations

from collections import deque
from typing import Final

PER_MINUTE: Final = 600

_MINUTE: Final = 60_000
_PATIENCE: Final = 20  # refused requests a minute before the long block
_LONG_BLOCK: Final = 10 * _MINUTE


class Throttle:
    """Counts the requests of one token over a sliding minute, on the reader's clock (ms)."""

    def __init__(self) -> None:
        self.most = 0
        """The most requests that any minute has seen, refused ones included."""
        self._seen: deque[int] = deque()
        self._granted: deque[int] = deque()
        self._refused: deque[int] = deque()
        self._blocked_until = 0

    def refuse_for(self, now: int) -> int:
        """Counts a request. 0 where it is served, else the seconds that ``Retry-After`` says."""
        for queue in (self._seen, self._granted, self._refused):
            while queue and queue[0] <= now - _MINUTE:
                queue.popleft()
        self._seen.append(now)
        self.most = max(self.most, len(self._seen))
        if now >= self._blocked_until and len(self._granted) < PER_MINUTE:
            self._granted.append(now)
            return 0
        self._refused.append(now)
        wait = self._blocked_until - now
        if len(self._refused) > _PATIENCE:
            self._blocked_until = now + _LONG_BLOCK
            wait = _LONG_BLOCK
        elif len(self._granted) >= PER_MINUTE:
            wait = max(wait, self._granted[0] + _MINUTE - now)
        return max(1, -(-wait // 1_000))
