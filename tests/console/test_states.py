"""What is not known never looks like agreement; what goes wrong becomes a banner."""

from __future__ import annotations

import asyncio
import re

import pytest

from stockdrift.console import app, words
from stockdrift.console.app import FOLLOW
from stockdrift.console.glyphs import FULL
from stockdrift.console.scene import Scene
from stockdrift.console.theme import find_theme, shipped_folder
from stockdrift.console.widgets.compact import CompactTop
from stockdrift.console.widgets.empty import explain
from stockdrift.console.widgets.say_form import SayForm
from stockdrift.stock.actions import ActionDismissed
from stockdrift.stock.picture import Finding, Picture, SettingsNote, Status
from stockdrift.stock.values import replace
from tests.console.acting import a_morning, writing
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, blank, calm, masterless, troubled
from tests.console.harness import Running, running
from tests.stock.scene import T0
from tests.stock.test_golden import candle

SOME = "of 1,284 tracked SKUs were read back as expected"
GREEN = "#82d3a2"


def greens(console: Running, rows: range) -> list[str]:
    return [
        character
        for y in rows
        for character, style in console.cells()[y]
        if character != " " and style.color and style.color.triplet and style.color.triplet.hex == GREEN
    ]


def unknown_only() -> Picture:
    """Nothing drifts, 43 SKUs are unknown."""
    gauge = replace(troubled().gauge, drifting=0, in_sync=1241, oversell=0, over=0, under=0)
    return replace(troubled(), gauge=gauge)


async def test_a_read_that_does_not_come_back_is_no_calm() -> None:
    due = NOW + 26_000
    picture = replace(calm(), master=replace(calm().master, next_at=due))
    for waited, missed in ((4_900, False), (5_000, True)):
        source = FakeSource(FakeModel(shown=replace(picture, at=due + waited), rows=[]))
        async with running((120, 40), source) as console:
            console.clock.now = due + waited - 1
            await console.settle(1)
            text = console.text()
            assert ("The master and 5 surfaces have not answered for 5s." in text) == missed
            assert ("Nothing waits on you" in text) != missed
            assert ("Nothing drifted when it was last read." in text) == missed
            assert ("clean 5s ago" in text) == missed
            assert ("5 of 5 polls answer" in text) != missed
            assert ("◆ 5 of 5: no answer for 5s" in console.rows()[0]) == missed
            assert sum("overdue" in row and "due 5s" in row for row in console.rows()[3:8]) == 5 * missed
            assert (greens(console, range(9)) == []) == missed


async def test_of_some_that_do_not_answer_each_is_told_at_every_size() -> None:
    picture = troubled()
    hung = replace(picture.surfaces[3], next_at=NOW - 53_000, took=200, read_at=NOW - 63_000)
    slow = replace(picture.surfaces[4], next_at=NOW - 53_000, took=30_000, read_at=NOW - 63_000)
    assert hung.name == "instant-site"
    assert (hung.overdue(NOW), slow.overdue(NOW)) == (53_000, None), "a read that always takes half a minute is none"
    picture = replace(picture, surfaces=[*picture.surfaces[:3], hung, slow])
    for size, said in (((120, 40), "? 3 of 5 polls answer"), ((80, 24), "? 3/5 polls")):
        async with running(size, FakeSource(FakeModel(shown=picture))) as console:
            text = console.text()
            assert said in console.rows()[0]
            assert "◆ Instant Site" in text or "◆ Instant Site 53s overdue" in text
            if size[0] >= 100:
                await console.press("2", "down", "down")
                assert "has not answered for 53s" in "\n".join(console.rows()[9:13])
                await console.press("f")
                text = console.text()
                assert "◆ overdue" in text
                assert "no answer for 53s" in text


async def test_a_master_that_does_not_answer_is_told_before_it_is_unknown() -> None:
    picture = replace(calm(), master=replace(calm().master, next_at=NOW - 20_000))
    async with running((120, 40), FakeSource(FakeModel(shown=picture, rows=[]))) as console:
        assert "◆ master: no answer for 20s" in console.rows()[0]
    async with running((80, 24), FakeSource(FakeModel(shown=picture, rows=[]))) as console:
        assert "◆ no answer 20s" in console.rows()[0]
        assert "The master has not answered for 20s." in console.rows()[4]


@pytest.mark.parametrize("picture", [blank(), masterless()], ids=["blank", "masterless"])
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16), (40, 10)])
async def test_not_knowing_is_not_green(picture: Picture, size: tuple[int, int]) -> None:
    async with running(size, FakeSource(FakeModel(shown=picture, rows=[]))) as console:
        text = console.text()
        assert "Nothing drifts." not in text
        assert not re.search(r"\d in sync", text)
        hero = range(3, 13) if size[1] >= 30 else range(0 if size[1] < 16 else 1, 2)
        cells = [cell for y in hero for cell in console.cells()[y][:38]]
        assert not [c for c, s in cells if c != " " and s.color and s.color.triplet and s.color.triplet.hex == GREEN]
        grid = range(18, 38) if size[1] >= 36 else range(size[1] - 4, size[1] - 1)
        assert not greens(console, grid)


