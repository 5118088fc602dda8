"""What the keys do, and that footer and Help tell the truth about them."""

from __future__ import annotations

import pytest

from stockdrift.console import keys
from stockdrift.console.help_text import FILTERS, GROUPS
from stockdrift.console.listing import HOLD
from stockdrift.stock.filter import PHASES, parse
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import calm, troubled
from tests.console.harness import running


def test_ids_are_unique_and_no_key_is_bound_twice_on_a_screen() -> None:
    assert len({key.id for key in keys.KEYS}) == len(keys.KEYS)
    for screen in {screen for key in keys.KEYS for screen in key.screens}:
        bound = [name for key in keys.KEYS if screen in key.screens and key.action for name in key.keys.split(",")]
        assert sorted(bound) == sorted(set(bound))


def test_every_binding_has_an_id_and_a_tooltip() -> None:
    for binding in keys.bindings("watch"):
        assert not isinstance(binding, tuple)
        assert binding.id
        assert binding.tooltip


def test_each_meaning_is_one_of_a_key_that_works_on_that_screen() -> None:
    for screen, name in keys._MEANINGS:
        assert screen in keys.BY_ID[name].screens, (screen, name)


async def test_help_tells_what_a_key_means_on_the_screen_it_was_asked_on() -> None:
    async with running((120, 60)) as console:
        await console.press("t", "question_mark")
        tuner = console.text()
        assert "Enter  Say why, and apply the tolerance that is looked at." in tuner
        assert "+  Look at one unit more; nothing is applied." in tuner
        await console.press("escape", "escape", "L", "question_mark")
        logs = console.text()
        assert "y  Copy the line." in logs


async def test_the_cursor_moves_and_the_window_follows() -> None:
    async with running() as console:
        await console.press("down", "j", "j", "k")
        assert console.rows()[21].startswith("▌")
        await console.press("end")
        rows = console.rows()
        assert rows[38].startswith("▌")
        assert "18–37 of 37" in rows[17]
        await console.press("home")
        assert console.rows()[19].startswith("▌")
        await console.press("pagedown")
        assert "18–37 of 37" in console.rows()[17]
        await console.press("pageup")
        assert "1–20 of 37" in console.rows()[17]


async def test_only_visible_rows_are_asked_for() -> None:
    async with running() as console:
        console.model.asked.clear()
        await console.press("l", "end")
        assert max(len(rows) for rows in console.model.asked) <= 20


async def test_the_cursor_stays_on_its_sku_when_rows_move() -> None:
    async with running() as console:
        await console.press("down", "down")
        console.model.rows = [30, 31, *console.model.rows[:30]]
        console.model.version += 1
        await console.settle(HOLD)
        assert console.app.scene.listing.row == 2
        cursor = next(row for row in console.rows() if row.startswith("▌"))
        assert "SEA-220" in cursor


async def test_an_untouched_cursor_stays_with_the_most_dangerous() -> None:
    async with running() as console:
        console.model.rows = [5, *console.model.rows[:5]]
        console.model.version += 1
        await console.settle(HOLD)
        assert console.app.scene.listing.row == 5


async def test_the_order_stands_still_under_a_moving_cursor() -> None:
    async with running() as console:
        await console.press("down")
        console.model.rows = [40, 41, *console.model.rows]
        console.model.version += 1
        await console.settle(300)
        rows = console.rows()
        assert "FIG-220" in rows[19]
        assert "↓ 2 new" in rows[17]
        await console.settle(HOLD)
        assert "↓ 2 new" not in console.rows()[17]
        assert "1–20 of 39" in console.rows()[17] or "3–22 of 39" in console.rows()[17]


async def test_sort_and_all_skus() -> None:
    async with running() as console:
        await console.press("s")
        assert "by deviation" in console.rows()[17]
        await console.press("l")
        assert "All SKUs" in console.rows()[17]
        assert "of 100" in console.rows()[17]
        assert "l drifting" in console.rows()[39]
        await console.press("end")
        assert "● in sync" in console.rows()[38]


async def test_the_filter_is_typed_kept_and_cleared() -> None:
    async with running() as console:
        await console.press("slash", *"noël")
        rows = console.rows()
        assert "/ noël" in rows[39]
        assert "NOE-300" in rows[19]
        assert "of 1 " in rows[17]
        await console.press("q", "backspace", "enter")
        assert "with “noël”" in console.rows()[17]
        assert console.rows()[39].startswith(" / filter")
        await console.press("escape")
        assert "of 37" in console.rows()[17]
        await console.press("slash", "z", "z")
        assert any("No SKU matches “zz”." in row for row in console.rows())
        await console.press("escape", "slash", *"surface:amazon zz")
        assert any("43 unknown on Amazon: surface:amazon unknown" in row for row in console.rows())
        await console.press("escape")
        assert "of 37" in console.rows()[17]


