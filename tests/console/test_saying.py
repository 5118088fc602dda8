"""What an operator says by the keys a z c w b p: one form, what it does, what it shows, and what is taken back."""

from __future__ import annotations

import pytest

from stockdrift.console import questions
from stockdrift.console.alarm import EVERY, Alarm
from stockdrift.stock.picture import Picture
from stockdrift.stock.remarks import Remark, RemarkKind, Told
from stockdrift.stock.rules import Scope
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import NOW, calm, masterless, remarked, remarks_on, troubled
from tests.console.harness import Running, running

HOUR = 3_600_000


def first_sku(console: Running) -> str:
    return console.model.lines([console.app.scene.listing.rows[0]])[0].sku


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 12)])
async def test_a_sku_is_snoozed_and_that_is_undone(size: tuple[int, int]) -> None:
    async with running(size) as console:
        sku = first_sku(console)
        await console.press("z", "enter")
        assert any("Say why" in row for row in console.rows())
        await console.press(*"waits", "tab", "ctrl+u", "enter")
        assert any("A snooze has an end" in row for row in console.rows())
        await console.press(*"2h", "enter")
        assert console.source.remarks == [(RemarkKind.SNOOZE, Scope("", sku), Remark("waits", NOW + 2 * HOUR))]
        assert any(f"{sku} snoozed until Fri 27 Nov 12:42" in row for row in console.rows())
        await console.press("u")
        assert console.source.remarks[-1] == (RemarkKind.SNOOZE, Scope("", sku), None)


async def test_acknowledge_and_claim_take_two_keys_and_a_note_its_text() -> None:
    async with running() as console:
        sku = first_sku(console)
        await console.press("a", "enter", "c", "enter", "w", "enter")
        assert any("Write what the next one should know" in row for row in console.rows())
        await console.press(*"hi", "tab", "tab", "left", "enter")
        assert console.source.remarks == [
            (RemarkKind.ACKNOWLEDGE, Scope("", sku), Remark()),
            (RemarkKind.CLAIM, Scope("", sku), Remark("", NOW + 8 * HOUR)),
            (RemarkKind.NOTE, Scope(), Remark("hi")),
        ]


async def test_what_stands_is_shown_in_the_form_and_ended_there() -> None:
    async with running() as console:
        sku = first_sku(console)
        await console.source.remark(RemarkKind.CLAIM, Scope("", sku), Remark("on it", None, "ben@desk", NOW))
        await console.press("c")
        assert any("Claimed by ben@desk. Until: now ends that." in row for row in console.rows())
        await console.press("tab", "ctrl+u", *"now", "enter")
        assert console.source.remarks[-1] == (RemarkKind.CLAIM, Scope("", sku), None)
        assert any(f"{sku} no longer claimed" in row for row in console.rows())
        await console.press("u")
        assert console.source.remarks[-1][2] == Remark("on it", None, "ben@desk", NOW)


async def test_what_does_not_drift_cannot_be_acknowledged_and_can_be_claimed() -> None:
    async with running() as console:
        await console.press("l", "end", "a")
        assert any("Nothing is known to drift there: there is nothing to acknowledge" in row for row in console.rows())
        await console.press("enter", "z")
        assert any("there is nothing to snooze" in row for row in console.rows())
        await console.press("c", "enter")
        assert [kind for kind, _, _ in console.source.remarks] == [RemarkKind.CLAIM]


async def test_the_marked_are_meant_together() -> None:
    async with running() as console:
        await console.press("m", "down", "m", "a", "enter")
        assert len({scope for _, scope, _ in console.source.remarks}) == 2
        await console.press("u")
        assert [remark for _, _, remark in console.source.remarks[2:]] == [None, None]


async def test_a_buffer_is_held_back_here_and_taken_back() -> None:
    async with running() as console:
        sku = first_sku(console)
        await console.press("b", *"x", "enter")
        assert any("Write whole units" in row for row in console.rows())
        await console.press("ctrl+u", "3", "enter")
        assert any("Say why" in row for row in console.rows())
        await console.press(*"fast", "tab", "right", "enter")
        surface = console.model.shown.surfaces[0].name
        assert console.source.held == [(Scope(surface, sku), 3, "fast")]
        await console.press("u")
        assert console.source.held[-1] == (Scope(surface, sku), None, "undone")


async def test_a_surface_is_paused_and_the_same_key_resumes_it() -> None:
    async with running() as console:
        await console.press("tab")
        name = console.app.scene.picture and console.app.scene.surface and console.app.scene.surface.name
        assert name
        await console.press("p", *"down", "tab", *"2h", "enter")
        assert console.source.remarks == [(RemarkKind.PAUSE, Scope(name), Remark("down", NOW + 2 * HOUR))]
        await console.press("p")
        assert console.source.remarks[-1] == (RemarkKind.PAUSE, Scope(name), None)
        assert any("read again" in row for row in console.rows())
        await console.press("u")
        assert console.source.remarks[-1][2] == Remark("down", NOW + 2 * HOUR)


async def test_another_surface_than_the_worst_can_be_paused() -> None:
    async with running((60, 16)) as console:
        await console.press("p", *"down", "tab", "tab", "right", "right", "right", "right")
        rows = console.rows()
        assert any("Where" in row and "… " in row and "Embed" in row for row in rows), "the chosen one is always seen"
        assert any("Esc leave it" in row for row in rows)
        await console.press("enter")
        assert console.source.remarks == [(RemarkKind.PAUSE, Scope("embed"), Remark("down", None))]