async def test_unknown_skus_keep_the_screen_from_being_calm() -> None:
    async with running((120, 40), FakeSource(FakeModel(shown=unknown_only(), rows=[]))) as console:
        rows = console.rows()
        assert console.colour(3, 3) == "#b7a7c6"
        assert "? 43 unknown" in rows[6]
        assert any("Nothing is known to drift; 43 of 1,284 unknown." in row for row in rows)
        assert any("Amazon no answer: HTTP 503" in row for row in rows)
        assert not any("Nothing drifts." in row for row in rows)


async def test_a_master_that_answers_with_an_error_is_not_said_to_be_read_still() -> None:
    gauge = replace(blank().gauge, tracked=0)
    master = replace(blank().master, status=Status.NO_ANSWER, reason="HTTP 403: wrong token")
    picture = replace(blank(), gauge=gauge, master=master)
    for size in ((120, 40), (80, 24)):
        async with running(size, FakeSource(FakeModel(shown=picture, rows=[]))) as console:
            text = console.text()
            assert "eading the master" not in text
            assert "HTTP 403: wrong token" in text
            assert ("no good master read" in text) == (size[0] == 120)


@pytest.mark.parametrize(
    ("here", "in_sync", "uncovered", "said"),
    [
        (1284, 1284, 0, "All 1,284 SKUs were read back on five surfaces, and all are as expected."),
        (1200, 1284, 0, "All 1,284 tracked SKUs were read back as expected, each where it is listed."),
        (1200, 1280, 4, f"1,280 {SOME}. 4 are listed nowhere."),
        (1200, 1283, 1, f"1,283 {SOME}. 1 is listed nowhere."),
    ],
)  # fmt: skip
def test_the_calm_screen_says_no_more_than_was_seen(here: int, in_sync: int, uncovered: int, said: str) -> None:
    picture = calm()
    first, *rest = picture.surfaces
    gauge = replace(picture.gauge, in_sync=in_sync, uncovered=uncovered)
    picture = replace(picture, gauge=gauge, surfaces=[replace(first, in_sync=here), *rest])
    scene = Scene(find_theme("dark", [shipped_folder()]), picture=picture, moment=NOW)
    assert explain(scene) == ("ok", "Nothing drifts.", [said])


async def test_a_master_that_fails_is_a_banner() -> None:
    async with running((120, 40), FakeSource(FakeModel(shown=masterless(), rows=[]))) as console:
        rows = console.rows()
        assert "The master does not answer: HTTP 401: the token was refused. Nothing counts as in sync." in rows[16]
        assert console.background(5, 16) == "#b7a7c6"
        assert "× master no answer" in rows[0]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16), (60, 12)])
async def test_not_recording_is_a_banner(size: tuple[int, int]) -> None:
    picture = replace(calm(), recording=False)
    async with running(size, FakeSource(FakeModel(shown=picture, rows=[]))) as console:
        assert any("Not recording" in row for row in console.rows())
        assert not any("polls" in row for row in console.rows()[:1])


async def test_no_collector_is_a_banner_that_leaves_when_it_is_back() -> None:
    source = FakeSource(trouble="No collector is running: nothing new is read.")
    async with running(source=source) as console:
        console.app.scene.trouble = source.trouble
        await console.settle(1_000)
        assert "No collector is running" in console.rows()[16]
        console.app.scene.trouble = source.trouble = ""
        await console.settle(1_000)
        assert "No collector" not in console.rows()[16]


async def test_that_nothing_can_be_written_any_more_is_said() -> None:
    async with running(source=writing()) as console:
        await console.settle(1_000)
        assert "writing as" in console.rows()[0]
        console.source.acting.barred = "The collector at work is read-only."
        await console.settle(1_000)
        assert "writing as" not in console.rows()[0]
        assert "Nothing can be written from here now. The collector at work is read-only." in console.text()


async def test_a_follower_that_crashes_is_a_banner_not_a_traceback() -> None:
    source = FakeSource(broken=RuntimeError("the disk said [red]no[/red]"))
    async with running(source=source) as console:
        while not console.app.scene.trouble:
            await console.pilot.pause()
        await console.pilot.pause()
        assert any("Cannot follow the journal: the disk said [red]no[/red]" in row for row in console.rows())
        assert not console.app._exit


