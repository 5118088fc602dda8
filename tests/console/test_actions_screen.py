"""The record of who wrote and said what: listed, filtered, opened, taken back, tried again, dismissed, exported."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from stockdrift.console.screens.actions import ActionsScreen
from stockdrift.console.screens.plan import PlanScreen
from stockdrift.console.screens.progress import ProgressScreen
from stockdrift.console.widgets.actions_list import fitted
from stockdrift.stock.entries import Ruling
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.wanted import Wanted
from tests.console.acting import LATER, a_morning, ask, shown, writing
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import at
from tests.console.harness import Running, running
from tests.console.past import FakePast


def listed(console: Running) -> list[str]:
    return [row for row in console.rows()[3:34] if row.strip()]


async def test_all_is_listed_newest_first_with_who_when_what_why_and_what_came_of_it() -> None:
    source = writing()
    a_morning(source)
    async with running((160, 40), source) as console:
        await console.press("A")
        await console.settle(LATER)
        first, second, third, fourth = listed(console)
        for said, row in (
            (("10:42:48", "maya", "resync", "Facebook", "33 rows", "19 of 33 so far, 2 unsent", "feed lag"), first),
            (("09:40:00", "maya", "resync", "Facebook", "33 undelivered, dead letter"), second),
            (("09:30:00", "maya", "tolerance", "Embed", "2 units", "on record", "counted by hand"), third),
            (("09:05:00", "tom", "contain", "BEE-006 on Instagram", "18 → 14", "1 verified", "recount"), fourth),
        ):
            for word in said:
                assert word in row, (word, row)
        text = "\n".join(console.rows()[34:])
        assert "maya@10.0.0.7: feed lag: Meta missed 3 fetches" in text
        assert "items_batch of 20" in text
        assert "handle 7 finished" in text


async def test_nothing_is_cut_while_other_columns_have_room_to_spare() -> None:
    source = writing()
    a_morning(source)
    model = source.model
    assert isinstance(model, FakeModel)
    ruling = Ruling(at(9, 35), "maya@10.0.0.7", Scope("embed"), Tolerance(1), reason="counted by hand", number=8)
    model.said.hear(ruling)
    async with running((120, 40), source) as console:
        await console.press("A")
        await console.settle(LATER)
        assert any("2 units → 1 unit " in row for row in listed(console)), "\n".join(listed(console))


def test_a_column_gives_away_only_what_it_does_not_need() -> None:
    starts = {"who": 12, "where": 20, "change": 40, "why": 50}
    assert fitted(starts, {"who": 5, "where": 9, "change": 10, "why": 60}, 100) == {
        "who": (12, 18), "where": (18, 30), "change": (30, 40), "why": (40, 100),
    }  # fmt: skip
    as_drawn = {"who": (12, 20), "where": (20, 40), "change": (40, 50), "why": (50, 100)}
    assert fitted(starts, {}, 100) == as_drawn
    assert fitted(starts, {"who": 8, "where": 20, "change": 10, "why": 50}, 100) == as_drawn
    crowded = fitted(starts, dict.fromkeys(starts, 90), 100)
    assert crowded == as_drawn


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("dead", 1),
        ("open", 1),
        ("tom@", 1),
        ("BEE-006", 1),
        ("resync", 2),
        ("!resync", 2),
        ("embed hand", 1),
        ("zzz", 0),
    ],
)
async def test_it_is_filtered(words: str, count: int) -> None:
    source = writing()
    a_morning(source)
    async with running(source=source) as console:
        await console.press(
            "A", "slash", *[{" ": "space", "!": "exclamation_mark", "@": "at"}.get(one, one) for one in words]
        )
        await console.press("enter")
        screen = console.app.screen
        assert isinstance(screen, ActionsScreen)
        assert len(screen.lines) == count
        await console.press("escape")
        assert len(screen.lines) == 4


async def test_an_action_is_opened_and_taken_back() -> None:
    source = writing()
    a_morning(source)
    async with running(source=source) as console:
        await console.press("A", "end", "enter")
        assert shown(console, ProgressScreen)
        assert "Contain of Instagram" in console.rows()[3]
        await console.press("escape", "B")
        assert shown(console, PlanScreen)
        assert source.acting.wanted == [Wanted("rollback", "instagram", action="d0ne0123456789")]
        assert "Plan: roll back Instagram" in console.rows()[3]


async def test_a_dead_letter_is_tried_again_or_dismissed_with_a_reason() -> None:
    source = writing()
    a_morning(source)
    async with running(source=source) as console:
        await console.press("A", "down", "r")
        assert source.acting.wanted == [Wanted("retry", "facebook", action="fa11ed0123456789")]
        await console.press("escape", "D", "enter")
        assert not source.acting.dismissed
        await console.press("D", *"fixed", "enter")
        assert source.acting.dismissed == [("fa11ed0123456789", "fixed")]


async def test_what_is_no_dead_letter_is_neither_tried_again_nor_dismissed() -> None:
    source = writing()
    a_morning(source)
    async with running(source=source) as console:
        await console.press("A", "r", "D", "down", "down", "r", "D", "B", "enter")
        assert shown(console, ActionsScreen)
        assert not source.acting.wanted
        assert not source.acting.dismissed


def exported(folder: Path) -> list[dict[str, str]]:
    (file,) = folder.glob("stockdrift-candle-co-actions-*.csv")
    return list(csv.DictReader(io.StringIO(file.read_text())))


async def test_what_is_listed_is_exported_as_the_command_prints_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = writing()
    a_morning(source)
    async with running(source=source) as console:
        await console.press("A", "slash", *"tom", "at", "enter", "E")
    (row,) = exported(tmp_path)
    assert (row["operator"], row["sku"], row["before"], row["after"], row["state"], row["sent"]) == (
        "tom@shop", "BEE-006", "18", "14", "verified", "BEE-006 18 → 14",
    )  # fmt: skip


async def test_the_past_shows_the_record_as_it_stood_and_bars_what_changes() -> None:
    source = writing(FakeSource(recorded=FakePast(FakeModel())))
    a_morning(source)
    async with running(source=source) as console:
        await console.press("h", "A")
        screen = console.app.screen
        assert isinstance(screen, ActionsScreen)
        assert not screen.lines  # that model was told nothing yet
        assert "as they stood" in console.rows()[1]
        await console.press("escape", "escape", "A")
        await console.press("end", "B", "escape")
        assert source.acting.wanted
        source.acting.wanted.clear()
        await console.press("escape", "h", "A", "B", "r", "D")
        assert not source.acting.wanted
        assert not source.acting.dismissed


async def test_news_comes_while_it_is_read_and_the_cursor_stays() -> None:
    source = writing()
    a_morning(source)
    async with running(source=source) as console:
        await console.press("A", "down", "down")
        before = console.rows()[36]
        ask(source.model, "another", kind="resync", when=source.model.shown.at)
        await console.settle(300)
        assert len(listed(console)) == 5
        assert console.rows()[36] == before


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (30, 8), (5, 3)])
async def test_the_record_has_room_on_every_screen(size: tuple[int, int]) -> None:
    source = writing()
    a_morning(source)
    async with running(size, source) as console:
        await console.press("A", "down", "pagedown")
        if size[0] >= 60:
            text = console.text()
            for said in ("resync", "tolerance", "Facebook", "verified"):
                assert said in text, said
