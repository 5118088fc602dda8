"""The form by which SKUs are ignored, what it says, and what is taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stockdrift.console.until import parse_until
from stockdrift.stock.picture import Severity, SkuPicture, Verdict
from stockdrift.stock.rules import Ignore, Scope
from stockdrift.stock.values import replace
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW
from tests.console.harness import running

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "after"),
    [("90m", 1.5), ("8h", 8), ("7d", 168), ("2w", 336), ("1d 12h", 36), ("1D12H", 36), (" now ", 0)],
)
def test_a_stretch_counts_from_now(text: str, after: float) -> None:
    assert parse_until(text, NOW, UTC) == NOW + round(after * HOUR)


def test_a_date_is_its_first_moment_where_the_operator_is() -> None:
    assert parse_until("2026-12-24", NOW, UTC) == datetime(2026, 12, 24, tzinfo=UTC).timestamp() * 1_000
    assert parse_until("2026-12-24 18:00", NOW, UTC) == datetime(2026, 12, 24, 18, tzinfo=UTC).timestamp() * 1_000
    assert parse_until("2026-12-24T18:00+02:00", NOW, UTC) == parse_until("2026-12-24 16:00", NOW, UTC)


@pytest.mark.parametrize("text", ["", "soon", "0h", "7", "9999w", "2020-01-01", "2199-01-01", "1d x", "-1d"])
def test_what_is_no_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"end|past"):
        parse_until(text, NOW, UTC)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 12)])
async def test_a_sku_is_ignored_with_reason_and_end_and_that_is_undone(size: tuple[int, int]) -> None:
    async with running(size) as console:
        sku = console.model.lines([console.app.scene.listing.rows[0]])[0].sku
        await console.press("i")
        assert any(f"Ignore {sku}" in row for row in console.rows())
        await console.press(*"recount", "tab", "ctrl+u", *"2d", "enter")
        ignore = Ignore("recount", NOW + 48 * HOUR)
        assert console.source.said == [(Scope("", sku), ignore)]
        assert any(f"{sku} ignored until Sun 29 Nov 10:42" in row for row in console.rows())
        assert not any("Reason" in row for row in console.rows())
        await console.press("u")
        assert console.source.said[-1] == (Scope("", sku), None)


async def test_it_is_ignored_on_one_surface_and_a_key_that_is_typed_does_nothing_else() -> None:
    async with running() as console:
        await console.press("i", *"quiet", "tab", "tab", "right", "enter")
        ((scope, ignore),) = console.source.said
        assert ignore is not None
        assert (scope.surface, ignore.reason) == (console.model.shown.surfaces[0].name, "quiet")
        assert console.app.is_running


async def test_without_a_reason_or_an_end_it_says_what_is_missing() -> None:
    async with running() as console:
        await console.press("i", "enter")
        assert any("Say why" in row for row in console.rows())
        await console.press("x", "tab", "ctrl+u", *"soon", "enter")
        assert any("Write the end like 90m, 8h, 7d" in row for row in console.rows())
        assert console.source.said == []
        await console.press("escape")
        assert console.source.said == []
        assert not any("Until" in row for row in console.rows())


async def test_what_is_ignored_already_shows_by_whom_and_can_be_ended() -> None:
    source = FakeSource()
    async with running(source=source) as console:
        sku = console.model.lines([console.app.scene.listing.rows[0]])[0].sku
        source.ignores[Scope("", sku)] = Ignore("recount", NOW + HOUR, "anna")
        await console.press("i")
        rows = console.rows()
        assert any("Ignored by anna until" in row for row in rows)
        assert any("recount" in row for row in rows)
        await console.press("tab", "ctrl+u", *"now", "enter")
        assert source.said == [(Scope("", sku), Ignore("recount", NOW))]
        await console.press("u")
        assert source.said[-1] == (Scope("", sku), Ignore("recount", NOW + HOUR, "anna"))


async def test_the_marked_are_ignored_together_and_taken_back_together() -> None:
    async with running() as console:
        await console.press("m", "down", "m", "i", "x", "enter")
        assert len(console.source.said) == 2
        await console.press("u")
        assert [ignore for _, ignore in console.source.said[2:]] == [None, None]


async def test_on_the_sku_screen_too() -> None:
    async with running() as console:
        await console.press("enter", "i", "x", "enter")
        assert [scope.surface for scope, _ in console.source.said] == [""]


@pytest.mark.parametrize(("ignored", "word"), [(True, "— ignored"), (False, "— not compared")])
async def test_the_sku_screen_never_calls_in_sync_what_is_compared_nowhere(ignored: bool, word: str) -> None:
    held = Ignore("recount", NOW + HOUR, "anna") if ignored else None
    async with running() as console:
        shown = console.model.sku

        def aside(row: int, now: int) -> SkuPicture:
            picture = shown(row, now)
            levels = [
                replace(one, cell=replace(one.cell, verdict=Verdict.NOT_COMPARED, severity=Severity.NONE, ignored=held))
                for one in picture.levels
            ]
            line = replace(picture.line, severity=Severity.NONE, worst=-1, unknown=False, ignored=ignored)
            return replace(picture, line=line, levels=levels)

        console.model.sku = aside  # type: ignore[method-assign]
        await console.press("enter")
        assert word in console.rows()[3]
        assert "in sync" not in "".join(console.rows()[:9])


async def test_what_is_typed_takes_the_place_of_the_end_that_was_offered() -> None:
    async with running() as console:
        await console.press("i", *"recount", "tab", *"3h")
        shown = console.text()
        assert "7d3h" not in shown
        assert "Fri 27 Nov 13:42" in shown
        assert not console.rows()[39].strip(), "the form takes every key, and says which"
        await console.press("escape")
        assert "? help" in console.rows()[39]
