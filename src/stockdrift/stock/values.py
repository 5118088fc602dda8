"""Values with some fields changed.

Values are :class:`msgspec.Struct`: to make such a class takes a fortieth of the time that a dataclass takes, and the
start of every command makes more than a hundred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import replace  # the same, and mypy holds its arguments against the fields
else:
    from msgspec.structs import replace

__all__ = ["replace"]
