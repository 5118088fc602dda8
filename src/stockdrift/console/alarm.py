"""Calling an operator who looks elsewhere: the terminal's bell, or a notification of the desktop behind it.

OSC 9 is iTerm2's (also Windows Terminal, WezTerm, kitty …), OSC 777 rxvt-unicode's (also foot, Ghostty, WezTerm …).
There is no way to ask a terminal which it knows, so either is a setting, and both are off until somebody sets them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from stockdrift.console import words
from stockdrift.stock.picture import Picture
from stockdrift.stock.text import clean

EVERY: Final = 60_000
"""At most one call in so many ms: what comes in between is told with the next."""


class Alarm(Struct):
    """Rings when more SKUs oversell than were told; those that are snoozed rest until they come back. ``notify`` is
    off, osc9 or osc777.
    """

    bell: bool = False
    notify: str = "off"
    environment: Mapping[str, str] = field(default_factory=dict)
    _told: int | None = None  # None until something was known: who opens the console looks at it
    _rang_at: int = -EVERY

    def due(self, picture: Picture, now: int) -> str:
        """What to send to the terminal now; empty for nothing. To be asked at every picture."""
        gauge = picture.gauge
        if not gauge.known or not (self.bell or self.notify != "off"):
            return ""
        awake = gauge.oversell - gauge.snoozed_oversell
        if self._told is None or awake <= self._told:
            self._told = awake
            return ""
        if 0 <= now - self._rang_at < EVERY:
            return ""
        more, self._told, self._rang_at = awake - self._told, awake, now
        return ("\a" if self.bell else "") + self._notification(picture, more)

    def _notification(self, picture: Picture, more: int) -> str:
        total = picture.gauge.oversell
        said = f"{words.count(more)} more SKU{'' if more == 1 else 's'} oversell{'s' if more == 1 else ''}"
        text = clean(f"{picture.store}: {said}, {words.count(total)} in all").replace(";", ",")
        if self.notify == "osc9":
            return self._wrapped(f"\x1b]9;{text}\a")
        return self._wrapped(f"\x1b]777;notify;stockdrift;{text}\a") if self.notify == "osc777" else ""

    def _wrapped(self, sequence: str) -> str:
        """Inside tmux it goes through to the terminal outside (with ``allow-passthrough``)."""
        if self.environment.get("TMUX"):
            return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        return sequence
