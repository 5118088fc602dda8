"""The command line reaches every action, and says in one sentence what it does not understand."""

from __future__ import annotations

import pytest

from stockdrift.console.commands import Command, CommandError, completions, reachable, understand
from stockdrift.console.keys import BY_ID
from stockdrift.console.listing import SORTS
from tests.console.harness import running

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


def test_completions() -> None:
    assert completions("re", "watch", NAMES) == [
        "redraw",
        "reread",
        "reread-all",
        "resync",
        "resync-surface",
        "reverse",
    ]
    assert completions("sort d", "watch", NAMES) == ["sort danger", "sort deviation"]
    assert completions("theme ", "sku", NAMES) == ["theme dark", "theme light"]
    assert completions("", "watch", NAMES) == []


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


async def test_tab_goes_round_what_a_text_can_become() -> None:
    async with running() as console:
        await console.press("colon", *"re")
        assert "redraw  reread  reread-all  resync  resync-surface  reverse" in console.rows()[39]
        seen = []
        for _ in range(7):
            await console.press("tab")
            seen.append(console.rows()[39].split()[1])
        assert seen == ["redraw", "reread", "reread-all", "resync", "resync-surface", "reverse", "redraw"]
