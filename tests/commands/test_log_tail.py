"""The end of the collector's log: its own format, its rotation, its tracebacks, its harm."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from stockdrift.collector import logfile
from stockdrift.collector.logfile import start_logging
from stockdrift.commands import log_tail
from stockdrift.commands.log_tail import LogTail, lines_of


def test_what_the_collector_logs_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "drift.db.log"
    tail = LogTail(path)
    assert "holds nothing" in tail.read().missing
    handler = start_logging(path)
    logger = logging.getLogger("stockdrift")
    try:
        logger.info("Collecting")
        logger.warning("facebook: HTTP 503\x1b[2J\u202e")
        try:
            raise ValueError("a bug")
        except ValueError:
            logger.exception("a source raised")
    finally:
        logger.removeHandler(handler)
        handler.close()
    log = tail.read()
    assert [(line.level, line.text) for line in log.lines[:3]] == [
        ("info", "Collecting"), ("warning", "facebook: HTTP 503\\x1b[2J\\u202e"), ("error", "a source raised"),
    ]  # fmt: skip
    assert log.lines[-1].text == "ValueError: a bug"
    assert {line.level for line in log.lines[2:]} == {"error"}
    assert all(line.at is not None and line.at > 1_700_000_000_000 for line in log.lines)
    assert not log.missing


def test_nothing_is_read_again_where_nothing_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text("2026-11-27 10:42:07,001 INFO one\n")
    tail = LogTail(path)
    first = tail.read()
    monkeypatch.setattr(log_tail, "_end_of", None)
    assert tail.read() is first


def test_only_the_end_of_a_long_log_is_read_and_it_begins_with_a_whole_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_tail, "_BYTES", 100)
    path = tmp_path / "log"
    path.write_text("".join(f"2026-11-27 10:42:{n:02},000 INFO number {n}\n" for n in range(60)))
    found = [line.text for line in LogTail(path).read().lines]
    assert found == ["number 58", "number 59"]


def test_a_log_that_was_just_rotated_goes_on_from_the_file_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfile, "_LONGEST", 200)
    path = tmp_path / "log"
    handler = start_logging(path)
    logger = logging.getLogger("stockdrift")
    tail = LogTail(path)
    try:
        for number in range(7):
            logger.info("number %d", number)
            assert tail.read().lines[-1].text == f"number {number}"
    finally:
        logger.removeHandler(handler)
        handler.close()
    found = [line.text for line in tail.read().lines]
    assert found == [f"number {number}" for number in range(7 - len(found), 7)]
    assert len(found) > 3


def test_bytes_that_are_no_text_are_no_crash() -> None:
    assert lines_of(b"\xff\xfe\x00\n2026-13-45 99:99:99,000 INFO odd\n\n")[1].at is None
