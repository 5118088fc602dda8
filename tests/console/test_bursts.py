"""Keys that come all at once, whatever they are: each is carried out on the screen that those before it lead to."""

from __future__ import annotations

import random

import pytest

from stockdrift.console.screens.sku import SkuScreen
from stockdrift.console.widgets.say_form import SayForm
from tests.console.acting import as_drawn, writing
from tests.console.harness import running

LETTERS = "xrRhAtibazcNpfLgqudemsEdoZ"
KEYS = [*["escape"] * 6, *["enter"] * 4, "tab", "shift+tab", "down", "up", "left", "right", "home", "end", "space"]
KEYS += ["question_mark", "colon", "slash", "backspace", "plus", "minus", "left_square_bracket", *LETTERS]
KEYS.remove("q")  # ends the console, as it should


async def session(seed: int, bursts: int) -> None:
    chance, source = random.Random(seed), writing()
    async with running(source=source) as console:
        as_drawn(source)
        for _ in range(bursts):
            await console.burst(*chance.choices(KEYS, k=chance.randint(2, 6)))


async def test_keys_behind_the_one_that_opens_a_screen_are_those_of_that_screen() -> None:
    async with running() as console:
        await console.burst("down", "enter", "b")
        assert isinstance(console.app.screen, SkuScreen)
        assert console.app.screen.query_one(SayForm).display


@pytest.mark.parametrize("seed", [4, 5])
async def test_no_burst_ends_the_console(seed: int) -> None:
    await session(seed, 60)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 112))
async def test_no_burst_ends_the_console_for_long(seed: int) -> None:
    await session(seed, 150)
