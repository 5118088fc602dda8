"""The surface screen: its places are the drawing's; what is not known is not drawn as fresh."""

from __future__ import annotations

import asyncio
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console.detail_plan import SURFACE_TABS, surface_plan
from stockdrift.console.inquiry import AFTER_FAILURE
from stockdrift.console.widgets.age_plot import AgePlot, reach_words
from stockdrift.console.widgets.mapping_list import Strays
from stockdrift.console.widgets.surface_lists import asked, came_of, said_time
from stockdrift.console.widgets.surface_panels import errors_by_time, parts_of, shown_age, span
from stockdrift.stock.coverage import Coverage, Mapped
from stockdrift.stock.entries import PollSummary, SurfaceLog
from stockdrift.stock.freshness import LagTrail
from stockdrift.stock.likeness import Alike
from stockdrift.stock.picture import Status
from stockdrift.stock.reading import Call, Covers, Outcome
from stockdrift.stock.rules import Allotment, Tolerance
from stockdrift.stock.values import replace
from tests.console import fakes
from tests.console.drawn import check
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, H, M, S, at, feed_log, sku_line, troubled
from tests.console.harness import Running, running

DRAWN = [
    (1, 0, "─ Watch / Facebook feed ──────────────┬──"), (1, 93, "1 of 5  ↑ ↓ next surface ──"),
    (3, 2, "███████"), (7, 10, "h"),
    (2, 41, "measured lag    3h10m"), (3, 41, "last good read  07:32:07  1,221 rows, 0 bad"),
    (5, 41, "next read       11:31:07  in 49m"), (6, 41, "drift           ■ 2 oversell  ▲ 28 over  ▼ 5 under"),
    (7, 41, "pending         ! 412"), (8, 41, "settings        lag 1 h, stale after 2 m"),
    (9, 57, "tolerance 0 units, share 100 %, buffer 0"),
    (2, 100, "budget       12 %"), (3, 100, "━━───────────────"), (5, 100, "errors 1 h      3"),
    (7, 100, "writes        off"), (8, 100, "SKUs listed  95 %"), (9, 100, "━━━━━━━━━━━━━━━━─"),
    (9, 2, "◆ late 3.2 times the 1 h allowed"),
    (10, 0, "─ Age of what shoppers see, 24 h ─────┴──"),
    (12, 2, "4 h ┈┈┈"), (14, 2, "3 h ┈┈┈"), (19, 2, "1 h "), (22, 109, "10:42"),
    (24, 0, "━ Requests, read by read ━━"), (24, 71, "╾ Drifting here ──"), (24, 106, " 1–13 of 35 ──"),
    (25, 2, "at        asked for"), (25, 46, "result"), (25, 66, "took"), (25, 86, "SKU      master shows  off out in"),
    (26, 0, "▌ 10:42:00  all, 1 request       ━━───────  ● 1,221 rows        212 ms │"),
    (29, 44, "× HTTP 503          5.00 s"),
    (26, 73, " ■ oversell  FIG-220       0     2   +2    now"),
    (28, 74, "▲ over      SEA-220       3    11   +8    14m"),
]  # fmt: skip


async def opened(console: Running) -> None:
    await console.press("f")
    await console.settle(300)


async def test_120_by_40_is_as_drawn() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        check(console, DRAWN)


@pytest.mark.parametrize(
    ("recorded", "said"), [(30 * S, "10 m"), (8 * M, "10 m"), (95 * M, "95 m"), (5 * H, "5 h"), (40 * H, "24 h")]
)
def test_the_title_of_the_plot_says_the_span_of_its_axis(recorded: int, said: str) -> None:
    assert reach_words(recorded) == said


async def test_what_the_surface_was_due_to_renew_and_did_not_is_told() -> None:
    def read(number: int, when: int, as_of: int) -> PollSummary:
        return PollSummary(number, "facebook", Outcome.COMPLETE, "", when - 200, when, 1_221, 0, 1, 0, 0, as_of=as_of)

    last = at(7, 31)
    made = [last - hours * H for hours in range(5)]
    reads = [read(0, time + M, time) for time in made[::-1]]
    reads += [read(0, at(hour, minute), last) for hour, minute in ((8, 50), (9, 50), (10, 30), (10, 42))]
    polls = [replace(one, number=number) for number, one in enumerate(reads, 1)]
    source = FakeSource()
    shown = source.model.shown
    lines = [replace(line, as_of=last) if line.name == "facebook" else line for line in shown.surfaces]
    source.model.shown = replace(shown, surfaces=lines)

    async def answer(name: str, since: int) -> SurfaceLog:
        return SurfaceLog("facebook", polls[::-1], whole=True)

    source.surface_log = answer  # type: ignore[method-assign]
    async with running((120, 40), source=source) as console:
        await opened(console)
        rows = console.rows()
        assert rows[4][41:].startswith("missed          2 renewals  08:31, 09:31")
        assert "◆ old, due 09:31" in rows[28]
        assert "● 1,221 rows" in rows[27]


