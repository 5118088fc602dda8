"""The peers of the console: the same million rows in the tables that others have made.

``python -m benchmarks.peers fastdatatable FOLDER`` and ``… datatable FOLDER ROWS`` show the master's levels as columns.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.feeds import BASE, SURFACES, skus_of


class Table(App[None]):
    """A table that fills the screen."""

    def __init__(self, table: Any) -> None:
        super().__init__()
        self._table = table

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self._table

    def key_q(self) -> None:
        """Leaves."""
        self.exit()


def fast(folder: Path) -> Any:
    """textual-fastdatatable over Arrow."""
    pa, widgets = import_module("pyarrow"), import_module("textual_fastdatatable")
    base = np.load(folder / BASE)
    columns = {"SKU": pa.array(skus_of(len(base))), "master": base}
    return widgets.DataTable(data=pa.table(columns | {f"s{number}": base for number in range(SURFACES)}))


class Stock(DataTable[Any]):
    """Textual's own, with as many rows as it can hold in a moment."""

    def __init__(self, folder: Path, rows: int) -> None:
        super().__init__()
        self._levels = np.load(folder / BASE)[:rows].tolist()

    def on_mount(self) -> None:
        """Columns and rows can be added only now."""
        self.add_columns("SKU", "master", *(f"s{number}" for number in range(SURFACES)))
        skus = skus_of(len(self._levels))
        self.add_rows((sku, *([level] * (SURFACES + 1))) for sku, level in zip(skus, self._levels, strict=True))


if __name__ == "__main__":
    kind, place = sys.argv[1], Path(sys.argv[2])
    Table(fast(place) if kind == "fastdatatable" else Stock(place, int(sys.argv[3]))).run()
