"""Without a screen: a line for each change of what drifts, and below it the SKUs that made the difference."""

from __future__ import annotations

import pytest

from stockdrift.commands import change_lines
from stockdrift.commands.change_lines import print_changes
from stockdrift.stock.look import Changes, Look
from stockdrift.stock.picture import Severity
from stockdrift.stock.values import replace
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import ROWS, masterless, sku_line, troubled


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_lines, "_EVERY", 0)


async def told(source: FakeSource, rounds: int = 1) -> list[str]:
    """What these rounds write, without the times."""
    written: list[str] = []
    await print_changes(source, written.append, rounds=rounds)
    return [line.rstrip("\n")[9:] for line in written]


class Turning(FakeSource):
    """Something happens before each look."""

    def __init__(self, model: FakeModel, *steps: object) -> None:
        super().__init__(model)
        self.steps = list(steps)

    async def catch_up(self) -> bool:
        step = self.steps.pop(0) if self.steps else None
        if callable(step):
            step()
            self.model.version += 1
        return True


async def test_at_first_it_names_what_drifts_the_worst_first() -> None:
    lines = await told(FakeSource(FakeModel(rows=[0, 2])), rounds=3)
    assert lines[0].startswith("37 of 1,284 SKUs drift: 2 oversell, 30 over, 5 under; 43 unknown; Facebook late 35")
    assert lines[1:] == [
        "  drifts    oversell FIG-220 Fig & Vetiver 220ml: Facebook shows 2, should be 0, +2",
        "  drifts    over SEA-220 Sea Salt 220ml: Facebook shows 11, should be 3, +8",
    ], "and nothing while nothing changes"


async def test_then_what_is_new_what_got_worse_and_what_no_longer_drifts() -> None:
    model = FakeModel(rows=[2, 4])

    def turn() -> None:
        model.rows = [1, 2]
        model.names[2] = replace(sku_line(2), severity=Severity.OVERSELL)
        model.names[4] = replace(sku_line(len(ROWS)), sku="NOE-300", name="Noël three-wick")

    lines = await told(Turning(model, None, turn), rounds=2)
    assert lines[3:] == [
        "  new       oversell CLV-090 Clove & Orange 90ml: Facebook shows 6, should be 0, +6",
        "  worse     oversell SEA-220 Sea Salt 220ml: Facebook shows 11, should be 3, +8",
        "  no longer NOE-300 Noël three-wick",
    ]


async def test_of_many_the_worst_are_named_and_the_rest_counted() -> None:
    lines = await told(FakeSource(FakeModel()))
    assert len(lines) == 1 + 20 + 1
    assert [line.split()[1] for line in lines[1:4]] == ["oversell", "oversell", "over"]
    assert lines[-1] == f"  drifts    and {len(ROWS) - 20} more; stockdrift check lists all"


async def test_what_is_no_longer_known_is_no_agreement() -> None:
    class Losing(FakeModel):
        def changes(self, since: Look) -> Changes:
            return replace(super().changes(since), cleared=0, lost=2)

    model = Losing(rows=[0, 2])

    def turn() -> None:
        model.rows = []

    lines = await told(Turning(model, None, turn), rounds=2)
    assert lines[3:] == ["  unknown   2 SKUs that drifted"]


async def test_while_nothing_is_known_nothing_is_compared() -> None:
    model = FakeModel(rows=[0])

    def blind() -> None:
        model.shown, model.rows = masterless(), []

    def seeing() -> None:
        model.shown, model.rows = troubled(), [0]

    lines = await told(Turning(model, None, blind, seeing), rounds=3)
    assert [line for line in lines if line.startswith("  ")] == lines[1:2]
