"""``stockdrift check`` on two feeds of a million rows beside datacompy on polars, each as a process of its own."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure

ROWS = 1_000_000
DRIFTING = 1_000
_TIMES = 7

_DATACOMPY = """
import sys, polars, datacompy
master, surface = (polars.read_csv(name, columns=["id", "inventory"]) for name in sys.argv[1:])
print(datacompy.PolarsCompare(master, surface, join_columns="id", abs_tol=0, rel_tol=0).report())
"""


def figures() -> Iterator[Figure]:
    """One figure, and what datacompy needed in turn with it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_feeds(folder)
        ours = [sys.executable, "-m", "stockdrift", "check", "--settings", str(folder / "settings.toml")]
        theirs = [sys.executable, "-c", _DATACOMPY, str(folder / "master.csv"), str(folder / "surface.csv")]
        checked, compared = [], []
        for _ in range(_TIMES):  # in turn, so that both meet the same machine
            checked.append(_ms(ours, 1))
            if find_spec("datacompy"):
                compared.append(_ms(theirs, 0))
        peer = statistics.median(compared) if compared else None
        yield Figure("check, two feeds of a million rows", "ms", checked, peer, "datacompy on polars" if peer else "")


def write_feeds(folder: Path) -> None:
    """A master and a surface in another order, of which one SKU in a thousand drifts, and settings for both."""
    chance = random.Random(7)
    skus = [f"SKU-{chance.randrange(16**4):04X}-{number:07}" for number in range(ROWS)]
    levels = [chance.randrange(500) for _ in skus]
    order = list(range(ROWS))
    _write(folder / "master.csv", skus, levels, order)
    for place in chance.sample(order, DRIFTING):
        levels[place] += chance.randrange(1, 9)
    chance.shuffle(order)
    _write(folder / "surface.csv", skus, levels, order)
    (folder / "settings.toml").write_text(
        '[master]\nsystem = "feed"\npath = "master.csv"\n[surfaces.facebook]\nsystem = "feed"\npath = "surface.csv"\n'
        f'[journal]\nurl = "sqlite:///{folder}/journal.db"\n',
        encoding="utf-8",
    )


def _write(path: Path, skus: list[str], levels: list[int], order: list[int]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("id,title,price,inventory\n")
        file.writelines(
            f"{skus[place]},Candle {place % 5_000},{5 + place % 40}.90 GBP,{levels[place]}\n" for place in order
        )


def _ms(command: list[str], status: int) -> float:
    begin = time.perf_counter()
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != status:
        raise RuntimeError(f"{command[:4]} ended with {done.returncode}: {done.stderr[-500:]}")
    return (time.perf_counter() - begin) * 1_000
