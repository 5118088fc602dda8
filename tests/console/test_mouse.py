"""What the mouse does to the footer's keys, surfaces, likely causes and Help; to the list, the list's own tests say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import MouseScrollDown, MouseScrollUp

from stockdrift.console.screens.help import KeyTable
from stockdrift.console.widgets.key_bar import KeyBar
from stockdrift.console.widgets.surfaces import SurfacesPanel
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import troubled
from tests.console.harness import Running, running

if TYPE_CHECKING:
    from textual.widget import Widget


def wheel(widget: Widget, kind: type[MouseScrollDown | MouseScrollUp]) -> None:
    widget.post_message(kind(widget, 5, 3, 0, 1, 0, False, False, False))


async def footer(console: Running, text: str, into: int = 0) -> None:
    """Clicks where the footer says ``text``."""
    at = console.rows()[-1].index(text) + into
    await console.pilot.click("#footer", offset=(at, 0))
    await console.settle()


async def test_a_key_of_the_footer_is_pressed_by_a_click() -> None:
    async with running() as console:
        await footer(console, "? help", 3)
        assert "Keys ━" in console.rows()[1]
        await footer(console, "Esc back", 5)
        await footer(console, "s sort")
        assert "by deviation" in console.rows()[17]
        await footer(console, "space freeze", 8)
        assert "frozen" in console.rows()[0]
        await footer(console, "space go on")
        await footer(console, "/ filter")
        assert console.rows()[39].startswith(" /  ")


async def test_between_the_keys_and_behind_them_a_click_does_nothing() -> None:
    async with running() as console:
        before = console.rows()
        await footer(console, "  s sort")
        await console.pilot.click("#footer", offset=(118, 0))
        await console.settle()
        assert console.rows() == before


async def test_where_an_entry_stands_for_several_keys_it_is_the_one_clicked() -> None:
    async with running() as console:
        await console.press("h")
        await console.settle(300)
        seen = []
        for into in (0, 0, 2):
            await footer(console, "[ ] step", into)
            seen.append(console.rows()[0].split("not live")[0])
        assert seen[0] == seen[2] != seen[1], "one back, one more back, one on"
        await footer(console, "[ ] step", 5)
        assert "REPLAY" in console.rows()[0], "the word means neither"
        await footer(console, "1 to 9", 5)
        assert "times as fast" in "".join(console.rows())


async def test_the_operator_s_own_keys_are_clicked_as_well() -> None:
    async with running((200, 40), keymap={"looser": "f7", "sort": "f8"}) as console:
        await console.press("enter")
        await footer(console, "F7 − tolerance")
        assert len(console.source.ruled) == 1
        await console.press("escape")
        await footer(console, "F8 sort")
        assert "by deviation" in console.rows()[17]


async def test_every_screen_s_footer_takes_clicks() -> None:
    async with running() as console:
        for key in ("enter", "f", "t", "L", "question_mark", "h"):
            await console.press(key)
            await console.settle(300)
            assert console.app.screen.query_one(KeyBar)._places, key
            await footer(console, "Esc")
            assert "Drifting SKUs" in console.rows()[17], key


async def test_surfaces_are_chosen_scrolled_and_opened() -> None:
    async with running() as console:
        panel = console.app.screen.query_one(SurfacesPanel)
        wheel(panel, MouseScrollDown)
        await console.settle()
        assert console.rows()[4][39] == "▌"
        wheel(panel, MouseScrollUp)
        wheel(panel, MouseScrollUp)
        await console.settle()
        assert console.rows()[3][39] == "▌"
        await console.pilot.click("#surfaces", offset=(10, 4), times=2)
        await console.settle()
        assert "Watch / Instagram feed" in console.rows()[1]


async def test_a_click_on_the_scroll_bar_goes_to_that_place_of_the_list() -> None:
    async with running() as console:
        for y, shown in ((19, "18–37 of 37"), (0, "1–20 of 37"), (10, "10–29 of 37")):
            await console.pilot.click("#grid", offset=(119, y))
            await console.settle()
            assert shown in console.rows()[17]
        await console.press("slash", *"oversell", "enter")
        await console.pilot.click("#grid", offset=(119, 1))
        await console.settle()
        assert console.rows()[20].startswith("▌"), "without a bar it is part of the row"


async def test_a_likely_cause_is_chosen_and_its_evidence_listed() -> None:
    picture = troubled()
    first = picture.findings[0]
    second = replace(first, title="two writers", lead="TEA-220 is written by two.", evidence="", also="")
    second = replace(second, listing="TEA-220")
    shown = replace(picture, findings=[first, second])
    async with running(source=FakeSource(FakeModel(shown=shown))) as console:
        await console.pilot.click("#cause", offset=(20, 3))
        await console.settle()
        assert "two writers" in console.rows()[8]
        assert console.colour(41, 8) == "#f0e2c0", "the focus is there"
        assert "TEA-220 is written by two" in console.rows()[9]
        await console.pilot.click("#cause", offset=(20, 1), times=2)
        await console.settle()
        assert "with “TEA-220”" in console.rows()[17]


async def test_help_scrolls_by_the_wheel() -> None:
    async with running() as console:
        await console.press("question_mark")
        table = console.app.screen.query_one(KeyTable)
        before = console.rows()[2]
        wheel(table, MouseScrollDown)
        await console.settle()
        assert console.rows()[2] != before
        wheel(table, MouseScrollUp)
        await console.settle()
        assert console.rows()[2] == before
        await console.press("end")
        assert "● in sync" in "".join(console.rows()[36:39])
        await console.press("up", "home")
        assert console.rows()[2] == before
