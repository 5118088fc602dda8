"""Feeds of every format: the same items come to the same columns, and nothing that is cut or odd comes to agreement."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.levels import parse_quantity
from stockdrift.stock.text import escaped
from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.collected import Table
from stockdrift.surfaces.document import Document
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.formats import format_of

from .feed_formats import FORMATS, ITEMS, NAMED, Item, as_atom, as_jsonl, as_rss, levels, parsed, parsed_or_fault

texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x7f\ufffe\uffff\ufeff\u2028\u2029"), max_size=6
).map(str.strip)
quantities = st.one_of(st.integers(-5, 50).map(str), st.sampled_from(["", "3.0", "3.5", "x", "2147483648", "007"]))
words = st.sampled_from(["", "in stock", "out_of_stock", "preorder", "discontinued", "ausverkauft"])


@settings(max_examples=60)
@given(st.lists(st.tuples(texts, quantities, texts, words), min_size=1, max_size=8), st.booleans())
def test_the_same_items_in_every_format_are_the_same_columns(rows: list[tuple[str, str, str, str]], sums: bool) -> None:
    items: list[Item] = [
        # A row that is blank altogether is no row in a table, and an item all the same in the others.
        {"id": sku, "inventory": quantity, "title": title or "x", "price": "9.50 GBP", "availability": word}
        for sku, quantity, title, word in rows
    ]
    keys = {"sums_duplicates": sums, **NAMED}
    found = {form: parsed(write(items), name=f"feed.{form}", **keys) for form, write in FORMATS.items()}
    expected = found["csv"]
    for form, document in found.items():
        assert levels(document) == levels(expected), form
        assert document.table.names == expected.table.names, form
        assert list(document.table.prices) == list(expected.table.prices), form
        assert document.table.bad_count == expected.table.bad_count, form
        assert document.table.rows == len(items), form
        assert [bad.sku for bad in document.table.bad_rows] == [bad.sku for bad in expected.table.bad_rows], form


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_document_that_is_cut_is_a_fault_or_the_rows_that_came(form: str, data: st.DataObject) -> None:
    """Only where rows stand one below the other can a cut look like an end; then those that came are right."""
    body = FORMATS[form](ITEMS)
    at = data.draw(st.integers(0, len(body.rstrip()) - 1))
    try:
        document = parsed(body[:at], **NAMED)
    except SurfaceFault:
        return
    assert form in ("csv", "tsv", "jsonl")
    rows = levels(document)
    assert len(rows) < len(ITEMS) or form in ("csv", "tsv")
    whole = levels(parsed(body, **NAMED))
    assert rows[:-1] == whole[: len(rows) - 1]
    if form == "jsonl":
        assert rows == whole[: len(rows)]
    elif rows[-1] != whole[len(rows) - 1]:
        assert not document.table.ended, "the connector refuses it where the server names no length"


HEADS = [b"", b"[", b'{"items":[', b'{"id":"a","inventory":3}\n', b"<rss><channel><item>", b"<feed><entry>"]


@settings(max_examples=300)
@given(
    st.binary(max_size=120),
    st.sampled_from(["auto", "csv", "tsv", "rss", "atom", "json", "jsonl"]),
    st.sampled_from(HEADS),
)
@example("\ue000".encode(), "auto", b"")  # of private use: not what Python calls printable, and harmless
def test_any_bytes_end_in_columns_or_a_fault(tail: bytes, form: str, head: bytes) -> None:
    table = parsed_or_fault(head + tail, format=form)
    if isinstance(table, SurfaceFault):
        assert table.reason == escaped(table.reason)
        return
    assert len(table.skus) == len(table.states) == len(table.quantities) == len(table.numbers)
    assert all(table.skus)


@settings(max_examples=200)
@given(st.data())
def test_a_document_with_a_byte_changed_never_crashes(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted(FORMATS)))
    body = bytearray(FORMATS[form](ITEMS[:5]))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    found = parsed_or_fault(bytes(body), **NAMED)
    assert isinstance(found, Table) or found.reason


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200)
@given(st.lists(st.tuples(JSON_VALUES, JSON_VALUES), min_size=1, max_size=5))
def test_json_values_are_quantities_only_where_they_are_whole_numbers(pairs: list[tuple[Any, Any]]) -> None:
    body = json.dumps([{"id": sku, "inventory": quantity} for sku, quantity in pairs]).encode()
    table = parsed(body).table
    assert table.rows == len(pairs)
    found = iter(levels(Document(table, "json")))
    for sku, quantity in pairs:
        named = isinstance(sku, str) or (isinstance(sku, int) and not isinstance(sku, bool))
        if not named or not str(sku).strip():
            continue
        _, word, number = next(found)
        is_number = isinstance(quantity, str | int | float) and not isinstance(quantity, bool)
        whole = parse_quantity(str(quantity)) if is_number else None
        assert (word, number) == (("unknown", 0) if whole is None else ("counted", whole))


@pytest.mark.parametrize(
    ("cell", "said"),
    [("null", ""), ("3.5", "3.5"), ("true", "true"), ("[3]", "[3]"), ('{"n":3}', '{"n": 3}'), ("1e309", "inf")],
)
def test_a_json_value_that_is_no_quantity_is_a_bad_row(cell: str, said: str) -> None:
    document = parsed(f'[{{"id":"a","inventory":{cell}}},{{"id":"b","inventory":4}}]'.encode())
    assert levels(document) == [("a", "unknown", 0), ("b", "counted", 4)]
    assert [(bad.row, bad.sku, bad.said) for bad in document.table.bad_rows] == [(1, "a", said)]


def test_a_number_of_five_thousand_digits_is_a_bad_row() -> None:
    document = parsed(f'[{{"id":"a","inventory":{"9" * 5_000}}},{{"id":"b","inventory":4}}]'.encode())
    assert levels(document) == [("a", "unknown", 0), ("b", "counted", 4)]


@pytest.mark.parametrize("item", ["{}", "5", "null", '{"id":null,"inventory":3}', '{"id":true,"inventory":3}', "[]"])
def test_an_item_that_names_no_sku_is_counted(item: str) -> None:
    document = parsed(f'[{{"id":"a","inventory":3}},{item}]'.encode())
    assert levels(document) == [("a", "counted", 3)]
    assert (document.table.bad_count, document.table.rows, document.table.bad_rows[0].row) == (1, 2, 2)
    assert document.table.bad_rows[0].said


@pytest.mark.parametrize(
    ("item", "level"),
    [
        ('{"id":"a","inventory":3,"inventory":3}', [("a", "counted", 3)]),
        ('{"id":"a","inventory":3,"inventory":4}', [("a", "unknown", 0)]),
        ('{"id":"a","id":"b","inventory":3}', []),
        ('{"id":"a","title":"id","inventory":3,"x":{"id":"c","inventory":9}}', [("a", "counted", 3)]),
        ('{"id":"inventory","inventory":3}', [("inventory", "counted", 3)]),
        ('["id","id"]', []),
    ],
)
def test_an_item_that_states_a_field_twice(item: str, level: list[tuple[str, str, int]]) -> None:
    assert levels(parsed(f'[{{"id":"z","inventory":1}},{item}]'.encode()))[1:] == level


@pytest.mark.parametrize("blank", [1, 63, 64, 65, 200])
def test_lines_keep_their_numbers(blank: int) -> None:
    lines = ['{"id":"a","inventory":3}', *[""] * blank, '{"id":"b","inventory":"x"}', "", "5", ""]
    document = parsed("\r\n".join(lines).encode(), format="jsonl")
    assert levels(document) == [("a", "counted", 3), ("b", "unknown", 0)]
    assert [(bad.row, bad.said) for bad in document.table.bad_rows] == [(blank + 2, "x"), (blank + 4, "5")]
    assert document.table.rows == 3


@pytest.mark.parametrize("form", FORMATS)
def test_the_quantity_goes_by_metas_name_too(form: str) -> None:
    meta: list[Item] = [{"id": "a", "quantity_to_sell_on_facebook": "3"}]
    assert levels(parsed(FORMATS[form](meta), name=f"x.{form}")) == [("a", "counted", 3)]
    both: list[Item] = [{"id": "a", "quantity_to_sell_on_facebook": "3", "inventory": "9"}]
    body = FORMATS[form](both)
    assert levels(parsed(body, name=f"x.{form}")) == [("a", "counted", 9)]
    named = {"quantity": "quantity_to_sell_on_facebook"}
    assert levels(parsed(body, name=f"x.{form}", columns=named)) == [("a", "counted", 3)]
    with pytest.raises(SurfaceFault, match="no column “inventory”"):
        parsed(FORMATS[form](meta), name=f"x.{form}", columns={"quantity": "inventory"})


def test_fields_within_fields_and_truth_as_availability() -> None:
    body = b'[{"sku":7,"stock":{"free":3},"sold":true},{"sku":"b","stock":{"free":0},"sold":false},{"sku":"c"}]'
    document = parsed(body, columns={"sku": "sku", "quantity": "stock.free", "availability": "sold"})
    assert levels(document) == [("7", "counted", 3), ("b", "counted", 0), ("c", "unknown", 0)]
    document = parsed(body, columns={"sku": "sku", "quantity": None, "availability": "sold"})
    assert levels(document) == [("7", "in", 0), ("b", "out", 0), ("c", "unknown", 0)]


def test_a_column_that_stands_in_later_items_only_is_found() -> None:
    document = parsed(b'[{"id":"a"},{"id":"b"},{"id":"c","inventory":3}]')
    assert levels(document) == [("a", "unknown", 0), ("b", "unknown", 0), ("c", "counted", 3)]
    rows = "".join(f"<item><g:id>{n}</g:id></item>" for n in range(2_500))
    late = as_rss([]).replace(
        b"</channel>", f"{rows}<item><g:id>x</g:id><g:inventory>3</g:inventory></item></channel>".encode()
    )
    assert levels(parsed(late))[-1] == ("x", "counted", 3)


@pytest.mark.parametrize(
    ("body", "keys", "kind", "reason"),
    [
        (b"[]", {}, Fault.EMPTY, "no items in it"),
        (b'{"items":[]}', {}, Fault.EMPTY, "no items in it"),
        (b"\n\n", {"format": "jsonl"}, Fault.EMPTY, "empty"),
        (b'{"a":[],"b":[]}', {}, Fault.SHAPE, "several lists in it: “a”, “b”"),
        (b'{"a":1}', {}, Fault.SHAPE, "no list of items in it; name its path as items"),
        (b'{"a":{"b":{}}}', {"items": "a.c"}, Fault.SHAPE, "no list of items at “a.c”: there is no “c”"),
        (b'{"a":{"b":{}}}', {"items": "a.b"}, Fault.SHAPE, "what stands at “a.b” is no list of items"),
        (b'[{"sku":"a"}]', {}, Fault.SHAPE, "no column “id”; the nearest is"),
        (b'[{"id":"a","stock":3}]', {}, Fault.SHAPE, "no column “inventory”; the nearest is “stock”"),
        (b'[{"id":"a","inventory":3}', {}, Fault.CUT, "the JSON is cut off after 25 bytes"),
        (b'[{"id":"a","inventory":NaN}]', {}, Fault.SHAPE, "not JSON"),
        (b'[{"id":"a"}] []', {}, Fault.SHAPE, "not JSON"),
        (b"[" * 100_000, {}, Fault.LARGE, "nested too deep"),
        (b'{"a":' * 100_000, {}, Fault.LARGE, "nested too deep"),
        (b'[{"id":1},{"id":' + b"[" * 100 + b"]" * 100 + b"}]", {}, Fault.LARGE, "item 2 is nested deeper than 64"),
        (
            b'{"id":"a","inventory":' + b"[" * 100 + b'}\n{"id":"b"}\n',
            {"format": "jsonl"},
            Fault.LARGE,
            "line 1 is nested",
        ),
        (b'{"id":"a","inventory":3}\n{"id":"b","inv', {}, Fault.CUT, "line 2 is not whole JSON"),
        (b'{"id":"a","inventory":3}\n{"id":"b","inv\n{"id":"c"}\n', {}, Fault.CUT, "line 2 is not whole JSON"),
        (b'{"count":9,"items":[{"id":"a","inventory":3}]}', {}, Fault.CUT, "1 items came, and its “count” says 9"),
        (b'{"total":9,"limit":1,"items":[{"id":"a"}]}', {}, Fault.CUT, "1 items came, and its “total” says 9"),
        (b'{"meta":{"totalItems":9},"items":[{"id":"a"}]}', {}, Fault.CUT, "1 items came, and its “totalItems” says 9"),
        (
            b'{"next":"/feed?page=2","items":[{"id":"a"}]}',
            {},
            Fault.CUT,
            "only one page of the items: it names a “next”",
        ),
        (b'{"has_more":true,"data":[{"id":"a"}]}', {}, Fault.CUT, "only one page of the items: its “has_more” is true"),
        (
            b'{"pageInfo":{"hasNextPage":true},"items":[{"id":"a"}]}',
            {},
            Fault.CUT,
            "only one page of the items: its “hasNextPage” is true",
        ),
        (
            b'{"pagination":{"current_page":1,"total_pages":3},"items":[{"id":"a"}]}',
            {},
            Fault.CUT,
            "only one page of the items: its “total_pages” says 3",
        ),
        (b"<html>", {"format": "json"}, Fault.SHAPE, "HTML or XML instead of JSON"),
        (b"id,inventory\na,3\n", {"format": "json"}, Fault.SHAPE, "not JSON"),
        (b"id,inventory\na,3\n", {"format": "rss"}, Fault.SHAPE, "not XML: syntax error in line 1"),
        (as_rss(ITEMS), {"format": "atom"}, Fault.SHAPE, "RSS, where the settings say Atom"),
        (as_rss(ITEMS), {"format": "csv"}, Fault.SHAPE, "XML instead of a table"),
        (as_jsonl(ITEMS), {"format": "json"}, Fault.SHAPE, "not JSON"),
        (as_rss([]), {}, Fault.EMPTY, "no items in it"),
        (as_rss(ITEMS)[:-30], {}, Fault.CUT, "the XML is cut off after"),
        (as_rss(ITEMS) + b"<x/>", {}, Fault.SHAPE, "not XML: junk after document element"),
        (
            b"<products><product/></products>",
            {},
            Fault.SHAPE,
            "XML that is neither RSS nor Atom: it begins with <products>",
        ),
        (b"<?xml version='1.0' encoding='klingon'?><rss/>", {}, Fault.SHAPE, "XML in an encoding that is not known"),
        (b"<rss><channel><item><g:id>a</g:id></item></channel></rss>", {}, Fault.SHAPE, "not XML: unbound prefix"),
        (b"<rss><channel><item>" + b"<a>" * 100, {}, Fault.LARGE, "nested deeper than 64"),
        (b"<rss>" + b"<a>" * 100_000, {}, Fault.LARGE, "nested deeper than 64"),
        (as_atom(ITEMS, '<link rel="next" href="/2"/>'), {}, Fault.CUT, "only one page of the feed"),
    ],
)
def test_what_is_no_feed(body: bytes, keys: dict[str, Any], kind: Fault, reason: str) -> None:
    with pytest.raises(SurfaceFault) as caught:
        parsed(body, **keys)
    assert caught.value.reason.startswith(reason)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("body", "name", "media_type", "form"),
    [
        (b"id,inventory\n", "", "", "table"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><!-- c --><rss>", "", "", "rss"),
        (b"<a:feed xmlns:a='x'>", "", "", "atom"),
        (as_rss(ITEMS).decode().encode("utf-16"), "", "", "rss"),
        (b'[{"id":1}]', "", "", "json"),
        (b'{\n "items": []}', "a.csv", "text/csv", "json"),
        (b'{"id":1}\n{"id":2}\n', "", "", "jsonl"),
        (b'{"id":1}\n', "", "", "json"),
        (b'{"id":1}\n', "feed.jsonl.gz", "", "jsonl"),
        (b'{"id":1}', "", "application/x-ndjson", "jsonl"),
    ],
)
def test_the_format_by_the_beginning(body: bytes, name: str, media_type: str, form: str) -> None:
    assert format_of(body, name, media_type) == form


def test_settings_that_name_paths_in_another_format_are_refused() -> None:
    with pytest.raises(ValueError, match="items and generated are paths in a JSON document"):
        FeedSettings.model_validate({"system": "feed", "path": "a", "format": "rss", "items": "a"})


def test_a_page_of_html_is_called_so_whatever_its_type() -> None:
    assert Answer(200, {}, b"<html>").is_html
    with pytest.raises(SurfaceFault, match="HTML instead of a table"):
        parsed(b"<!doctype html><html><body>Sign in</body></html>")
