"""The list as an operator wants it: order, columns, marks, what changed since the last look; remembered."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from stockdrift.console.arrangement import AS_SHIPPED, Arrangement, moved, without
from stockdrift.console.columns import columns, heads
from stockdrift.console.view import AS_ALWAYS, View, ViewFile
from stockdrift.stock.entries import Ruling
from stockdrift.stock.picture import Cell, Severity, Verdict
from stockdrift.stock.rules import Scope, Tolerance
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, SURFACES, calm, sku_line, troubled
from tests.console.harness import Running, running

TITLE, HEADS, FIRST, MESSAGE = 17, 18, 19, 16


def listed(console: Running) -> list[str]:
    return [row[14:21].rstrip() for row in console.rows()[FIRST:39]]


async def test_a_column_is_chosen_and_sorts_and_sorts_back() -> None:
    async with running() as console:
        await console.press("right", "s")
        assert console.background(14, HEADS) == "#27313b"
        assert console.app.scene.listing.sort == "sku"
        assert "by SKU" in console.rows()[TITLE]
        assert "sort by SKU" in console.rows()[39]
        there = listed(console)
        assert there == sorted(there)
        await console.press("s")
        assert "by SKU, reversed" in console.rows()[TITLE]
        assert listed(console)[0] == "X15-220"
        await console.press("S")
        assert listed(console) == there
        await console.press("escape")
        assert console.app.scene.column == ""
        await console.press("left", "s")
        assert console.app.scene.listing.sort == "risk"


async def test_a_surface_s_column_sorts_by_that_surface_and_is_forgotten_with_it() -> None:
    async with running() as console:
        await console.press(*["right"] * 4, "s")
        assert console.app.scene.listing.sort == "surface:facebook"
        assert "by how far off Facebook is" in console.rows()[TITLE]
        console.model.shown = replace(console.model.shown, surfaces=console.model.shown.surfaces[1:])
        console.model.version += 1
        console.model.rows = []
        await console.settle(1_000)
        assert console.app.scene.listing.sort == "danger"


async def test_a_click_on_a_head_sorts() -> None:
    async with running() as console:
        await console.pilot.click("#head", offset=(15, 1))
        await console.settle()
        assert console.app.scene.listing.sort == "sku"
        await console.pilot.click("#head", offset=(15, 0))
        await console.settle()
        assert not console.app.scene.listing.reverse


async def test_columns_are_hidden_moved_and_brought_back() -> None:
    kept: list[View] = []
    async with running(remember=kept.append) as console:
        shipped = console.rows()[HEADS]
        await console.press(*["right"] * 5, "H")
        assert "Instagram" not in console.rows()[HEADS]
        assert "listed all the same" in console.rows()[MESSAGE]
        await console.press(*["right"] * 4, "greater_than_sign")
        head = console.rows()[HEADS]
        assert head.index("Amazon") < head.index("Facebook")
        await console.press("escape", "left", "less_than_sign", "less_than_sign", "less_than_sign")
        head = console.rows()[HEADS]
        assert head.index("risk") < head.index("phase") < head.index("since") < head.index("out in")
        assert kept[-1].arranged.hidden == {"surface:instagram"}
        assert kept[-1].arranged.surfaces[:3] == ("instagram", "amazon", "facebook")
        await console.press("v")
        assert console.rows()[HEADS] == shipped
        assert kept[-1] == AS_ALWAYS


async def test_what_says_which_sku_it_is_has_to_stay() -> None:
    async with running() as console:
        shipped = console.rows()[HEADS]
        await console.press("right", "H")
        assert "has to stay" in console.rows()[MESSAGE]
        await console.press("greater_than_sign")
        assert "among its like" in console.rows()[MESSAGE]
        await console.press("escape", "H")
        assert "choose a column first" in console.rows()[MESSAGE]
        assert console.rows()[HEADS] == shipped


async def test_narrow_screens_arrange_nothing() -> None:
    async with running((80, 24)) as console:
        await console.press("right", "H")
        assert console.app.scene.arranged == AS_SHIPPED
        assert "104 cells" in console.text()


async def test_columns_go_and_come_by_name() -> None:
    async with running() as console:
        await console.press("colon", *"hide risk", "enter")
        assert "risk" not in console.rows()[HEADS]
        await console.press("colon", *"hide sku", "enter")
        assert "No hide is called sku" in console.rows()[MESSAGE]
        await console.press("colon", *"show risk", "enter")
        assert "risk" in console.rows()[HEADS]


async def test_marks_are_counted_copied_and_survive_a_filter() -> None:
    async with running() as console:
        await console.press("m", "m")
        assert "2 marked" in console.rows()[TITLE]
        assert console.rows()[FIRST][1] == console.rows()[FIRST + 1][1] == "┃"
        assert "export 2 marked" in console.rows()[39] or "E export" not in console.rows()[39]
        await console.press("slash", *"clove", "enter")
        assert "2 marked, 1 hidden by the filter" in console.rows()[TITLE]
        await console.press("y")
        assert "Copied 2 SKUs" in console.rows()[MESSAGE]
        await console.press("M")
        assert "1 marked, 1 hidden by the filter" in console.rows()[TITLE]
        await console.press("escape")
        assert "1 marked " in console.rows()[TITLE]
        await console.press("M")
        assert "37 marked " in console.rows()[TITLE]
        await console.press("M")
        assert "marked" not in console.rows()[TITLE]


async def test_a_mark_that_no_longer_drifts_is_said_to_be_elsewhere_and_taken_away() -> None:
    async with running() as console:
        await console.press("m")
        assert "r resync 1 marked" in console.rows()[39]
        console.model.rows = console.model.rows[1:]
        console.model.version += 1
        await console.settle(5_000)
        assert "1 marked, 1 not in this list" in console.rows()[TITLE]
        assert "Esc unmark 1  r resync 1 unseen" in console.rows()[39]
        await console.press("escape")
        assert "1 mark is taken away" in console.rows()[MESSAGE]
        assert not len(console.app.scene.listing.marks)
        await console.press("down")
        assert "mark" not in console.rows()[TITLE] + console.rows()[39]


async def test_what_is_said_of_marked_skus_says_how_many_are_out_of_sight() -> None:
    async with running() as console:
        await console.press("m", "m")
        console.model.rows = console.model.rows[1:]
        console.model.version += 1
        await console.settle(5_000)
        assert "r resync 2 marked, 1 hidden" in console.rows()[39]
        await console.press("i")
        assert any("Ignore 2 SKUs, 1 of them not in this list ━" in row for row in console.rows())


async def test_marks_go_last_of_what_the_key_that_goes_back_takes_away() -> None:
    async with running() as console:
        await console.press("m", "m", "slash", *"a", "enter", "right", "2")
        scene, listing = console.app.scene, console.app.scene.listing
        for _ in range(3):
            assert "unmark" not in console.rows()[39]
            await console.press("escape")
            assert len(listing.marks) == 2
        assert (scene.focus, scene.column, listing.text) == ("grid", "", "")
        assert "Esc unmark 2  r resync 2 marked" in console.rows()[39]
        await console.press("escape")
        assert not len(listing.marks)


async def test_a_panel_that_has_no_room_says_which_key_helps() -> None:
    async with running((80, 24)) as console:
        for key, said in {"2": "f opens the worst", "3": "e lists what the first one speaks of"}.items():
            await console.press(key)
            assert said in console.text()
            assert console.app.scene.focus == "grid"


async def test_what_is_new_or_worse_since_the_operator_looked_is_said_and_found() -> None:
    model = FakeModel(rows=list(range(5, 30)))
    async with running(source=FakeSource(model)) as console:
        assert "since" not in console.rows()[TITLE]
        model.rows = list(range(4, 28))
        model.names[8] = replace(sku_line(8), severity=Severity.OVERSELL)
        model.version += 1
        await console.settle(2_000)
        assert "since 10:42: 1 new, 1 worse, 2 cleared" in console.rows()[TITLE]
        assert console.rows()[FIRST][13] == "+"
        assert console.rows()[FIRST + 4][13] == "↑"
        await console.press("n")
        assert console.app.scene.listing.row == 8
        await console.press("n")
        assert console.app.scene.listing.row == 4
        await console.press("N")
        assert "since" not in console.rows()[TITLE]
        await console.press("n")
        assert "Nothing in this list is new" in console.rows()[MESSAGE]


async def test_who_was_away_is_told_what_changed_meanwhile() -> None:
    model = FakeModel(rows=list(range(5)))
    async with running(source=FakeSource(model)) as console:
        model.rows = list(range(6))
        model.version += 1
        await console.settle(301_000)
        model.rows = list(range(8))
        model.version += 1
        await console.settle(60_000)
        assert "since 10:42: 3 new" in console.rows()[TITLE]
        await console.press("down")
        assert "since 10:47: 2 new" in console.rows()[TITLE]


async def test_nothing_is_new_while_the_first_readings_come_in() -> None:
    model = FakeModel(shown=calm(), rows=[])
    model.shown = replace(model.shown, gauge=replace(model.shown.gauge, known=False))
    async with running(source=FakeSource(model)) as console:
        assert console.app.scene.looked is None


async def test_panels_are_reached_by_number_and_causes_have_evidence() -> None:
    async with running() as console:
        await console.press("2")
        assert console.app.scene.focus == "surfaces"
        await console.press("3")
        assert console.app.scene.focus == "cause"
        await console.press("enter")
        assert console.app.scene.focus == "grid"
        assert "with “surface:facebook”" in console.rows()[TITLE]
        await console.press("escape", "e")
        assert "with “surface:facebook”" in console.rows()[TITLE]
        await console.press("escape", "shift+tab", "1")
        assert console.app.scene.focus == "grid"


async def test_in_a_calm_store_there_is_no_cause_to_go_to() -> None:
    async with running(source=FakeSource(FakeModel(shown=calm(), rows=[]))) as console:
        await console.press("3")
        assert "nothing to choose from" in console.rows()[MESSAGE]
        await console.press("e")
        assert "No cause is named" in console.rows()[MESSAGE]


@pytest.mark.parametrize("width", [104, 120, 159, 160, 200, 250])
@pytest.mark.parametrize(
    "hidden", [(), ("name",), ("phase", "risk"), ("surface:facebook",), ("since", "out-in", "deviation")]
)
def test_heads_stand_apart_however_columns_are_arranged(width: int, hidden: tuple[str, ...]) -> None:
    for tail in (AS_SHIPPED.tail, AS_SHIPPED.tail[::-1]):
        arranged = Arrangement(frozenset(hidden), (), tail)
        found = heads(columns(width, SURFACES, range(5), 7, arranged), "│")
        for one, other in itertools.pairwise(found):
            assert one.stop < other.start, (one, other)
        assert not set(hidden) & {head.id for head in found}
        assert found[-1].stop <= width - 2


def test_moving_goes_over_what_is_hidden_and_stops_at_the_ends() -> None:
    arranged = Arrangement(hidden=frozenset({"surface:b"}))
    step = moved(arranged, "surface:a", 1, ["a", "b", "c"])
    assert step is not None
    assert step.surfaces == ("b", "c", "a")
    assert moved(step, "surface:a", 1, ["b", "c", "a"]) is None
    assert moved(arranged, "phase", -1, []) is None
    assert moved(arranged, "sku", 1, []) is None
    assert without(arranged, "master") is None


def test_a_view_is_remembered_by_store_and_a_broken_file_is_none(tmp_path: Path) -> None:
    file = ViewFile(tmp_path / "state" / "views.json")
    assert file.load("Candle & Co") == AS_ALWAYS
    view = View("surface:facebook", True, Arrangement(frozenset({"risk"}), ("b", "a"), AS_SHIPPED.tail[::-1]))
    file.save("Candle & Co", view)
    file.save("Other", View("sku"))
    assert file.load("Candle & Co") == view
    assert file.load("Other") == View("sku")
    file.save("Other", AS_ALWAYS)
    assert file.load("Other") == AS_ALWAYS
    assert [path.name for path in file.path.parent.iterdir()] == ["views.json"]
    for broken in (
        "",
        "[]",
        "{",
        '{"Candle & Co": 3}',
        "\x00",
        '{"Candle & Co": {"sort": 1, "tail": ["x"], "hidden": 2}}',
    ):
        file.path.write_text(broken)
        assert file.load("Candle & Co") == AS_ALWAYS
    file.save("Candle & Co", view)
    assert json.loads(file.path.read_text())["Candle & Co"]["reverse"] is True


async def test_a_view_that_cannot_be_remembered_is_said() -> None:
    def full(_view: View) -> None:
        raise OSError(28, "No space left on device")

    async with running(remember=full) as console:
        await console.press("S")
        assert "Cannot remember the columns: No space left on device" in console.rows()[MESSAGE]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_sku_that_has_no_room_in_its_column_stands_whole_in_the_rule(size: tuple[int, int]) -> None:
    long = "CANDLE-SEA-SALT-220ML-GLASS-2026"
    source = FakeSource(FakeModel(names={1: replace(sku_line(1), sku=long)}))
    async with running(size, source) as console:
        rule = next(number for number, row in enumerate(console.rows()) if "Drifting SKUs" in row)
        assert long not in console.rows()[rule]
        await console.press("down")
        assert f" {long} " in console.rows()[rule]
        await console.press("down")
        assert long not in console.text()


async def test_a_tolerance_that_an_operator_has_set_is_seen_on_the_first_screen_with_who_set_it() -> None:
    model = FakeModel(shown=replace(troubled(), tolerance="1 unit"))
    async with running(source=FakeSource(model)) as console:
        assert " tolerance 1 unit ━" in console.rows()[TITLE], "as the settings say"
        model.said.hear(Ruling(NOW, "maya@10.0.0.7", Scope(), Tolerance(3)))
        model.said.hear(Ruling(NOW, "tom@shop", Scope("embed"), Tolerance(2)))
        model.said.hear(Ruling(NOW, "tom@shop", Scope("", "SEA-220"), Tolerance(9)))
        model.version += 1
        await console.settle(1_000)
        assert " tolerance 3 units by maya, 1 more ━" in console.rows()[TITLE]
        model.said.hear(Ruling(NOW, "maya@10.0.0.7", Scope(), None))
        model.version += 1
        await console.settle(1_000)
        assert " tolerance on Embed 2 units by tom ━" in console.rows()[TITLE]


async def test_what_is_off_within_the_tolerance_says_by_how_much_and_is_quiet() -> None:
    model = FakeModel()
    line = sku_line(2)
    within = Cell(4, 3, 1, Severity.NONE, Verdict.IN_SYNC)
    model.names[2] = replace(line, severity=Severity.NONE, worst=-1, cells=[within, *line.cells[1:]])
    async with running(source=FakeSource(model)) as console:
        row = console.rows()[FIRST + 2]
        assert "│     4  +1      3 " in row
        assert console.colour(row.index("+1"), FIRST + 2) == console.colour(row.index("+1") - 3, FIRST + 2) == "#8f9ca9"
