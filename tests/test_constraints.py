"""constraints.txt pins every package that an installation brings, and nothing else."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"


def pinned() -> dict[str, str]:
    lines = (line.strip() for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines())
    pins = [line for line in lines if line and not line.startswith("#")]
    matches = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][A-Za-z0-9.]*)", pin) for pin in pins]
    assert all(matches), [pin for pin, match in zip(pins, matches, strict=True) if not match]
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def needed() -> set[str]:
    """stockdrift's requirements with its development tools, and theirs, as far as they hold on this machine."""
    found: set[str] = set()
    waiting = [Requirement("stockdrift[dev]")]
    done: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in done:
            continue
        done.add(str(requirement))
        name = canonicalize_name(requirement.name)
        try:
            inner = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue
        found.add(name)
        extras = requirement.extras or {""}
        waiting += [
            r for r in inner if r.marker is None or any(r.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return found - {"stockdrift"}


def test_all_that_is_needed_is_pinned_and_no_more() -> None:
    pins = pinned()
    assert needed() - pins.keys() == set()
    assert pins.keys() - needed() == set()
