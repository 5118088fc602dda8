"""``make bench``: prints figures beside their peers of the same run. Asserts nothing: machines differ.

``python -m benchmarks core check`` prints these parts alone.
"""

from __future__ import annotations

import compileall
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import stockdrift
from benchmarks import check, console, core, journal, million
from benchmarks.figures import Figure, head

_PARTS: Final[dict[str, tuple[str, Callable[[], Iterable[Figure]]]]] = {
    "core": ("1,000,000 SKUs × 8 surfaces", core.figures),
    "check": ("two feeds of 1,000,000 rows", check.figures),
    "console": (f"{console.SKUS:,} SKUs × 4 surfaces, 120×40", console.figures),
    "million": (f"{million.SKUS:,} SKUs × 8 surfaces, 120×40, beside Textual's own output", million.figures),
    "journal": (f"{journal.SKUS:,} SKUs × {journal.SURFACES} surfaces in the journal", journal.figures),
}


def main() -> None:
    """Prints every figure as it comes; of commands as they are installed: with their bytecode."""
    compileall.compile_dir(Path(stockdrift.__file__).parent, quiet=1)
    for part in sys.argv[1:] or _PARTS:
        title, figures = _PARTS[part]
        print(f"{title}\n{head()}", flush=True)
        for figure in figures():
            print(figure.row(), flush=True)
        print()


if __name__ == "__main__":
    main()