async def test_a_request_that_fails_is_a_message() -> None:
    async with running() as console:

        async def refuse(*_args: object) -> None:
            raise OSError("the journal is read-only")

        console.source.ask_reread = refuse  # type: ignore[method-assign,assignment]
        console.source.rule = refuse  # type: ignore[method-assign,assignment]
        await console.press("g")
        assert "Cannot ask for it: the journal is read-only" in console.rows()[16]
        await console.press("plus")
        assert "Cannot change the tolerance: the journal is read-only" in console.rows()[16]


async def test_a_message_leaves_after_a_while() -> None:
    async with running() as console:
        await console.press("g")
        assert "Asked to read" in console.rows()[16]
        await console.settle(9_000)
        await console.settle(1_000)
        assert "Asked to read" not in console.rows()[16]


async def test_so_does_one_of_a_screen_s_own_and_also_where_the_screen_is_frozen() -> None:
    async with running() as console:
        await console.press("enter", "o")
        assert "The settings name no link for it" in console.text()
        await console.settle(1_000)
        await console.settle(9_000)
        assert "The settings name no link for it" not in console.text()
        await console.press("escape", "space", "f2")
        assert "A preview needs" in console.text()
        await console.settle(1_000)
        await console.settle(9_000)
        assert "A preview needs" not in console.text()


async def test_ages_grow_without_news() -> None:
    async with running() as console:
        await console.settle(3_000)
        assert " 15s" in console.rows()[6]
        assert "10:42:10" in console.rows()[0]


async def test_a_clock_that_is_set_back_does_not_stop_the_screen() -> None:
    async with running() as console:
        console.model.shown = replace(troubled(), gauge=replace(troubled().gauge, drifting=41))
        console.model.version += 1
        await console.settle(-3_600_000)
        assert console.app.scene.picture is not None
        assert console.app.scene.picture.gauge.drifting == 41
        assert "09:42:07" in console.rows()[0]


async def test_while_the_journal_cannot_be_followed_what_is_on_screen_grows_old() -> None:
    source = FakeSource(candle())  # type: ignore[arg-type]  # the monitor itself: it is what grows old
    async with running(source=source) as console:
        console.clock.now = T0 + 1_000
        await console.settle()
        console.app.draw(force=True)
        await console.pilot.pause()
        assert any("● 2 in sync" in row for row in console.rows())
        source.broken = RuntimeError("the journal was removed")
        console.clock.now = T0 + 10 * 60_000
        said = "Cannot follow the journal: the journal was removed"
        async with asyncio.timeout(30):
            while "in sync" in console.text() or said not in console.text():
                await console.pilot.pause(0.02)  # the console follows by itself, and nobody draws for it
        assert "unknown" in console.text()


async def test_settings_that_were_reloaded_are_said_once_and_refused_ones_stand() -> None:
    async with running() as console:
        model = console.model

        async def told(note: SettingsNote) -> str:
            model.shown = replace(model.shown, settings=note)
            model.version += 1
            await console.settle(1_000)
            return console.text()

        assert "Settings" not in await told(SettingsNote(NOW - 1, "2 changes: before this console", refused=False))
        assert "Settings reloaded: 1 change: cap" in await told(SettingsNote(NOW + 1, "1 change: cap", refused=False))
        await console.settle(10_000)
        assert "Settings reloaded" not in console.text()
        refused = SettingsNote(NOW - 1, "surfaces.facebook.lag: not a duration", refused=True)
        assert "Settings refused, those before hold on: surfaces.facebook.lag" in await told(refused)
        await console.settle(60_000)
        assert "Settings refused" in console.text()
        await told(SettingsNote(NOW + 2, "", refused=False))  # the collector was started anew
        assert "Settings" not in console.text()


async def test_an_oversell_that_is_ignored_is_told_in_a_calm_store_too() -> None:
    source = FakeSource(FakeModel(calm(), rows=[]))
    found = Finding("oversell", "ignored", "1 ignored SKU oversells:", "FIG-220 on Facebook, by anna: recount.")
    gauge = replace(source.model.shown.gauge, ignored=2, ignored_oversell=1)
    source.model.shown = replace(source.model.shown, findings=[found], gauge=gauge)
    async with running(source=source) as console:
        screen = console.text()
        assert "1 ignored SKU oversells: FIG-220 on Facebook, by anna: recount." in screen
        assert "2 SKUs ignored, of them 1 oversell." in screen
        assert "Nothing waits on you" not in screen


async def test_a_surface_that_is_silent_keeps_the_screen_from_being_calm_though_no_sku_is_unknown() -> None:
    picture = replace(calm(), gauge=replace(calm().gauge, silent=1))
    async with running((120, 40), FakeSource(FakeModel(shown=picture, rows=[]))) as console:
        rows = console.rows()
        assert any("? not all is read" in row for row in rows)
        assert any("Nothing is known to drift; not every surface is read." in row for row in rows)
        assert not any("Nothing drifts." in row for row in rows)


