"""A store in files: a master and eight surfaces as CSV feeds, and the settings that name them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SURFACES = 8
BASE = "base.npy"
"""The master's levels, in the order of the SKUs."""

_OFF = 1_000  # one SKU in so many is off, on each surface


def skus_of(count: int) -> list[str]:
    return [f"SKU-{number:07}" for number in range(count)]


def write_feeds(folder: Path, count: int) -> None:
    """Feeds of ``count`` SKUs, the master's levels as :data:`BASE`, and ``settings.toml``."""
    chance = np.random.default_rng(1)
    skus = skus_of(count)
    base = chance.integers(0, 500, count).astype(np.int32)
    np.save(folder / BASE, base)
    _write(folder / "master.csv", skus, base)
    for number in range(SURFACES):
        levels = base.copy()
        off = chance.choice(count, max(1, count // _OFF), replace=False)
        levels[off] += chance.integers(1, 9, len(off)).astype(np.int32)
        _write(folder / f"s{number}.csv", skus, levels)
    source = 'system = "feed"\nevery = "1d"\nstale_after = "2d"\n'
    text = f'[store]\nname = "Million"\n[journal]\nurl = "sqlite:///drift.db"\n[master]\n{source}path = "master.csv"\n'
    text += "".join(f'[surfaces.s{number}]\n{source}path = "s{number}.csv"\n' for number in range(SURFACES))
    (folder / "settings.toml").write_text(text)


def _write(file: Path, skus: list[str], levels: NDArray[np.int32]) -> None:
    with file.open("w") as feed:
        feed.write("id,inventory\n")
        feed.writelines(f"{sku},{level}\n" for sku, level in zip(skus, levels.tolist(), strict=True))
