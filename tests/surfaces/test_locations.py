"""At which stock locations a write is made, against what a person would count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stockdrift.surfaces.locations import Kept, corrected

SHELVES = st.lists(
    st.builds(Kept, st.sampled_from("abc"), st.integers(-2, 6), st.integers(0, 4)),
    max_size=3,
    unique_by=lambda k: k.location,
)


@given(SHELVES, st.integers(-8, 8), st.booleans())
def test_what_is_corrected_adds_up_and_nothing_goes_below_nothing(
    kept: list[Kept], difference: int, named: bool
) -> None:
    made = corrected(kept, difference, named=named)
    if isinstance(made, str):
        return
    before = {one.location: one for one in kept}
    assert {one.location for one in made} <= set(before)
    assert sum(one.on_hand - before[one.location].on_hand for one in made) == difference
    for one in made:
        assert one.promised == before[one.location].promised
        if difference < 0:
            assert 0 <= one.on_hand < before[one.location].on_hand


@given(SHELVES.filter(bool), st.integers(0, 8))
def test_what_comes_in_goes_to_the_first_that_is_named(kept: list[Kept], difference: int) -> None:
    first = kept[0]
    assert corrected(kept, difference, named=True) == [Kept(first.location, first.on_hand + difference, first.promised)]


@given(SHELVES, st.integers(1, 8))
def test_named_locations_give_what_they_have_and_what_is_free_before_what_is_promised(
    kept: list[Kept], wanted: int
) -> None:
    made = corrected(kept, -wanted, named=True)
    held = sum(max(0, one.on_hand) for one in kept)
    assert isinstance(made, str) == (not kept or held < wanted)
    if not isinstance(made, str) and wanted <= sum(one.free for one in kept):
        assert all(one.on_hand >= one.promised for one in made)


def test_without_names_it_has_to_be_clear_which_location_is_meant() -> None:
    shelf, cellar, empty = Kept("shelf", 5, 2), Kept("cellar", 3, 0), Kept("attic", 0, 0)
    assert corrected([shelf, empty], -3, named=False) == [Kept("shelf", 2, 2)]
    assert corrected([empty], 4, named=False) == [Kept("attic", 4, 0)]
    assert "name them in stock_locations" in corrected([shelf, cellar, empty], -3, named=False)
    assert "name them in stock_locations" in corrected([shelf, cellar], 1, named=False)
    # All that is free goes: it is clear from where.
    assert corrected([shelf, cellar], -6, named=False) == [Kept("shelf", 2, 2), Kept("cellar", 0, 0)]
    assert "no stock location" in corrected([], 1, named=True)
