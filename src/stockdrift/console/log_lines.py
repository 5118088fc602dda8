"""Lines of a log as plain values, and which of them a filter lets through."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

LEVELS = ("error", "warning", "info")


class LogLine(Struct, frozen=True):
    """``at`` is when (ms), None where the line does not say; ``who`` is collector or console; ``level`` one of
    :data:`LEVELS`. The text is clean: nothing in it steers a terminal.
    """

    at: int | None
    who: str
    level: str
    text: str


class CollectorLog(Struct, frozen=True):
    """The collector's last lines, oldest first, and where they stand; ``missing`` says why there are none."""

    where: str
    lines: Sequence[LogLine] = ()
    missing: str = ""


class LogFilterError(ValueError):
    """A filter means nothing; the message is one sentence for the operator."""


def matcher(text: str) -> Callable[[LogLine], bool]:
    """Whether a line holds all words of ``text``, as :func:`words_matcher` has it: in its text, its level or who said
    it. Raises LogFilterError.
    """
    matches = words_matcher(text)
    return lambda line: matches(f"{line.who} {line.level} {line.text}")


def words_matcher(text: str) -> Callable[[str], bool]:
    """Whether a text holds all words of ``text``, case aside. ``!`` inverts a word, ``~`` begins a regular expression.
    Raises LogFilterError.
    """
    tests: list[tuple[bool, Callable[[str], bool]]] = []
    for word in text.split():
        inverted, wanted = word.startswith("!"), word.removeprefix("!")
        if wanted.startswith("~") and len(wanted) > 1:
            tests.append((inverted, _searching(wanted[1:])))
        elif wanted and wanted != "~":
            tests.append((inverted, _holding(wanted.casefold())))

    return lambda said: all(test(said) != inverted for inverted, test in tests)


def _holding(wanted: str) -> Callable[[str], bool]:
    return lambda said: wanted in said.casefold()


def _searching(pattern: str) -> Callable[[str], bool]:
    from stockdrift.stock.filter import FilterError, sound_pattern

    try:
        compiled = re.compile(sound_pattern(pattern), re.IGNORECASE)
    except FilterError as error:
        raise LogFilterError(str(error)) from None
    return lambda said: compiled.search(said) is not None
