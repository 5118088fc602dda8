"""``make mutants``: flips the comparisons, clamps and unknown rules of the core one by one; the tests must notice each.

First every test runs once, to learn which functions it reaches and how long it takes. Then each mutant is given the
tests that reach it, until one fails. Prints those that live. What is listed in ``equivalent.py`` is not tried: it
changes nothing that can be observed, and it says why. Exit status 1 where another lives.

With ``--results`` a run goes on from one before: what was noticed is not tried again while its function is the same,
and what lived not while its function and the tests are.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np  # noqa: F401  # what every child needs, once; nothing of ours: mutants are put in its place
import pytest

from tests.mutants.changes import STOCK, Mutant, mutants_of
from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.order import Order
from tests.mutants.prove import QUIET, Functions, in_child, prove_imported, spent
from tests.mutants.reach import Reach
from tests.mutants.tally import Tally

TESTS: Final = (
    "tests/stock",
    *(f"tests/collector/test_{name}.py" for name in ("actions", "guards", "one_writer", "undelivered")),
)
"""The tests of the core, and those that play the service which asks it before each write."""

WORDS: Final = {"__init__", "picture", "portray", "sayings", "telling", "words", "look"}
"""Modules that put into words or pictures what others have judged."""


def digest_of(tests: Sequence[str]) -> str:
    """Of all that the tests are made of, what lies beside them too."""
    folders = {path if path.is_dir() else path.parent for path in map(Path, tests)}
    found = sorted({path for folder in folders for path in folder.glob("**/*.py")})
    return sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:16]


def measured(path: Path, tests: Sequence[str], budget: float) -> Order:
    """Runs every test once, in a child, and learns what it reaches; or takes it from the file of a run before, where
    neither the tests nor the core have changed since.
    """
    core = sha256(b"".join(path.read_bytes() for path in sorted(STOCK.glob("*.py")))).hexdigest()
    of = [core, digest_of(tests), list(tests)]

    def work() -> int:
        reach = Reach()
        sys.meta_path.insert(0, reach.finder)
        done = int(pytest.main([*QUIET, *tests], plugins=[reach]))
        called = [[*function, *sorted(of)] for function, of in reach.tests.items()]
        found = {
            "of": of,
            "seconds": reach.seconds,
            "tests": called,
            "imported": sorted(one for one in reach.imported if isinstance(one[1], str)),
        }
        path.write_text(json.dumps(found), encoding="utf-8")
        return done

    known = path.exists() and json.loads(path.read_text(encoding="utf-8"))["of"] == of
    if not known and in_child(work):
        path.unlink(missing_ok=True)
        sys.exit("the tests fail without any mutant: run them first")
    found = json.loads(path.read_text(encoding="utf-8"))
    called = {(module, function): set(of) for module, function, *of in found["tests"]}
    return Order(called, found["seconds"], {tuple(function) for function in found["imported"]}, budget)


def prove(mutants: Sequence[Mutant], tests: Sequence[str], order: Order, tally: Tally) -> None:
    """Tries all of them, in this process."""
    inner = [mutant for mutant in mutants if not order.at_import(mutant)]
    if inner:
        in_child(lambda: int(pytest.main([*QUIET, *tests], plugins=[Functions(inner, order, tally.told)])))
    for mutant in mutants:
        if order.at_import(mutant):
            began = spent()
            tally.told(mutant, prove_imported(mutant, order), spent() - began)


def report(modules: Sequence[str], mutants: Sequence[Mutant], gone: Sequence[str], tally: Tally) -> int:
    """Prints what lives and what came of each module; 1 unless all are noticed. ``gone`` are listed as equivalent, and
    are no mutants.
    """
    found = tally.results(mutants)
    spared = [mutant for mutant in mutants if mutant.name in EQUIVALENT]
    tried = [mutant for mutant in mutants if mutant.name not in EQUIVALENT]
    untried = [mutant for mutant in tried if mutant.name not in found]
    living = [mutant for mutant in tried if mutant.name in found and found[mutant.name].noticed_by is None]
    for mutant in living:
        print(f"lives: {mutant.name}")
    for mutant in untried:
        print(f"could not be tried: {mutant.name}")
    for name in gone:
        print(f"listed as equivalent, and is no mutant: {name}")
    lives, same = (Counter(mutant.module for mutant in of) for of in (living, spared))
    for module in modules:
        count = sum(mutant.module == module for mutant in mutants)
        print(f"{module:13} {count:4} mutants, {same[module]:3} equivalent, {lives[module]:3} live")
    seconds = sum(result.seconds for result in found.values())
    print(f"{len(mutants)} mutants, {len(spared)} equivalent, {len(living)} live; {seconds:.0f} s of one processor")
    return 1 if living or untried or gone else 0


def main() -> int:
    """Runs the mutants of the modules that are named, or of the core."""
    parser = argparse.ArgumentParser(description=__doc__)
    core = sorted(path.stem for path in STOCK.glob("*.py") if path.stem not in WORDS)
    parser.add_argument("modules", nargs="*", default=core)
    parser.add_argument("--every", type=int, default=1, help="only every Nth, for a quick look")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tests", nargs="+", default=TESTS, help="files of tests to try them on, for a quick look")
    parser.add_argument("--results", type=Path, help="a file to keep what noticed each mutant, and go on from")
    parser.add_argument("--reach", type=Path, help="a file to keep what each test reaches, for the next run")
    parser.add_argument(
        "--budget", type=float, default=float("inf"), help="seconds of tests for each, for a quick look"
    )
    options = parser.parse_args()
    os.environ["STOCKDRIFT_EXAMPLES"] = "mutants"
    mutants = [mutant for module in options.modules for mutant in mutants_of(module)]
    gone = sorted(
        {name for name in EQUIVALENT if name.partition(".")[0] in options.modules} - {mutant.name for mutant in mutants}
    )
    mutants = mutants[:: options.every]
    with TemporaryDirectory() as folder:
        order = measured(options.reach or Path(folder) / "reach.json", options.tests, options.budget)
        tally = Tally(
            options.results or Path(folder) / "results.jsonl",
            f"{digest_of(options.tests)} {options.budget}",
        )
        known = {*EQUIVALENT, *tally.results(mutants)}
        trying = [mutant for mutant in mutants if mutant.name not in known]
        workers = []
        for number in range(options.jobs):
            worker = os.fork()
            if not worker:
                try:
                    prove(trying[number :: options.jobs], options.tests, order, tally)
                finally:
                    os._exit(0)  # what it did not come to is missing in the tally
            workers.append(worker)
        for worker in workers:
            os.waitpid(worker, 0)
        return report(options.modules, mutants, gone, tally)


if __name__ == "__main__":
    sys.exit(main())
