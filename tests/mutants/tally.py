"""What came of each mutant, kept in a file that several processes add to and another run goes on from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.changes import Mutant


@dataclass(frozen=True)
class Result:
    """``noticed_by`` is the test that failed, None where the mutant lives; ``seconds`` of the processor."""

    noticed_by: str | None
    seconds: float


class Tally:
    """What was noticed holds while the mutant's function is the same, and what lived while the tests are too: ``tests``
    is a digest of what they were tried on.
    """

    def __init__(self, path: Path, tests: str) -> None:
        self._path, self._tests = path, tests

    def told(self, mutant: Mutant, noticed_by: str | None, seconds: float) -> None:
        """Adds one."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([mutant.name, mutant.source, self._tests, noticed_by, round(seconds, 3)]) + "\n")

    def results(self, mutants: Sequence[Mutant]) -> dict[str, Result]:
        """What is known of ``mutants``, by their names."""
        if not self._path.exists():
            return {}
        found = {}
        sources = {mutant.name: mutant.source for mutant in mutants}
        for line in self._path.read_text(encoding="utf-8").splitlines():
            name, source, tests, noticed_by, seconds = json.loads(line)
            if sources.get(name) == source and (noticed_by is not None or tests == self._tests):
                found[name] = Result(noticed_by, seconds)
        return found
