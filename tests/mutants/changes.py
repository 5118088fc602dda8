"""The changes: comparisons, clamps, signs, connectives and unknown rules, each flipped in one place."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

STOCK: Final = Path(__file__).parents[2] / "src/stockdrift/stock"

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

Where = tuple[str, str | int]
"""Module of the core, and qualified name of an outermost function, or the place of a node in its tree."""


@dataclass(frozen=True)
class Mutant:
    """One change. ``function`` is the qualified name of the outermost function it lies in, "" where it is part of the
    module or of a class: that runs when it is imported. ``source`` is a digest of what it changes: that function, or
    the whole module. ``matched`` where it lies in a pattern, which is not evaluated.
    """

    module: str
    function: str
    source: str
    line: int
    change: str
    place: int
    matched: bool
    apply: Callable[[ast.AST], None]

    @property
    def name(self) -> str:
        """As in the list of equivalents; lines may move."""
        return f"{self.module}.{self.function or '(import)'} {self.change}"

    def tree(self) -> ast.Module:
        """The whole module with that change."""
        changed = ast.parse(path_of(self.module).read_text(encoding="utf-8"))
        self.apply(list(ast.walk(changed))[self.place])
        return ast.fix_missing_locations(changed)


def path_of(module: str) -> Path:
    """The file of a module of the core."""
    return STOCK / f"{module}.py"


def mutants_of(module: str) -> Iterator[Mutant]:
    """All changes of one module, in order of their lines; those of the same name in one function are numbered."""
    tree = ast.parse(path_of(module).read_text(encoding="utf-8"))
    types, functions = _annotations(tree), _functions(tree)
    sources = {"": _digest(tree)} | {name: _digest(function) for name, function in outer_functions(tree)}
    found = []
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in types:
            found += [(getattr(node, "lineno", 0), place, change, apply) for change, apply in _changes(node)]
    nodes, seen = list(ast.walk(tree)), Counter[str]()
    patterns = {id(inner) for node in nodes if isinstance(node, ast.pattern) for inner in ast.walk(node)}
    for line, place, change, apply in sorted(found, key=lambda one: one[:2]):
        function = functions.get(id(nodes[place]), "")
        seen[f"{function} {change}"] += 1
        number = seen[f"{function} {change}"]
        numbered = change if number == 1 else f"{change} #{number}"
        yield Mutant(module, function, sources[function], line, numbered, place, id(nodes[place]) in patterns, apply)


def _digest(tree: ast.AST) -> str:
    """Of what it does: comments and lines do not matter."""
    return sha256(ast.unparse(tree).encode()).hexdigest()[:16]


def _annotations(tree: ast.AST) -> set[int]:
    """Identities of all nodes within annotations: types are the type checker's to test."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            annotation = getattr(node, field, None)
            if annotation is not None:
                found.update(id(inner) for inner in ast.walk(annotation))
    return found


def outer_functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions of the module and methods of its classes, with their qualified names; none that lie in others."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", node
        else:
            yield from outer_functions(node, f"{within}{node.name}." if isinstance(node, ast.ClassDef) else within)


def _functions(tree: ast.AST) -> dict[int, str]:
    """The outermost function of every node that lies in the body of one. Defaults and decorators do not: they run when
    the module is imported.
    """
    return {
        id(inner): name
        for name, function in outer_functions(tree)
        for statement in function.body
        for inner in ast.walk(statement)
    }


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
