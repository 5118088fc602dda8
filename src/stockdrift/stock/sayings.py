"""All that operators have said, in the order in which they said it, and what of it stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

from msgspec import to_builtins

from stockdrift.stock.entries import BufferRuling, Ignoring, Remarked, Ruling, Saying
from stockdrift.stock.remarks import Remark, RemarkKind, Remarks
from stockdrift.stock.rules import Ignore, Scope, Tolerance
from stockdrift.stock.values import replace

_Value = TypeVar("_Value")


KEPT: Final = 90 * 86_400_000
"""What no longer stands is told for so many ms: a checkpoint holds all of it, and shall not grow for ever."""


class Sayings:
    """Tolerances, buffers and SKUs left out are what the board judges by; remarks change no verdict.

    In order: what was said in the last :data:`KEPT` ms, and of what is older that which still has its effect.
    """

    def __init__(self) -> None:
        self._old: dict[object, Saying] = {}
        self._recent: deque[Saying] = deque()
        self._last: dict[object, Saying] = {}
        self._now = 0
        self.tolerances: dict[Scope, Tolerance] = {}
        self.buffers: dict[Scope, int] = {}
        self.ignores: dict[Scope, Ignore] = {}
        self.remarks = Remarks()

    def __iter__(self) -> Iterator[Saying]:
        yield from (entry for entry in self._old.values() if _has_effect(entry, self._now))
        yield from self._recent

    def hear(self, entry: Saying) -> None:
        """Takes over what was said."""
        about = _about(entry)
        self._old.pop(about, None)
        self._last.pop(about, None)
        self._last[about] = entry
        self._recent.append(entry)
        match entry:
            case Ruling():
                _put(self.tolerances, entry.scope, entry.tolerance)
            case BufferRuling():
                _put(self.buffers, entry.scope, entry.units)
            case Ignoring():
                _put(self.ignores, entry.scope, entry.ignore)
            case Remarked():
                self.remarks.say(entry.kind, entry.scope, entry.remark)
        self._now = max(self._now, entry.at)
        while self._recent[0].at < self._now - KEPT:
            self._grow_old(self._recent.popleft())

    def _grow_old(self, entry: Saying) -> None:
        about = _about(entry)
        if self._last.get(about) is not entry:
            return
        if _has_effect(entry, self._now):
            self._old[about] = entry
            return
        del self._last[about]
        if isinstance(entry, Remarked):
            self.remarks.say(entry.kind, entry.scope, None)

    def completed(self, entry: Saying) -> Saying:
        """``entry``, naming what it takes back where it does: the last that was said of the same."""
        before = self._last.get(_about(entry))
        return replace(entry, undoes=before.number) if said(entry) is None and before is not None else entry

    def ruling(self, scope: Scope) -> Ruling | None:
        """The tolerance that stands of exactly this scope, with who said it."""
        found = self._last.get((Ruling, "", scope))
        return found if isinstance(found, Ruling) and found.tolerance is not None else None

    def standing(self, now: int) -> list[Saying]:
        """What stands at ``now``, in the order in which it was said."""
        return [entry for entry in self._last.values() if stands(entry, now)]


def said(entry: Saying) -> Tolerance | int | Ignore | Remark | None:
    """What it says; None where it takes back what was said before."""
    match entry:
        case Ruling():
            return entry.tolerance
        case BufferRuling():
            return entry.units
        case Ignoring():
            return entry.ignore
        case Remarked():
            return entry.remark


def stands(entry: Saying, now: int) -> bool:
    """Whether it says something, and that has not come to its end by ``now``; unless somebody said otherwise since."""
    match entry:
        case Ignoring(ignore=Ignore(until=until)):
            return now < until
        case Remarked(remark=Remark() as remark):
            return remark.holds(now)
        case _:
            return said(entry) is not None


def _has_effect(entry: Saying, now: int) -> bool:
    """As :func:`stands`, but for a SKU that is ignored no more: by that an operator ends what the settings ignore."""
    return stands(entry, now) or (isinstance(entry, Ignoring) and entry.ignore is not None)


def plain(entry: Saying) -> dict[str, Any]:
    """What was said, as JSON can hold it."""
    return {"entry": type(entry).__name__, **to_builtins(entry)}


def of_plain(found: Mapping[str, Any]) -> Saying:
    """What :func:`plain` made plain. Raises KeyError, TypeError or ValueError where it is nothing of the kind."""
    values = {**found, "scope": Scope(**found["scope"])}
    match values.pop("entry"):
        case "Ruling":
            return _with(Ruling(**values), "tolerance", Tolerance)
        case "BufferRuling":
            return BufferRuling(**values)
        case "Ignoring":
            return _with(Ignoring(**values), "ignore", Ignore)
        case "Remarked":
            return _with(Remarked(**{**values, "kind": RemarkKind(values["kind"])}), "remark", Remark)
        case other:
            raise ValueError(f"{other!r} is nothing that an operator says")


_Said = TypeVar("_Said", Ruling, Ignoring, Remarked)


def _with(entry: _Said, name: str, kind: type[Any]) -> _Said:
    found = getattr(entry, name)
    return entry if found is None else replace(entry, **{name: kind(**found)})


def _about(entry: Saying) -> object:
    return type(entry), entry.kind if isinstance(entry, Remarked) else "", entry.scope


def _put(held: dict[Scope, _Value], scope: Scope, value: _Value | None) -> None:
    if value is None:
        held.pop(scope, None)
    else:
        held[scope] = value
