"""What is packed by gzip: whole, or not read at all."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.packing import beginning, unpacked

from .feed_formats import ITEMS, as_rss


def test_gzip_in_one_member_and_in_several() -> None:
    body = as_rss(ITEMS)
    assert unpacked(gzip.compress(body), 2**20) == body
    assert unpacked(gzip.compress(body[:100]) + gzip.compress(body[100:]) + b"\0" * 512, 2**20) == body
    assert unpacked(b"id,inventory\n", 2**20) == b"id,inventory\n"
    assert unpacked(gzip.compress(b""), 2**20) == b""
    assert beginning(gzip.compress(body)[:-20], 64) == body[:64]


@settings(max_examples=100)
@given(st.binary(max_size=300), st.data())
def test_gzip_that_is_cut_or_changed_is_never_read(body: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(body, mtime=0)
    for wrong in (
        packed[: data.draw(st.integers(2, len(packed) - 1))],
        packed + b"x" + data.draw(st.binary(max_size=4)),
        packed[:-8] + bytes((packed[-8] ^ 1,)) + packed[-7:],  # its checksum
    ):
        with pytest.raises(SurfaceFault) as caught:
            unpacked(wrong, 2**20)
        assert caught.value.kind is Fault.CUT


def test_a_bomb_meets_the_limit() -> None:
    with pytest.raises(SurfaceFault, match="larger than 256 kB"):
        unpacked(gzip.compress(b"\0" * 2**24), 2**18)
