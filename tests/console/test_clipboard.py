"""Copying reaches the terminal, through tmux as well, and says so where it cannot."""

from __future__ import annotations

import base64
import re

import pytest

from stockdrift.console.clipboard import CAP, osc52
from tests.console.harness import running


@pytest.mark.parametrize("text", ["FIG-220", "Größe", "\x1b]0;x\a", "x" * CAP])
def test_the_terminal_reads_what_was_copied(text: str) -> None:
    sequence = osc52(text, {})
    assert sequence is not None
    assert len(sequence) < 100_000
    found = re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\a", sequence)
    assert found
    assert base64.b64decode(found[1]).decode() == text


def test_inside_tmux_the_terminal_outside_reads_it_too() -> None:
    plain, wrapped = osc52("FIG-220", {}), osc52("FIG-220", {"TMUX": "/run/tmux,1,0"})
    assert plain is not None
    assert wrapped is not None
    found = re.fullmatch(re.escape(plain) + "\x1bPtmux;((?:\x1b\x1b|[^\x1b])*)\x1b\\\\", wrapped)
    assert found
    assert found[1].replace("\x1b\x1b", "\x1b") == plain


def test_more_than_terminals_take_is_not_sent() -> None:
    assert osc52("x" * (CAP + 1), {}) is None


async def test_a_key_copies_the_sku_under_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with running() as console:
        sent: list[str] = []
        assert console.app._driver is not None
        monkeypatch.setattr(console.app._driver, "write", sent.append)
        await console.press("down", "y")
        assert "Copied CLV-090" in console.rows()[16]
        assert osc52("CLV-090", {}) in sent
        await console.press("enter", "y")
        assert sent.count(str(osc52("CLV-090", {}))) == 2
