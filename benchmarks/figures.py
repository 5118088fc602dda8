"""Figures with their medians, printed as a table: a figure, its peer or limit from the same run, their ratio."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """``values`` in ``unit``; ``peer`` is what the same machine needed for the thing it is held against."""

    name: str
    unit: str
    values: Sequence[float]
    peer: float | None = None
    against: str = ""

    def row(self) -> str:
        median = statistics.median(self.values)
        ordered = sorted(self.values)
        p99 = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
        ratio = (
            f"{median / self.peer:6.2f} × {self.against} ({self.peer:,.1f} {self.unit})" if self.peer else self.against
        )
        return f"{self.name:<52} {median:>10,.1f} {p99:>10,.1f} {self.unit:<5} {len(self.values):>4}  {ratio}"


def head() -> str:
    return f"{'figure':<52} {'median':>10} {'p99':>10} {'unit':<5} {'n':>4}  beside"


def rss_mb(pid: int, kind: str = "VmRSS") -> float:
    """Resident memory of one process, from the kernel's own account; ``VmHWM`` is the most it had."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def cpu_seconds(pid: int) -> float:
    """Processor time of one process so far: of all threads that it has, by the scheduler's own account in ns."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9
