"""``make mutants``: flips the comparisons, clamps and unknown rules of the core one by one; the tests must notice each.

First every test runs once, to learn which functions it reaches and how long it takes. Then each mutant is given the
tests that reach it, until one fails. Prints those that live. What is listed in ``equivalent.py`` is not tried: it
changes nothing that can be observed, and it says why. Exit status 1 where another lives.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np  # noqa: F401  # what every child needs, once; nothing of ours: mutants are put in its place
import pytest

from tests.mutants.changes import STOCK, Mutant, mutants_of
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.prove import QUIET, Functions, Order, in_child, prove_imported
from tests.mutants.reach import Reach

TESTS: Final = ("tests/stock",)

WORDS: Final = {"__init__", "picture", "portray", "sayings", "telling", "words", "look"}
"""Modules that put into words or pictures what others have judged."""


class Tally:
    """What came of the mutants, kept in a file that several processes add to."""

    def __init__(self, path: Path, order: Order) -> None:
        self._path, self._order = path, order

    def told(self, mutant: Mutant, noticed_by: str | None) -> None:
        """``noticed_by`` is the test that failed, None where it lives."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([mutant.module, mutant.name, noticed_by]) + "\n")

    def results(self) -> list[tuple[str, str, str | None]]:
        """Module, mutant, and what noticed it."""
        if not self._path.exists():
            return []
        return [tuple(json.loads(line)) for line in self._path.read_text(encoding="utf-8").splitlines()]


def measured(path: Path, budget: float) -> Order:
    """Runs every test once, in a child, and learns what it reaches; or takes it from the file of a run before."""

    def work() -> int:
        reach = Reach()
        sys.meta_path.insert(0, reach.finder)
        done = int(pytest.main([*QUIET, *TESTS], plugins=[reach]))
        tests = [[*function, *sorted(of)] for function, of in reach.tests.items()]
        found = {"seconds": reach.seconds, "tests": tests, "imported": sorted(reach.imported)}
        path.write_text(json.dumps(found), encoding="utf-8")
        return done

    if not path.exists() and in_child(work):
        sys.exit("the tests fail without any mutant: run them first")
    found = json.loads(path.read_text(encoding="utf-8"))
    tests = {(module, function): set(of) for module, function, *of in found["tests"]}
    return Order(tests, found["seconds"], {tuple(function) for function in found["imported"]}, budget)


def prove(mutants: Sequence[Mutant], order: Order, tally: Tally) -> None:
    """Tries all of them, in this process."""
    inner = [mutant for mutant in mutants if not order.at_import(mutant)]
    if inner and in_child(lambda: int(pytest.main([*QUIET, *TESTS], plugins=[Functions(inner, order, tally.told)]))):
        sys.exit("the tests cannot be collected")
    imported = [mutant for mutant in mutants if order.at_import(mutant)]
    for mutant in imported:
        tally.told(mutant, prove_imported(mutant, order))


def main() -> int:
    """Runs the mutants of the modules that are named, or of the core."""
    parser = argparse.ArgumentParser(description=__doc__)
    core = sorted(path.stem for path in STOCK.glob("*.py") if path.stem not in WORDS)
    parser.add_argument("modules", nargs="*", default=core)
    parser.add_argument("--every", type=int, default=1, help="only every Nth, for a quick look")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, help="a file to keep what noticed each mutant, and go on from")
    parser.add_argument("--reach", type=Path, help="a file to keep what each test reaches, for the next run")
    parser.add_argument(
        "--budget", type=float, default=float("inf"), help="seconds of tests for each, for a quick look"
    )
    options = parser.parse_args()
    os.environ["STOCKDRIFT_EXAMPLES"] = "mutants"
    mutants = [mutant for module in options.modules for mutant in mutants_of(module)][:: options.every]
    trying = [mutant for mutant in mutants if mutant.name not in EQUIVALENT]
    with TemporaryDirectory() as folder:
        order = measured(options.reach or Path(folder) / "reach.json", options.budget)
        tally = Tally(options.results or Path(folder) / "results.jsonl", order)
        done = {name for _, name, _ in tally.results()}
        trying = [mutant for mutant in trying if mutant.name not in done]
        workers = []
        for number in range(options.jobs):
            worker = os.fork()
            if not worker:
                prove(trying[number :: options.jobs], order, tally)
                os._exit(0)
            workers.append(worker)
        broken = any(os.waitpid(worker, 0)[1] for worker in workers)
        results = tally.results()
    for _, name, noticed_by in results:
        if noticed_by is None:
            print(f"lives: {name}")
    living = Counter(module for module, _, noticed_by in results if noticed_by is None)
    for module in options.modules:
        of = [mutant for mutant in mutants if mutant.module == module]
        spared = sum(mutant.name in EQUIVALENT for mutant in of)
        print(f"{module:12} {len(of):4} mutants, {spared:3} equivalent, {living[module]:3} live")
    spared = sum(mutant.name in EQUIVALENT for mutant in mutants)
    print(f"{len(mutants)} mutants, {spared} equivalent, {living.total()} live")
    return 1 if living or broken else 0


if __name__ == "__main__":
    sys.exit(main())
