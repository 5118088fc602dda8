"""SKUs that look alike are reported with what sets them apart, and stay two."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.stock import likeness
from stockdrift.stock.likeness import Alike, alike, folded

parts = st.text(st.sampled_from("aA0 -_/1"), max_size=8)


@pytest.mark.parametrize(
    ("one", "other", "differ_in"),
    [
        ("SEA-220", "sea-220", ("case",)),
        ("SEA 220", "SEA220", ("spaces", "separators")),
        ("00123", "123", ("leading zeros",)),
        ("SEA-007", "SEA-7", ("leading zeros",)),
        ("SEA-220", "SEA_220", ("separators",)),
        ("SEA/220", "SEA220", ("separators",)),
        ("SEA\u2013220", "SEA-220", ("separators",)),
        ("ＳＥＡ-220", "SEA-220", ("letter forms",)),
        ("SEA-007", "sea_7", ("case", "leading zeros", "separators")),
    ],
)
def test_what_sets_two_apart(one: str, other: str, differ_in: tuple[str, ...]) -> None:
    assert alike([one, "X", other]) == [Alike((one, other), differ_in, (0, 2))]


@pytest.mark.parametrize("pair", [("SEA-220", "SEA-221"), ("100", "1"), ("A0", "A"), ("-", "_"), ("10", "1-0-0")])
def test_what_is_not_alike(pair: tuple[str, str]) -> None:
    assert alike(pair) == []


def test_what_should_stand_between_skus_within_one_changes_nothing() -> None:
    assert [group.rows for group in alike(["a\0b", "A\0B", "c"])] == [(0, 1)]


@given(st.lists(parts, unique=True, max_size=12))
def test_groups_are_those_of_equal_folds(skus: list[str]) -> None:
    together = {sku for group in alike(skus) for sku in group.skus}
    for sku in skus:
        twins = [other for other in skus if other != sku and folded(other) == folded(sku) and folded(sku)]
        assert (sku in together) == bool(twins)
    assert all(group.differ_in for group in alike(skus))


def test_skus_whose_prints_meet_by_chance_are_not_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "_prints", lambda skus: np.zeros(len(skus), np.int64))
    assert [group.rows for group in alike(["a", "b", "A", "c"])] == [(0, 2)]