async def test_a_filter_is_a_language() -> None:
    async with running() as console:
        await console.press("slash", *"oversell")
        assert "of 2 " in console.rows()[17]
        await console.press("space", *"fig", "enter")
        assert "of 1 " in console.rows()[17]
        assert "with “oversell fig”" in console.rows()[17]


async def test_a_broken_filter_is_said_and_the_list_stays() -> None:
    async with running() as console:
        await console.press("slash", *"oversell ", *"~(")
        assert "~( is no regular expression" in console.rows()[16]
        assert "of 2 " in console.rows()[17]
        await console.press("enter")
        assert "~( is no regular expression" in console.rows()[16]
        assert "with “oversell ~”" in console.rows()[17], "what could be read of it"
        assert console.rows()[39].startswith(" / oversell ~(  "), "it cannot be kept, and is there to be mended"
        await console.press("backspace", *"FIG", "enter")
        assert "of 1 " in console.rows()[17]
        assert console.rows()[39].startswith(" / filter")
        await console.press("slash", "ctrl+u", *"surface:nowhere", "enter")
        assert "No surface is called nowhere" in console.rows()[16]
        await console.press("escape")
        assert "of 37" in console.rows()[17]
        assert console.rows()[39].startswith(" / filter")


async def test_a_tolerance_says_what_it_did_and_is_undone() -> None:
    async with running() as console:
        assert "u undo" not in console.rows()[39]
        await console.press("plus")
        assert console.source.ruled == [(Scope(), Tolerance(1))]
        told = "Tolerance of the store is now 1 unit, for everybody: 31 drift instead of 37 — u undoes"
        assert told in console.rows()[16]
        assert "u undo" in console.rows()[39]
        await console.press("plus", "u")
        assert "Tolerance of the store is 1 unit again, for everybody" in console.rows()[16]
        await console.press("u")
        assert console.source.ruled[2:] == [(Scope(), Tolerance(1)), (Scope(), None)]
        assert "37 drift instead of 31" in console.rows()[16]
        await console.press("minus")
        assert len(console.source.ruled) == 4
        assert "0 units already" in console.rows()[16]


async def test_the_focus_moves_to_the_surfaces_and_their_keys_mean_them() -> None:
    async with running() as console:
        await console.press("tab", "down")
        rows = console.rows()
        assert "━ worst first ━━" in rows[1] or "━━ worst first ━━" in rows[1]
        assert rows[4][39] == "▌"
        assert "Amazon market" in rows[8]
        assert "HTTP 503" in rows[9]
        await console.press("g")
        assert console.source.rereads == ["amazon"]
        await console.press("plus")
        assert console.source.ruled[0][0] == Scope("amazon", "")
        await console.press("G")
        assert console.source.rereads == ["amazon", ""]
        await console.press("tab", "tab")
        assert console.app.scene.focus == "grid"


async def test_g_reads_the_surface_that_the_cause_names() -> None:
    async with running() as console:
        await console.press("g")
        assert console.source.rereads == ["facebook"]
        assert "Asked to read Facebook now" in console.rows()[16]


async def test_freeze_stands_still_but_the_clock_goes_on() -> None:
    async with running() as console:
        await console.press("space")
        assert "frozen 10:42:07" in console.rows()[0]
        console.model.shown = replace(troubled(), gauge=replace(troubled().gauge, drifting=99))
        console.model.version += 1
        await console.settle(5_000)
        assert "10:42:12" in console.rows()[0]
        assert "███████  ███████" in console.rows()[3]
        assert " 12s" in console.rows()[6]
        await console.press("space")
        assert console.app.scene.picture is not None
        assert console.app.scene.picture.gauge.drifting == 99


async def test_a_sku_opens_and_the_next_ones_are_reached() -> None:
    async with running() as console:
        await console.press("down", "down", "enter")
        rows = console.rows()
        assert "Watch / SEA-220 Sea Salt 220ml" in rows[1]
        assert "3 of 37" in rows[1]
        await console.press("down")
        assert "WAX-MLT" in console.rows()[1]
        await console.press("plus")
        assert console.source.ruled == [(Scope("", "WAX-MLT"), Tolerance(1))]
        await console.press("g")
        assert console.source.rereads == ["facebook"]
        await console.press("escape")
        cursor = next(row for row in console.rows() if row.startswith("▌"))
        assert "WAX-MLT" in cursor


