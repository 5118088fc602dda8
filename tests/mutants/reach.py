"""Which tests come to which function of the core, and to which places of changes in it; and how long each takes."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import time
from collections.abc import Callable, Generator
from functools import _lru_cache_wrapper
from gc import get_objects
from operator import ge, gt, le, lt
from types import ModuleType
from typing import Any, Final

import numpy as np
import pytest

from tests.mutants.changes import STOCK, Where, mutants_of, outer_functions, path_of

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
    """A plugin for pytest: runs every test once and notes what it came to. It must be made before the core is imported:
    every function of it is made to say so when it is called, and each place of a change when it comes to it.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.tests: dict[Where, set[str]] = {}
        self.imported: set[Where] = set()  # come to while modules were imported
        self._come_to: set[Where] = set()
        self._caches: list[_lru_cache_wrapper[object]] = []
        self.finder = Instead(
            lambda module: _Telling(module).tree, _come_to_=self._come_to.add, _compared_=self._compared
        )

    def pytest_collection_finish(self) -> None:
        self.imported.update(self._come_to)
        self._caches = caches()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        for cache in self._caches:
            cache.cache_clear()
        self._come_to.clear()
        began = time.process_time()
        done = yield
        self.seconds[item.nodeid] = time.process_time() - began
        for where in self._come_to:
            self.tests.setdefault(where, set()).add(item.nodeid)
        return done

    def _compared(self, where: Where, operator: str, left: object, right: object) -> object:
        """What the comparison says. Only where the changed one would say something else has anything come to it."""
        found = _ORDERS[operator](left, right)
        if where not in self._come_to and np.any(found != _ORDERS[_CHANGED[operator]](left, right)):
            self._come_to.add(where)
        return found


_ORDERS: Final[dict[str, Callable[[Any, Any], object]]] = {"Lt": lt, "LtE": le, "Gt": gt, "GtE": ge}
_CHANGED: Final = {"Lt": "LtE", "LtE": "Lt", "Gt": "GtE", "GtE": "Gt"}


class _Telling(ast.NodeTransformer):
    """``tree`` is a module that says what it comes to: the name of each outermost function when it is called, and of
    the places of its changes each that is evaluated.
    """

    def __init__(self, module: str) -> None:
        tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
        nodes = list(ast.walk(tree))
        self._module = module
        self._places = {
            id(nodes[mutant.place]): mutant.place
            for mutant in mutants_of(module)
            if mutant.function and not mutant.matched
        }
        functions = list(outer_functions(tree))
        self.tree = ast.fix_missing_locations(self.visit(tree))
        for name, function in functions:
            place = 1 if ast.get_docstring(function) is not None else 0
            function.body.insert(place, ast.fix_missing_locations(ast.Expr(self._call("_come_to_", name))))

    def visit(self, node: ast.AST) -> Any:
        place = self._places.get(id(node))
        node = self.generic_visit(node)
        if place is None:
            return node
        match node:
            case ast.stmt():
                return [ast.Expr(self._call("_come_to_", place)), node]
            case ast.Compare(ops=[operator]) if type(operator).__name__ in _ORDERS:
                kind = ast.Constant(type(operator).__name__)
                return self._call("_compared_", place, kind, node.left, *node.comparators)
            case ast.expr():  # said first, for the expression may raise
                both = ast.Tuple([self._call("_come_to_", place), node], ast.Load())
                return ast.Subscript(both, ast.Constant(1), ast.Load())
            case _:
                raise AssertionError(f"{self._module}: a change of what is neither statement nor expression")

    def _call(self, name: str, where: str | int, *more: ast.expr) -> ast.Call:
        there = ast.Tuple([ast.Constant(self._module), ast.Constant(where)], ast.Load())
        return ast.Call(ast.Name(name, ast.Load()), [there, *more], [])