async def test_the_plot_ends_now_at_the_age_that_the_number_says() -> None:
    def read(number: int, when: int) -> PollSummary:
        return PollSummary(number, "facebook", Outcome.COMPLETE, "", when - 200, when, 1_221, 0, 1, 0, 0)

    trail, source = LagTrail(), FakeSource()
    newest = NOW - 8 * S
    polls = [read(60 - number, newest - number * 10 * S) for number in range(60)]
    for poll in polls[::-1]:
        trail.note(poll.read_at, 12 * S if poll.number % 6 == 0 and poll.read_at < newest else 0)
    shown = source.model.shown
    lines = [
        replace(line, read_at=newest, as_of=newest, lag=0, allowed=30 * S) if line.name == "facebook" else line
        for line in shown.surfaces
    ]
    source.model.shown = replace(shown, surfaces=lines)
    source.model.lag_at = lambda surface, moment: trail.at(moment)  # type: ignore[method-assign]

    async def answer(name: str, since: int) -> SurfaceLog:
        return SurfaceLog("facebook", polls, whole=True)

    source.surface_log = answer  # type: ignore[method-assign]
    async with running((120, 40), source=source) as console:
        await opened(console)
        plot, now = console.app.screen.query_one(AgePlot), console.app.scene.now
        assert plot.surface is not None
        assert plot.polls is not None
        drawn = plot.ages(plot.polls, now - 10 * M, now, 200)
        assert drawn[-1] == shown_age(plot.surface, now) == now - newest
        behind = [age for age in drawn if age is not None and age > 13 * S]
        assert 0 < len(behind) < 60, "each read is drawn with the lag that it found"
        for second in range(0, 60, 5):
            console.app.scene.now = now - now % M + second * S
            axis = "".join(plot.paint(200, 14)[12].chars)
            told = re.findall(r"\d\d:\d\d", axis)
            assert told[-1] == "10:42"
            assert len({*told}) == len(told), axis


async def test_only_what_is_beyond_the_allowance_is_coloured_late() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        plotted = [
            (y, ink)
            for y, row in enumerate(console.inks()[12:22], 12)
            for character, ink in row[6:114]
            if 0x2800 < ord(character) <= 0x28FF
        ]
        assert {ink for _y, ink in plotted} == {"#82d3a2", "#efcb62"}
        assert {ink for y, ink in plotted if y < 19} == {"#efcb62"}


async def test_enter_on_a_surface_opens_it_and_escape_leads_back() -> None:
    async with running() as console:
        await console.press("tab", "down", "enter")
        await console.settle(300)
        assert "Watch / Amazon market" in console.text()
        assert "? no answer HTTP 503" in console.text()
        await console.press("escape")
        assert "Drifting SKUs" in console.text()


async def test_the_sku_screen_leads_to_its_surface_and_the_list_to_the_sku() -> None:
    async with running() as console:
        await console.press("down", "down", "enter", "f")
        await console.settle(300)
        assert "Watch / Facebook feed" in console.text()
        await console.press("tab", "left_square_bracket", "left_square_bracket", "enter")
        assert "Watch / SEA-220" in console.text()


async def test_an_unknown_surface_is_not_drawn_as_fresh() -> None:
    async with running() as console:
        await opened(console)
        await console.press("down")
        await console.settle(300)
        screen = console.text()
        assert "Watch / Amazon market" in screen
        assert "drift           ?" in screen
        assert "pending         ?" in screen
        assert "lag             ?" in screen
        assert "No complete read of it is on record" in screen
        assert "No read of it is on record" in screen
        assert "Nothing drifts here" not in screen
        assert "? Not known" in screen


