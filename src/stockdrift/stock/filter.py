"""The filter language: words, all of which must hold, over the SKUs of a monitor.

====================  ================================================================================================
``salt``              SKU or name contains it, case aside; in quotation marks with spaces: ``"sea salt"``
``over`` …            the SKU's severity: ``oversell``, ``over``, ``under``, ``orphan``
``unknown``           the SKU is unknown, or one of its levels is; beside ``surface:…``, its level there
``ignored``           the SKU is ignored, or one of its levels is
``snoozed`` …         its drift is ``snoozed``, or ``acknowledged``; somebody has ``claimed`` it
``surface:facebook``  it drifts there, or is an orphan there; the beginning of the name will do
``phase:late``        its phase: ``in flight`` (``phase:in-flight``), ``new``, ``late``, ``persistent``, ``stuck``
``~^SEA-\\d+``         SKU or name matches a regular expression, case aside
``!…``                inverts the word that follows
====================  ================================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from stockdrift.stock.gauge import left_out
from stockdrift.stock.judge import Code, Standing
from stockdrift.stock.patterns import compiled
from stockdrift.stock.picture import Phase
from stockdrift.stock.quiet import claimed
from stockdrift.stock.remarks import QUIET, RemarkKind
from stockdrift.stock.values import replace

if TYPE_CHECKING:
    from stockdrift.stock.board import Board
    from stockdrift.stock.known import Known

SEVERITIES: Final = {
    "oversell": Standing.OVERSELL,
    "over": Standing.OVER,
    "under": Standing.UNDER,
    "orphan": Standing.ORPHAN,
}
PHASES: Final = {phase.word.replace(" ", "-"): phase for phase in Phase if phase is not Phase.NONE}

_REMARKS: Final = {kind.done: kind for kind in (*QUIET, RemarkKind.CLAIM)}

_WORD: Final = re.compile(r'(!?)((?:surface|phase):\S*|~\S*|"[^"]*"?|\S+)|(!)', re.IGNORECASE)
_COSTS: Final = {"text": 1, "regex": 2}


class FilterError(ValueError):
    """A filter means nothing; the message is one sentence for the operator."""


class Term(Struct, frozen=True):
    """``kind`` is text, severity, unknown, ignored, snoozed, acknowledged, claimed, surface, phase or regex, or
    "unknown on", which two words make. ``value`` is what was typed; ``wanted`` holds surface names in full, or the one
    phase or severity.
    """

    kind: str
    value: str
    inverted: bool = False
    wanted: tuple[str, ...] = ()


class Filter(Struct, frozen=True):
    """Terms that must all hold."""

    terms: tuple[Term, ...] = ()

    @property
    def asks_for_unknown(self) -> bool:
        """Whether the unknown have to be among the rows that it selects from."""
        return any(term.kind == "unknown" and not term.inverted for term in self.terms)

    @property
    def asks_for_ignored(self) -> bool:
        """Whether the ignored have to be among the rows that it selects from."""
        return any(term.kind == "ignored" and not term.inverted for term in self.terms)

    def select(self, monitor: Known, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of ``rows`` that match, in their order. What is slow to look at comes last."""
        for term in sorted(self._joined(), key=lambda term: _COSTS.get(term.kind, 0)):
            holds = _holds(monitor, term, rows)
            rows = rows[~holds if term.inverted else holds]
        return rows

    def _joined(self) -> Sequence[Term]:
        """``surface:amazon unknown`` asks for what is unknown on Amazon: nothing of it can be known to drift there."""
        if not self.asks_for_unknown or not any(term.kind == "surface" and not term.inverted for term in self.terms):
            return self.terms
        return [
            replace(term, kind="unknown on") if term.kind == "surface" and not term.inverted else term
            for term in self.terms
            if term.kind != "unknown" or term.inverted
        ]


def parse(text: str, surfaces: Sequence[str]) -> Filter:
    """What ``text`` means where the surfaces have these names. A word without its end (``!``, ``~``, ``surface:``)
    holds for all. Raises FilterError.
    """
    found = (_term(match[2] or "", inverted=bool(match[1] or match[3]), surfaces=surfaces)
             for match in _WORD.finditer(text))  # fmt: skip
    return Filter(tuple(term for term in found if term is not None))


def _term(word: str, *, inverted: bool, surfaces: Sequence[str]) -> Term | None:
    name, colon, value = word.partition(":")
    name = name.lower()
    if word.startswith("~"):
        return Term("regex", sound_pattern(word[1:]), inverted) if word[1:] else None
    if word.startswith('"'):
        quoted = word.strip('"')
        return Term("text", quoted, inverted) if quoted else None
    if colon and name == "surface":
        return Term("surface", value, inverted, _called(value, surfaces, "surface")) if value else None
    if colon and name == "phase":
        return Term("phase", value, inverted, _called(value, list(PHASES), "phase")) if value else None
    if word.lower() in SEVERITIES:
        return Term("severity", word, inverted, (word.lower(),))
    if word.lower() in ("unknown", "ignored", *_REMARKS):
        return Term(word.lower(), word, inverted)
    return Term("text", word, inverted) if word and word != "!" else None


def _called(value: str, names: Sequence[str], what: str) -> tuple[str, ...]:
    wanted = value.casefold()
    exact = tuple(name for name in names if name.casefold() == wanted)
    found = exact or tuple(name for name in names if name.casefold().startswith(wanted))
    if not found:
        near = get_close_matches(wanted, names, 1)
        hint = f"; nearest is {near[0]}" if near else f"; there are {', '.join(names)}" if names else ""
        raise FilterError(f"No {what} is called {value}{hint}")
    return found


def sound_pattern(pattern: str) -> str:
    """The pattern, if it can be read and cannot take for ever."""
    try:
        _compiled(pattern)
    except ValueError as error:
        raise FilterError(f"~{pattern} {error}") from None
    return pattern


@lru_cache(8)
def _compiled(pattern: str) -> re.Pattern[str]:
    return compiled(pattern, re.IGNORECASE)


def _holds(monitor: Known, term: Term, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    board = monitor.board
    match term.kind:
        case "severity":
            return np.asarray(board.standings[rows] == SEVERITIES[term.wanted[0]])
        case "phase":
            return np.isin(monitor.row_phases()[rows], [PHASES[name] for name in term.wanted])
        case "unknown":
            holds = np.asarray(board.standings[rows] == Standing.UNKNOWN)
            for column in board.surfaces:
                holds |= column.codes[rows] == Code.UNKNOWN
            return holds
        case "ignored":
            return np.isin(rows, left_out(board))
        case "claimed":
            return np.isin(rows, claimed(monitor))
        case "snoozed" | "acknowledged":
            return np.isin(rows, monitor.covered(_REMARKS[term.kind]))
        case "surface" | "unknown on":
            return _holds_there(board, term, rows)
        case "text":
            found = np.zeros(board.size, np.bool_)
            found[board.catalogue.matching(term.value)] = True
            return found[rows]
        case _:
            search, skus, names = (
                _compiled(term.value).search,
                board.catalogue.skus,
                board.catalogue.names,
            )
            return np.fromiter(
                (bool(search(skus[row]) or search(names[row])) for row in rows.tolist()), np.bool_, len(rows)
            )


def _holds_there(board: Board, term: Term, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """On any of the surfaces that the term names."""
    holds = np.zeros(len(rows), np.bool_)
    for column in board.surfaces:
        if column.rules.name in term.wanted:
            codes = column.codes[rows]
            holds |= codes == Code.UNKNOWN if term.kind == "unknown on" else codes >= Code.ORPHAN
    return holds
