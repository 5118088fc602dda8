"""The report of ``check`` for people: the figures, the surfaces, the SKUs, in columns that line up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from stockdrift.stock.picture import Status
from stockdrift.stock.rules import Scope
from stockdrift.stock.words import age, named, several

_GLYPHS: Final = {"OVERSELL": "■", "OVER": "▲", "UNDER": "▼"}

_SAID: Final = 5  # sayings of operators that are listed
_VERDICTS: Final = {"in sync": "● in sync", "unknown": "? unknown"}

_REMARKS: Final = ("snoozed", "acknowledged", "claimed")


def text_of(said: dict[str, Any], *, recorded: int | None = None) -> str:
    """``said`` as :func:`stockdrift.stock.report.report` made it. ``recorded`` is how old (ms) the last word of the
    collector is that it was made from; None where everything was read just now.
    """
    blocks = [_figures(said), _surfaces(said)]
    if recorded is not None:
        blocks[0] += f"\n  as a collector recorded it, last {age(recorded)} ago; --fresh reads now"
    if said["skus"]:
        blocks.append(_skus(said["skus"]))
    return "\n\n".join(blocks) + "\n"


def _figures(said: dict[str, Any]) -> str:
    parts = [
        f"{said[name]:,} {name.replace('_', ' ')}" for name in ("in_flight", "snoozed", "acknowledged") if said[name]
    ]
    of_them = f", of them {', '.join(parts)}" if parts else ""
    counts = [
        f"■ {said['oversell']:,} oversell",
        f"▲ {said['over']:,} over",
        f"▼ {said['under']:,} under",
        f"● {said['in_sync']:,} in sync",
        f"? {said['unknown']:,} unknown",
    ]
    lines = [
        f"{said['store']}: {_headline(said)}{of_them}",
        f"  {'   '.join(counts)}",
        *_asides(said),
        *_sayings(said),
    ]
    return "\n".join(lines)


def _headline(said: dict[str, Any]) -> str:
    """No count of what drifts is told where none is known."""
    if not said["tracked"] and said["master"]["status"] == Status.NOT_READ:
        return "nothing known yet"
    if said["unknown"] and not said["drifting"]:
        return f"no drift seen, and {said['unknown']:,} of {said['tracked']:,} tracked SKUs unknown"
    return f"{said['drifting']:,} of {said['tracked']:,} tracked SKUs drift"


def _asides(said: dict[str, Any]) -> Iterator[str]:
    """What is neither drift nor agreement, each with what it means: these are no words of everyday."""
    if said["uncovered"]:
        yield f"  {said['uncovered']:,} uncovered: the master tracks them, and no surface that was read lists them"
    if said["orphans"]:
        yield f"  {several(said['orphans'], 'orphan')}: sold on a surface, and unknown to the master"
    if said["untracked"]:
        yield f"  {said['untracked']:,} untracked: the master does not count their stock"
    if said["ignored"]:
        oversell = f", of them {said['ignored_oversell']:,} oversell" if said["ignored_oversell"] else ""
        yield f"  {said['ignored']:,} ignored{oversell}: somebody said so, stockdrift explain SKU tells who"


def _sayings(said: dict[str, Any]) -> Iterator[str]:
    """What operators have said by which it is counted, what concerns most first. A pause stands beside its surface."""
    found = [one for one in said["said"] if one["kind"] != "pause"]
    found.sort(key=lambda one: (bool(one["sku"]), bool(one["surface"])))
    for one in found[:_SAID]:
        what = named(Scope(one["surface"] or "", one["sku"] or ""))
        value = "" if one["kind"] == "ignore" else f" {one['value']}"
        kind = "ignored" if one["kind"] == "ignore" else one["kind"]
        yield f"  {kind}{value}: {what}, {_by(one, said['taken_at'])}"
    if len(found) > _SAID:
        yield f"  … and {len(found) - _SAID:,} more that operators said; --json has all"


def _by(said: dict[str, Any], now: str) -> str:
    """Who said it, when, until when and why."""
    until = f" until {_clock(said['until'], now)}" if said["until"] else ""
    since = f" since {_clock(said['since'], now)}" if said["since"] else ""
    return f"by {said['by']}{since}{until}" + (f": {said['reason']}" if said["reason"] else "")


def _clock(moment: str, now: str) -> str:
    """A moment of the report by this machine's clock: ``15:09``, with its date where that is not today's."""
    at, today = (datetime.fromisoformat(one).astimezone() for one in (moment, now))
    return f"{at:%H:%M}" if at.date() == today.date() else f"{at:%Y-%m-%d %H:%M}"


def _surfaces(said: dict[str, Any]) -> str:
    rows = [("surface", "status", "listed", "drifting", "unknown", "")]
    for surface in (said["master"], *said["surfaces"]):
        notes = [
            _by(surface["paused"], said["taken_at"]) if surface["paused"] else "",
            _overdue(surface),
            surface["error"] or "",
            several(surface["bad_rows"], "bad row") if surface["bad_rows"] else "",
            *(f"{reason}: {_few(skus)}" for reason, skus in surface["unknown_because"].items()),
        ]
        drifting = "—" if surface is said["master"] else "?" if surface["drifting"] is None else surface["drifting"]
        rows.append(
            (
                surface["name"],
                surface["status"] if surface["overdue_s"] is None else "overdue",
                f"{surface['listed']:,}",
                str(drifting),
                "—" if surface is said["master"] else f"{surface['unknown']:,}",
                ", ".join(filter(None, notes)),
            )
        )
    return _table(rows, right={2, 3, 4})


def _overdue(surface: dict[str, Any]) -> str:
    """That a read that was due has not come back, though what was read before still counts."""
    waited = surface["overdue_s"]
    return "" if waited is None else f"no answer for {age(round(1_000 * waited))}"


def _few(found: dict[str, Any]) -> str:
    rest = found["count"] - len(found["skus"])
    return ", ".join(found["skus"]) + (f" and {rest:,} more" if rest else "")


def _skus(skus: Sequence[dict[str, Any]]) -> str:
    heads = ("severity", "SKU", "name", "master", "levels", "phase")
    return _table([heads, *map(_line, skus)], right={3})


def _line(sku: dict[str, Any]) -> tuple[str, ...]:
    levels = ", ".join(filter(None, (_level(name, level) for name, level in sku["levels"].items())))
    return (
        _verdict(sku),
        sku["sku"],
        sku["name"] if len(sku["name"]) <= 40 else sku["name"][:39] + "…",
        str(sku["master"]),
        levels or _levels(sku["levels"]),
        ", ".join(filter(None, (sku["phase"], *(word for word in _REMARKS if sku[word])))),
    )


def _verdict(sku: dict[str, Any]) -> str:
    """How severe, or where it does not drift, what is known of it."""
    if sku["severity"]:
        return f"{_GLYPHS.get(sku['severity'], ' ')} {sku['severity'].lower()}"
    return _VERDICTS.get(sku["verdict"], f"  {sku['verdict']}")


def _levels(levels: dict[str, Any]) -> str:
    """What the surfaces show where nothing is amiss: ``7 on embed, shop; unlisted on facebook``."""
    places: dict[str, list[str]] = {}
    for name, level in levels.items():
        places.setdefault(str(level["reported"]), []).append(name)
    if len(places) == 1 and len(levels) > 1:
        return f"{next(iter(places))} on all {len(levels)}"
    return "; ".join(f"{shown} on {', '.join(names)}" for shown, names in places.items())


def _level(name: str, level: dict[str, Any]) -> str:
    """What deserves a word: a level that is off, that nobody may sell, or that is not known."""
    if level["verdict"] in {"drifted", "in flight"}:
        off = "" if level["deviation"] is None else f" ({level['deviation']:+,})".replace("-", "−")
        return f"{name} {level['reported']}{off}"
    if level["verdict"] == "unknown":
        return f"{name} ? {level['reason'] or ''}".rstrip()
    return f"{name} {level['reported']} (orphan)" if (level["reason"] or "").startswith("orphan") else ""


def _table(rows: Sequence[Sequence[str]], *, right: set[int]) -> str:
    columns = []
    for place, cells in enumerate(zip(*rows, strict=True)):
        width = max(map(len, cells))
        columns.append([cell.rjust(width) if place in right else cell.ljust(width) for cell in cells])
    return "\n".join(("  " + "  ".join(row)).rstrip() for row in zip(*columns, strict=True))