async def test_where_no_complete_read_was_there_is_a_question_mark_and_no_line() -> None:
    log = feed_log()
    late = replace(log, polls=[poll for poll in log.polls if poll.read_at > NOW - 2 * H])
    first = PollSummary(1, "facebook", Outcome.FAILED, "HTTP 503", NOW - 9 * H, NOW - 9 * H, 0, 0, 1, 1, 0)
    source = FakeSource()

    async def answer(name: str, since: int) -> SurfaceLog:
        return replace(late, polls=[*late.polls, first])

    source.surface_log = answer  # type: ignore[method-assign]
    async with running(source=source) as console:
        await opened(console)
        row = console.rows()[21]
        assert "? 9 h" not in row
        assert row[6:60] == "?" * 54
        assert not [c for y in range(12, 21) for c in console.rows()[y][6:60] if 0x2800 < ord(c) <= 0x28FF]


async def test_failed_reads_since_the_last_good_one_are_told() -> None:
    log = feed_log()
    newest = PollSummary(200, "facebook", Outcome.FAILED, "HTTP 503", NOW - 2 * M, NOW - M, 0, 0, 4, 4, 0)
    source = FakeSource()

    async def answer(name: str, since: int) -> SurfaceLog:
        return replace(log, polls=[newest, *log.polls])

    source.surface_log = answer  # type: ignore[method-assign]
    async with running(source=source) as console:
        await opened(console)
        assert "failed since    1 read  10:41" in console.text()
        await console.press("enter")
        assert "10:41:07 HTTP 503" in console.text()


async def test_while_the_journal_is_read_the_screen_says_so_and_asks_again_after_a_fault() -> None:
    source = FakeSource()
    answer: asyncio.Future[SurfaceLog] = asyncio.get_running_loop().create_future()
    whole = source.surface_log

    async def slow(name: str, since: int) -> SurfaceLog:
        return await asyncio.shield(answer)

    source.surface_log = slow  # type: ignore[method-assign]
    async with running(source=source) as console:
        await console.pilot.press("f")
        await console.pilot.pause()
        assert console.text().count("Looking back through the journal …") == 2
        assert "failed since    ?" in console.text()
        answer.set_exception(OSError("the disk is gone"))
        await console.settle()
        assert console.text().count("What was recorded cannot be read: the disk is gone") == 2
        source.surface_log = whole  # type: ignore[method-assign]
        await console.settle(AFTER_FAILURE)
        await console.settle(300)
        assert "10:42:00" in console.text()


async def test_the_master_has_its_screen_too() -> None:
    async with running() as console:
        await opened(console)
        await console.press(*["down"] * 9)
        await console.settle(300)
        screen = console.text()
        assert "Watch / Master" in screen
        assert "none: it is what all is measured by" in screen
        assert "tolerance" not in console.rows()[39]


async def test_keys_act_on_the_surface_that_is_shown() -> None:
    async with running() as console:
        await opened(console)
        await console.press("g", "plus")
        assert console.source.rereads == ["facebook"]
        ((scope, tolerance),) = console.source.ruled
        assert (scope.surface, scope.sku, str(tolerance)) == ("facebook", "", "1 unit")


async def test_a_surface_that_left_the_settings_is_said() -> None:
    async with running() as console:
        await opened(console)
        picture = troubled()
        console.model.shown = replace(picture, surfaces=picture.surfaces[1:])
        console.app.draw(force=True)
        await console.pilot.pause()
        assert "not in the settings any more" in console.text()


SIZES = [(1, 1), (5, 3), (10, 4), (20, 6), (60, 16), (80, 24), (104, 24), (119, 29), (250, 70)]


@pytest.mark.parametrize("status", list(Status))
async def test_no_size_and_no_state_is_refused(status: Status) -> None:
    picture = troubled()
    bare = replace(picture.surfaces[0], status=status, read_at=None, as_of=None, lag=None, drifting=None, pending=None,
                   budget=None, next_at=None, by_severity=None, active=status is not Status.OFF)  # fmt: skip
    picture = replace(picture, surfaces=[bare, *picture.surfaces[1:]])
    async with running((120, 40), FakeSource(FakeModel(shown=picture))) as console:
        await opened(console)
        for size in SIZES:
            await console.pilot.resize_terminal(*size)
            await console.press("tab")
            assert all(len(row) == size[0] for row in console.rows())


