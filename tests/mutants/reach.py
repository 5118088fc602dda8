"""Which tests reach which function of the core, and how long each takes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator
from functools import _lru_cache_wrapper
from gc import get_objects
from types import CodeType, FrameType
from typing import Any, Final

import pytest

from tests.mutants.changes import STOCK

Function = tuple[str, str]
"""Module of the core and qualified name of an outermost function."""

_FOLDER: Final = f"{STOCK}/"


def function_of(code: CodeType) -> Function | None:
    """The outermost function that the code is part of; None outside the core."""
    if not code.co_filename.startswith(_FOLDER):
        return None
    return code.co_filename[len(_FOLDER) : -len(".py")], code.co_qualname.split(".<locals>")[0]


def forget() -> None:
    """Empties the caches of the core: what a function found before must not hide what it would find now."""
    for found in get_objects():
        if isinstance(found, _lru_cache_wrapper) and function_of(found.__wrapped__.__code__):
            found.cache_clear()


class Calls:
    """Notes the functions of the core that are called while it listens."""

    def __init__(self) -> None:
        self.seen: set[CodeType] = set()

    def __enter__(self) -> Calls:
        self.seen.clear()
        sys.settrace(self._called)
        threading.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def functions(self) -> set[Function]:
        """What was called."""
        return {function for code in self.seen if (function := function_of(code))}

    def _called(self, frame: FrameType, event: str, _: Any) -> None:
        self.seen.add(frame.f_code)


class Reach:
    """A plugin for pytest: runs every test once and notes what it called. A test that fails ends it all."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.tests: dict[Function, set[str]] = {}
        self._calls = Calls()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        forget()
        began = time.process_time()
        with self._calls:
            done = yield
        self.seconds[item.nodeid] = time.process_time() - began
        for function in self._calls.functions():
            self.tests.setdefault(function, set()).add(item.nodeid)
        return done
