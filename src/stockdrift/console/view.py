"""How an operator wants the list: its order and its columns. Remembered from one console to the next, by store."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import platformdirs
from msgspec import DecodeError, Struct, json

from stockdrift.console.arrangement import AS_SHIPPED, Arrangement
from stockdrift.console.listing import SORTS

_MOST_STORES: Final = 100
_LARGEST: Final = 1_000_000


class View(Struct, frozen=True):
    """``sort`` is an order's name; ``arranged`` are the columns."""

    sort: str = "danger"
    reverse: bool = False
    arranged: Arrangement = AS_SHIPPED


AS_ALWAYS: Final = View()


def view_file() -> Path:
    """Where views are remembered."""
    return platformdirs.user_state_path("stockdrift") / "views.json"


class ViewFile:
    """Views by store, as JSON. A file that is missing, broken or of another making is as good as none: what it holds
    is a convenience, and must not keep a console from starting.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, store: str) -> View:
        """The view of ``store``."""
        return _view(self._all().get(store))

    def save(self, store: str, view: View) -> None:
        """Remembers ``view``; replaces the file in one step, so that two consoles leave a whole one. Raises OSError."""
        views = self._all()
        views.pop(store, None)
        if view != AS_ALWAYS:
            views[store] = _plain(view)
        content = json.format(json.encode(dict(list(views.items())[-_MOST_STORES:])), indent=1)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _all(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError, DecodeError):
            if self.path.stat().st_size <= _LARGEST:
                found = json.decode(self.path.read_bytes())
                if isinstance(found, dict):
                    return found
        return {}


def _plain(view: View) -> dict[str, Any]:
    arranged = view.arranged
    return {
        "sort": view.sort,
        "reverse": view.reverse,
        "hidden": sorted(arranged.hidden),
        "surfaces": list(arranged.surfaces),
        "tail": list(arranged.tail),
    }


def _view(found: object) -> View:
    if not isinstance(found, dict):
        return AS_ALWAYS
    sort = found.get("sort")
    tail = _texts(found.get("tail"))
    return View(
        sort if isinstance(sort, str) and (sort in SORTS or sort.startswith("surface:")) else AS_ALWAYS.sort,
        found.get("reverse") is True,
        Arrangement(
            frozenset(_texts(found.get("hidden"))),
            tuple(_texts(found.get("surfaces"))),
            tuple(tail) if sorted(tail) == sorted(AS_SHIPPED.tail) else AS_SHIPPED.tail,
        ),
    )


def _texts(found: object) -> Sequence[str]:
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []
