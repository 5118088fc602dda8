"""A feed file that is written: only what was to change changes, in one step, and never over what changed meanwhile."""

from __future__ import annotations

import asyncio
import csv
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.actions import RowChange
from stockdrift.surfaces import feed_writer
from stockdrift.surfaces.feed_writer import FeedWriter
from stockdrift.surfaces.header import lay_out
from stockdrift.surfaces.writer import NotSentError, Verdict, WriteAnswer

TABLE = b'\xef\xbb\xbfid;inventory;title\r\nA;9;"Candle; big"\r\n\r\n B ;5;"two\r\nlines"\nC;1.0;x\nD;4;y\nD;4;z\nE;;w'


def writer(path: Path, **more: Any) -> FeedWriter:
    return FeedWriter(FeedSettings(system="feed", path=path, **more), 1_000_000)


def write(path: Path, changes: list[RowChange]) -> WriteAnswer:
    return asyncio.run(writer(path).write(changes, "k"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.csv"
    path.write_bytes(TABLE)
    path.chmod(0o640)
    return path


def test_only_the_cells_that_change_are_touched(file: Path) -> None:
    answer = write(file, [RowChange("A", 9, 3), RowChange("B", 5, 0), RowChange("C", 1, 2)])
    assert [row.verdict for row in answer.rows] == [Verdict.ACCEPTED] * 3
    wanted = TABLE.replace(b"A;9;", b"A;3;").replace(b" B ;5;", b" B ;0;").replace(b"C;1.0;", b"C;2;")
    assert file.read_bytes() == wanted
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["shop.csv"]


def test_what_the_file_does_not_show_any_more_is_stale_and_the_rest_is_written(file: Path) -> None:
    changes = [
        RowChange("A", 8, 3),
        RowChange("B", 5, 1),
        RowChange("D", 4, 0),
        RowChange("X", 1, 0),
        RowChange("E", 2, 0),
    ]
    answer = write(file, changes)
    assert [(row.verdict, row.why) for row in answer.rows] == [
        (Verdict.STALE, "the file says 9"), (Verdict.ACCEPTED, ""), (Verdict.REJECTED, "the file lists it 2 times"),
        (Verdict.REJECTED, "the file does not list it"), (Verdict.STALE, "the file says nothing"),
    ]  # fmt: skip
    assert file.read_bytes() == TABLE.replace(b" B ;5;", b" B ;1;")


def test_where_nothing_is_accepted_the_file_is_left_alone(file: Path) -> None:
    before = file.stat()
    write(file, [RowChange("A", 8, 3)])
    assert file.stat().st_ino == before.st_ino


def test_a_repetition_of_a_write_is_stale(file: Path) -> None:
    write(file, [RowChange("A", 9, 3)])
    answer = write(file, [RowChange("A", 9, 3)])
    assert answer.rows[0].verdict is Verdict.STALE


def test_another_writer_at_the_same_time_is_not_written_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[int], None] = os.fsync

    def meanwhile(descriptor: int) -> None:
        file.write_bytes(b"id,inventory\nA,7\n")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(NotSentError, match="somebody else"):
        write(file, [RowChange("A", 9, 3)])
    assert file.read_bytes() == b"id,inventory\nA,7\n"
    assert [path.name for path in file.parent.iterdir()] == ["shop.csv"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot read shop.csv: No such file"),
        (b"id,title\nA,x\n", "inventory"),
        (b"id,inventory\n\xff\xfe,3\n", "not UTF-8"),
        (b"", "no column"),
    ],
)
def test_what_cannot_be_read_is_not_written(file: Path, content: bytes | None, why: str) -> None:
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(NotSentError, match=why):
        write(file, [RowChange("A", 9, 3)])
    assert (file.read_bytes() if content is not None else None) == content


def test_a_file_that_is_made_read_only_is_not_replaced_whatever_the_folder_allows(file: Path) -> None:
    file.chmod(0o444)
    content = file.read_bytes()
    with pytest.raises(NotSentError, match="is read-only: give its owner the right") as caught:
        write(file, [RowChange("A", 9, 3)])
    assert caught.value.lasting
    assert file.read_bytes() == content
    assert "is read-only" in asyncio.run(writer(file).ready())
    file.chmod(0o644)
    assert asyncio.run(writer(file).ready()) == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_said(file: Path) -> None:
    file.parent.chmod(0o500)
    try:
        with pytest.raises(NotSentError, match="cannot write beside"):
            write(file, [RowChange("A", 9, 3)])
    finally:
        file.parent.chmod(0o700)


def test_what_is_sent_is_described_and_not_in_full() -> None:
    changes = [RowChange(f"S{n}", n, 0) for n in range(9)]
    assert writer(Path("shop.csv")).describe(changes).startswith("shop.csv: S0 0 → 0, S1 1 → 0")
    assert writer(Path("shop.csv")).describe(changes).endswith("and 4 more")


_CELL = st.text(st.sampled_from(list('ab,;"\n\r é\u2028\x0b')), max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), _CELL), min_size=1, max_size=8),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_table_comes_back_with_one_number_changed(rows: list[tuple[int, str]], delimiter: str, end: str) -> None:
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    table.writerow(["title", "inventory", "id"])
    table.writerows([title, quantity, f"S{place}"] for place, (quantity, title) in enumerate(rows))
    records = list(feed_writer._records(text.getvalue(), delimiter))
    assert "".join(record.text for record in records) == text.getvalue()
    layout = lay_out(
        "title,inventory,id\n".replace(",", delimiter), writer(Path("x"))._settings.columns, form=None, name=""
    )
    change = RowChange("S0", rows[0][0], 77)
    answers, content = feed_writer._changed(records, layout, 1, [change])
    assert answers[0].verdict is Verdict.ACCEPTED
    before = list(csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter))
    after = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter))
    before[1][1] = "77"
    assert after == before


def test_an_availability_that_would_contradict_the_quantity_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("id,inventory,availability\nA,0,out of stock\nB,4,in_stock\nC,2,in_stock\nD,0,\n")
    changes = [RowChange("A", 0, 3), RowChange("B", 4, 0), RowChange("C", 2, 1), RowChange("D", 0, 5)]
    columns = {"quantity": "inventory", "availability": "availability"}
    asyncio.run(writer(path, columns=columns).write(changes, "k"))
    assert path.read_text() == ("id,inventory,availability\nA,3,in_stock\nB,0,out of stock\nC,1,in_stock\nD,5,\n"), (
        "or the row would be a bad one, and its SKU unknown"
    )
    path.write_text("id,inventory,availability\nA,0,out of stock\n")
    asyncio.run(writer(path, columns=columns).write([RowChange("A", 0, 3)], "k"))
    assert path.read_text() == "id,inventory,availability\nA,3,in stock\n"
