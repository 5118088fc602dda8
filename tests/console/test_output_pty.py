"""The installed command at two terminals side by side, as it is and with ``--plain-output``: after every key, size and
theme both show the same, cell by cell.
"""

from __future__ import annotations

import os
import random
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.console.test_output import looks
from tests.terminal import Terminal

pytestmark = [pytest.mark.torture, pytest.mark.timeout(900)]

COMMAND: Final = str(Path(sys.executable).with_name("stockdrift"))
# Nothing here writes, and none of it leaves: both consoles follow one journal.
KEYS: Final = [
    *["down"] * 6, "up", "pagedown", "pagedown", "pageup", "end", "home", "right", "left", "s", "S", "l", "tab", "m",
    "M", "?", "esc", "esc", "enter", "f", "L", "/", ":", "T", "T", "space", "1", "2", "3", "e", "<", ">", "h",
]  # fmt: skip
SIZES: Final = [(120, 40), (80, 24), (60, 16), (131, 37), (200, 55), (250, 70)]
_CLOCK: Final = re.compile(r"\d+:\d\d(?::\d\d)?|\b\d+ ?(?:s|min|m|h)\b")
SKUS: Final = [
    "SEA-{0}",
    "蜡烛-{0}",
    "Cafe\N{COMBINING ACUTE ACCENT}-{0}",
    "キャンドル{0}",
    "Ä-{0}-long-name-that-is-cut",
]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of 400 SKUs on two surfaces, many of them off, some of their names wide."""
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home"))
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    chance = random.Random(1)
    skus = [SKUS[number % len(SKUS)].format(number) for number in range(400)]
    text = '[store]\nname = "Kerzen 蜡烛"\n[journal]\nurl = "sqlite:///drift.db"\n'
    for source in ("master", "surfaces.shop", "surfaces.market"):
        rows = "".join(f"{sku},{chance.randint(0, 6)},Name {sku}\n" for sku in skus)
        (tmp_path / f"{source}.csv").write_text(f"id,inventory,name\n{rows}", encoding="utf-8")
        text += f'[{source}]\nsystem = "feed"\nevery = "1d"\nstale_after = "2d"\npath = "{source}.csv"\n'
        text += 'columns = { name = "name" }\n' if source == "master" else ""
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def pair(settings: Path) -> Iterator[tuple[Terminal, Terminal]]:
    command = [COMMAND, "watch", "--settings", str(settings)]
    ready = r"2 of 2 polls answer(?s:.*)1–\d+ of \d\d\d"
    with Terminal(command) as first:  # it has the collector; the two begin with the same
        first.until(ready, 60)
        time.sleep(2)
        with Terminal(command) as cells, Terminal([*command, "--plain-output"]) as plain:
            for terminal in (cells, plain):
                terminal.until(ready, 60)
            yield cells, plain


def shown(terminal: Terminal) -> list[list[tuple[object, ...]]]:
    """Every cell; times of day and ages, which go on while we look from one to the other, as blanks of their style."""
    found = looks(terminal.screen)
    for line in found:
        text = "".join(str(cell[0])[:1] or " " for cell in line)
        for time_of_day in _CLOCK.finditer(text):
            for x in range(max(0, time_of_day.start() - 2), min(len(line), time_of_day.end() + 2)):
                line[x] = ()
    return found


def check(pair: tuple[Terminal, Terminal], said: str) -> None:
    """Both the same, at the latest after a few seconds: each of them ticks by itself."""
    until = time.monotonic() + 8
    while True:
        for terminal in pair:
            terminal.settle(0.12, 1)
        one, other = map(shown, pair)
        if one == other:
            return
        if time.monotonic() > until:
            lines = [y for y, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
            told = "\n".join(f"{pair[0].lines[y]!r}\n{pair[1].lines[y]!r}" for y in lines)
            raise AssertionError(f"{said}: lines {lines}\n{told}")


@pytest.mark.parametrize("seed", range(int(os.environ.get("STOCKDRIFT_OUTPUT_RUNS", "2"))))
def test_both_ways_show_the_same_at_a_terminal(pair: tuple[Terminal, Terminal], seed: int) -> None:
    chance = random.Random(seed)
    check(pair, "first")
    for number in range(150):
        if chance.random() < 0.85:
            done = chance.choice(KEYS)
            for terminal in pair:
                terminal.send(done)
        else:
            done = str(size := chance.choice(SIZES))
            for terminal in pair:
                terminal.resize(*size)
        check(pair, f"seed {seed}, step {number}, {done}")
    cells, plain = (terminal.bytes_out for terminal in pair)
    assert cells < plain / 2