async def test_tab_leads_to_how_the_skus_go_with_the_master_s_and_enter_opens_one() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        await console.press("tab", "tab")
        rows = [row[72:] for row in console.rows()[24:]]
        assert rows[0].startswith(" SKU mapping ━━")
        assert rows[0].endswith(" 1–13 of 23 ━━")
        assert rows[1].strip() == "1,221 of 1,284 listed, 1 orphan, 1 alike"
        assert rows[2].startswith("▌ ! orphan     C03-220 ")
        assert rows[2].rstrip().endswith("shows 5")
        assert rows[3].strip().split() == ["!", "alike", "SEA-220", "=", "sea-220", "case"]
        assert rows[4].strip().split() == ["—", "unsold", "C04-220", "shows", "5"]
        assert rows[5].strip().split() == ["—", "not", "listed", "C13-220", "master", "5"]
        await console.press("left_square_bracket", "enter")
        assert "Watch / SEA-220" in console.text()


async def test_of_what_was_never_read_no_mapping_is_told() -> None:
    async with running((120, 40)) as console:
        await opened(console)
        await console.press("down", "tab", "tab")
        await console.settle(300)
        assert "Not known: not read completely yet" in console.text()
        assert "SKUs listed     ?" in console.text()


async def test_why_the_mapping_cannot_be_told_is_said() -> None:
    source = FakeSource()

    async def broken(name: str) -> None:
        raise RuntimeError("the disk is gone")

    source.mapping = broken  # type: ignore[method-assign]
    async with running((80, 24), source=source) as console:
        await opened(console)
        await console.press("shift+tab")
        assert "the disk is gone" in console.text()


@given(
    st.tuples(st.sets(st.integers(0, 50)), st.sets(st.integers(0, 50)), st.sets(st.integers(0, 50))),
    st.integers(0, 4),
)
def test_the_strays_are_those_of_a_plain_list(found: tuple[set[int], set[int], set[int]], groups: int) -> None:
    rows = [np.array(sorted(part), np.int32) for part in found]
    alike = [Alike(("A", "a"), ("case",), (0, 1))] * groups
    strays = Strays(Mapped(Coverage(1, 1, 1, 1), rows[0], rows[1], rows[2], alike))
    plain = [
        *(("orphan", row) for row in sorted(found[0])), *(("alike", number) for number in range(groups)),
        *(("unsold", row) for row in sorted(found[1])), *(("not listed", row) for row in sorted(found[2])),
    ]  # fmt: skip
    assert list(strays) == plain
    assert len(strays) == len(plain)
    assert [strays.index(one) for one in plain] == list(range(len(plain)))
    for strange in (("orphan", 99), ("unheard of", 1), 5):
        assert strange not in plain
        with pytest.raises(ValueError, match="is not among them"):
            strays.index(strange)
    with pytest.raises(IndexError):
        _ = strays[len(plain)]


@given(st.integers(1, 260), st.integers(1, 90), st.sampled_from(["", "facts", *SURFACE_TABS]))
def test_panels_never_overlap_nor_leave_the_screen(width: int, height: int, chosen: str) -> None:
    plan = surface_plan(width, height, chosen)
    regions = [region for name, region in plan.regions.items() if name not in ("notice", "command")]
    for index, region in enumerate(regions):
        assert region.x >= 0 <= region.y
        assert region.width > 0 < region.height
        assert region.right <= width
        assert region.bottom <= height
        assert not any(region.overlaps(other) for other in regions[index + 1 :])
    if height >= 10:
        assert {"facts", "ages", "reads", "drifting"} <= set(plan.regions) | set(plan.turns)


@pytest.mark.parametrize(
    ("age", "parts"),
    [(None, "?"), (12 * S, "12s"), (41 * M, "41m"), (3 * H + 10 * M, "3h10m"), (13 * H, "13h"), (51 * H, "2d03h"),
     (999 * 24 * H, "999d"), (9_999 * 24 * H, "999d")],
)  # fmt: skip
def test_the_hero_s_digits(age: int | None, parts: str) -> None:
    assert "".join(f"{number}{unit}" for number, unit in parts_of(age)) == parts


