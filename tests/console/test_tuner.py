"""The tuner as drawn, and what its keys do."""

from __future__ import annotations

import pytest

from stockdrift.console.tuner import Tuner, short
from stockdrift.stock.rules import Scope, Tolerance
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import masterless
from tests.console.harness import Running, running


def at(console: Running, x: int, y: int, text: str) -> bool:
    return console.rows()[y][x : x + len(text)] == text


async def test_everything_stands_where_it_is_drawn() -> None:
    async with running() as console:
        await console.press("t", "plus", "plus")
        assert at(console, 0, 1, "─ Watch / Tolerance of the store ─")
        assert at(console, 38, 1, "┬")
        assert at(console, 21, 3, "would drift")
        assert at(console, 21, 4, "now 37")
        assert at(console, 21, 6, "10 would leave")
        assert at(console, 2, 3, "███████  ███████"), "27, in digits"
        assert at(console, 2, 10, "units, applied now: 0")
        assert at(console, 42, 3, "store")
        assert at(console, 0, 11, "━ SKUs by size of their deviation ━")
        assert at(console, 80, 11, "╾")
        assert at(console, 82, 12, "would leave 10")
        assert at(console, 0, 28, "─ What each tolerance would do ─")
        assert at(console, 0, 32, "▌       2              27 ━")
        assert "Enter apply to store" in console.rows()[32]
        assert "applied now" in console.rows()[30]
        assert "preview, not applied" in console.rows()[1]


async def test_it_is_applied_with_a_reason_and_taken_back() -> None:
    async with running() as console:
        await console.press("t", "plus", "plus", "enter")
        assert "Say why" not in console.text()
        await console.press("enter")
        assert any("Say why" in row for row in console.rows()), "without a reason it is not applied"
        assert not console.source.ruled
        await console.press(*"lag", "enter")
        assert console.source.ruled == [(Scope(), Tolerance(2))]
        assert console.source.reasons == ["lag"]
        assert any("Tolerance of the store is now 2 units" in row for row in console.rows())
        assert "as it is now" in console.rows()[1]
        await console.press("u")
        assert console.source.ruled[-1] == (Scope(), None)


async def test_esc_leaves_everything_as_it_was() -> None:
    async with running() as console:
        await console.press("t", "plus", "plus", "escape")
        assert not console.source.ruled
        assert any("Drifting SKUs" in row for row in console.rows())


async def test_tab_goes_from_the_store_to_the_surfaces_and_back() -> None:
    async with running() as console:
        await console.press("t", "tab", "plus", "enter", *"why", "enter")
        assert console.source.ruled == [(Scope("facebook"), Tolerance(1))]
        await console.press("shift+tab")
        assert "Tolerance of the store" in console.rows()[1]


@pytest.mark.parametrize(
    ("keys", "scope"),
    [
        (("enter", "t"), Scope("", "FIG-220")),
        (("f", "t"), Scope("facebook")),
        (("tab", "down", "t"), Scope("amazon")),
    ],
)
async def test_it_opens_on_what_the_screen_is_about(keys: tuple[str, ...], scope: Scope) -> None:
    async with running() as console:
        await console.press(*keys, "plus", "enter", *"why", "enter")
        assert console.source.ruled == [(scope, Tolerance(1))]


async def test_a_percentage_has_the_units_as_its_floor() -> None:
    async with running() as console:
        await console.press("t", "plus", "percent_sign", "plus", "plus", "enter", *"why", "enter")
        assert console.source.ruled == [(Scope(), Tolerance(1, 200))]


async def test_while_the_master_is_unknown_nothing_is_said() -> None:
    async with running(source=FakeSource(FakeModel(masterless()))) as console:
        await console.press("t", "plus")
        assert any("The master is unknown" in row for row in console.rows())
        assert not any("would leave 1" in row for row in console.rows())


async def test_in_history_nothing_is_tuned() -> None:
    async with running() as console:
        await console.press("h", "t")
        assert not any("Tolerance of the store" in row for row in console.rows())


def test_the_table_shows_what_is_looked_at_however_far_it_is() -> None:
    tuner = Tuner([Scope()])
    tuner.turn(0, Tolerance())
    for _ in range(40):
        tuner.step(1)
    tuner.table = tuner.candidates()
    assert tuner.table[-1] == Tolerance(40)
    first, last = tuner.row_of(4)
    assert tuner.table[first:last][-1] == Tolerance(40)
    tuner.step(-100)
    assert tuner.chosen == Tolerance(0)
    assert (short(Tolerance(3)), short(Tolerance(2, 500)), short(Tolerance(0, 500))) == ("3", "5 % ≥ 2", "5 %")


async def test_without_colour_what_would_leave_is_told_from_what_drifts_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running() as console:
        await console.press("t", "plus", "plus")
        await console.settle(300)
        rows = console.rows()
        assert rows[11].rstrip("━ ").endswith("░ would leave  █ still drift")
        assert rows[20][6:25] == "░░░░ ░░░░┃████ ████"


async def test_the_mouse_chooses_what_is_looked_at() -> None:
    async with running() as console:
        await console.press("t")
        await console.settle(300)
        await console.pilot.click("#table", offset=(20, 4))
        await console.settle(300)
        assert "Enter apply to store" in console.rows()[32]
        await console.pilot.click("#scopes", offset=(10, 3))
        await console.settle(300)
        assert console.rows()[4][39] == "▌"
        assert "Facebook" in console.rows()[1]
        await console.pilot.click("#scopes", offset=(10, 0))
        await console.pilot.click("#table", offset=(20, 1))
        await console.settle(300)
        assert console.rows()[4][39] == "▌", "titles are no choice"
        assert console.source.ruled == []


async def test_on_a_small_screen_it_says_that_it_is_a_preview_and_what_applies_it() -> None:
    async with running((60, 16)) as console:
        await console.press("t", "plus", "plus")
        rows = console.rows()
        assert "◇ not applied" in rows[1]
        assert any(row.endswith("Enter apply") for row in (row.rstrip() for row in rows))
        assert "Enter apply" in rows[15]
        assert not any("…" in row for row in rows[5:10])


async def test_the_name_of_a_sku_keeps_its_capitals() -> None:
    async with running() as console:
        await console.press("down", "down", "enter", "t", "enter")
        assert "SEA-220 has that tolerance already." in console.text()
