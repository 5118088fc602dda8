"""How times and counts are said, on screen and in findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockdrift.stock.rules import Scope


def age(ms: float | None) -> str:
    """A stretch of time in at most five characters: ``12s``, ``41m``, ``3h10m``, ``13h``, ``2d03h``, ``45d``."""
    if ms is None:
        return "—"
    seconds = max(0, int(ms)) // 1000
    if seconds < 60:
        return f"{seconds}s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 10:
        return f"{hours}h{minutes:02}m"
    if hours < 24:
        return f"{hours}h"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02}h" if days < 10 else f"{min(days, 9999)}d"


def title(name: str) -> str:
    """A surface's name as it begins a sentence: ``facebook`` is ``Facebook``, ``instant-site`` ``Instant Site``.

    A name that has capitals of its own stays as it is.
    """
    if name != name.lower():
        return name
    return " ".join(word[:1].upper() + word[1:] for word in name.replace("_", "-").split("-"))


def named(scope: Scope) -> str:
    """A scope as people call it: a surface by its title."""
    if scope.sku:
        return f"{scope.sku} on {title(scope.surface)}" if scope.surface else scope.sku
    return title(scope.surface) if scope.surface else "the store"


def several(number: int, noun: str) -> str:
    """``1 SKU``, ``2 SKUs``, ``1,284 SKUs``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def roughly(ms: int) -> str:
    """A stretch of time that is not known more closely: ``40 s``, ``4 min``, ``3 h``."""
    number, unit = _rough(ms)
    return f"{number} {unit}"


def roughly_between(least: int, most: int) -> str:
    """Two of them: ``1 to 4 min``, ``40 s to 2 min``; one where they are the same."""
    (low, unit), (high, last) = _rough(least), _rough(most)
    if (low, unit) == (high, last):
        return f"{high} {last}"
    return f"{low} to {high} {last}" if unit == last else f"{low} {unit} to {high} {last}"


def _rough(ms: int) -> tuple[int, str]:
    for size, unit in ((3_600_000, "h"), (60_000, "min")):
        if ms == size or ms >= 1.5 * size:
            return round(ms / size), unit
    return max(1, round(ms / 1_000)), "s"


def as_sentence(text: str) -> str:
    """With a capital and a full stop; a word that begins it and is somebody's name (``root@vm``) stays as it is."""
    begins = text if "@" in text.partition(" ")[0] else text[:1].upper() + text[1:]
    return begins + ("" if text.endswith(".") else ".")
