"""The report of ``check`` for people: the figures, the surfaces, the SKUs, in columns that line up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from stockdrift.stock.words import age, several

_GLYPHS: Final = {"OVERSELL": "■", "OVER": "▲", "UNDER": "▼"}

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
        f"{said['store']}: {said['drifting']:,} of {said['tracked']:,} tracked SKUs drift{of_them}",
        f"  {'   '.join(counts)}",
        *_asides(said),
    ]
    return "\n".join(lines)


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


def _surfaces(said: dict[str, Any]) -> str:
    rows = [("surface", "status", "listed", "drifting", "unknown", "")]
    for surface in (said["master"], *said["surfaces"]):
        notes = [
            _paused(surface["paused"]),
            surface["error"] or "",
            several(surface["bad_rows"], "bad row") if surface["bad_rows"] else "",
            *(f"{reason}: {_few(skus)}" for reason, skus in surface["unknown_because"].items()),
        ]
        drifting = "—" if surface is said["master"] else "?" if surface["drifting"] is None else surface["drifting"]
        rows.append(
            (
                surface["name"],
                surface["status"],
                f"{surface['listed']:,}",
                str(drifting),
                "—" if surface is said["master"] else f"{surface['unknown']:,}",
                ", ".join(filter(None, notes)),
            )
        )
    return _table(rows, right={2, 3, 4})


def _few(found: dict[str, Any]) -> str:
    rest = found["count"] - len(found["skus"])
    return ", ".join(found["skus"]) + (f" and {rest:,} more" if rest else "")


def _paused(pause: dict[str, Any] | None) -> str:
    if pause is None:
        return ""
    until = f" until {pause['until']}" if pause["until"] else ""
    return f"by {pause['by']}{until}" + (f": {pause['reason']}" if pause["reason"] else "")


def _skus(skus: Sequence[dict[str, Any]]) -> str:
    rows = [("severity", "SKU", "name", "master", "levels", "phase")]
    for sku in skus:
        word = (sku["severity"] or "").lower()
        rows.append(
            (
                f"{_GLYPHS.get(sku['severity'], ' ')} {word}".rstrip(),
                sku["sku"],
                sku["name"] if len(sku["name"]) <= 40 else sku["name"][:39] + "…",
                str(sku["master"]),
                ", ".join(filter(None, (_level(name, level) for name, level in sku["levels"].items()))),
                ", ".join(filter(None, (sku["phase"], *(word for word in _REMARKS if sku[word])))),
            )
        )
    return _table(rows, right={3})


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
