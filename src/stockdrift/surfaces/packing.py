"""Gzip, unpacked a piece at a time: whoever counts the pieces stops a bomb before it has unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from stockdrift.surfaces.faults import Fault, SurfaceFault, size_words

PIECE: Final = 2**20
"""Most bytes unpacked at once: a bomb stops one piece above the limit."""

_MAGIC: Final = b"\x1f\x8b"  # RFC 1952, 2.3.1


class Plain:
    """Bytes that are not packed."""

    whole = True

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """``chunk`` itself."""
        yield chunk


class Gzip:
    """A gzip stream (RFC 1952): one member or several, and zeros behind them, as tapes and some servers pad."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)
        self._begun = False
        self._padded = False

    @property
    def whole(self) -> bool:
        """Whether the stream has come to its end, its checksum right; nothing at all is whole."""
        return self._stream.eof or not self._begun

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """What ``chunk`` unpacks to, in pieces of bounded size. Raises SurfaceFault where it is not gzip alone."""
        self._begun = self._begun or bool(chunk)
        while chunk:
            if self._stream.eof:
                self._padded = self._padded or chunk[0] != _MAGIC[0]
                if self._padded:
                    if chunk.strip(b"\0"):
                        raise SurfaceFault("something stands behind the end of the gzip stream", Fault.CUT)
                    return
                self._stream = zlib.decompressobj(wbits=31)
            try:
                piece = self._stream.decompress(chunk, PIECE)
            except zlib.error:
                raise SurfaceFault("the gzip stream is damaged", Fault.CUT) from None
            if piece:
                yield piece
            chunk = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


def unpacker(encoding: str) -> Plain | Gzip:
    """What unpacks a ``Content-Encoding``. Raises SurfaceFault for one that was not asked for."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return Plain()
    if encoding in ("gzip", "x-gzip"):
        return Gzip()
    raise SurfaceFault(f"packed as {encoding[:20]}, which was not asked for", Fault.SHAPE)


def is_packed(body: bytes) -> bool:
    """Whether ``body`` is a gzip file, by its first bytes: names and media types are wrong too often."""
    return body.startswith(_MAGIC)


def unpacked(body: bytes, max_bytes: int) -> bytes:
    """``body``, or what it holds where it is a gzip file. Raises SurfaceFault: damaged, cut off, larger than
    ``max_bytes``.
    """
    if not is_packed(body):
        return body
    stream = Gzip()
    pieces: list[bytes] = []
    size = 0
    for piece in stream.pieces(body):
        size += len(piece)
        if size > max_bytes:
            raise SurfaceFault(f"larger than {size_words(max_bytes)}", Fault.LARGE)
        pieces.append(piece)
    if not stream.whole:
        raise SurfaceFault(f"the gzip stream is cut off after {size_words(len(body))}", Fault.CUT)
    return b"".join(pieces)


def beginning(body: bytes, size: int) -> bytes:
    """The first ``size`` bytes of what ``body`` holds, where that is itself only a beginning. Raises SurfaceFault."""
    if not is_packed(body):
        return body[:size]
    found = b""
    for piece in Gzip().pieces(body):
        found += piece
        if len(found) >= size:
            break
    return found[:size]
