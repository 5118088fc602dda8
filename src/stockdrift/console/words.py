"""How the screen says things: ages, counts, money, names cut to a width."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.cells import cell_len, get_character_cell_size

from stockdrift.stock.words import age, title

__all__ = [
    "age",
    "clock",
    "count",
    "cut",
    "cut_middle",
    "day",
    "day_minute",
    "drawable",
    "fitting",
    "kind_word",
    "minute",
    "moment",
    "money",
    "on_clock",
    "out_in",
    "person",
    "short",
    "short_title",
    "signed",
    "title",
    "until",
    "utc_offset",
    "why",
    "zone_name",
]

_SYMBOLS: Final = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}
_NO_COINS: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"})
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Signs that change how their neighbour is drawn: terminals disagree about their width, so they are left out.
_SELECTORS: Final = dict.fromkeys((*range(0x200B, 0x2010), 0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)))

NOT_RECORDING: Final = "Not recording"
"""How every sentence begins that says so."""


def count(number: int) -> str:
    """With thousands separators."""
    return f"{number:,}".replace("-", "−")


def signed(number: int) -> str:
    """With its sign, a true minus; zero as it is."""
    return f"+{number:,}" if number > 0 else count(number)


def short(number: int, width: int) -> str:
    """``number`` in at most ``width`` cells: in full, without separators, or in thousands or millions."""
    for text in (count(number), str(number).replace("-", "−")):
        if len(text) <= width:
            return text
    sign, size = ("−", -number) if number < 0 else ("", number)
    for unit, suffix in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        text = f"{sign}{size // unit}{suffix}"
        if len(text) <= width:
            return text
    return "#" * width


def money(amount: float, currency: str, width: int = 12) -> str:
    """Whole units of the store's currency in at most ``width`` cells."""
    symbol = _SYMBOLS.get(currency.upper(), "")
    whole = round(amount)
    for text in (f"{symbol}{whole:,}", f"{symbol}{whole}"):
        if len(text) <= width:
            return text
    for unit, suffix in ((1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")):
        for text in (f"{symbol}{amount / unit:.1f}{suffix}", f"{symbol}{amount / unit:.0f}{suffix}"):
            if len(text) <= width and amount < unit * 1000:
                return text
    return symbol + "#"


def price(amount: float, currency: str) -> str:
    """What one piece costs, to the smallest coin of the store's currency (ISO 4217)."""
    coins = 0 if currency.upper() in _NO_COINS else 2
    return f"{_SYMBOLS.get(currency.upper(), '')}{amount:,.{coins}f}"


def person(operator: str) -> str:
    """Who that is, without where he sits: ``maya`` of ``maya@10.0.0.7``."""
    return operator.partition("@")[0] or operator


def out_in(minutes: float | None) -> str:
    """Minutes to oversell: ``now``, an age, or a dash where there is no danger or no pace."""
    if minutes is None:
        return "—"
    return "now" if minutes < 1 else age(minutes * 60_000)


def clock(ms: int, zone: tzinfo | None) -> str:
    """``10:42:07``."""
    return f"{on_clock(ms, zone):%H:%M:%S}"


def minute(ms: int, zone: tzinfo | None) -> str:
    """``07:32``."""
    return f"{on_clock(ms, zone):%H:%M}"


def moment(ms: int, now: int, zone: tzinfo | None) -> str:
    """``10:42:07`` where it is of the day of ``now``, else ``Thu 18:02``; at most nine cells, of the last days."""
    local = on_clock(ms, zone)
    if local.date() == on_clock(now, zone).date():
        return f"{local:%H:%M:%S}"
    return f"{_DAYS[local.weekday()]} {local:%H:%M}"


def day_minute(ms: int, zone: tzinfo | None) -> str:
    """``27 Nov 07:40``."""
    local = on_clock(ms, zone)
    return f"{local.day:2} {_MONTHS[local.month - 1]} {local:%H:%M}"


def minute_of(ms: int, now: int, zone: tzinfo | None) -> str:
    """``07:32`` where it is of the day of ``now``, else ``28 Nov 07:32``."""
    same = on_clock(ms, zone).date() == on_clock(now, zone).date()
    return minute(ms, zone) if same else day_minute(ms, zone).strip()


def until(ms: int, since: int, zone: tzinfo | None) -> str:
    """When something ended that began at ``since``: ``18:13`` on the same day, else ``28 Nov``."""
    local = on_clock(ms, zone)
    same = local.date() == on_clock(since, zone).date()
    return f"{local:%H:%M}" if same else f"{local.day:2} {_MONTHS[local.month - 1]}"


def day(ms: int, zone: tzinfo | None) -> str:
    """``Fri 27 Nov``, in English whatever the locale."""
    local = on_clock(ms, zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"


def utc_offset(ms: int, zone: tzinfo | None) -> int:
    """Milliseconds by which the zone is ahead of UTC at a moment."""
    offset = on_clock(ms, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)


def zone_name(ms: int, zone: tzinfo | None) -> str:
    """``GMT``."""
    return on_clock(ms, zone).tzname() or ""


def on_clock(ms: int, zone: tzinfo | None) -> datetime:
    """The moment by the clock of ``zone``; None: of this machine."""
    return datetime.fromtimestamp(ms / 1000, zone) if zone else datetime.fromtimestamp(ms / 1000).astimezone()


def short_title(name: str, width: int) -> str:
    """The title in at most ``width`` cells: its last word where the whole is too long (``Site``), else cut."""
    whole = title(name)
    if cell_len(whole) <= width:
        return whole
    last = whole.rsplit(" ", 1)[-1]
    return last if cell_len(last) <= width else cut(whole, width)


def kind_word(kind: str) -> str:
    """The kind beside a surface's name; nothing for native ones, which are the rule."""
    return {"native": "", "marketplace": "market"}.get(kind, kind)


def drawable(text: str) -> str:
    """``text`` without the signs about whose width terminals disagree."""
    return text if text.isascii() else text.translate(_SELECTORS)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """``text`` in at most ``width`` cells, its end replaced by an ellipsis where it does not fit."""
    if width <= 0:
        return ""
    text = drawable(text)
    if (len(text) if text.isascii() else cell_len(text)) <= width:
        return text
    return _head(text, width - 1).rstrip() + ellipsis


def fitting(pieces: Sequence[str], width: int, ellipsis: str = "…") -> str:
    """As many of ``pieces``, joined by commas, as ``width`` cells hold whole; the first is cut where it must be."""
    found = cut(pieces[0], width, ellipsis) if pieces else ""
    for piece in pieces[1:]:
        if cell_len(found) + 2 + cell_len(piece) > width:
            break
        found += f", {piece}"
    return found


def cut_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """As :func:`cut`, taking from the middle: both ends of a SKU tell it from its siblings."""
    text = drawable(text)
    if cell_len(text) <= width:
        return text
    if width <= 2:
        return cut(text, width, ellipsis)
    tail = (width - 1) // 2
    return _head(text, width - 1 - tail) + ellipsis + _head(text[::-1], tail)[::-1]


def _head(text: str, width: int) -> str:
    taken = 0
    for index, character in enumerate(text):
        taken += get_character_cell_size(character)
        if taken > width:
            return text[:index]
    return text


def why(error: Exception) -> str:
    """Of what failed, in words: the system's own for a file, else the error's, or its name where it has none."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def not_recording(since: int, why: str) -> str:
    """That the journal is not written since ``since`` (ms), and why: the worst that can be said of a collector."""
    return f"{NOT_RECORDING} since {clock(since, None)}: {why.rstrip('.')}. What you see grows old."
