"""What operators said: what stands is kept for good, what does not for a while."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.stock.entries import Ignoring, Remarked, Ruling, Saying
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Ignore, Scope, Tolerance
from stockdrift.stock.sayings import KEPT, Sayings, of_plain, plain
from tests.stock.scene import T0

_scopes = st.sampled_from([Scope(), Scope("facebook"), Scope("", "A")])


@st.composite
def _saids(draw: st.DrawFn) -> list[Saying]:
    """Words of a year or so, some of them taken back, some with an end."""
    at, found = T0, []  # type: int, list[Saying]
    for number in range(1, draw(st.integers(1, 25))):
        at += draw(st.integers(0, KEPT // 2))
        scope, ends = draw(_scopes), at + draw(st.integers(-1, KEPT * 2))
        taken_back = draw(st.booleans())
        match draw(st.sampled_from(["rule", "ignore", "remark"])):
            case "rule":
                found.append(Ruling(at, "op", scope, None if taken_back else Tolerance(number), number=number))
            case "ignore":
                found.append(Ignoring(at, "op", scope, None if taken_back else Ignore("x", ends), number=number))
            case _:
                remark = None if taken_back else Remark("x", draw(st.sampled_from([None, ends])), "op", at)
                found.append(Remarked(at, "op", RemarkKind.CLAIM, scope, remark, number=number))
    return found


def _heard(entries: Sequence[Saying]) -> Sayings:
    sayings = Sayings()
    for entry in entries:
        sayings.hear(entry)
    return sayings


@settings(max_examples=200, deadline=None)
@given(_saids(), st.integers(0, 25))
def test_what_is_forgotten_had_no_effect_any_more(entries: Sequence[Saying], cut: int) -> None:
    whole = _heard(entries)
    begun = _heard([of_plain(plain(entry)) for entry in _heard(entries[:cut])])
    for entry in entries[cut:]:
        begun.hear(entry)
    now = entries[-1].at if entries else T0
    for sayings in (whole, begun):
        assert list(sayings) == [entry for entry in entries if entry.at >= now - KEPT or _stands(entry, entries, now)]
        last = {(type(entry), entry.scope): entry for entry in entries}
        assert {scope: ruling.tolerance for (kind, scope), ruling in last.items() if isinstance(ruling, Ruling)
                and ruling.tolerance is not None} == sayings.tolerances  # fmt: skip
        assert {scope: said.ignore for (kind, scope), said in last.items() if isinstance(said, Ignoring)
                and said.ignore is not None} == sayings.ignores  # fmt: skip
        assert {told.scope for told in sayings.remarks.standing(now)} == {
            said.scope
            for said in last.values()
            if isinstance(said, Remarked) and said.remark and said.remark.holds(now)
        }
        assert [entry.number for entry in sayings.standing(now)] == [
            entry.number for entry in entries if last[type(entry), entry.scope] is entry and _holds(entry, now)
        ]


def _holds(entry: Saying, now: int) -> bool:
    match entry:
        case Ruling():
            return entry.tolerance is not None
        case Ignoring():
            return entry.ignore is not None and now < entry.ignore.until
        case Remarked():
            return entry.remark is not None and entry.remark.holds(now)
        case _:
            return False


def _stands(entry: Saying, entries: Sequence[Saying], now: int) -> bool:
    """Whether what is old still has its effect: an end that an operator set outranks what the settings ignore."""
    same = [one for one in entries if type(one) is type(entry) and one.scope == entry.scope]
    ended = isinstance(entry, Ignoring) and entry.ignore is not None
    return same[-1] is entry and (_holds(entry, now) or ended)
