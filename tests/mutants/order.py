"""Which tests each mutant is given, and in what order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from tests.mutants.changes import Function, Mutant


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
