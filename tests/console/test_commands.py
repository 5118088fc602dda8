"""The command line reaches every action, and says in one sentence what it does not understand."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollDown

from stockdrift.console.commands import Command, CommandError, offers, reachable, understand
from stockdrift.console.keys import BY_ID
from stockdrift.console.listing import SORTS
from stockdrift.console.widgets.command_line import CommandLine
from tests.console.harness import Running, running

NAMES = {"sort": list(SORTS), "theme": ["dark", "light"]}


@pytest.mark.parametrize("screen", ["watch", "sku"])
def test_every_action_is_reached_by_its_id_and_by_its_words(screen: str) -> None:
    for key in reachable(screen):
        assert understand(key.id, screen, NAMES) == Command(key=key)
        assert understand(f": {key.tooltip.lower()}", screen, {}) == Command(key=key)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", None),
        (" : ", None),
        ("sort risk", Command("sort", "risk")),
        ("theme light", Command("theme", "light")),
        ("filter !over  ~^S", Command("filter", "!over  ~^S")),
        ("sort", Command(key=BY_ID["sort"])),
        ("q", Command(key=BY_ID["quit"])),
        ("take back", Command(key=BY_ID["undo"])),
    ],
)
def test_what_a_line_means(text: str, meant: Command | None) -> None:
    assert understand(text, "watch", NAMES) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sort dangr", "No sort is called dangr; nearest is danger"),
        ("theme pink", "No theme is called pink; there are dark, light"),
        ("quti", "No command is called quti; nearest is quit"),
        ("page", "“page” could be page-up, page-down"),
    ],
)
def test_what_it_does_not_understand(text: str, said: str) -> None:
    with pytest.raises(CommandError) as error:
        understand(text, "watch", NAMES)
    assert str(error.value) == said


def named(text: str, screen: str = "watch") -> list[str]:
    return [offer.text for offer in offers(text, screen, NAMES)]


def test_what_a_text_can_become_the_nearest_first() -> None:
    assert named("re")[:6] == ["reverse", "resync", "resync-surface", "reread", "reread-all", "redraw"]
    assert named("resync")[:2] == ["resync", "resync-surface"]
    assert named("surface")[:3] == ["surface", "resync-surface", "panel-surfaces"], "its name, a part of it, its words"
    assert "undo" in named("take back")
    assert named("nonsense") == []
    assert named("sort d") == ["sort danger", "sort deviation"]
    assert named("sort s") == ["sort since", "sort sku", "sort master", "sort phase", "sort risk"]
    assert named("theme ", "sku") == ["theme dark", "theme light"]
    assert named("hide ", "sku") == [], "hide is none of that screen's"


@pytest.mark.parametrize("screen", ["watch", "sku", "surface", "history", "tuner", "logs", "actions"])
def test_for_no_text_all_is_offered_and_each_offer_can_be_run(screen: str) -> None:
    every = offers("", screen, NAMES)
    assert {offer.key.id for offer in every if offer.key} == {key.id for key in reachable(screen)} - {"barred"}
    for offer in every:
        assert offer.said, offer.text
        assert offer.open or understand(offer.text, screen, NAMES) == Command(key=offer.key)


async def test_commands_are_typed_completed_and_run() -> None:
    async with running() as console:
        await console.press("colon", *"so", "tab")
        assert console.rows()[39].startswith(" : sort ")
        await console.press("space", *"ri", "tab", "enter")
        assert "by revenue at risk" in console.rows()[17]
        assert "Sorted by revenue at risk" in console.rows()[16]
        assert console.rows()[39].startswith(" / filter")
        await console.press("colon", *"theme l", "tab", "enter")
        assert console.background(60, 0) == "#efebe2"
        await console.press("colon", *"filter oversell", "enter")
        assert "of 2 " in console.rows()[17]
        await console.press("colon", *"filter ~(", "enter")
        assert "~( is no regular expression" in console.rows()[16]
        assert "of 2 " in console.rows()[17]
        await console.press("colon", *"nonsense", "enter")
        assert "No command is called nonsense" in console.rows()[16]
        await console.press("colon", *"q", "escape")
        assert not console.app._exit
        await console.press("colon", *"open", "enter")
        assert "Watch / FIG-220" in console.rows()[1]
        await console.press("colon", *"looser", "enter")
        assert len(console.source.ruled) == 1
        await console.press("colon", *"quit", "enter")
        assert console.app._exit


def palette(console: Running) -> list[str]:
    """What is offered, a line each, without its margins."""
    return [row.rstrip() for row in console.rows()[29:39]]


def highlighted(console: Running) -> str:
    return next((row[2:].split()[0] for row in palette(console) if row.startswith("▌")), "")


async def test_the_palette_lists_what_there_is_with_its_keys() -> None:
    async with running() as console:
        await console.press("colon")
        assert console.rows()[28].startswith("━ Commands ━")
        assert console.rows()[28].rstrip("━ ").endswith(f"1–10 of {len(offers('', 'watch', NAMES))}")
        assert palette(console)[0].split()[:4] == ["filter", "/", "List", "only"]
        assert highlighted(console) == "", "nothing is run by accident"
        await console.press("enter")
        assert console.rows()[28].startswith("  "), "nothing typed is nothing done"
        await console.press("ctrl+p", *"unde")
        assert "tolerance" not in console.rows()[39]
        await console.press("escape")
        assert console.rows()[39].startswith(" / filter")


async def test_up_and_down_highlight_and_enter_runs() -> None:
    async with running() as console:
        await console.press("colon", *"re")
        assert highlighted(console) == "reverse"
        await console.press("down", "down", "down", "up")
        assert highlighted(console) == "resync-surface"
        await console.press("pagedown")
        assert highlighted(console) not in ("", "resync-surface")
        await console.press("pageup", "pageup", "up")
        assert highlighted(console) == "reverse"
        await console.press("enter")
        assert "reversed" in console.rows()[17]


async def test_what_changes_something_is_not_run_by_a_text_that_may_mean_another() -> None:
    async with running() as console:
        for text in ("tol", "t", "resy"):
            await console.press("colon", *text)
            assert highlighted(console) == "", text
            await console.press("enter")
        assert console.source.ruled == []
        assert "“resy” could be resync, resync-surface" in console.rows()[16]
        await console.press("colon", *"loos")
        assert highlighted(console) == "looser"
        await console.press("escape", "colon", *"tol", "down", "enter")
        assert len(console.source.ruled) == 1, "chosen by hand"


async def test_a_verb_wants_a_word_and_is_not_run_without() -> None:
    async with running() as console:
        await console.press("colon", *"theme", "down", "enter")
        assert console.rows()[39].startswith(" : theme  ")
        assert [row.split()[-1] for row in palette(console)[:2]] == ["ansi", "dark"]
        await console.press("down", "down", "enter")
        assert console.background(60, 0) != "#1a2128"


async def test_tab_goes_round_what_a_text_can_become() -> None:
    async with running() as console:
        await console.press("colon", *"resy")
        seen = []
        for _ in range(4):
            await console.press("tab")
            seen.append(console.rows()[39].split()[1])
        every = named("resy")
        assert seen == [every[turn % len(every)] for turn in range(4)]
        await console.press("escape", "colon", *"sor", "down", "tab", "tab")
        assert console.rows()[39].startswith(" : sort danger "), "what wants a word more offers these words"


async def test_a_click_runs_a_command_and_the_wheel_highlights() -> None:
    async with running() as console:
        await console.press("colon", *"re")
        line = console.app.screen.query_one(CommandLine)
        line.post_message(MouseScrollDown(line, 5, 3, 0, 1, 0, False, False, False))
        await console.settle()
        assert highlighted(console) == "resync"
        await console.pilot.click(CommandLine, offset=(5, 1))
        await console.settle()
        assert "reversed" in console.rows()[17]


@pytest.mark.parametrize("size", [(60, 16), (30, 8), (20, 3), (10, 2)])
async def test_a_small_screen_has_what_room_there_is(size: tuple[int, int]) -> None:
    async with running(size) as console:
        await console.press("colon", *"quit")
        assert console.rows()[-1].startswith(" : quit"[: size[0]])
        assert size[1] < 3 or any(row.startswith("▌ quit") for row in console.rows())
        await console.press("enter")
        assert console.app._exit


async def test_where_one_thing_is_asked_for_the_palette_hides_no_more_than_it_says() -> None:
    async with running() as console:
        await console.press("h")
        await console.settle(300)
        await console.press("g")
        rows = console.rows()
        assert rows[39].startswith(" : at   ")
        assert rows[38].startswith("▌ at …")
        assert "Go to a time: 10:42, 2026-11-27 10:42" in rows[38]
        assert rows[37].startswith("━ Commands ━")
        assert rows[36].startswith("  ▼ under"), "the list goes on above"
        await console.press(*"08:00", "enter")
        await console.settle(300)
        assert "REPLAY  08:00:00" in console.rows()[0]
        await console.press("colon")
        assert console.rows()[28].startswith("━ Commands ━")
