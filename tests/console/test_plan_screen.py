"""A plan is shown before anything is sent, as drawn, and nothing but a confirmed one is asked for, once."""

from __future__ import annotations

import asyncio

import pytest

from stockdrift.console.model import Planned
from stockdrift.console.plan_form import Choice, PlanForm
from stockdrift.console.screens.plan import PlanScreen
from stockdrift.console.screens.progress import ProgressScreen
from stockdrift.console.screens.watch import WatchScreen
from stockdrift.stock import plan
from stockdrift.stock.actions import RowChange
from stockdrift.stock.forecast import Forecast
from stockdrift.stock.guards import Barrier
from stockdrift.stock.picture import Severity, Verdict
from stockdrift.stock.planner import PlanRow, Skipped
from stockdrift.stock.values import replace
from stockdrift.stock.wanted import Wanted
from tests.console.acting import shown, writing
from tests.console.drawn import INK, check, check_colours
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource, resync_plan
from tests.console.fixtures import NOW as SHOWN
from tests.console.fixtures import H
from tests.console.harness import Running, running
from tests.stock.written import LOST, NOW, acted, store

DRAWN = [
    (0, 51, "● writing as maya   ? 4 of 5 polls answer"),
    (3, 12, "┏━ Plan: resync Facebook ━━"),
    (3, 82, "━━ nothing is sent yet ━━┓"),
    (5, 15, "███████  ███████    rows will be written"),
    (6, 35, "26 lowered  5 raised  ■ 2 set to 0"),
    (8, 35, "of 1,221 on Facebook  ━━━━━━╸─────────────────│ 2.7 % of a 10 % limit"),
    (9, 15, "███████  ███████    takes about 40 s  budget after 15 %  visible to shoppers in 1 to 4 min"),
    (11, 12, "┃              SKU      name                   shows   will be  change   why"),
    (12, 14, "────────────"),
    (13, 12, "┃  ■ oversell  FIG-220  Fig & Vetiver 220ml        2   →     0      −2   lost update         ┃ ┃"),
    (14, 12, "┃  ■ oversell  CLV-090  Clove & Orange 90ml        6   →     0      −6   feed lag            ┃ ┃"),
    (16, 12, "┃  ▲ over      WAX-MLT  Wax melts, spiced         19   →     5     −14   feed lag            │ ┃"),
    (22, 12, "┃  ▲ over      PEP-090  Peppermint 90ml           10   →     7      −3   feed lag            │ ┃"),
    (23, 90, "── 1–10 of 33 ── ┃"),
    (24, 12, "┃  skipped    2 rows: OAK-300 sold 12 s ago, wait for its read  ·  JAS-220 in flight"),
    (25, 12, "┃  hidden     0 rows outside your filter"),
    (25, 58, "master  ● 12s old, 1,284 rows, not collapsed"),
    (27, 12, "┃  reason     ► feed lag    recount    manual fix    other"),
    (28, 12, "┃  note"),
    (30, 12, "┃  ! Above 25 rows. Type the name of the surface to allow it:"),
    (30, 86, "Facebook"),
    (33, 12, "┃     ► Cancel ◄           Resync 33 rows                  Tab next  Enter choose  Esc cancel  ┃"),
    (34, 36, "needs the name typed"),
    (36, 12, "┗━━"),
    (37, 2, "▼ under     SNO-220 First Snow 220ml      36 │     8 −28     36          —   36    36  late       1h10m"),
    (39, 1, "Tab next field  ↑ ↓ rows  d drop row  Esc cancel  ? help"),
]  # fmt: skip
COLOURS = [
    (51, 0, "late"), (12, 10, "accent"), (15, 5, "strong"), (35, 5, "strong"), (57, 6, "oversell"), (57, 8, "strong"),
    (67, 8, "rule"), (63, 13, "oversell"), (73, 13, "strong"), (81, 13, "muted"), (63, 16, "over"), (66, 25, "ok"),
    (26, 27, "accent"), (15, 30, "late"), (2, 11, "rule"), (2, 37, "rule"),
]  # fmt: skip


