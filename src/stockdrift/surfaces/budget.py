"""A vendor's allowance of requests, shared by everything that reads with the same credential."""

from __future__ import annotations

from collections import deque
from typing import Final

_MINUTE: Final = 60_000
_BURST: Final = 0.1
"""Share of the allowance that may be spent at once. The rest flows in over the window, so that no window, wherever it
begins, holds more requests than the vendor allows."""

_LEAST: Final = 0.125
"""However often the vendor refuses, this share of the allowance is still tried."""

_RECOVERY: Final = 10 * _MINUTE
"""Time over which an allowance that a 429 lowered to nothing would come back to the whole."""


class Budget:
    """A token bucket on a clock in milliseconds: ``allowance`` requests in each ``window`` (ms, a minute by default).
    It decides how long to wait and does not wait itself.

    A 429 halves the allowance, which then comes back evenly; a ``Retry-After`` pauses it for every user.
    """

    def __init__(self, allowance: int, window: int = _MINUTE) -> None:
        if allowance < 1:
            raise ValueError(f"an allowance is at least one request, not {allowance}")
        self.allowance = allowance
        self.window = window
        self.refusals = 0  # 429s so far
        self._level = 1.0  # share of the allowance that 429s have left us
        self._capacity = max(1.0, allowance * _BURST)
        self._tokens = self._capacity
        self._at: int | None = None
        self._pause = 0
        self._sent: deque[int] = deque()

    def reserve(self, now: int) -> int:
        """Takes the next place in line: milliseconds to wait before sending. Each call is one request."""
        self._advance(now)
        self._tokens -= 1.0
        wait = 0 if self._tokens >= 0 else round(-self._tokens / self._rate())
        wait = max(wait, self._pause)
        self._sent.append(now + wait)
        return wait

    def paused_for(self, now: int) -> int:
        """Milliseconds that the vendor has asked everyone to stay away, from now."""
        self._advance(now)
        return self._pause

    def pause(self, now: int, wait: int) -> None:
        """The vendor asks everyone to stay away for ``wait`` ms, and has refused nothing yet."""
        self._advance(now)
        self._pause = max(self._pause, wait)

    def throttled(self, now: int, retry_after: int = 0) -> None:
        """The vendor answered 429, and may have named a time (ms) to stay away."""
        self._advance(now)
        self.refusals += 1
        self._level = max(_LEAST, self._level / 2)
        self._tokens = min(self._tokens, 0.0)
        self._pause = max(self._pause, retry_after)

    def share(self, now: int) -> float:
        """Part (0 to 1) of what may be sent in a window now that was sent in the last one. 1 while paused."""
        self._advance(now)
        if self._pause:
            return 1.0
        return min(1.0, sum(1 for at in self._sent if at <= now) / (self.allowance * self._level))

    def _rate(self) -> float:
        """Tokens a millisecond."""
        return max(self.allowance - self._capacity, self.allowance / 2) * self._level / self.window

    def _advance(self, now: int) -> None:
        # A clock that was set back gives nothing and takes nothing: time goes on from where it now stands.
        passed = max(0, now - self._at) if self._at is not None else 0
        if self._at is not None and now < self._at:
            self._sent.clear()
        self._at = now
        self._tokens = min(self._capacity, self._tokens + passed * self._rate())
        self._level = min(1.0, self._level + passed / _RECOVERY)
        self._pause = max(0, self._pause - passed)
        while self._sent and self._sent[0] <= now - self.window:
            self._sent.popleft()
