"""Runs tests on mutants, each in a fork of a process that has everything in memory, until one test fails."""

from __future__ import annotations

import gc
import mmap
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Final

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.changes import Function, Mutant, path_of
from tests.mutants.reach import Instead, caches

QUIET: Final = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=0")

Told = Callable[[Mutant, str | None], None]
"""Takes a mutant and the test that noticed it, None where it lives."""


def in_child(work: Callable[[], int]) -> int:
    """The exit status of ``work`` done in a silent fork of this process; negative: ended by a signal."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        status = work()
    finally:
        os._exit(status)


class Order:
    """Which tests a mutant is given, and in what order: those that reach its function, and of them first what is quick
    and what has noticed others.
    """

    def __init__(
        self,
        tests: Mapping[Function, set[str]],
        seconds: Mapping[str, float],
        imported: Collection[Function],
        budget: float,
    ) -> None:
        self.seconds = seconds
        self._imported = imported
        self._budget = budget
        self._tests = tests
        self._noticed: Counter[tuple[str, str]] = Counter()

    def at_import(self, mutant: Mutant) -> bool:
        """Whether it is in what runs when its module, or another, is imported."""
        return not mutant.function or (mutant.module, mutant.function) in self._imported

    def of(self, mutant: Mutant) -> list[str]:
        """What runs at import is reached by every test that reaches its module."""
        tests: set[str] = set()
        for (module, function), reaching in self._tests.items():
            if module == mutant.module and (self.at_import(mutant) or function == mutant.function):
                tests |= reaching
        found, spent = [], 0.0
        for test in sorted(tests, key=lambda test: self._price(mutant, test)):
            spent += self.seconds[test]
            if spent <= self._budget:
                found.append(test)
        return found

    def noticed(self, mutant: Mutant, test: str) -> None:
        """``test`` noticed it."""
        self._noticed[f"{mutant.module}.{mutant.function}", test] += 4
        self._noticed[mutant.module, test] += 1

    def _price(self, mutant: Mutant, test: str) -> tuple[float, str]:
        found = self._noticed[f"{mutant.module}.{mutant.function}", test] + self._noticed[mutant.module, test]
        return (self.seconds[test] + 0.01) / (1 + found), test


class Functions:
    """A plugin for pytest that runs mutants of functions instead of the tests that were collected. Their modules are
    imported by then: in each child, the functions are given the mutant's code, wherever they have been taken to.
    """

    def __init__(self, mutants: Sequence[Mutant], order: Order, told: Told) -> None:
        self._mutants, self._order, self._told = mutants, order, told

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        core = _Core()
        gc.disable()  # every child would look through, and so copy, what it shares with this process
        for mutant in self._mutants:
            tests = [items[name] for name in self._order.of(mutant)]
            self._told(mutant, self._noticing(core, mutant, tests))
        return True

    def _noticing(self, core: _Core, mutant: Mutant, tests: Sequence[pytest.Item]) -> str | None:
        with mmap.mmap(-1, 4) as number:  # shared with the child: which test it runs

            def work() -> int:
                core.put_in(mutant)
                for place, test in enumerate(tests):
                    number[:] = place.to_bytes(4, "little")
                    _limit(self._order.seconds[test.nodeid])
                    if any(report.failed for report in runtestprotocol(test, log=False, nextitem=None)):
                        return 1
                return 0

            if in_child(work) == 0:
                return None
            test = tests[int.from_bytes(number[:], "little")].nodeid
        self._order.noticed(mutant, test)
        return test


def prove_imported(mutant: Mutant, order: Order) -> str | None:
    """What noticed a mutant of something that runs when the module is imported; here it must not be imported yet."""
    tests = order.of(mutant)

    def work() -> int:
        sys.meta_path.insert(0, Instead(lambda module: mutant.tree() if module == mutant.module else None))
        _limit(sum(order.seconds[test] for test in tests))
        return int(pytest.main([*QUIET, *tests]))

    return None if in_child(work) == 0 else "tests that import it"


def _limit(seconds: float) -> None:
    """Ends this process when it has used a multiple of ``seconds``: what never ends is noticed too. Nor may it wait for
    ever.
    """
    for timer, limit in ((signal.ITIMER_PROF, 10 + 5 * seconds), (signal.ITIMER_REAL, 120 + 50 * seconds)):
        signal.setitimer(timer, limit)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


class _Core:
    """The functions of the core that live in this process, by the file of their module, and their caches."""

    def __init__(self) -> None:
        self._functions: dict[str, list[FunctionType]] = {}
        for found in gc.get_objects():
            if isinstance(found, FunctionType):
                self._functions.setdefault(found.__code__.co_filename, []).append(found)
        self._caches = caches()

    def put_in(self, mutant: Mutant) -> None:
        """Gives the functions of the module the mutant's code, and lets go of what they found before."""
        path = str(path_of(mutant.module))
        tree = compile(mutant.tree(), path, "exec")
        codes = {(code.co_qualname, code.co_firstlineno): code for code in _codes(tree)}
        changed = 0
        for function in self._functions[path]:
            code = codes[function.__code__.co_qualname, function.__code__.co_firstlineno]
            changed += code.co_qualname.split(".<locals>")[0] == mutant.function
            function.__code__ = code
        assert changed, f"no function {mutant.function} in {path}"
        for cache in self._caches:
            cache.cache_clear()


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