REASON = ("tab", "right", "shift+tab")
"""From Cancel: the first reason, and back to the last button that can be pressed."""


def asked(console: Running) -> int:
    return len(console.source.acting.asked)


@pytest.mark.parametrize("opened", ["x", "R", "r"])
async def test_keys_behind_the_one_that_closes_a_plan_are_those_of_the_screen_below(opened: str) -> None:
    async with running(source=writing()) as console:
        await console.press("down", opened)
        await console.burst("escape", "escape", "escape", "end", "up")
        assert shown(console, WatchScreen)
        rows = console.app.scene.listing.rows
        assert console.app.scene.listing.row == rows[len(rows) - 2]


async def test_keys_behind_the_one_that_closes_the_progress_are_those_of_the_screen_below() -> None:
    source = writing()
    async with running(source=source) as console:
        console.app.open_progress(["nothing"])
        await console.burst("escape", "escape", "end")
        assert shown(console, WatchScreen)
        assert console.app.scene.listing.row == console.app.scene.listing.rows[-1]


async def test_a_plan_of_a_surface_is_as_drawn() -> None:
    async with running(source=writing()) as console:
        await console.press("R", *REASON)
        check(console, DRAWN)
        # The track of the bar is no ink of the list: it is told from the filled part by its weight, too.
        check_colours(console, [one for one in COLOURS if one[2] != "rule"])
        assert console.colour(2, 11) == console.colour(2, 37) == "#4f5861"  # the screen below, in one grey, 2.5 to 1
        assert console.bold(27, 13)
        assert console.background(20, 33) == INK["accent"]


@pytest.mark.parametrize("keys", [("escape",), ("enter",)], ids=["Esc", "Enter, for Cancel has the focus"])
async def test_who_cancels_asks_for_nothing(keys: tuple[str, ...]) -> None:
    async with running(source=writing()) as console:
        await console.press("r")
        await console.press(*keys)
        assert shown(console, WatchScreen)
        assert asked(console) == 0
        assert "nothing was sent" in "".join(console.rows())


async def test_what_is_confirmed_is_asked_for_once_and_its_progress_shown() -> None:
    async with running(source=writing()) as console:
        await console.press("r")
        assert console.source.acting.wanted == [Wanted("resync", "facebook", ("FIG-220",))]
        await console.press(*REASON, "enter", "enter")  # impatient, the second goes to the screen that follows
        (plan, reason, note, typed, overrides), *more = console.source.acting.asked
        assert not more
        assert [row.change.sku for row in plan.rows] == ["FIG-220"]
        assert (reason, note, typed, overrides) == ("feed lag", "", "", [])
        assert any(isinstance(screen, ProgressScreen) for screen in console.app.screen_stack)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
async def test_a_reason_is_chosen_by_a_person(size: tuple[int, int]) -> None:
    async with running(size, source=writing()) as console:
        await console.press("r")
        text = console.text()
        assert "needs a reason" in text
        assert "►" not in next(row for row in console.rows() if " reason " in row and "feed lag" in row)
        await console.press("tab", "tab", "tab", "enter")  # past reason and note to Cancel, for there is no other
        assert (asked(console), shown(console, WatchScreen)) == (0, True)
        await console.press("r", "tab", "left", "shift+tab", "enter")
        assert [reason for _plan, reason, *_rest in console.source.acting.asked] == ["other"]


async def test_above_the_limit_the_name_has_to_be_typed() -> None:
    async with running(source=writing()) as console:
        await console.press("R")
        await console.press("tab")
        assert console.app.screen.form.focus == "reason"  # type: ignore[attr-defined]
        await console.press("right", "tab", *"Meta is late, d?", "tab", *"Faceboo")
        assert "needs the name typed" in console.rows()[34]
        await console.press("enter", "enter", "enter")
        assert asked(console) == 0
        await console.press("R")
        await console.press("tab", "right", "right", "tab", *"Meta is late, d?", "tab", *"facebook")
        assert "needs the name" not in console.rows()[34]
        assert console.app.screen.form.focus == "typed"  # type: ignore[attr-defined]
        assert "● Facebook: typed   Enter go to Resync 33 rows" in console.rows()[30]
        await console.press("d", "enter")  # a letter too many is none
        assert asked(console) == 0
        await console.press("enter")
        (plan, reason, note, typed, _overrides), *more = console.source.acting.asked
        assert not more
        assert (len(plan.rows), reason, note, typed) == (33, "recount", "Meta is late, d?", "facebook")


