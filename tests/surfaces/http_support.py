"""An Http whose sleeps take no time and move its clock."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import httpx

from stockdrift.surfaces.http import Http

START = 1_776_729_600_000  # 21 Apr 2026, 00:00 UTC


@dataclass
class Time:
    """A clock in milliseconds that only sleeping moves."""

    now: int = START
    slept: list[float] = field(default_factory=list)

    def clock(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += round(seconds * 1_000)


def quick_http(
    time: Time,
    *,
    timeout_ms: int = 10_000,
    max_bytes: int = 256 * 1024,
    tries: int = 3,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Http:
    return Http(
        timeout_ms=timeout_ms,
        max_bytes=max_bytes,
        tries=tries,
        clock=time.clock,
        sleep=time.sleep,
        jitter=random.Random(7),
        transport=transport,
    )
