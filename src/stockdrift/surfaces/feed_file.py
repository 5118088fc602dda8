"""A feed in a file: whole, and the same from its beginning to its end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from msgspec import Struct

from stockdrift.surfaces.faults import Fault, SurfaceFault, size_words


class Source(Struct, frozen=True):
    """The bytes of a feed, and what came with them. ``written_at`` (Unix ms) is when the file was last written, or the
    server's ``Last-Modified``; ``framed`` as in :class:`~stockdrift.surfaces.answers.Answer`.
    """

    body: bytes
    written_at: int | None
    framed: bool = True
    is_html: bool = False
    media_type: str = ""


def file_size(path: Path) -> int:
    """Bytes of a file; 0 where that cannot be told: whoever reads it learns why."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def read_file(path: Path, max_bytes: int) -> Source:
    """A regular file, whole, with the time it was last written. Raises SurfaceFault where it cannot be opened, is too
    large, or did not stay the same file while it was read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # before opening: opening a pipe would wait for its writer
            kind = "a directory" if path.is_dir() else "not a file"
            raise SurfaceFault(f"{path.name} is {kind}", Fault.UNREADABLE)
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            body = file.read(max_bytes + 1) if before.st_size <= max_bytes else b""
            if max(before.st_size, len(body)) > max_bytes:
                raise SurfaceFault(f"larger than {size_words(max_bytes)}", Fault.LARGE)
            after = os.fstat(file.fileno())
        now = path.stat()
    except FileNotFoundError:
        raise SurfaceFault(f"there is no file {path.name}", Fault.MISSING) from None
    except PermissionError:
        raise SurfaceFault(f"no permission to read {path.name}", Fault.UNREADABLE) from None
    except OSError as error:
        raise SurfaceFault(f"cannot read {path.name}: {error.strerror}", Fault.UNREADABLE) from None
    if _version(before) != _version(after) or len(body) != after.st_size:
        raise SurfaceFault(f"{path.name} changed while it was read", Fault.CUT)
    if _version(after) != _version(now):
        raise SurfaceFault(f"{path.name} was replaced while it was read", Fault.CUT)
    return Source(body, after.st_mtime_ns // 1_000_000)


def _version(status: os.stat_result) -> tuple[int, int, int, int]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