def test_words_of_a_read() -> None:
    poll = PollSummary(1, "x", Outcome.COMPLETE, "", 0, 250, 1221, 4, 3, 2, 0, Covers.CHANGED, bad_rows=1, throttled=2)
    assert asked(poll) == "changes, 3 requests"
    assert ", ".join(came_of(poll)) == "1 bad row, 2 tried again, 1,221 rows, 4 changed, held back 2 times"
    assert came_of(replace(poll, outcome=Outcome.FAILED, reason="timeout")) == ["timeout"]
    assert [said_time(ms) for ms in (-5, 212, 1_310, 65_000)] == ["0 ms", "212 ms", "1.31 s", "1m05s"]
    assert [span(ms) for ms in (30_000, H, 90 * M, 250)] == ["30 s", "1 h", "1 h 30 m", "250 ms"]


@given(st.lists(st.tuples(st.integers(-10, 110), st.integers(0, 5)), max_size=20), st.integers(1, 17))
def test_no_error_of_the_hour_is_lost(reads: list[tuple[int, int]], cells: int) -> None:
    polls = [PollSummary(n, "x", Outcome.COMPLETE, "", at, at, 0, 0, 1, failures, 0) for n, (at, failures) in
             enumerate(reads)]  # fmt: skip
    assert sum(errors_by_time(polls, 0, 100, cells)) == sum(failures for at, failures in reads if 0 < at <= 100)


async def test_the_master_s_column_gives_way_to_skus_that_would_be_cut() -> None:
    model = FakeModel(shown=troubled())
    async with running(source=FakeSource(model)) as console:
        console.app.scene.sku_width = 13
        model.names[2] = replace(sku_line(2), sku="SEA-220-SMALL")
        await opened(console)
        rows = console.rows()
        assert rows[25][86:].split() == ["SKU", "shows", "off", "out", "in"]
        assert rows[28][74:].split() == ["▲", "over", "SEA-220-SMALL", "11", "+8", "14m"]


@pytest.mark.parametrize("size", [(120, 40), (60, 16)])
async def test_no_setting_of_a_surface_is_left_out(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(size) as console:
        await console.press("f")
        assert "settings        lag 1 h, stale after 2 m, partial −20 %" in console.text()
    monkeypatch.setattr(FakeModel, "allotment_of", lambda _model, _surface: Allotment(buffer=12, cap=900))
    monkeypatch.setattr(FakeModel, "tolerance_of", lambda _model, _surface: Tolerance(2))
    async with running(size) as console:
        await console.press("f")
        assert "tolerance 2 units, buffer 12, cap 900" in console.text()


async def test_where_it_is_wide_the_skus_that_drift_have_their_names() -> None:
    async with running((200, 55)) as console:
        await opened(console)
        rows = console.rows()
        heads = next(row for row in rows if "shows  off out in" in row)
        edge = heads.index("SKU")
        assert heads[edge:].split() == ["SKU", "name", "master", "shows", "off", "out", "in"]
        first = rows[rows.index(heads) + 3]
        assert first[edge:].split() == ["SEA-220", "Sea", "Salt", "220ml", "3", "11", "+8", "14m"]


async def test_enter_on_a_read_shows_its_requests_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    log = feed_log()
    calls = (
        Call("products", NOW - 8_000, 433, 200),
        Call("products page 2", NOW - 7_000, 1_310, 503, "HTTP 503"),
        Call("products page 2", NOW - 5_000, 402, 200),
    )
    read = replace(log.polls[0], requests=9, failures=1, calls=calls)
    monkeypatch.setattr(fakes, "feed_log", lambda: replace(log, polls=[read, *log.polls[1:]]))
    async with running() as console:
        await opened(console)
        while console.app.screen.chosen(console.app.screen.plan()) != "reads":  # type: ignore[attr-defined]
            await console.press("tab")
        await console.press("enter")
        there = next(y for y, row in enumerate(console.rows()) if "products" in row)
        assert [row[:71].split() for row in console.rows()[there : there + 3]] == [
            ["10:42:02", "products", "page", "2", "━━━╸─────", "●", "200", "402", "ms"],
            ["10:42:00", "products", "page", "2", "━━━━━━━━━", "×", "HTTP", "503", "1.31", "s"],
            ["10:41:59", "products", "━━━━─────", "●", "200", "433", "ms"],
        ]
        assert "6 requests more, not told one by one" in console.text()
        await console.press("right_square_bracket", "left_square_bracket", "left_square_bracket", "enter")
        assert "products page 2: HTTP 503" in console.text()
