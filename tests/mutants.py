"""``make mutants``: flips the comparisons, clamps and unknown rules of the core one by one; the tests must notice each.

Each mutant is a copy of the package in a folder of its own with one change, and ``tests/stock`` run on it until the
first failure. Prints those that live. What is listed in ``EQUIVALENT`` changes nothing that can be observed, and says
why. Exit status 1 where another lives.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parent.parent
CORE: Final = (
    "judge", "judging", "expect", "admission", "board", "column", "phase", "lag", "gauge", "rules", "levels", "report",
    "ignoring",
)  # fmt: skip

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip
_NAMES: Final = {
    "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum", "any": "all", "all": "any",
    "UNKNOWN": "IN_SYNC", "VANISHED": "NONE", "DUPLICATE": "NONE", "PARTIAL": "COMPLETE", "COMPLETE": "PARTIAL",
    "OVER": "UNDER", "UNDER": "OVER", "OVERSELL": "OVER", "UNLISTED": "UNKNOWN",
}  # fmt: skip

EQUIVALENT: Final[dict[str, str]] = {
    "judge:169 one + 1: Sub": "a pair is looked at twice, and a level is never apart from itself",
}


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and the whole source of its module."""

    module: str
    line: int
    change: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.module}:{self.line} {self.change}"


def mutants_of(module: str) -> Iterator[Mutant]:
    """All changes of one module, in order of their lines."""
    tree = ast.parse((ROOT / "src/stockdrift/stock" / f"{module}.py").read_text(encoding="utf-8"))
    types = _annotations(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in types:
            continue
        for change, apply in _changes(node):
            changed = copy.deepcopy(tree)
            apply(next(other for index, other in enumerate(ast.walk(changed)) if index == place))
            yield Mutant(module, getattr(node, "lineno", 0), change, ast.unparse(changed))


def _annotations(tree: ast.AST) -> set[int]:
    """Identities of all nodes within annotations: types are the type checker's to test."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if annotation is not None:
                found.update(id(inner) for inner in ast.walk(annotation))
    return found


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                other = _COMPARISONS.get(type(operator))
                if other is not None:
                    yield f"{ast.unparse(node)}: {other.__name__}", lambda at, p=place, o=other: _put(at.ops, p, o())  # type: ignore[misc]
        case ast.BinOp() | ast.AugAssign() if type(node.op) in _OPERATORS and not _is_text(node):
            swapped = _OPERATORS[type(node.op)]
            yield f"{ast.unparse(node)}: {swapped.__name__}", lambda at: setattr(at, "op", swapped())
        case ast.Attribute() if node.attr in _NAMES:
            yield f"{ast.unparse(node)}: {_NAMES[node.attr]}", lambda at: setattr(at, "attr", _NAMES[node.attr])
        case ast.Call(func=ast.Name() as function) if function.id in _NAMES:
            yield f"{ast.unparse(node)}: {_NAMES[function.id]}", lambda at: setattr(at.func, "id", _NAMES[function.id])  # type: ignore[attr-defined]
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield f"{ast.unparse(node)}: dropped", _drop
        case ast.BoolOp():
            turned = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield f"{ast.unparse(node)}: {turned.__name__}", lambda at: setattr(at, "op", turned())


def _put(items: list[ast.cmpop], place: int, item: ast.cmpop) -> None:
    items[place] = item


def _drop(node: ast.AST) -> None:
    """``not x`` becomes ``not not x``: the same node stays in its place."""
    assert isinstance(node, ast.UnaryOp)
    node.operand = ast.UnaryOp(node.op, node.operand)


def _is_text(node: ast.BinOp | ast.AugAssign) -> bool:
    """Type unions and joined texts are no arithmetic."""
    text = ast.unparse(node)
    return "None" in text or '"' in text or "'" in text


def lives(mutant: Mutant) -> bool:
    """Whether the tests pass on it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(
            ROOT / "src/stockdrift", folder / "src/stockdrift", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copytree(ROOT / "tests/stock", folder / "tests/stock", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "tests/__init__.py").touch()
        shutil.copy(ROOT / "pyproject.toml", folder)
        (folder / "src/stockdrift/stock" / f"{mutant.module}.py").write_text(mutant.source, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "tests/stock",
        ]
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        environment["HYPOTHESIS_STORAGE_DIRECTORY"] = str(folder / "hypothesis")
        try:
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=300)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def main() -> int:
    """Runs the mutants of the modules that are named, or of the core."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=CORE)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="only every Nth, for a quick look")
    options = parser.parse_args()
    mutants = [mutant for module in options.modules for mutant in mutants_of(module)][:: options.every]
    living = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, alive in zip(mutants, pool.map(lives, mutants), strict=True):
            if alive and mutant.name not in EQUIVALENT:
                living += 1
                print(f"lives: {mutant.name}", flush=True)
    print(f"{len(mutants)} mutants, {living} live")
    return 1 if living else 0


if __name__ == "__main__":
    sys.exit(main())
