"""Which tests reach which function of the core, and how long each takes."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import time
from collections.abc import Callable, Generator
from functools import _lru_cache_wrapper
from gc import get_objects
from types import ModuleType
from typing import Final

import pytest

from tests.mutants.changes import STOCK, Function, outer_functions, path_of

PACKAGE: Final = "stockdrift.stock."


def caches() -> list[_lru_cache_wrapper[object]]:
    """The caches of the core. What a function found before must not hide what it would find now."""
    return [
        found
        for found in get_objects()
        if isinstance(found, _lru_cache_wrapper) and found.__wrapped__.__code__.co_filename.startswith(f"{STOCK}/")
    ]


class Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Has modules of the core imported as ``tree_of`` makes them: given a module's name, None for those left alone."""

    def __init__(self, tree_of: Callable[[str], ast.Module | None], **names: object) -> None:
        self._tree_of, self._names = tree_of, names

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(PACKAGE) or self._tree_of(fullname.removeprefix(PACKAGE)) is None:
            return None
        return importlib.util.spec_from_file_location(fullname, path_of(fullname.removeprefix(PACKAGE)), loader=self)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.removeprefix(PACKAGE)
        tree = self._tree_of(name)
        assert tree is not None
        module.__dict__.update(self._names)
        exec(compile(tree, str(path_of(name)), "exec"), module.__dict__)  # noqa: S102


class Reach:
    """A plugin for pytest: runs every test once and notes what it called. It must be made before the core is imported:
    every function of it is made to say so when it is called.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.tests: dict[Function, set[str]] = {}
        self.imported: set[Function] = set()  # called while modules were imported
        self._called: set[Function] = set()
        self._caches: list[_lru_cache_wrapper[object]] = []
        self.finder = Instead(_telling, _called_=self._called)

    def pytest_collection_finish(self) -> None:
        self.imported.update(self._called)
        self._caches = caches()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        for cache in self._caches:
            cache.cache_clear()
        self._called.clear()
        began = time.process_time()
        done = yield
        self.seconds[item.nodeid] = time.process_time() - began
        for function in self._called:
            self.tests.setdefault(function, set()).add(item.nodeid)
        return done


def _telling(module: str) -> ast.Module:
    """The module, with every outermost function adding itself to ``_called_`` first."""
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    for name, function in outer_functions(tree):
        place = 1 if ast.get_docstring(function) is not None else 0
        function.body[place:place] = ast.parse(f"_called_.add({(module, name)!r})").body
    return ast.fix_missing_locations(tree)
