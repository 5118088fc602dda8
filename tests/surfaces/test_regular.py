"""Rows found all at once against the same rows read one by one: any table, any mangling, the same columns or none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.settings.sources import FeedColumns
from stockdrift.surfaces import regular
from stockdrift.surfaces.collected import Table
from stockdrift.surfaces.faults import SurfaceFault
from stockdrift.surfaces.header import Layout, lay_out
from stockdrift.surfaces.regular import regular_table
from stockdrift.surfaces.table import _row_by_row, parse_table

COLUMNS = [
    FeedColumns(sku="id", quantity="inventory"),
    FeedColumns(sku="id", quantity="inventory", name="title", price="price"),
    FeedColumns(sku="title", quantity="id", price="inventory"),
]
HEADERS = [
    ["id", "title", "price", "inventory"],
    ["inventory", "price", "title", "id"],
    ["préfix", "id", "price", "inventory", "title"],
]

plain = st.sampled_from(["A", "SKU-1", "SKU-0000017", "0", "7", "12345678", "19.90 GBP", "Sea Salt 220ml", "a b"])
odd = st.sampled_from(
    ["", " ", " A", "A ", "-2", "+5", "007", "3.0", "123456789", "1_0", "é", "\x00", "\x1b[31m", "\u202e", '"', 'a"b',
     '"a""b"', '"a,b"', '"a;b"', '"a\nb"', "x" * 600, "\xa0", "\t", "\r", "\x1c", "٣", "19,90 €", "\x7f", "a\x85"]
)  # fmt: skip
cells = st.one_of(plain, plain, plain, plain, odd)
rows = st.lists(st.lists(cells, min_size=1, max_size=6) | st.lists(plain, min_size=4, max_size=5), max_size=14)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\r\n"])


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from(",,,\t;|"))
    usual = draw(ends)
    text = delimiter.join(draw(st.sampled_from(HEADERS))) + usual
    for row in draw(rows):
        text += delimiter.join(row) + draw(st.just(usual) | ends)
    if draw(st.booleans()):
        text = text.rstrip("\r\n")
    data = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf", b"\n", b" ,\n"])) + text.encode()
    if draw(st.booleans()):
        return data
    return _mangled(data, draw(st.integers(0, len(data))), draw(st.binary(max_size=3)))


def _mangled(data: bytes, at: int, by: bytes) -> bytes:
    return data[:at] + by + data[at + len(by) :]


def same(one: Table, other: Table) -> None:
    assert list(one.skus) == list(other.skus)
    assert list(one.names) == list(other.names)
    assert np.array_equal(np.asarray(one.prices), np.asarray(other.prices), equal_nan=True)
    assert list(one.numbers) == list(other.numbers)
    for name in ("states", "quantities"):
        assert getattr(one, name).dtype == getattr(other, name).dtype
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert (one.rows, one.bad_count, one.bad_rows) == (other.rows, other.bad_count, other.bad_rows)


def both(data: bytes, layout: Layout) -> Table | None:
    """The table at once, after it was held against the one row by row."""
    found = regular_table(data, layout)
    if found is not None:
        same(found, _row_by_row(data, "utf-8-sig", layout))
    return found


@settings(max_examples=600, deadline=None)
@given(tables(), st.sampled_from(COLUMNS), st.sampled_from([1, 7, 1 << 20]), st.sampled_from([0, 4]))
def test_at_once_as_row_by_row(data: bytes, columns: FeedColumns, chunk: int, most: int) -> None:
    try:
        layout = lay_out(data.decode("utf-8-sig", "replace"), columns, form=None, name="")
    except SurfaceFault:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regular, "_CHUNK", chunk)
        patch.setattr(regular, "_MOST_IRREGULAR", most)
        both(data, layout)


BODY = "".join(f"SKU-{number},Candle {number % 3},{number}.50 GBP,{number}\n" for number in range(40))
LAYOUT = Layout(",", sku=0, quantity=3, availability=None, name=1, price=2, parts=None, columns=4)
HEAD = "id,title,price,inventory\n"


@pytest.mark.parametrize(
    ("odd", "number"),
    [
        ("SKU-X,a,1,x", 42), (",a,1,3", 42), ("  ,a,1,3", 42), ("SKU-X,a,1,-3", 42), ("SKU-X,Bougie été,1,3", 42),
        ('SKU-X,"a, b",1,3', 42), ("SKU-X,a,1,3,4", 42), ("SKU-X,a,1", 42), ("", 42), ("SKU-1,a,1,99999999999", 42),
        ("SKU-X,a,1,123456789", 42), ("SKU-X,a\x1b,1,3", 42), ("SKU-\xe9,a,1,3", 42), ('SKU-X,5" pipe,1,3', 42),
    ],
)  # fmt: skip
def test_what_is_irregular_is_read_by_itself(odd: str, number: int) -> None:
    found = both((HEAD + BODY + odd + "\n" + BODY).encode(), LAYOUT)
    assert found is not None
    assert found.bad_rows == [row for row in found.bad_rows if row.row == number]


@pytest.mark.parametrize("odd", ['SKU-X,"a,1,3', "SKU-X,a\rb,1,3", 'SKU-X,"a\nb",1,3', f"SKU-X,{'x' * 100_001},1,3"])
def test_what_may_be_several_rows_leaves_all_to_the_other_reader(odd: str) -> None:
    assert regular_table((HEAD + BODY + odd + "\n" + BODY).encode(), LAYOUT) is None


def test_where_most_is_irregular_nothing_is_gained() -> None:
    assert regular_table((HEAD + BODY + "é,a,1,3\n" * 30).encode(), LAYOUT) is None


def test_a_blank_row_above_the_header_counts() -> None:
    assert regular_table(("\n" + HEAD + BODY).encode(), LAYOUT) is None
    assert regular_table((" , , ,\n" + HEAD + BODY).encode(), LAYOUT) is None


@pytest.mark.parametrize(
    "layout",
    [
        Layout(",", 0, None, 3, None, None, None, 4),
        Layout(",", 0, 3, 2, None, None, None, 4),
        Layout(",", 0, None, None, None, None, [3, None, None, None], 4),
    ],
)
def test_words_and_parts_are_read_row_by_row(layout: Layout) -> None:
    assert regular_table((HEAD + BODY).encode(), layout) is None


def test_ends_of_lines_and_numbers_of_any_length() -> None:
    for end in ("\n", "\r\n"):
        text = HEAD + "".join(f"S{digits},n,1,{'9' * digits}\n" for digits in range(1, 9)) + BODY * 2
        found = both(text.replace("\n", end).removesuffix(end).encode(), LAYOUT)
        assert found is not None
        assert found.quantities[:8].tolist() == [10**digits - 1 for digits in range(1, 9)]
        assert not found.bad_count


def test_duplicates_are_summed_at_once_too() -> None:
    data = (HEAD + BODY + BODY).encode()
    found = parse_table(data, COLUMNS[1], sums_duplicates=True)
    assert list(found.skus) == [f"SKU-{number}" for number in range(40)]
    assert found.quantities.tolist() == [2 * number for number in range(40)]
    assert list(found.names)[:4] == ["Candle 0", "Candle 1", "Candle 2", "Candle 0"]
    assert found.prices[:2].tolist() == [0.5, 1.5]
