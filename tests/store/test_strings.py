"""Lists of texts as msgpack, made and read as columns, against msgspec and plain lists."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock.texts import Texts
from stockdrift.store import strings
from stockdrift.store.columns import pack_items, unpack_raw
from stockdrift.store.strings import pack_strings, unpack_strings

plain = st.text("A-0\x7f\x00 ", max_size=40)
sized = st.sampled_from([0, 1, 31, 32, 127, 128, 200, 256]).map(lambda size: "x" * size)
text = plain | plain | sized | st.sampled_from(["é", "€" * 20, "\xa0" * 31])


@given(st.lists(text, max_size=30))
def test_what_is_packed_is_what_msgpack_packs_and_what_is_unpacked(items: list[str]) -> None:
    frame = pack_strings(items)
    if items:
        assert msgspec.msgpack.decode(unpack_raw(frame)) == items
    assert list(unpack_strings(frame)) == items
    assert list(unpack_strings(pack_items(items))) == items, "as earlier versions packed them"
    assert list(unpack_strings(pack_strings(Texts.of(items)))) == items


@given(st.lists(plain, min_size=1, max_size=12), st.data())
def test_no_bytes_are_taken_for_other_texts_than_msgpack_takes_them_for(items: list[str], data: st.DataObject) -> None:
    """Whatever an array is changed to, what is read at once is what is read one by one, or is left to that."""
    raw = bytearray(unpack_raw(pack_strings(items)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place : place + data.draw(st.integers(0, 1))] = data.draw(st.binary(max_size=2))
    at_once = strings._texts(np.frombuffer(bytes(raw), np.uint8))
    if at_once is not None:
        assert list(at_once) == msgspec.msgpack.decode(raw, type=list[str])


@pytest.mark.parametrize("size", [70_000, 3])
def test_plain_texts_are_read_at_once(size: int) -> None:
    items = [f"SKU-{number:0{8 + 40 * (number % 3)}}" for number in range(size)]
    found = unpack_strings(pack_strings(items))
    assert isinstance(found, Texts)
    assert list(found) == items
    assert isinstance(unpack_strings(pack_strings([*items, "é"])), list)
    assert isinstance(unpack_strings(pack_strings([*items, "x" * 128])), list)
