"""The table parser against Python's csv and a reading row by row."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.settings.sources import FeedColumns
from stockdrift.stock.levels import LevelState, parse_quantity
from stockdrift.stock.reading import BadRow
from stockdrift.stock.text import clean, clean_sku
from stockdrift.surfaces import table as table_module
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.table import Table, parse_table

FOUR = FeedColumns(sku="id", quantity="inventory", name="title", price="price")
HEADER = ["price", "id", "title", "inventory"]

cells = st.one_of(
    st.sampled_from(
        ["", " ", "0", "7", "007", "-2", "3.0", "3.5", "NaN", "1e309", "9223372036854775808", "2147483647"]
    ),
    st.sampled_from(
        ["2147483648", "1_0", "+5", "++5", "٣", "²", "19.90 GBP", "19,90", "Sea Salt", "\x1b[31m", "\ud83e"]
    ),
    st.integers(-(2**33), 2**33).map(str),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
).map(lambda text: text.encode("utf-8", "replace").decode())
rows = st.lists(st.lists(cells, max_size=6), min_size=1, max_size=12)


def written(body: list[list[str]], delimiter: str, line_end: str, *, header: list[str] | None = None) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows([header or HEADER, *body])
    return text.getvalue()


def by_hand(text: str, delimiter: str) -> tuple[list[tuple[str, int, int, str]], list[tuple[int, str]]]:
    """Levels (sku, state, quantity, name) and bad rows (number, sku), the plain way."""
    levels, bad = [], []
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
        if number == 1 or not any(cell.strip() for cell in row):
            continue
        sku = clean_sku(row[1]) if len(row) > 1 else ""
        quantity = parse_quantity(row[3]) if len(row) > 3 and not any(map(str.strip, row[len(HEADER) :])) else None
        if not sku or quantity is None:
            bad.append((number, sku))
        if sku:
            state = LevelState.UNKNOWN if quantity is None else LevelState.COUNTED
            levels.append((sku, int(state), quantity or 0, clean(row[2]) if len(row) > 2 else ""))
    return levels, bad


@settings(max_examples=300)
@given(rows, st.sampled_from(",\t;|"), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.sampled_from([2, 16_384]))
def test_as_read_by_hand(body: list[list[str]], delimiter: str, line_end: str, mark: bool, batch: int) -> None:
    text = written(body, delimiter, line_end)
    data = text.encode("utf-8-sig" if mark else "utf-8")
    levels, bad = by_hand(text, delimiter)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table_module, "_BATCH", batch)
        if not levels and not bad:
            with pytest.raises(SurfaceFault, match="only a header row"):
                parse_table(data, FOUR)
            return
        if _hides(data):
            assert any("\n" in cell or "\r" in cell for row in body for cell in row)
            return
        table = parse_table(data, FOUR)
    got = list(zip(table.skus, table.states.tolist(), table.quantities.tolist(), table.names, strict=True))
    assert got == levels
    assert [(row.row, row.sku) for row in table.bad_rows] == bad
    assert table.bad_count == len(bad)
    assert len(table.prices) == len(table.skus)


def _hides(data: bytes) -> bool:
    try:
        parse_table(data, FOUR)
    except SurfaceFault as fault:
        return "hides the rows below it" in fault.reason
    return False


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_columns_or_a_fault(tail: bytes) -> None:
    for data in (tail, b"id,inventory\n" + tail, b"id\tinventory\n" + tail, "id,inventory\n".encode("utf-16") + tail):
        try:
            table = parse_table(data, FeedColumns())
        except SurfaceFault:
            continue
        assert len(table.skus) == len(table.states) == len(table.quantities) == len(table.numbers)
        assert all(table.skus)
        assert not any("\ud800" <= character <= "\udfff" for sku in table.skus for character in sku)
        assert np.all(table.quantities[table.states != LevelState.COUNTED] == 0)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2147483647", "-5", "x", ""])), min_size=1),
)
def test_duplicates_are_summed_where_asked(body: list[tuple[str, str]]) -> None:
    text = written([list(row) for row in body], ",", "\n", header=["id", "inventory"])
    table = parse_table(text.encode(), FeedColumns(), sums_duplicates=True)
    expected: dict[str, list[int | None]] = {}
    for sku, cell in body:
        expected.setdefault(sku, []).append(parse_quantity(cell))
    assert table.skus == list(expected)
    for place, said in enumerate(expected.values()):
        whole = [value for value in said if value is not None]
        total = sum(whole)
        known = len(whole) == len(said) and -(2**31) <= total < 2**31
        assert table.states[place] == (LevelState.COUNTED if known else LevelState.UNKNOWN)
        assert table.quantities[place] == (total if known else 0)
    overflowing = sum(1 for values in expected.values() if None not in values and sum(filter(None, values)) >= 2**31)
    assert table.bad_count == sum(1 for _, cell in body if parse_quantity(cell) is None) + overflowing


def states(table: Table) -> dict[str, str]:
    return {sku: LevelState(state).word for sku, state in zip(table.skus, table.states.tolist(), strict=True)}


def test_availability_stands_in_for_an_absent_quantity() -> None:
    text = (
        "id,availability\na,in stock\nb,Out_Of_Stock\nc,preorder\nd,available for order\ne,backorder\nf,unlimited\ng,\n"
    )
    table = parse_table(text.encode(), FeedColumns(quantity=None, availability="availability"))
    assert states(table) == {
        "a": "in", "b": "out", "c": "preorder", "d": "preorder", "e": "backorder", "f": "unknown", "g": "unknown",
    }  # fmt: skip
    assert table.bad_rows == [BadRow(7, "f", "unlimited"), BadRow(8, "g", "")]


def test_availability_fills_empty_quantities_only() -> None:
    text = "id,availability,inventory\na,preorder,\nb,in stock,5\nc,in stock,x\nd,in stock\ne,in stock,\n"
    table = parse_table(text.encode(), FeedColumns(availability="availability"))
    assert states(table) == {"a": "preorder", "b": "counted", "c": "unknown", "d": "unknown", "e": "unknown"}
    assert table.quantities.tolist() == [0, 5, 0, 0, 0]


@pytest.mark.parametrize(
    ("quantity", "word", "level"),
    [
        ("12", "in stock", "counted"),
        ("0", "out of stock", "counted"),
        ("-3", "out_of_stock", "counted"),
        ("12", "", "counted"),
        ("0", " ", "counted"),
        ("12", "out of stock", "unknown"),  # does it sell? Its two columns do not agree
        ("0", "in stock", "unknown"),
        ("-1", "in stock", "unknown"),
        ("12", "nicht vorrätig", "unknown"),  # a word that nobody knows may say that it does not sell
        ("12", "preorder", "preorder"),
        ("0", "backorder", "backorder"),
        ("12", "discontinued", "disabled"),
        ("x", "out of stock", "unknown"),
    ],
)
def test_a_quantity_that_its_availability_contradicts_is_a_bad_row(quantity: str, word: str, level: str) -> None:
    text = f"id,availability,inventory\na,{word},{quantity}\nb,in stock,3\n"
    table = parse_table(text.encode(), FeedColumns(availability="availability"))
    assert states(table) == {"a": level, "b": "counted"}
    assert table.bad_count == (level == "unknown")
    if level == "unknown" and quantity != "x":
        assert table.bad_rows == [BadRow(2, "a", f"{quantity} {word}")]


def test_a_quantity_is_believed_where_the_settings_name_no_availability() -> None:
    table = parse_table(b"id,availability,inventory\na,out of stock,12\n", FeedColumns())
    assert (states(table), table.quantities.tolist()) == ({"a": "counted"}, [12])


def test_in_and_out_rows_of_one_sku_make_in() -> None:
    text = "id,availability\na,out of stock\na,in stock\nb,preorder\nb,preorder\nc,in stock\nc,preorder\n"
    columns = FeedColumns(quantity=None, availability="availability")
    table = parse_table(text.encode(), columns, sums_duplicates=True)
    assert states(table) == {"a": "in", "b": "preorder", "c": "unknown"}
    assert table.bad_rows == [BadRow(6, "c", "rows that differ: in, preorder")]


def test_parts_make_the_atp() -> None:
    columns = FeedColumns(on_hand="oh", committed="co", damaged="da")
    text = "id,oh,co,da\na,10,2,1\nb,10,,1\nc,-2147483648,1,0\nd,5,9,0\n"
    table = parse_table(text.encode(), columns)
    assert table.quantities.tolist() == [7, 0, 0, -4]
    assert table.parts is not None
    assert table.parts.tolist() == [[10, 0, 0, 5], [2, 0, 0, 9], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert states(table) == {"a": "counted", "b": "unknown", "c": "unknown", "d": "counted"}
    assert [(bad.row, bad.said) for bad in table.bad_rows] == [(3, "10 (empty) 1"), (4, "-2147483648 1 0")]


def test_parts_of_several_locations_are_summed() -> None:
    columns = FeedColumns(on_hand="oh", committed="co")
    table = parse_table(b"id,oh,co\na,10,2\na,5,1\nb,1,0\n", columns, sums_duplicates=True)
    assert (table.skus, table.quantities.tolist()) == (["a", "b"], [12, 1])
    assert table.parts is not None
    assert table.parts[:2].tolist() == [[15, 1], [3, 0]]


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("id,inventory\na,3\n", None, ""),
        ("id;inventory\na;3\n", None, "feed.csv"),
        ("id;inventory\na;3\n", "csv", "feed.txt"),
        ("id\tinventory\na\t3\n", None, "feed.csv"),
        ("id\tinventory\na\t3\n", "tsv", ""),
        ("id|inventory\na|3\n", None, "feed.tsv"),
        ("\n\n id , Inventory \na,3\n\n\n", None, ""),
        ("ID,INVENTORY\na,3", None, ""),
        ('"id","inventory","a ""quoted""\nheader; here"\na,3\n', None, ""),
        ("title;id,inventory\nx;a,3\n,a,3\n", "csv", ""),
    ],
)
def test_delimiters_and_headers(text: str, form: str | None, name: str) -> None:
    if text.startswith("title;"):
        with pytest.raises(SurfaceFault, match=r"no column “id”; set columns\.sku to one of"):
            parse_table(text.encode(), FeedColumns(), form=form, name=name)
        return
    table = parse_table(text.encode(), FeedColumns(), form=form, name=name)
    assert (table.skus, table.quantities.tolist(), table.bad_count) == (["a"], [3], 0)


@pytest.mark.parametrize(
    ("data", "columns", "reason"),
    [
        (b"", FeedColumns(), "empty"),
        (b"\xef\xbb\xbf\r\n \n", FeedColumns(), "empty"),
        ("\n".encode("utf-16"), FeedColumns(), "empty"),
        (b"id,inventory", FeedColumns(), "only a header row"),
        (b"id,inventory\n\n,,\n", FeedColumns(), "only a header row"),
        (b"id,inventry\na,3\n", FeedColumns(), "no column “inventory”; the nearest is “inventry”"),
        (
            b"sku,inventory\na,3\n",
            FeedColumns(),
            "no column “id”; the nearest is “sku”: if that is meant, set columns.sku to it",
        ),
        (b"id,inventory,inventory\na,3,4\n", FeedColumns(), "the column “inventory” is there 2 times"),
        (b"id,Stock,STOCK\na,3,4\n", FeedColumns(quantity="stock"), "the column “stock” is there 2 times"),
        (
            b"id,oh\na,3\n",
            FeedColumns(on_hand="oh", committed="co"),
            "no column “co”; set columns.committed to one of “id”, “oh”",
        ),
        (b"id,avail\na,in stock\n", FeedColumns(quantity="stock", availability="avail"), "no column “stock”; set"),
        (b"id\na\n", FeedColumns(quantity=None), "the settings name neither a quantity nor an availability column"),
        (b"id,co\na,3\n", FeedColumns(committed="co"), "the settings name parts of ATP without a column for on hand"),
        (b" \n<html></html>", FeedColumns(), "HTML instead of a table"),
        (b"<?xml version='1.0'?><rss></rss>", FeedColumns(), "XML instead of a table"),
        (b'{"items": []}', FeedColumns(), "JSON instead of a table"),
        (b"PK\x03\x04\x00\x00", FeedColumns(), "not a text file"),
        (b'id,inventory\na,3\nb,"4\nc,5\n', FeedColumns(), "cut off: the last row opens a quote that nothing closes"),
        (b'id,inventory\na,3\nb,"' + b"x" * 140_000, FeedColumns(), "a cell below row 1 is larger than 128 kB"),
        ("id,inventory\na,3\n".encode("utf-16")[:-1], FeedColumns(), "not UTF-16 text"),
    ],
)
def test_what_is_no_table(data: bytes, columns: FeedColumns, reason: str) -> None:
    with pytest.raises(SurfaceFault) as caught:
        parse_table(data, columns)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("head", "columns", "hint"),
    [
        ("sku,quantity", FeedColumns(), "“sku”: if that is meant, set columns.sku to it"),
        ("g:id,qty", FeedColumns(sku="g:id"), "“qty”: if that is meant, set columns.quantity to it"),
        ("Item_ID,stock", FeedColumns(), "“Item_ID”: if that is meant, set columns.sku to it"),
        ("id,Stock Quantity", FeedColumns(), "“Stock Quantity”: if that is meant, set columns.quantity to it"),
        ("ident,title,price", FeedColumns(sku="idents"), "“ident”: if that is meant, set columns.sku to it"),
        ("title,price,available", FeedColumns(), "set columns.sku to one of “title”, “price”, “available”"),
        ("a,b,c,d,e,f,g", FeedColumns(), "set columns.sku to one of “a”, “b”, “c”, “d”, “e”, “f” …"),
    ],
)
def test_a_column_that_is_called_otherwise_is_pointed_at(head: str, columns: FeedColumns, hint: str) -> None:
    with pytest.raises(SurfaceFault) as caught:
        parse_table(f"{head}\n1,2,3,4,5,6,7\n".encode(), columns)
    assert caught.value.reason.endswith(hint)


def test_header_names_are_cleaned_in_reasons() -> None:
    with pytest.raises(SurfaceFault, match=r"the nearest is “inventory\\x1b\[2J”") as caught:
        parse_table(b"id,inventory\x1b[2J\na,3\n", FeedColumns())
    assert caught.value.reason.isprintable()


def test_a_sku_that_is_not_text_is_none() -> None:
    table = parse_table(b"id,inventory,title\ncaf\xe9,3,x\nok,\xe9,x\nfine,4,caf\xe9\n", FeedColumns(name="title"))
    assert (table.skus, table.names) == (["ok", "fine"], ["x", "caf\\udce9"])
    assert table.bad_rows == [BadRow(2, "caf\\udce9", "caf\\udce9 3 x"), BadRow(3, "ok", "\\udce9")]


def test_bad_rows_are_counted_and_the_first_hundred_kept() -> None:
    body = "".join(f"sku-{number},{'x' * 200}\n" for number in range(250))
    table = parse_table(b"id,inventory\n" + body.encode(), FeedColumns())
    assert (table.bad_count, len(table.bad_rows), table.rows) == (250, 100, 250)
    assert [row.row for row in table.bad_rows] == list(range(2, 102))
    assert all(len(row.said) == 60 and row.said.endswith("…") for row in table.bad_rows)


def test_text_is_cleaned_and_exact() -> None:
    text = "id\tinventory\ttitle\tprice\n 007 \t3\t[b]Bad\u202eName[/b]\x1b[31m\t19.90 GBP\n"
    table = parse_table(text.encode(), FOUR)
    assert (table.skus, table.names) == (["007"], ["[b]Bad\\u202eName[/b]\\x1b[31m"])
    assert list(table.prices) == [19.9]


def test_utf_16_as_spreadsheets_write_it() -> None:
    table = parse_table("id\tinventory\ttitle\r\na\t3\tBougie été\r\n".encode("utf-16"), FeedColumns(name="title"))
    assert (table.quantities.tolist(), table.names, table.ended) == ([3], ["Bougie été"], True)


@pytest.mark.parametrize(("end", "ended"), [("", False), ("\n", True), ("\r\n", True), ("\r", True)])
def test_tells_whether_the_last_row_ended(end: str, ended: bool) -> None:
    assert parse_table(b"id,inventory\na,3" + end.encode(), FeedColumns()).ended is ended


@pytest.mark.parametrize("price", ["", "free", "-3", "(4.00)", "GBP"])
def test_no_price_is_nan(price: str) -> None:
    table = parse_table(f"id,inventory,price\na,3,{price}\n".encode(), FeedColumns(price="price"))
    assert math.isnan(table.prices[0])


def test_a_row_with_more_cells_than_the_header_is_bad_unless_they_are_blank() -> None:
    text = "id,title,price,inventory\nA,Foo, bar,12,5\nB,Baz,12,4,,\nC,Qux,12,3\n"
    table = parse_table(text.encode(), FeedColumns())
    assert states(table) == {"A": "unknown", "B": "counted", "C": "counted"}
    assert table.quantities.tolist() == [0, 4, 3]
    assert [(bad.row, bad.sku) for bad in table.bad_rows] == [(2, "A")]


QUOTED = FeedColumns(name="title")


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("id,title,inventory", 'A,"Foo,3\nB,Bar",5'),
        ("id,title,inventory", 'A,"Foo,3\nB,"Bar",5'),
        ("id,title,inventory", 'A,"Foo,3\nB,Bar" baz,5'),
        ("id,title,inventory", 'A,"Foo,3\r\nC,Qux,4\r\nB,Bar",5'),
        ("id,title,inventory", 'A,"Foo,3\nB,"Bar, x",5'),
        ("id,inventory,title", 'A,3,"Foo\nB,5,Bar" x'),
        ("title,id,inventory", '"Foo,A,3\nBar",B,5'),
    ],
)
def test_a_quote_that_hides_rows_makes_the_read_doubtful(header: str, row: str) -> None:
    text = f"{header}\nx,1,1\n{row}\n"
    with pytest.raises(SurfaceFault) as caught:
        parse_table(text.encode(), QUOTED)
    assert (caught.value.kind, caught.value.reason) == (Fault.CUT, "row 3 opens a quote that hides the rows below it")


@pytest.mark.parametrize(
    "row",
    [
        'A,"Soft, warm\nand, with luck, cosy",3',
        'A,"Foo\n",3',
        'A,"\n\n",3',
        'A,"12, 14\n16, 18",3',
        'A,"quick" fox,3',
        'A,5" nails,3',
    ],
)
def test_a_description_of_several_lines_hides_nothing(row: str) -> None:
    table = parse_table(f"id,title,inventory\n{row}\nB,x,4\n".encode(), QUOTED)
    assert (table.skus, table.quantities.tolist()) == (["A", "B"], [3, 4])


def test_rows_that_may_name_another_sku_are_counted() -> None:
    columns = FeedColumns(sku="id", quantity="inventory")
    first = parse_table(b"id,title,inventory\nA,Sea Salt, 220ml,3\n,Amber,4\nB,Mint,5\n", columns)
    assert (first.bad_count, first.nameless) == (2, 1), "what stands before the name is not moved by it"
    last = parse_table(b"title,id,inventory\nSea Salt, 220ml,A,3\nAmber,,4\nMint,B,5\n", columns)
    assert (last.bad_count, last.nameless) == (2, 2)
