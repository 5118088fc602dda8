"""Runs tests on mutants, each in a fork of a process that has everything in memory, until one test fails."""

from __future__ import annotations

import gc
import mmap
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Final

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.changes import Mutant, path_of
from tests.mutants.order import Order
from tests.mutants.reach import Instead, caches

QUIET: Final = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "timeout=0")

_USERS: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
_MEMORY: Final = 4 << 30  # bytes of address space; more than any test needs

Told = Callable[[Mutant, str | None, float], None]
"""Takes a mutant, the test that noticed it (None where it lives), and how long that took (s, of the processor)."""


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
            tests, began = [items[name] for name in self._order.of(mutant)], spent()
            self._told(mutant, self._noticing(core, mutant, tests), spent() - began)
        return True

    def _noticing(self, core: _Core, mutant: Mutant, tests: Sequence[pytest.Item]) -> str | None:
        if not tests:
            return None
        with mmap.mmap(-1, 4) as number:  # shared with the child: which test it runs; 0 before the first

            def work() -> int:
                core.put_in(mutant)
                for place, test in enumerate(tests, 1):
                    number[:] = place.to_bytes(4, "little")
                    _limit(self._order.seconds[test.nodeid])
                    if any(report.failed for report in runtestprotocol(test, log=False, nextitem=None)):
                        return 1
                return 0

            if in_child(work) == 0:
                return None
            place = int.from_bytes(number[:], "little")
            assert place, f"{mutant.name} cannot be tried"
            test = tests[place - 1].nodeid
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


def spent() -> float:
    """Seconds of the processor that this process and its children have used."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, _USERS))


def _limit(seconds: float) -> None:
    """Ends this process when it has used a multiple of ``seconds``: what never ends is noticed too. Nor may it wait for
    ever, or take all memory.
    """
    for timer, limit in ((signal.ITIMER_PROF, 3 + 5 * seconds), (signal.ITIMER_REAL, 120 + 50 * seconds)):
        signal.setitimer(timer, limit)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


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
