"""Columns of text and their index against plain lists and dictionaries."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stockdrift.stock import index as index_module
from stockdrift.stock import texts as texts_module
from stockdrift.stock.catalogue import Catalogue
from stockdrift.stock.entries import Naming
from stockdrift.stock.index import TextIndex, first_places
from stockdrift.stock.texts import Texts, TextStore
from stockdrift.stock.words import as_sentence

# Few letters, so that texts meet; lengths about the eight bytes of a word; bytes of NUL, of many bytes, of none.
text = st.one_of(
    st.text("ab\x00\n", max_size=18),
    st.text(st.sampled_from("aé€\U0001f600\ud800"), max_size=7),
    st.sampled_from(["", "A" * 7, "A" * 8, "A" * 9, "A" * 16, "A" * 17, "A" * 300]),
)
columns = st.lists(text, max_size=30)
blocks = st.sampled_from([1, 2, 7, 1 << 16])


def parts_of(texts: list[str]) -> Texts:
    """The same, over bytes that hold other things in between, in another order."""
    data, spans = bytearray(), {}
    for place, one in reversed(list(enumerate(texts))):
        data += b"x"
        begin = len(data)
        data += one.encode("utf-8", "surrogatepass")
        spans[place] = begin, len(data)
    starts, ends = np.array([spans[place] for place in range(len(texts))], np.int64).reshape(-1, 2).T
    return Texts(np.frombuffer(bytes(data) + b"padding.", np.uint8), starts, ends)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of two bits: every text meets others."""
    plain = Texts._hashed
    monkeypatch.setattr(Texts, "_hashed", lambda self, block: plain(self, block) & np.uint32(0xC000_0000))


def play(more: list[list[str]]) -> None:
    """Adds columns to a catalogue, those seen before among them, and to a dictionary."""
    catalogue, rows = Catalogue(), dict[str, int]()
    for column in more:
        found, new = catalogue.rows_with_new(parts_of(column))
        fresh = list(dict.fromkeys(one for one in column if one not in rows))
        assert list(new) == fresh
        catalogue.add(new)
        rows |= {one: len(rows) + place for place, one in enumerate(fresh)}
        assert found.tolist() == [rows[one] for one in column]
    assert list(catalogue.skus) == list(rows) == [catalogue.skus[row] for row in range(len(catalogue))]
    asked = [*rows, "never", "", "A" * 8]
    assert catalogue.rows_of(asked).tolist() == [rows.get(one, -1) for one in asked]
    assert [catalogue.row_of(one) for one in asked] == [rows.get(one) for one in asked]


@settings(max_examples=150, deadline=None)
@given(st.lists(columns, max_size=5), blocks)
def test_rows_are_those_of_a_dictionary(more: list[list[str]], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts_module, "BLOCK", block)
        patch.setattr(index_module, "BLOCK", block)
        patch.setattr(index_module, "_FEWEST", 4)
        play(more)


@settings(max_examples=150, deadline=None)
@given(columns)
def test_order_is_that_of_code_points(texts: list[str]) -> None:
    expected = sorted(range(len(texts)), key=lambda place: texts[place].encode("utf-8", "surrogatepass"))
    assert parts_of(texts).order().tolist() == expected


@pytest.mark.usefixtures("meeting")
def test_texts_whose_hashes_meet_are_told_apart() -> None:
    many = [f"S{number}" for number in range(300)]
    play([many[:100], many[50:200] * 2, many])


def test_a_catalogue_grows_to_any_size() -> None:
    many = [f"SKU-{number:05}" for number in range(9_000)]
    play([many[:1], many[:1_500], many[:5_000], many[::-1]])


@settings(max_examples=150)
@given(columns)
def test_first_places(column: list[str]) -> None:
    assert first_places(parts_of(column)).tolist() == [column.index(one) for one in column]