async def test_letters_of_one_burst_belong_to_the_field_to_which_a_key_before_them_leads() -> None:
    async with running(source=writing()) as console:
        await console.press("R")
        await console.burst("tab", "right", "tab", *"dad", "tab", *"Facebook")
        await console.press("enter", "enter")
        ((plan, _reason, note, typed, _overrides),) = console.source.acting.asked
        assert (len(plan.rows), note, typed) == (33, "dad", "facebook")


async def test_a_freeze_is_let_down_by_its_name_alone() -> None:
    source = writing()
    made = replace(
        resync_plan("facebook", ["FIG-220"]),
        barriers=[Barrier("Black Friday", "Black Friday freezes it", SHOWN + 3_600_000)],
    )
    source.acting.plan = made
    async with running(source=source) as console:
        await console.press("r")
        assert "! Black Friday freezes it until 11:42. Type it:" in console.rows()[30]
        await console.press("shift+tab", *"black friday", "enter")
        assert "needs a reason" in console.rows()[34]
        await console.press("left", "left", "shift+tab", "enter")
        assert [overrides for *_rest, overrides in source.acting.asked] == [["Black Friday"]]


async def test_a_row_is_dropped_and_fewer_need_no_name() -> None:
    source = writing()
    source.acting.plan = replace(resync_plan("facebook"), rows=resync_plan("facebook").rows[:26])
    async with running(source=source) as console:
        await console.press("R")
        await console.press("d")
        assert "choose a row first" in console.rows()[38]
        await console.press("down", "d")
        assert "Above 25 rows" not in "".join(console.rows())
        assert "3 rows: OAK-300" in console.rows()[24]
        assert "needs the name typed" not in console.rows()[34]
        await console.press(*REASON, "enter")
        ((plan, *_rest),) = source.acting.asked
        assert len(plan.rows) == 25
        assert "FIG-220" not in {row.sku for row in plan.rows}


async def test_a_read_only_console_shows_the_plan_and_sends_nothing() -> None:
    async with running() as console:
        await console.press("r")
        text = console.text()
        assert "FIG-220  Fig & Vetiver" in text
        assert "This console is read-only: start it with stockdrift watch --write." in text
        await console.press("tab", "tab", "enter")
        assert asked(console) == 0
        assert "○ read-only" in console.rows()[0]


async def test_a_surface_that_cannot_be_written_says_what_to_do() -> None:
    source = writing()
    why = "stockdrift cannot write to embed. Reload the page in the control panel."
    source.acting.plan = replace(resync_plan("facebook", ["FIG-220"]), refusals=[why])
    async with running(source=source) as console:
        await console.press("r")
        text = console.text()
        assert "stockdrift cannot write to embed. Reload the page in the control panel." in text
        assert "reason" not in text
        await console.press("tab", "enter")
        assert asked(console) == 0


async def test_a_view_of_the_master_is_refreshed_and_watched() -> None:
    source = writing()
    advice = "Press Sync in the control panel: it is made from the master."
    source.acting.plan = replace(resync_plan("facebook", ["FIG-220"]), kind="refresh", advice=advice)
    async with running(source=source) as console:
        await console.press("r")
        text = console.text()
        for said in ("Plan: refresh Facebook", "row will be watched, none is written", advice, "Refresh, watch 1 row"):
            assert said in text
        assert "should" in text
        assert "set to 0" not in text
        assert "lowered" not in text


async def test_whom_to_trust_is_asked_and_planned_anew() -> None:
    source = writing()
    source.acting.plan = replace(
        resync_plan("facebook", ["FIG-220"]),
        asks_trust=True,
        refusals=["facebook is set to ask: say master or surface."],
    )
    async with running(source=source) as console:
        await console.press("r", "tab")
        source.acting.plan = None
        await console.press("right")
        assert source.acting.wanted[-1] == Wanted("resync", "facebook", ("FIG-220",), trust="master")
        assert "► master" in console.text()
        assert console.app.screen.form.sendable  # type: ignore[attr-defined]


