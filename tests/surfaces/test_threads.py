from __future__ import annotations

import gc
import weakref

import pytest

from stockdrift.surfaces.threads import in_thread


class Large:
    """Something that is not to be kept."""


async def test_what_came_of_it_is_gone_as_soon_as_nobody_wants_it() -> None:
    gc.disable()
    try:
        found = await in_thread(Large)
        gone = weakref.ref(found)
        del found
        assert gone() is None
    finally:
        gc.enable()


async def test_it_is_given_what_it_works_on_and_its_errors_are_raised() -> None:
    assert await in_thread(int, "ff", base=16) == 255
    with pytest.raises(ValueError, match="invalid literal"):
        await in_thread(int, "x")