def test_what_a_question_means_is_read_whole_at_eighty_columns() -> None:
    asked = [question for question in vars(questions).values() if isinstance(question, questions.Question)]
    assert len(asked) > 5
    assert not [question.means for question in asked if len(question.means) > 76]


async def test_of_a_surface_the_same_keys_speak_too_and_the_master_is_not_paused() -> None:
    async with running() as console:
        await console.press("f", "a", "enter")
        assert console.source.remarks[-1][1].sku == ""
        await console.press(*["down"] * 6, "p")
        assert any("The master is not paused" in row for row in console.rows())
        await console.press("z")
        assert any("No SKU is chosen, and no surface" in row for row in console.rows())


async def test_a_pause_stands_in_a_banner_and_nothing_is_calm() -> None:
    quiet = calm()
    paused = remarked().surfaces[0]
    shown = replace(quiet, surfaces=[replace(paused, active=True, remarks=_pause()), *quiet.surfaces[1:]])
    model = FakeModel(shown=replace(shown, gauge=replace(quiet.gauge, silent=1)))
    model.rows = []
    async with running(source=FakeSource(model)) as console:
        rows = console.rows()
        assert not console.app.scene.calm
        assert any("is paused by ben@10.0.0.7 until Fri 27 Nov 14:00: Seller Central is down" in row for row in rows)
        assert any("Nothing is known to drift" in row for row in rows)
        assert not any("Nothing drifts" in row or "clean" in row for row in rows)


def _pause() -> tuple[Told, ...]:
    return tuple(line.remarks[0] for line in remarked().surfaces if line.remarks)


async def test_what_rests_is_counted_and_never_out_of_sight() -> None:
    async with running((80, 24), FakeSource(FakeModel(shown=remarked()))) as console:
        assert any("3 snoozed" in row for row in console.rows())
    gauge = replace(troubled().gauge, drifting=3, orphans=0, snoozed=3)
    model = FakeModel(shown=replace(troubled(), gauge=gauge))
    model.rows = []
    async with running(source=FakeSource(model)) as console:
        assert any("3 SKUs that drift are snoozed." in row for row in console.rows())


async def test_who_opens_a_console_reads_the_notes_first_and_they_stay() -> None:
    async with running(source=FakeSource(FakeModel(shown=remarked()))) as console:
        assert any("anna@desk 08:02: Meta knows of the late feed" in row for row in console.rows())
        await console.press("down")
        assert any("Amazon is paused by" in row for row in console.rows())  # what is worse comes before
    quiet = replace(remarked(), surfaces=troubled().surfaces)
    async with running(source=FakeSource(FakeModel(shown=quiet))) as console:
        await console.press("down")
        assert any("anna@desk 08:02: Meta knows" in row for row in console.rows())


async def test_no_note_stands_before_an_alarm() -> None:
    """Whether the alarm was there before it, or comes after."""
    notes = remarked().notes
    source = FakeSource(FakeModel(shown=replace(troubled(), notes=notes)))
    async with running(source=source) as console:
        assert any("Meta knows of the late feed" in row for row in console.rows())
        source.model.shown = replace(masterless(), notes=notes)
        source.model.version += 1
        await console.settle(1_100)
        assert any("The master does not answer" in row and "Nothing counts" in row for row in console.rows()[10:18])
    source = FakeSource(FakeModel(shown=replace(troubled(), notes=notes)))
    async with running(source=source) as console:
        source.model.shown = remarked()
        source.model.version += 1
        await console.settle(1_100)
        assert any("Amazon is paused by" in row for row in console.rows()[10:18])
    async with running(source=FakeSource(FakeModel(shown=replace(masterless(), notes=notes)))) as console:
        assert any("The master does not answer" in row and "Nothing counts" in row for row in console.rows()[10:18])


async def test_the_list_and_the_sku_screen_say_who_has_claimed_it() -> None:
    model = FakeModel()
    model.names = {0: remarks_on(0, RemarkKind.CLAIM), 1: remarks_on(1, RemarkKind.ACKNOWLEDGE)}
    async with running(source=FakeSource(model)) as console:
        rows = console.rows()
        assert any("○ maya" in row for row in rows)
        assert any("○ known" in row for row in rows)
        await console.press("enter")
        assert any(
            "claimed by maya@10.0.0.7 10:05 until Fri 27 Nov 14:00: seen on the shelf" in row for row in console.rows()
        )


async def test_in_history_nothing_can_be_said() -> None:
    async with running() as console:
        await console.press("h")
        for key in ("a", "c", "w", "b", "p"):
            await console.press(key)
            assert not any("Esc leave it" in row for row in console.rows())
        await console.press("enter", "a", "z", "enter")
        assert console.source.remarks == []
        assert console.source.held == []


def test_what_is_snoozed_rings_when_it_comes_back_and_not_before() -> None:
    alarm = Alarm(bell=True)
    picture = troubled()

    def at(oversell: int, snoozed: int) -> Picture:
        return replace(picture, gauge=replace(picture.gauge, oversell=oversell, snoozed_oversell=snoozed))

    assert alarm.due(at(1, 0), NOW) == ""
    assert alarm.due(at(2, 1), NOW + EVERY) == ""
    assert alarm.due(at(2, 0), NOW + 2 * EVERY) == "\a"
