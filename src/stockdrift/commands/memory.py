"""What a long-lived process does about its memory."""

from __future__ import annotations

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
_LARGE: Final = 1 << 20


def give_back() -> None:
    """From here on a large column is the system's again as soon as it is dropped.

    glibc raises its own threshold for that to 32 MB with every large one that is freed, and keeps the gaps between the
    smaller: after a reading of a million SKUs some 50 MB that nobody uses. Elsewhere this does nothing.
    """
    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
    except (OSError, AttributeError):
        return