async def test_a_journal_that_never_answers_does_not_stop_the_screen_from_growing_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "TICK", 0.01)
    async with running() as console:
        console.source.hangs = True
        await asyncio.sleep(2 * FOLLOW)
        console.clock.now += 60_000
        for _ in range(100):
            if console.app.scene.now == console.clock.now:
                break
            await asyncio.sleep(0.01)
        assert console.app.scene.now == console.clock.now


@pytest.mark.parametrize(
    ("size", "header", "next_says"),
    [
        ((120, 40), "! 1 failed, A", "1 failed action waits on you: A."),
        ((80, 24), "! 1 failed, A", "1 failed action waits on you: A."),
        ((60, 16), "! 1 failed, A", ""),
    ],
)
async def test_an_action_that_failed_is_told_on_the_first_screen(
    size: tuple[int, int], header: str, next_says: str
) -> None:
    source = FakeSource(FakeModel(shown=calm(), rows=[]))
    a_morning(source)  # one that failed is among it
    async with running(size, source) as console:
        text = console.text()
        assert header in console.rows()[0]
        assert next_says in text
        assert "Nothing waits on you" not in text
        source.model.ledger.apply(ActionDismissed(NOW, "maya", "fa11ed0123456789", "counted anew"))
        source.model.version += 1
        await console.settle(1_000)
        assert "failed" not in console.text()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
@pytest.mark.parametrize("open_first", ["", "enter", "t", "h"], ids=["list", "SKU", "tuner", "History"])
async def test_a_banner_is_not_cut_before_its_point(size: tuple[int, int], open_first: str) -> None:
    source = FakeSource()
    source.trouble = words.not_recording(NOW, "No space is left on the device that holds the journal")
    async with running(size, source) as console:
        await console.press(*filter(None, [open_first]))
        await console.settle(1_000)
        if open_first in ("", "enter"):
            banner = " ".join(" ".join(console.rows()).split())
            assert "that holds the journal. What you see grows old." in banner
        console.app.say(
            "There is nothing to choose from in that panel now; the way back to the list is the Esc key here"
        )
        await console.settle(100)
        assert "is the Esc key here" in " ".join(" ".join(console.rows()).split())
        assert console.rows()[0].strip(), "nothing lies over the header"
        await console.press("down")
        await console.settle(9_000)
        assert "Esc key here" not in " ".join(console.rows())


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
@pytest.mark.parametrize("key", ["a", "z", "c", "i", "w", "b", "p"])
async def test_a_form_says_all_and_shows_what_is_chosen(size: tuple[int, int], key: str) -> None:
    async with running(size) as console:
        await console.press(key)
        form = console.app.screen.query_one(SayForm)
        said = " ".join(" ".join(console.rows()).split())
        assert form._question.means in said
        assert "Esc leave it" in said
        await console.press("shift+tab")
        for _ in range(8):
            where = next(row for row in console.rows() if row.startswith(("▌ Where", "  Where")))
            assert f"► {form._places[form._place].word}" in where
            assert len(where.rstrip()) <= size[0]
            await console.press("right")


@pytest.mark.parametrize(
    ("oversell", "over", "under", "unknown"), [(2, 28, 5, 43), (0, 28, 5, 0), (11, 1_300, 700, 19_000)]
)
def test_a_line_of_figures_leaves_none_out_in_silence(oversell: int, over: int, under: int, unknown: int) -> None:
    drifting = oversell + over + under
    gauge = replace(troubled().gauge, drifting=drifting, oversell=oversell, over=over, under=under, unknown=unknown)
    scene = Scene(find_theme("dark", [shipped_folder()]), FULL, moment=NOW)
    scene.picture = replace(troubled(), gauge=gauge)
    for width in range(30, 104):
        said = "".join(CompactTop(scene).paint(width, 1)[0].chars)
        told = {int(number.replace(",", "")) for number in re.findall(r"[\d,]+", said)}
        assert {oversell, over, under, drifting} - {0} <= told or "…" in said, (width, said)
        if width >= 60:
            assert {oversell, over, under, unknown, drifting} - {0} <= told, (width, said)


async def test_where_companions_have_one_row_what_is_wrong_is_not_what_goes() -> None:
    async with running((120, 33)) as console:
        assert console.rows()[14].rstrip() == (
            "  18 out of stock ■ 2 live   41 low stock   stock-outs no burst   4 of 5 surfaces   ! 412 pending"
            "   ■ £1,348 at risk"
        )
        assert console.colour(18, 14) == "#ff6b7a"
    async with running((104, 33)) as console:
        row = console.rows()[14]
        assert "! 412 pending" in row
        assert "■ £1,348 at risk" in row
