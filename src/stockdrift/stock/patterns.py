"""Regular expressions that people write: whether they can be read, and whether they end."""

from __future__ import annotations

import re
import warnings
from typing import Final

_ESCAPES: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ENDLESS: Final = re.compile(r"[*+]|\{\d*,\}")
_MOST_ENDLESS: Final = 2


def compiled(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """``pattern``, if it can be read and cannot take for ever: backtracking knows no end, and no time-out.

    Raises ValueError with a clause that goes on from the pattern: ``is no regular expression: …``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what later versions may read otherwise would be printed across the screen
            found = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {error}") from None
    bare = _ESCAPES.sub(".", pattern)
    if re.search(r"\)(?:[*+]|\{)", bare) or len(_ENDLESS.findall(bare)) > _MOST_ENDLESS:
        raise ValueError("could take for ever: repeat no group, and use * and + twice at most")
    return found
