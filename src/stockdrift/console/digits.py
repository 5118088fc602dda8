"""The hero number: digits of five rows, or three where four of them have to fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

_WIDE: Final = {
    "0": ("███████", "██   ██", "██   ██", "██   ██", "███████"),
    "1": (" ████  ", "   ██  ", "   ██  ", "   ██  ", "███████"),
    "2": ("███████", "     ██", "███████", "██     ", "███████"),
    "3": ("███████", "     ██", "  █████", "     ██", "███████"),
    "4": ("██   ██", "██   ██", "███████", "     ██", "     ██"),
    "5": ("███████", "██     ", "███████", "     ██", "███████"),
    "6": ("███████", "██     ", "███████", "██   ██", "███████"),
    "7": ("███████", "     ██", "     ██", "     ██", "     ██"),
    "8": ("███████", "██   ██", "███████", "██   ██", "███████"),
    "9": ("███████", "██   ██", "███████", "     ██", "███████"),
    "?": ("███████", "     ██", "  █████", "       ", "  ██   "),
    "+": ("       ", "   ██  ", " ██████", "   ██  ", "       "),
    "−": ("       ", "       ", " ██████", "       ", "       "),
}
_NARROW: Final = {
    "0": ("█████", "██ ██", "██ ██", "██ ██", "█████"),
    "1": ("███  ", " ██  ", " ██  ", " ██  ", "█████"),
    "2": ("█████", "   ██", "█████", "██   ", "█████"),
    "3": ("█████", "   ██", " ████", "   ██", "█████"),
    "4": ("██ ██", "██ ██", "█████", "   ██", "   ██"),
    "5": ("█████", "██   ", "█████", "   ██", "█████"),
    "6": ("█████", "██   ", "█████", "██ ██", "█████"),
    "7": ("█████", "   ██", "   ██", "   ██", "   ██"),
    "8": ("█████", "██ ██", "█████", "██ ██", "█████"),
    "9": ("█████", "██ ██", "█████", "   ██", "█████"),
    "+": ("     ", "  █  ", "█████", "  █  ", "     "),
    "−": ("     ", "     ", "█████", "     ", "     "),
}
_SMALL: Final = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    "+": ("   ", "▀█▀", "   "),
    "−": ("   ", "▀▀▀", "   "),
}


def big(text: str, block: str = "█") -> Sequence[str]:
    """``text`` (digits, ``+``, ``−`` or ``?``) as five rows of equal width, at most 17 cells wide, made of ``block``;
    none where it is longer than four characters, or than three without half blocks: then it is better read as plain
    bold text.
    """
    if not text or len(text) > (4 if block == "█" else 3) or any(character not in _WIDE for character in text):
        return ()
    return [row.replace("█", block) for row in _shaped(text)]


def _shaped(text: str) -> Sequence[str]:
    if len(text) <= 2:
        return _joined(text, _WIDE, "  ")
    if len(text) == 3:
        return _joined(text, _NARROW, " ")
    small = _joined(text, _SMALL, " ")
    blank = " " * len(small[0])
    return (blank, *small, blank)


def _joined(text: str, font: Mapping[str, Sequence[str]], gap: str) -> Sequence[str]:
    shapes = [font.get(character, _WIDE[character][: len(font["0"])]) for character in text]
    return tuple(gap.join(shape[row] for shape in shapes) for row in range(len(shapes[0])))