async def test_help_names_every_key_of_its_screen() -> None:
    async with running((120, 110)) as console:
        await console.press("question_mark")
        text = console.text()
        for key in keys.KEYS:
            if key.tooltip and "watch" in key.screens:
                assert keys.meaning(key, "watch")[:60] in text
        await console.press("escape")
        assert "Drift" in console.rows()[1]


def test_every_key_stands_under_one_heading() -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(key.id for key in keys.KEYS if key.tooltip)


def test_every_filter_that_help_gives_means_what_it_says() -> None:
    for example, _meaning in FILTERS:
        assert len(parse(example, ["facebook"]).terms) == 1, example
    for word in ("oversell", "over", "under", "orphan", "unknown", "ignored", "snoozed", "acknowledged", "claimed"):
        assert any(word in f"{example} {meaning}" for example, meaning in FILTERS)
        assert parse(word, []).terms[0].kind != "text", word
    assert all(phase in " ".join(f"{one} {two}" for one, two in FILTERS) for phase in PHASES)


async def test_help_has_two_columns_where_it_is_wide_and_nothing_is_lost() -> None:
    async with running((200, 80)) as console:
        await console.press("question_mark")
        rows = console.rows()
        assert rows[2].startswith("  Look closer")
        words = " ".join(" ".join(rows).split())
        for key in keys.KEYS:
            if key.tooltip and "watch" in key.screens:
                assert keys.meaning(key, "watch")[:40] in words, key.id
        assert "States" in words
        assert any(row[100:].strip() for row in rows[2:20])


async def test_the_footer_shows_only_what_works_now() -> None:
    async with running((120, 40), FakeSource(FakeModel(shown=calm(), rows=[]))) as console:
        footer = console.rows()[39]
        for absent in ("open", "sort", "undo", "resync"):
            assert absent not in footer


async def test_an_interrupt_while_typing_gives_up_the_filter_and_no_more() -> None:
    async with running() as console:
        await console.press("slash", "n", "ctrl+c")
        assert "of 37" in console.rows()[17]
        assert not console.app._exit


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quit(key: str) -> None:
    async with running() as console:
        await console.pilot.press(key)
        await console.pilot.pause()
        assert console.app.return_code == 0
        assert console.app._exit


async def test_a_click_moves_the_cursor_and_the_wheel_the_window() -> None:
    async with running() as console:
        await console.pilot.click("#grid", offset=(30, 4))
        await console.settle()
        assert console.rows()[23].startswith("▌")
        await console.pilot.click("#surfaces", offset=(10, 3))
        await console.settle()
        assert console.rows()[4][39] == "▌"


async def test_columns_keep_their_order_until_asked() -> None:
    async with running() as console:
        worse = [replace(line, drifting=36) if line.name == "embed" else line for line in troubled().surfaces]
        console.model.shown = replace(troubled(), surfaces=worse)
        console.model.version += 1
        await console.settle(300)
        assert console.rows()[18][50:58] == "Facebook"
        await console.press("v")
        assert "│     Embed  Facebook" in console.rows()[18] or "Embed" in console.rows()[18][48:60]


@pytest.mark.parametrize(
    ("size", "presses", "drawn"),
    [
        (
            (120, 40),
            "",
            "/ filter  s sort  Enter open  space freeze  r resync  R surface  t tolerance  a ack  h history",
        ),
        ((80, 24), "", "/ filter  Enter open  r resync  R surface  t tolerance  h history  ? help"),
        ((120, 40), "enter", "Esc back  r resync  x contain  + − tolerance  Tab next panel  [ ] earlier, later"),
        ((120, 40), "f", "Esc back  R plan resync  p pause polling  + − tolerance  x contain  Tab next panel"),
    ],
)
async def test_the_footer_is_as_drawn(size: tuple[int, int], presses: str, drawn: str) -> None:
    async with running(size) as console:
        if presses:
            await console.press(presses)
            await console.settle(300)
        assert console.rows()[-1].startswith(f" {drawn}")
        assert ("  : command  ? help" in console.rows()[-1]) == (size[0] == 120)


async def test_the_calm_footer_is_as_drawn() -> None:
    async with running((120, 40), FakeSource(FakeModel(shown=calm(), rows=[]))) as console:
        drawn = " / filter  l all SKUs  space freeze  t tolerance  h history  A actions  : command  ? help"
        assert console.rows()[39].startswith(drawn)


async def test_the_cause_names_the_keys_that_are_drawn() -> None:
    async with running((120, 40)) as console:
        assert "   R plan resync of Facebook   e evidence   f open Facebook" in console.rows()[12]
    async with running((80, 24)) as console:
        assert console.rows()[4].endswith("R plan resync ")