async def test_marked_skus_that_have_left_the_list_are_counted_without_a_filter_too() -> None:
    async with running(source=writing()) as console:
        await console.press("m")
        console.model.rows = console.model.rows[1:]
        console.model.version += 1
        await console.settle(5_000)
        await console.press("r")
        assert "1 row not in your list" in console.text()


async def test_marked_skus_are_planned_where_they_drift_and_those_that_are_hidden_are_counted() -> None:
    async with running(source=writing()) as console:
        await console.press("M", "slash", *"BEE", "enter", "r")
        text = console.text()
        assert "► Facebook 35    Instagram 2    all of these" in text
        assert "36 rows outside your filter" in text
        while console.app.screen.form.focus != "where":  # type: ignore[attr-defined]
            await console.press("tab")
        await console.press("right")
        assert "Plan: resync Instagram" in console.rows()[3]
        await console.press("right")
        assert "Plan: resync on 2 surfaces" in console.rows()[3]
        assert [one.surface for one in console.source.acting.wanted] == ["facebook", "instagram"]  # none read twice


async def test_of_a_whole_surface_the_rows_that_are_not_listed_are_counted() -> None:
    async with running(source=writing()) as console:
        await console.press("slash", *"FIG", "enter", "R")
        form = console.app.screen.form  # type: ignore[attr-defined]
        listed = console.app.scene.listing.rows.tolist()
        planned = [console.model.row_of(item.row.sku) for item in form.items][: form.rows]
        assert form.hidden == sum(row not in listed for row in planned) > 0
        assert f"{form.hidden} rows outside your filter" in console.text()


async def test_containing_is_planned_on_one_surface_or_on_all_and_as_a_listing() -> None:
    async with running(source=writing()) as console:
        await console.press("x")
        assert "Plan: contain Facebook" in console.rows()[3]
        assert "all but the master" in console.text()
        while console.app.screen.form.focus != "how":  # type: ignore[attr-defined]
            await console.press("tab")
        await console.press("right")
        assert console.source.acting.wanted[-1] == Wanted("unlist", "facebook", ("FIG-220",))
        assert "Take 1 listing down" in console.text()


async def test_until_there_is_a_plan_nothing_can_be_sent_and_a_fault_is_said() -> None:
    source = writing()
    source.acting.held = asyncio.Event()
    async with running(source=source) as console:
        await console.pilot.press("r")
        console.app.draw()
        await console.pilot.pause()
        assert "Reading Facebook and the master anew" in console.text()
        screen = console.app.screen
        assert isinstance(screen, PlanScreen)
        assert screen.form.obstacle == "not planned yet"
        source.acting.broken = OSError("the disk is full")
        source.acting.held.set()
        await console.settle()
        assert "No plan can be made: the disk is full" in console.text()
        await console.press("tab", "enter")
        assert not source.acting.asked


async def test_a_thousand_rows_are_scrolled_through() -> None:
    source = writing()
    rows = [PlanRow(f"S-{n:04}", f"Candle {n}", Severity.OVER, 9, 3, "late", Verdict.UNKNOWN) for n in range(1_000)]
    skipped = [Skipped("Z-1", "in flight")]
    source.acting.plan = replace(resync_plan("facebook"), rows=rows, skipped=skipped, typed="facebook")
    async with running(source=source) as console:
        await console.press("R")
        await console.press("end")
        assert "Z-1" in console.rows()[22]
        assert "992–1001 of 1,001, 1 of them skipped" in console.rows()[23]
        await console.press("pageup", "home", "down")
        assert "S-0001" in console.rows()[14]
        assert "1–10 of 1,000" in console.rows()[23]
        assert "1,000 rows will be written" in console.rows()[5]