@settings(max_examples=150)
@given(columns, st.data())
def test_a_column_of_texts_is_a_sequence_of_them(column: list[str], data: st.DataObject) -> None:
    for texts in (Texts.of(column), parts_of(column)):
        assert list(texts) == column
        assert texts == column
        assert Texts.of(texts) is texts
        assert texts.lengths().tolist() == [len(one.encode("utf-8", "surrogatepass")) for one in column]
        places = data.draw(st.lists(st.sampled_from(range(len(column))), max_size=9) if column else st.just([]))
        taken = texts.take(np.array(places, np.int64))
        assert list(taken) == [column[place] for place in places]
        assert texts.hashes()[places].tolist() == taken.hashes().tolist()
        assert list(texts[1:4]) == column[1:4]
        if column:
            assert texts[-1] == column[-1]
            assert texts != [*column[:-1], column[-1] + "\x00"]
        assert texts != [*column, ""]
        with pytest.raises(IndexError):
            texts[len(column)]
    assert Texts.of(column).hashes().tolist() == parts_of(column).hashes().tolist()


@settings(max_examples=200)
@given(st.lists(columns, max_size=4), blocks, st.data())
def test_a_store_grows_shrinks_and_changes(more: list[list[str]], block: int, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts_module, "BLOCK", block)
        store, kept = TextStore(), list[str]()
        for column in more:
            store.extend(parts_of(column))
            kept += column
            assert list(store) == kept
        assert store.lines.tobytes().decode("utf-8", "surrogatepass") == "".join(one + "\n" for one in kept)
        rows = sorted(data.draw(st.sets(st.sampled_from(range(len(kept)))))) if kept else []
        new = data.draw(st.lists(text, min_size=len(rows), max_size=len(rows)))
        version = store.version
        store.replace(np.array(rows, np.int32), Texts.of(new))
        assert store.version > version
        for row, one in zip(rows, new, strict=True):
            kept[row] = one
        assert list(store) == kept
        store.shorten(len(kept) // 2)
        store.extend(Texts.of(["after"]))
        assert list(store) == [*kept[: len(kept) // 2], "after"]


def test_a_sku_gets_no_second_row_and_nothing_is_half_done() -> None:
    catalogue = Catalogue()
    catalogue.add(["A", "B"])
    for wrong in (["C", "A"], ["C", "C"]):
        with pytest.raises(ValueError, match="has a row already"):
            catalogue.add(wrong)
        assert list(catalogue.skus) == ["A", "B"]
        assert catalogue.rows_of(["A", "B", "C"]).tolist() == [0, 1, -1]
    catalogue.add(["C"])
    assert catalogue.row_of("C") == 2


def test_names_are_taken_over() -> None:
    catalogue = Catalogue()
    catalogue.add(["A", "B", "C"])
    assert list(catalogue.names) == ["", "", ""]
    catalogue.name(Naming(np.array([0, 2], np.int32), ["Amber", "Été"], np.array([1.5, np.nan])))
    catalogue.name(Naming(np.array([1], np.int32), ["B" * 40], np.array([2.0])))
    assert list(catalogue.names) == ["Amber", "B" * 40, "Été"]
    assert catalogue.prices[:2].tolist() == [1.5, 2.0]
    assert np.isnan(catalogue.prices[2])


def test_an_index_forgets_rows() -> None:
    texts = Texts.of(["A", "B", "A"])
    index = TextIndex(texts)
    assert index.put(texts.hashes()).tolist() == [0, 1, 0]
    index.shorten(1)
    wanted = Texts.of(["A", "B"])
    assert index.find(wanted, wanted.hashes()).tolist() == [0, -1]


def of_lines(lines: NDArray[np.uint8], lengths: NDArray[np.int64]) -> TextStore:
    return TextStore.of_lines(len(lines), lambda room: np.copyto(room, lines), [lengths])


@given(st.lists(text, max_size=60))
def test_a_store_of_lines_is_what_was_put_into_it(values: list[str]) -> None:
    store = TextStore.of(values)
    again = of_lines(store.lines, store.lengths())
    assert list(again) == values
    again.extend(Texts.of(["more"]))
    copy = store.copy()
    copy.replace(np.arange(len(values), dtype=np.int32), Texts.of(["x"] * len(values)))
    assert list(store) == values
    assert list(again) == [*values, "more"]


@pytest.mark.parametrize(
    ("lines", "lengths"), [(b"ab\n", [1]), (b"ab\n", [2, 0]), (b"a\nb", [1, 0]), (b"a\nb\n", [4, -1]), (b"", [0])]
)
def test_lines_that_are_not_as_long_as_they_should_be_are_refused(lines: bytes, lengths: list[int]) -> None:
    with pytest.raises(ValueError, match="texts"):
        of_lines(np.frombuffer(lines, np.uint8), np.array(lengths))


def hashed(one: str) -> int:
    """NH over words of eight bytes, and the mixing, as plain arithmetic."""
    data, mask = one.encode("utf-8", "surrogatepass"), 2**32 - 1
    secret = [int(texts_module._secret(number)) for number in range(2 * len(data) + 4)]
    total = len(data) * secret[0]
    for number in range(-(-len(data) // 8)):
        word = int.from_bytes(data[8 * number : 8 * number + 8].ljust(8, b"\0"), "little")
        total += ((word + secret[2 * number + 2]) & mask) * (((word >> 32) + secret[2 * number + 3]) & mask)
    total %= 2**64
    total = (total ^ total >> 33) * 0xFF51_AFD7_ED55_8CCD % 2**64
    return ((total ^ total >> 33) * (secret[1] | 1)) % 2**64 >> 32


@given(columns)
def test_a_hash_is_the_formula_it_is_said_to_be(texts: list[str]) -> None:
    assert parts_of(texts).hashes().tolist() == [hashed(one) for one in texts]


def test_secrets_are_splitmix_from_the_hash_that_differs_from_process_to_process() -> None:
    state, found = hash("stockdrift") % 2**64, []
    for _ in range(5):
        state = (state + 0x9E37_79B9_7F4A_7C15) % 2**64
        mixed = (state ^ state >> 30) * 0xBF58_476D_1CE4_E5B9 % 2**64
        mixed = (mixed ^ mixed >> 27) * 0x94D0_49BB_1331_11EB % 2**64
        found.append(mixed ^ mixed >> 31)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts_module, "_SECRETS", [])
        assert [int(texts_module._secret(number)) for number in range(5)] == found


@pytest.mark.parametrize("place", [0, 7, 8, 9, 15, 16, 17, 24])
def test_texts_that_differ_in_one_place_are_told_apart(place: int) -> None:
    one, other = "A" * 25, "A" * place + "B" + "A" * (24 - place)
    assert Texts.of([one, one]).same(np.arange(2), Texts.of([one, other]), np.arange(2)).tolist() == [True, False]
    assert Texts.of([other, one]).order().tolist() == [1, 0]


def test_a_column_equals_a_sequence_of_texts_and_no_text_and_nothing_else() -> None:
    column = Texts.of(["a", "b"])
    assert column == ["a", "b"]
    assert column != ["a", "c"]
    assert column != ["a"]
    assert column != "ab"
    assert column != 7
    assert [parts_of(one).size() for one in ([], ["", "ab", "é"])] == [0, 4]
    assert [repr(Texts.of(list("abcd"[:count]))) for count in (3, 4)] == [
        "<3 texts: 'a', 'b', 'c'>", "<4 texts: 'a', 'b', 'c', …>",
    ]  # fmt: skip


def store_of(*parts: tuple[bytes, list[int]], count: int | None = None) -> TextStore:
    data = b"".join(lines for lines, _ in parts)
    lengths = [np.array(told, np.int64) for _, told in parts]
    return TextStore.of_lines(
        len(data) if count is None else count, lambda room: np.copyto(room, np.frombuffer(data, np.uint8)), lengths
    )


def test_a_store_is_put_together_of_parts_that_belong_together() -> None:
    assert list(store_of((b"a\nbc\n", [1, 2]), (b"", []), (b"\ndef\n", [0, 3]))) == ["a", "bc", "", "def"]
    assert list(store_of()) == []
    with pytest.raises(ValueError, match="more than"):
        store_of((b"a\n", [1]), count=2**32)
    for data, lengths, why in (
        (b"a\n", [2], "long"),
        (b"a\n", [0], "long"),
        (b"a\n", [], "long"),
        (b"abc\n", [-1, 3], "long"),
        (b"abc\n", [3, -1], "long"),
        (b"abc\n", [4, -2, 0], "long"),
        (b"abc\n", [2**32 - 1, 3], "long"),
        (b"abc\n", [0, 2], "end"),
    ):
        with pytest.raises(ValueError, match=why):
            store_of((data, lengths))


def test_a_store_over_lines_that_are_there_goes_on_like_any_other() -> None:
    data = np.frombuffer(b"a\n\nbc\n" + bytes(texts_module.PADDING), np.uint8)
    store = TextStore.over(data, np.array([2, 3, 6]))
    assert store.data is data
    assert list(store) == ["a", "", "bc"]
    store.extend(Texts.of(["def"]))
    assert list(store) == ["a", "", "bc", "def"]
    assert list(TextStore.over(data[-texts_module.PADDING :], np.empty(0, np.int64))) == []


def test_a_store_holds_less_than_four_gib_and_each_change_is_another_version() -> None:
    store, versions = TextStore(), [0]
    far = Texts(np.zeros(16, np.uint8), np.array([0]), np.array([2**32 - 1]))
    with pytest.raises(ValueError, match="more than 4 GiB"):
        store.extend(far)
    store.extend(Texts.of(["a", "b"]))
    versions.append(store.version)
    store.replace(np.array([1], np.int32), Texts.of(["c"]))
    versions.append(store.version)
    store.shorten(1)
    versions.append(store.version)
    assert versions == sorted(set(versions))
    assert list(store) == ["a"]


COLOURS = ("RED", "BLU", "GRN", "BLK")
SKUS = {
    "numbered": [f"S{number}" for number in range(2_048)],
    "digits": [f"{number:08}" for number in range(2_048)],
    "a long beginning": [f"CANDLE-AND-CO-LONDON-{number:05}" for number in range(2_048)],
    "a long end": [f"{number:05}-CANDLE-AND-CO-LONDON" for number in range(2_048)],
    "EAN-13": [str(4_006_381_333_931 + 10 * number) for number in range(2_048)],
    "sizes and colours": [f"A{n // 16:04}-{'SMLX'[n % 4]}-{COLOURS[n // 4 % 4]}" for n in range(2_048)],
    "one byte": ["A" * (n % 32) + chr(66 + n // 32) + "A" * (31 - n % 32) for n in range(2_048)],
    "bits": [f"{number:011b}" for number in range(2_048)],
}


@pytest.mark.parametrize("skus", SKUS.values(), ids=SKUS)
def test_texts_are_spread_over_slots_as_by_chance_whatever_the_secrets(
    skus: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Balls thrown into bins: how many bins have one, on average and with which deviation, is known."""
    assert len(set(skus)) == len(skus)
    texts, chance = Texts.of(skus), random.Random(1)
    index = TextIndex(texts)
    index.put(texts.hashes())
    balls, bins = len(skus), len(index._slots)
    assert bins == 2 * balls, "half of them are taken"
    free, both_free = (1 - 1 / bins) ** balls, (1 - 2 / bins) ** balls
    deviation = math.sqrt(bins * free + bins * (bins - 1) * both_free - (bins * free) ** 2)
    fewest = bins * (1 - free) - 5 * deviation  # 1,537; with a fair hash one in three million goes below
    for _ in range(100):
        secrets = [np.uint64(chance.getrandbits(64)) for _ in range(12)]
        monkeypatch.setattr(texts_module, "_SECRETS", secrets)
        first = index._first_slots(Texts.of(skus).hashes())
        assert 0 <= first.min() <= first.max() < bins
        assert len(np.unique(first)) > fewest, secrets


def test_a_sentence_begins_with_a_capital_unless_a_name_begins_it() -> None:
    assert as_sentence("no answer") == "No answer."
    assert as_sentence("root@vm is writing S-1 there already.") == "root@vm is writing S-1 there already."
