"""Which tests each mutant is given, and in what order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from tests.mutants.changes import Mutant, Where


class Order:
    """Which tests a mutant is given, and in what order: those that come to its place, and of them first what is quick
    and what has noticed others. A comparison whose change would have said the same in all of a test is not come to.
    """

    def __init__(
        self,
        tests: Mapping[Where, set[str]],
        seconds: Mapping[str, float],
        imported: Collection[Where],
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
        if self.at_import(mutant):
            reaching = [tests for (module, _), tests in self._tests.items() if module == mutant.module]
            tests = set[str]().union(*reaching)
        else:
            where = mutant.function if mutant.matched else mutant.place
            tests = self._tests.get((mutant.module, where), set())
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
