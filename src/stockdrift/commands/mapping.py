"""``stockdrift mapping``: how far surfaces and master speak of the same SKUs, orphans, and SKUs that look alike."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stockdrift.commands.ending import DONE, guarded, json_line, put
from stockdrift.commands.recorded import known_now
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.stock.monitor import Monitor

_SHOWN: Final = 20


def run(settings_file: Path | None, *, as_json: bool) -> int:
    """Prints it, from the journal or read now; returns 0, or 3 where settings or journal will not do."""
    return guarded(lambda: _run(settings_file, as_json=as_json))


def _run(settings_file: Path | None, *, as_json: bool) -> int:
    from stockdrift.settings import load

    monitor, _, _ = asyncio.run(known_now(load(settings_file), fresh=False))
    now = wall_clock()
    monitor.tick(now)
    said = report(monitor, now)
    put(json_line(said) if as_json else text_of(said))
    return DONE


def report(monitor: Monitor, now: int) -> dict[str, Any]:
    """Coverage and strangers by surface, each as it was last read whole, and groups of SKUs that look alike."""
    from msgspec import to_builtins

    from stockdrift.stock.coverage import mapped
    from stockdrift.stock.likeness import alike
    from stockdrift.stock.portray import status

    board = monitor.board
    surfaces = []
    for index, column in enumerate(board.columns[1:], 1):
        found = mapped(board, index)
        surfaces.append(
            {
                "name": column.rules.name,
                "coverage": None if found is None else to_builtins(found.coverage),
                "orphans": [] if found is None else list(board.catalogue.skus.take(found.orphans)),
                "unsold": [] if found is None else list(board.catalogue.skus.take(found.unsold)),
            }
        )
    heard = [
        {
            "name": column.rules.name,
            "status": status(monitor, index, now).value,
            "age_s": None if column.read_at is None else max(0, now - column.read_at) // 1_000,
        }
        for index, column in enumerate(board.columns)
    ]
    pairs = [{"skus": list(group.skus), "differ_in": list(group.differ_in)} for group in alike(board.catalogue.skus)]
    return {"schema": 1, "heard": heard, "surfaces": surfaces, "suspicious": pairs}


def text_of(said: dict[str, Any]) -> str:
    """``said`` for people."""
    from stockdrift.stock.words import age

    lines = [
        f"{one['name']}: {one['status']}; what follows is of its last whole read, {age(one['age_s'] * 1_000)} ago"
        for one in said["heard"]
        if one["status"] not in ("on time", "late", "off") and one["age_s"] is not None
    ]
    for surface in said["surfaces"]:
        found = surface["coverage"]
        lines.append(surface["name"])
        if found is None:
            lines.append("  not read completely yet: nothing is known of its SKUs")
            continue
        lines.append(f"  lists {found['listed']:,} of the {found['tracked']:,} tracked SKUs")
        lines.append(f"  the master knows {found['known']:,} of its {found['own']:,} SKUs")
        lines += [f"  {word}: {_few(surface[word])}" for word in ("orphans", "unsold") if surface[word]]
    lines.append("suspicious" if said["suspicious"] else "no SKUs look alike")
    lines += [
        f"  {' | '.join(group['skus'])}: {', '.join(group['differ_in'])}" for group in said["suspicious"][:_SHOWN]
    ]
    if len(said["suspicious"]) > _SHOWN:
        lines.append(f"  and {len(said['suspicious']) - _SHOWN:,} more: --json has all")
    return "\n".join(lines) + "\n"


def _few(skus: list[str]) -> str:
    rest = f" and {len(skus) - _SHOWN:,} more" if len(skus) > _SHOWN else ""
    return ", ".join(skus[:_SHOWN]) + rest