@pytest.mark.parametrize("size", [(120, 40), (60, 16)])
async def test_a_plan_that_makes_a_sku_oversell_says_so_of_the_row_and_of_the_whole(size: tuple[int, int]) -> None:
    source = writing()
    row = PlanRow("FIG-220", "Fig & Vetiver", Severity.NONE, 0, 5, "rollback", Verdict.IN_SYNC, Severity.OVERSELL)
    down = PlanRow("TEA-220", "Tea", Severity.NONE, 0, 5, "rollback", Verdict.NOT_COMPARED, Severity.NONE)
    source.acting.plan = replace(resync_plan("facebook"), kind="rollback", rows=[row, down], skipped=(), typed="")
    async with running(size, source) as console:
        await console.press("R")
        text = console.text()
        assert "■ 1 will oversell" in text
        found = next(line for line in console.rows() if "FIG-220" in line and "→ oversell" in line)
        assert "in sync" not in found
        assert "no verdict  TEA-220" in text
        if size == (120, 40):
            assert "! 1 row will sell what the master does not have." in text


@pytest.mark.parametrize("key", ["r", "R", "x"])
async def test_in_history_nothing_is_planned(key: str) -> None:
    async with running(source=writing()) as console:
        await console.press("h")
        await console.press(key)
        assert not console.source.acting.wanted
        assert not shown(console, PlanScreen)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 12), (20, 6), (5, 3)])
async def test_a_plan_has_room_on_every_screen(size: tuple[int, int]) -> None:
    async with running(size, writing()) as console:
        await console.press("R")
        text = console.text()
        if size[0] >= 60:
            for said in ("Plan: resync Facebook", "33 rows", "FIG-220", "! reason     ", "► Cancel ◄", "Facebook"):
                assert said in text, said
        await console.press("down", "tab", "escape")
        assert asked(console) == 0


async def test_nothing_that_does_not_drift_is_planned() -> None:
    model = FakeModel()
    async with running(source=writing(FakeSource(model))) as console:
        await console.press("l", "end", "r")
        assert not console.source.acting.wanted
        assert "is not known to drift, and is in sync: there is nothing to resync" in "".join(console.rows())
        await console.press("m", "up", "m", "r")
        assert "None of the 2 marked SKUs is known to drift, 2 in sync: there is" in "".join(console.rows())
        assert not console.source.acting.wanted


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
async def test_no_warning_of_a_plan_is_cut_before_its_point(size: tuple[int, int]) -> None:
    source = writing()
    because = "Above 10 % of what the surface lists."
    advice = "Whoever makes the feed has to make it anew: at Meta or Google ask for a fetch."
    source.acting.plan = replace(resync_plan("facebook"), because=because, advice=advice)
    async with running(size, source) as console:
        await console.press("R")
        box = [row.strip(" ┃│") for row in console.rows()[1:-1]] if size[0] < 100 else []
        box = box or [row[13:108].strip(" ┃│") for row in console.rows()]
        said = " ".join(" ".join(box).split())
        assert because in said
        assert advice in said
        assert "Type it:" in said
        assert "FIG-220" in said


async def test_a_plan_that_takes_more_than_the_budget_has_says_that_sending_waits() -> None:
    source = writing()
    source.acting.plan = replace(resync_plan("facebook"), forecast=Forecast(None, None, H, 0.9))
    async with running((140, 40), source) as console:
        await console.press("R")
        assert "budget after 80 %, sending waits" in console.text()  # the rest is kept for reading back


def test_a_row_that_was_dropped_from_another_try_is_left_of_the_dead_letter() -> None:
    monitor = store()
    rows = [RowChange("over", 12, 9), RowChange("under", 7, 2), RowChange("same", 7, 2)]
    letter = acted(monitor, LOST, LOST, LOST, rows=rows)
    form = PlanForm([Wanted("retry", "shop", action="one")], [Choice("shop", ("shop",))], monitor.rules.actions)
    form.take(Planned([plan.retry(monitor, letter, NOW)], NOW))
    assert form.drop(form.items[0])
    (made,) = form.plans
    monitor.apply(made.asked(NOW, "tom", "two", "recount"))
    assert [letter.asked.rows[place].sku for place in monitor.ledger.left(letter)] == ["over"]
