"""What single cells of a feed mean: availability words and prices."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

from stockdrift.stock.levels import LevelState

_AVAILABILITY: Final = {
    "instock": LevelState.IN,
    "limitedavailability": LevelState.IN,
    "onlineonly": LevelState.IN,
    "outofstock": LevelState.OUT,
    "soldout": LevelState.OUT,
    "preorder": LevelState.PREORDER,
    "presale": LevelState.PREORDER,
    "availablefororder": LevelState.PREORDER,
    "backorder": LevelState.BACKORDER,
    "onbackorder": LevelState.BACKORDER,
    "discontinued": LevelState.DISABLED,
}
_FILLERS: Final = str.maketrans("", "", " _-\t")
_NUMBER: Final = re.compile(r"[0-9](?:[0-9.,'\u2019\u00a0\u202f ]*[0-9])?")
_GROUPS: Final = str.maketrans("", "", "'\u2019\u00a0\u202f ")


@lru_cache(maxsize=1024)
def parse_availability(text: str) -> LevelState | None:
    """The state that an availability word of a product feed means, or None for a word that is not one of them.

    The words of Google's and Meta's product feeds (``in_stock``, ``out of stock``, ``preorder``, ``available for
    order``, ``backorder``, ``discontinued``), with or without spaces, underscores, hyphens and capitals, and those of
    schema.org with its address before them. ``discontinued`` is listed and not orderable. There is no word for
    "unlimited" in either, so ``unlimited`` and ``infinite`` are unknown words here.
    """
    word = text.strip().casefold()
    if "schema.org/" in word:
        word = word.rpartition("/")[2]
    return _AVAILABILITY.get(word.translate(_FILLERS))


@lru_cache(maxsize=8192)
def parse_price(text: str) -> float:
    """The amount in ``"19.90 GBP"``, ``"£19.90"``, ``"19,90"`` or ``"1.299,00 EUR"``; NaN where there is none.

    With both separators the later one is the decimal; a lone comma before three digits groups thousands, any other
    lone separator is the decimal. A negative amount is no price.
    """
    text = text.strip()
    if text.isdecimal():
        return float(text)
    match = _NUMBER.search(text)
    if not match or text[: match.start()].rstrip().endswith(("-", "\u2212", "(")):
        return math.nan
    number = match.group().translate(_GROUPS)
    comma, point = number.rfind(","), number.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
    elif comma >= 0:
        decimal = "" if number.count(",") > 1 or len(number) - comma == 4 else ","
    else:
        decimal = "" if number.count(".") > 1 else "."
    for grouping in {",", "."} - {decimal}:
        number = number.replace(grouping, "")
    try:
        return float(number.replace(",", "."))
    except ValueError:
        return math.nan
