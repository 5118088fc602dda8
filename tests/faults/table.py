"""Prints fault × connector → verdict in the terminal summary, from what the tests have recorded."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

PROPERTY = "fault_table"


def cell(fault: str, connector: str, outcome: str, verdict: str, reason: str) -> str:
    """One line of the table, as a test property: properties travel between worker processes as text."""
    return json.dumps([fault, connector, outcome, verdict, reason])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [
        json.loads(str(value))
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY and getattr(report, "when", "") == "call"
    ]
    if not rows:
        return
    terminalreporter.section("fault × connector → verdict")
    for line in lines(sorted(rows)):
        terminalreporter.write_line(line)


def lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """The table as text, columns aligned."""
    rows = [("fault", "connector", "reading", "verdict", "reason"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]]) for row in rows]
