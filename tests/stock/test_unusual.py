"""What stands out on a day: each kind just at its limit, and nothing below it."""

from __future__ import annotations

from msgspec.structs import force_setattr

from stockdrift.stock.actions import Action, ActionAsked, RowChange, RowState
from stockdrift.stock.unusual import Unusual, unusual

DAY = 1_000_000


def action(number: int, operator: str = "maya", sku: str = "", **more: object) -> Action:
    state = RowState(str(more.pop("state", RowState.IN_SYNC)))
    at = DAY + number if "at" not in more else int(str(more.pop("at")))
    rows = (RowChange(sku or f"S{number}", 9, 5),)
    asked = ActionAsked(at, operator, f"k{number}", "resync", "shop", "recount", "", rows)
    for name, value in more.items():
        force_setattr(asked, name, value)
    return Action(asked, [state], [""], [at], [at], [1])


def found(*actions: Action) -> list[Unusual]:
    return unusual(actions, DAY, DAY + 1_000)


def test_a_sku_is_adjusted_again_from_the_third_time_on() -> None:
    twice = [action(1, sku="A"), action(2, "tom", sku="A")]
    assert not found(*twice)
    assert not found(*twice, action(3, sku="A", state=RowState.REFUSED))
    assert not found(*twice, action(3, sku="A", surface="other"))
    assert not found(*twice, action(3, sku="A", at=DAY - 1)), "of another day"
    assert not found(*twice, action(3, sku="A", at=DAY + 1_000)), "of another day"
    (one,) = found(*twice, action(3, sku="A"))
    assert one.text == "A on shop was written 3 times, by maya, tom"
    assert (one.kind, one.surface, one.sku, one.keys) == ("adjusted again", "shop", "A", ("k1", "k2", "k3"))


def test_an_operator_stands_out_who_does_three_times_what_the_next_one_does() -> None:
    busy = [action(number) for number in range(6)]
    assert not found(*busy), "there is nobody to compare with"
    assert not found(*busy, *(action(10 + number, "tom") for number in range(3)))
    assert not found(*busy[:4], action(10, "tom")), "four are few"
    (five,) = found(*busy[:5], action(10, "tom"))
    assert five.text == "maya asked for 5 actions, tom for 1"
    (one,) = found(*busy, action(10, "tom"), action(11, "tom"), action(12, "ann"))
    assert one.text == "maya asked for 6 actions, none of the 2 others for more than 2"
    assert (one.kind, one.operator, len(one.keys)) == ("operator", "maya", 6)


def test_each_override_and_each_rollback_is_told() -> None:
    told = found(
        action(1, overrides=("Black Friday", "collapsed master")), action(2, "tom", kind="rollback", undoes="k1")
    )
    assert [one.text for one in told] == [
        "maya wrote 1 row to shop in spite of Black Friday",
        "maya wrote 1 row to shop in spite of collapsed master",
        "tom took back 1 row on shop",
    ]
    assert told[2].keys == ("k1", "k2")
