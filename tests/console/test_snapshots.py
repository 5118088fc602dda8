"""Every screen as stored, text and styles. ``STOCKDRIFT_SNAPSHOTS=update`` stores them anew, for a person to see."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.values import replace
from tests.console.acting import LATER, a_morning, writing
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import blank, calm, masterless, remarked, remarks_on, troubled
from tests.console.harness import dump, running

STORED = Path(__file__).parent / "snapshots"
SIZES = [(80, 24), (120, 40), (200, 55), (60, 16)]
SCREENS = {
    "watch": (troubled, ()),
    "calm": (calm, ()),
    "blank": (blank, ()),
    "masterless": (masterless, ()),
    "sku": (troubled, ("down", "down", "enter")),
    "surface": (troubled, ("f",)),
    "logs": (troubled, ("L", "down")),
    "help": (troubled, ("question_mark",)),
    "surfaces": (troubled, ("tab", "down")),
    "filter": (troubled, ("slash", "2", "2", "0")),
    "history": (troubled, ("h", "left_curly_bracket", *["left"] * 20)),
    "command": (troubled, ("colon", "r", "e", "tab")),
    "plan": (troubled, ("R",)),
    "progress": (troubled, ("A", "enter")),
    "actions": (troubled, ("A", "down")),
}
SAID = {
    "said": (remarked, ("escape",)),
    "said-surfaces": (remarked, ("tab", "down", "p")),
    "snooze": (remarked, ("z", *"waits")),
    "buffer": (remarked, ("enter", "b", "3")),
}
"""What operators have said, and the forms in which they do."""
TUNED = {"tuner": (troubled, ("t", "plus", "plus")), "tuner-percent": (troubled, ("t", "tab", "percent_sign", "plus"))}

ACTING = ("plan", "progress", "actions")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", SCREENS)
async def test_a_screen_is_as_stored(screen: str, size: tuple[int, int]) -> None:
    await _hold(screen, size, "dark")


@pytest.mark.parametrize("screen", SCREENS)
async def test_by_daylight_it_is_as_stored_at_one_size(screen: str) -> None:
    await _hold(screen, (120, 40), "light")


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", SAID)
async def test_what_was_said_is_as_stored(screen: str, size: tuple[int, int]) -> None:
    await _hold(screen, size, "dark")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", TUNED)
async def test_the_tuner_is_as_stored(screen: str, size: tuple[int, int]) -> None:
    await _hold(screen, size, "dark")


@pytest.mark.parametrize("theme", ["high-contrast", "deuteranopia", "tritanopia", "ansi"])
async def test_every_other_theme_is_as_stored_at_one_size(theme: str) -> None:
    await _hold("watch", (120, 40), theme)


@pytest.mark.parametrize("screen", ["watch", "sku", "surface", "logs", "plan", "progress"])
async def test_without_colours_it_is_as_stored_too(screen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await _hold(screen, (120, 40), "dark", stored="no-color")


async def _hold(screen: str, size: tuple[int, int], theme: str, stored: str = "") -> None:
    make, presses = {**SCREENS, **SAID, **TUNED}[screen]
    picture = make()
    if screen in ACTING:  # nobody is waited for when the morning has gone by
        later = [replace(one, next_at=(one.next_at or 0) + LATER) for one in picture.surfaces]
        picture = replace(picture, surfaces=later)
    model = FakeModel(shown=picture)
    if screen in SAID:
        kinds = (RemarkKind.CLAIM, RemarkKind.ACKNOWLEDGE, RemarkKind.NOTE)
        model.names = {row: remarks_on(row, *kinds[row:]) for row in range(3)}
    if not picture.gauge.drifting:
        model.rows = []
    source = FakeSource(model)
    if screen in ACTING:
        a_morning(writing(source))
    async with running(size, source, theme) as console:
        if presses:
            await console.press(*presses)
            await console.settle(LATER if screen in ACTING else 300)  # what was recorded has come
        found = dump(console)
    file = STORED / f"{screen}-{size[0]}x{size[1]}-{stored or theme}.txt"
    if os.environ.get("STOCKDRIFT_SNAPSHOTS") == "update":
        STORED.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8"), f"{file.name} differs: look, then store it anew"
