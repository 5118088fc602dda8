"""What a long-lived process does about its memory, where glibc is what hands it out; elsewhere this does nothing."""

from __future__ import annotations

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1  # M_TRIM_THRESHOLD of glibc's malloc.h
_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD
_ARENA_MAX: Final = -8  # M_ARENA_MAX
_LARGE: Final = 1 << 20
_KEPT: Final = 4 << 20
_NEVER_SO_LARGE: Final = 1 << 25  # as large as a threshold may be
_NEVER_SO_MUCH: Final = 1 << 30


def keep() -> None:
    """Until :func:`give_back` what is dropped is kept, and used again.

    To touch memory that is new takes longer than most of the work on a column, and whoever starts has no time to lose.
    """
    _call("mallopt", _MMAP_THRESHOLD, _NEVER_SO_LARGE)
    _call("mallopt", _TRIM_THRESHOLD, _NEVER_SO_MUCH)
    _call("mallopt", _ARENA_MAX, 1)


def give_back() -> None:
    """From here on a large column is the system's again as soon as it is dropped.

    glibc raises its own threshold for that to 32 MB with every large one that is freed, and keeps the gaps between the
    smaller: after a reading of a million SKUs some 50 MB that nobody uses. And each thread that reads would have gaps
    of its own: all share one heap.

    What is smaller, such as the blocks in which columns are worked on, comes from memory that is kept: to have each of
    its pages given anew, block by block, took longer than the work.
    """
    _call("mallopt", _MMAP_THRESHOLD, _LARGE)
    _call("mallopt", _TRIM_THRESHOLD, _KEPT)
    _call("mallopt", _ARENA_MAX, 1)


def trim() -> None:
    """Gives back now what is free between what is in use: after the start, or a large reading, some 100 MB. Takes some
    ms, in which other threads may wait for memory.
    """
    _call("malloc_trim", 0)


def _call(name: str, *numbers: int) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*numbers)
    except (OSError, AttributeError):
        return
