"""``make bench``: prints figures beside their peers of the same run. Asserts nothing: machines differ."""

from __future__ import annotations

from benchmarks import console, journal
from benchmarks.figures import head


def main() -> None:
    """Prints every figure as it comes."""
    print(f"{console.SKUS:,} SKUs × 4 surfaces, 120×40\n{head()}")
    for figure in console.figures():
        print(figure.row(), flush=True)
    print(f"\n{journal.SKUS:,} SKUs × {journal.SURFACES} surfaces in the journal\n{head()}")
    for figure in journal.figures():
        print(figure.row(), flush=True)


if __name__ == "__main__":
    main()
