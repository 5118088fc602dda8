"""``E``: the list as a file that a spreadsheet opens and does not run."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from pathlib import Path

import pytest

from stockdrift.console.export import csv_bytes, write_new
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.text import spreadsheet_safe
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, calm, masterless, sku_line, troubled
from tests.console.harness import running


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert spreadsheet_safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["SEA-220", "a=b", "Fig & Vetiver", "'x", "", "7", "a+b@c"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert spreadsheet_safe(text) == text


def test_a_row_has_every_number_and_survives_hostile_names() -> None:
    line = replace(sku_line(2), sku="=cmd|' /C calc'!A0", name='He said "5, 6"\nand went')
    content = csv_bytes(troubled(), [1, 0], [line], UTC)
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = read(content)
    assert row["SKU"] == "'=cmd|' /C calc'!A0"
    assert row["name"] == 'He said "5, 6"\nand went'
    assert (row["master"], row["facebook"], row["facebook deviation"]) == ("3", "11", "8")
    assert row["severity"] == line.severity.word
    assert list(row)[4:8] == ["amazon", "amazon deviation", "amazon verdict", "amazon reason"]
    assert row["since"].startswith("2026-11-27 07:40")


def test_an_unknown_level_is_never_its_last_number() -> None:
    line = sku_line(2)
    cells = [
        replace(cell, reported=3, deviation=None, verdict=Verdict.UNKNOWN, reason="HTTP 503") for cell in line.cells
    ]
    unknown = replace(line, cells=cells, severity=Severity.NONE, unknown=True)
    (row,) = read(csv_bytes(troubled(), [0], [unknown], UTC))
    assert (row["severity"], row["facebook"], row["facebook deviation"]) == ("unknown", "?", "")
    assert (row["facebook verdict"], row["facebook reason"]) == ("unknown", "HTTP 503")
    (row,) = read(csv_bytes(masterless(), [0], [unknown], UTC))
    assert row["master"] == "?"


def test_a_negative_number_stays_a_number() -> None:
    line = sku_line(2)
    cells = [replace(line.cells[0], deviation=-4), *line.cells[1:]]
    (row,) = read(csv_bytes(troubled(), [0], [replace(line, cells=cells)], UTC))
    assert row["facebook deviation"] == "-4"


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    first = write_new(tmp_path, "Candle & Co", NOW, UTC, b"one")
    second = write_new(tmp_path, "Candle & Co", NOW, UTC, b"two")
    assert (first.name, second.name) == (
        "stockdrift-candle-co-20261127-104207.csv",
        "stockdrift-candle-co-20261127-104207-2.csv",
    )
    assert first.read_bytes() == b"one"


@pytest.mark.parametrize("store", ["", "../../etc/passwd", "蝋燭", "a" * 300])
def test_the_store_s_name_cannot_lead_elsewhere(tmp_path: Path, store: str) -> None:
    assert write_new(tmp_path, store, NOW, UTC, b"x").parent == tmp_path


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_new(tmp_path, "a", NOW, UTC, None)  # type: ignore[arg-type]
    assert not files(tmp_path)


async def test_the_key_writes_what_is_listed_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as console:
        await console.press("s", "s", "s", "s", "slash", *"220", "enter", "E")
        listed = [console.model.line(int(row)).sku for row in console.app.scene.listing.rows]
        (path,) = files(tmp_path)
        assert any(f"Exported {len(listed)} SKUs to {path.name}" in row for row in console.rows())
    assert [row["SKU"] for row in read(path.read_bytes())] == listed
    assert listed == sorted(listed)
    assert len(listed) > 2


async def test_a_failure_is_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stockdrift.console.export.write_new", full)
    async with running() as console:
        await console.press("E")
        assert any("Cannot export: No space left on device" in row for row in console.rows())
        await console.press("down")
        assert not files(tmp_path)


async def test_nothing_listed_is_said_and_the_footer_hides_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running((200, 55), FakeSource(FakeModel(calm(), rows=[]))) as console:
        assert "E export" not in console.rows()[-1]
        await console.press("E")
        assert any("nothing to export" in row for row in console.rows())
        await console.press("l")
        assert "E export" in console.rows()[-1]
    assert not files(tmp_path)
