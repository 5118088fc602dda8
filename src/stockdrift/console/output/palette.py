"""Styles as single characters, and the shortest way from one to another (SGR, ECMA-48 8.3.117; OSC 8 for links)."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

MOST: Final = 8_192
"""So many styles are told apart; whoever needs more starts over."""

_FIRST: Final = 0x20
# Rich's attribute bits: what switches each on, and off. Some share what switches them off.
_BITS: Final = (
    ("1", "22"), ("2", "22"), ("3", "23"), ("4", "24"), ("5", "25"), ("6", "25"), ("7", "27"),
    ("8", "28"), ("9", "29"), ("21", "24"), ("51", "54"), ("52", "54"), ("53", "55"),
)  # fmt: skip
_ON_BLANKS: Final = sum(1 << bit for bit in (3, 6, 8, 9, 10, 11, 12))  # what shows where there is no character
_CUBE: Final = {value: place for place, value in enumerate((0, 95, 135, 175, 215, 255))}


class PaletteFullError(Exception):
    """More styles than can be told apart."""


class Look(NamedTuple):
    """A style, or the state of the terminal's pen: Rich's attribute bits, SGR parameters of the colours, OSC 8's."""

    attributes: int = 0
    fore: str = "39"
    back: str = "49"
    link: str = ""
    blank: bool = False
    """Where there is no character to be seen, neither its colour nor its weight matters."""


class Palette:
    """Hands out a character for each style. Bounded; a character stands for one style for good."""

    def __init__(self, system: ColorSystem = ColorSystem.TRUECOLOR) -> None:
        self._system = system
        self._codes: dict[Look, str] = {}
        self._looks: list[Look] = []
        self._known: dict[int, tuple[Style, str, str]] = {}
        self._changes: dict[tuple[str, str], tuple[str, str]] = {}
        self.plain = self._code(Look())
        """The terminal's own colours, nothing set: the pen after a reset."""
        self._blank = self._code(Look(blank=True))

    def of(self, style: Style | None) -> tuple[str, str]:
        """The characters for text and for blanks in ``style``. Raises PaletteFullError."""
        if style is None:
            return self.plain, self._blank
        known = self._known.get(id(style))
        if known is None:
            look = self._look(style)
            blank = look if look.attributes & _ON_BLANKS else Look(back=look.back, link=look.link, blank=True)
            if len(self._known) >= MOST:
                self._known.clear()
            # The style is held so that its id stays its own.
            known = self._known[id(style)] = style, self._code(look), self._code(blank)
        return known[1], known[2]

    def change(self, pen: str, wanted: str) -> tuple[str, str]:
        """What to write so that a pen in state ``pen`` draws in ``wanted``, and the state it has then.

        A style for blanks changes nothing but what blanks show. Raises PaletteFullError.
        """
        found = self._changes.get((pen, wanted))
        if found is None:
            before, after = self._looks[ord(pen) - _FIRST], self._looks[ord(wanted) - _FIRST]
            if after.blank and not before.attributes & _ON_BLANKS:
                after = before._replace(back=after.back, link=after.link)
            after = after._replace(blank=False)
            found = self._changes[pen, wanted] = _sequence(before, after), self._code(after)
        return found

    def _code(self, look: Look) -> str:
        code = self._codes.get(look)
        if code is None:
            if len(self._looks) >= MOST:
                raise PaletteFullError
            code = self._codes[look] = chr(_FIRST + len(self._looks))
            self._looks.append(look)
        return code

    def _look(self, style: Style) -> Look:
        link = f"id={style._link_id};{style._link}" if style._link else ""
        return Look(
            style._attributes & style._set_attributes,
            self._colour(style._color, foreground=True),
            self._colour(style._bgcolor, foreground=False),
            link,
        )

    def _colour(self, colour: Color | None, *, foreground: bool) -> str:
        if colour is None:
            return "39" if foreground else "49"
        codes = colour.downgrade(self._system).get_ansi_codes(foreground)
        if len(codes) == 5:
            number = _short(int(codes[2]), int(codes[3]), int(codes[4]))
            if number is not None:
                codes = (codes[0], "5", str(number))
        return ";".join(codes)


def _short(red: int, green: int, blue: int) -> int | None:
    """The number in the palette of 256 that is exactly this colour: xterm's cube and ramp of greys."""
    if red in _CUBE and green in _CUBE and blue in _CUBE:
        return 16 + 36 * _CUBE[red] + 6 * _CUBE[green] + _CUBE[blue]
    if red == green == blue and 8 <= red <= 238 and (red - 8) % 10 == 0:
        return 232 + (red - 8) // 10
    return None


def _sequence(before: Look, after: Look) -> str:
    link = "" if before.link == after.link else f"\x1b]8;{after.link or ';'}\x1b\\"
    kept, codes = before.attributes, []
    for bit, (_on, off) in enumerate(_BITS):
        if kept & ~after.attributes & (1 << bit):
            codes.append(off)
            for other, (_, shared) in enumerate(_BITS):
                if shared == off:
                    kept &= ~(1 << other)
    codes += _switches(after.attributes & ~kept)
    codes += [now for now, was in ((after.fore, before.fore), (after.back, before.back)) if now != was]
    anew = ["0", *_switches(after.attributes)]
    anew += [colour for colour, none in ((after.fore, "39"), (after.back, "49")) if colour != none]
    shortest = min(";".join(codes), ";".join(anew), key=len)
    return link + (f"\x1b[{shortest}m" if codes else "")


def _switches(attributes: int) -> list[str]:
    return [on for bit, (on, _off) in enumerate(_BITS) if attributes & (1 << bit)]
