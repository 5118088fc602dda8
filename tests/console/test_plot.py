"""Plots: what lies higher is drawn higher, what is later further right, what is not known nowhere."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console.plot import (
    BEYOND,
    WITHIN,
    Brush,
    Canvas,
    Scale,
    Steps,
    area_on,
    place,
    steps_on,
    ticks,
    time_ticks,
    window,
)

spans = st.tuples(st.integers(-50, 50), st.integers(1, 400)).map(lambda pair: Scale(pair[0], pair[0] + pair[1], 12))
END = 1_000


@st.composite
def lines_of(draw: st.DrawFn, scale: Scale, most: int = 3) -> list[Steps]:
    """Some lines of steps within the scale, from before the plot to its end, with gaps."""
    found: list[Steps] = []
    for _ in range(draw(st.integers(1, most))):
        moments = sorted(draw(st.sets(st.integers(-100, END + 100), min_size=1, max_size=6)))
        found.append([(at, draw(st.none() | st.integers(scale.low, scale.top))) for at in moments])
    return found


def held(line: Steps, begin: int, end: int) -> set[int | None]:
    """All that a line held from ``begin`` up to ``end``; nothing is known before its first step."""
    found: set[int | None] = set()
    for at in range(max(begin, -100), end):
        before = [value for since, value in line if since <= at]
        found.add(before[-1] if before else None)
    return found


def signs(canvas: Canvas, brush: Brush) -> list[str]:
    return ["".join(" " if cell is None else cell.sign(brush) for cell in row) for row in canvas]


@given(spans)
def test_higher_is_higher_and_within_one_cell(scale: Scale) -> None:
    dots = [scale.dot(value) for value in range(scale.low, scale.top + 1)]
    assert dots == sorted(dots)
    assert all(0 <= dot <= 4 * scale.rows - 2 and dot % 4 != 3 for dot in dots)
    assert scale.row(scale.low) == scale.rows - 1
    assert scale.row(scale.top) == 0 or 12 <= scale.top - scale.low <= 15  # three dots a unit


@given(st.integers(1, 11))
def test_where_there_is_room_every_unit_has_a_row_of_its_own(span: int) -> None:
    scale = Scale(0, span, 12)
    assert len({scale.row(value) for value in range(span + 1)}) == span + 1


@given(st.integers(0, 10**12), st.integers(0, 10**8), st.integers(2, 500), st.integers(1, 10**6), st.integers(0, 10**4))
def test_a_window_holds_all_and_stands_still(begin: int, span: int, halves: int, least: int, wait: int) -> None:
    now = begin + span
    first, end = window(begin, now, halves, least)
    assert first <= begin <= now <= end
    stretch, rest = divmod(end - first, halves)
    assert rest == 0
    assert end - now < stretch
    if halves >= 10 and max(least, span) >= 64 * halves:
        assert end - first <= max(least, span) * 1.25, "little of it is empty"
    later, later_end = window(begin, now + wait, halves, least)
    if (later_end - later) == (end - first):  # it has not had to grow
        assert (later_end - end) % stretch == 0


def test_a_growing_plot_is_drawn_anew_rarely() -> None:
    windows = {window(0, now, 196, 60_000) for now in range(3_600_000, 3_600_000 + 60_000, 1_000)}
    assert len(windows) <= 6, "a minute of seconds"


@given(st.integers(-500, 1500), st.integers(0, 800), st.integers(1, 200))
def test_later_is_never_further_left(at: int, wait: int, width: int) -> None:
    assert 0 <= place(at, 0, END, width) <= place(at + wait, 0, END, width) < width


@given(spans.flatmap(lambda scale: st.tuples(st.just(scale), lines_of(scale))))
def test_levels_stand_where_and_when_they_held(case: tuple[Scale, list[Steps]]) -> None:
    """Column by column against a look at every moment: order, gaps, and a cell of its own for each constant level."""
    scale, lines = case
    width = 20
    canvas = steps_on(lines, 0, END, scale, width)
    for column in range(width):
        begin, end = END * column // width, END * (column + 1) // width
        values = [held(line, begin, end) for line in lines]
        drawn = {line: [y for y in range(12) if (cell := canvas[y][column]) and cell.line == line and cell.run]
                 for line in range(len(lines))}  # fmt: skip
        if all(one == {None} for one in values):
            assert not any(canvas[y][column] for y in range(12))
        if any(len(one) != 1 for one in values):
            continue  # something steps within this cell
        levels: dict[int, list[int]] = {}
        for line, (level,) in enumerate(values):
            if level is None:
                assert not drawn[line]
            else:
                levels.setdefault(level, []).append(line)
        rows = []
        for level in sorted(levels):
            (row,) = drawn[min(levels[level])]  # of lines that agree, the first has the cell
            assert not any(drawn[line] for line in levels[level][1:])
            rows.append(row)
        assert all(lower > higher for lower, higher in pairwise(rows))


@given(spans.flatmap(lambda scale: st.tuples(st.just(scale), lines_of(scale, 1))))
def test_a_line_by_itself_stands_at_its_level(case: tuple[Scale, list[Steps]]) -> None:
    scale, lines = case
    canvas = steps_on(lines, 0, END, scale, 20)
    for column in range(20):
        (value, *more) = held(lines[0], END * column // 20, END * (column + 1) // 20)
        if value is not None and not more:
            cell = canvas[scale.row(value)][column]
            assert cell is not None
            assert cell.run


def test_a_gap_is_not_bridged() -> None:
    scale = Scale(0, 11, 12)
    canvas = steps_on([[(0, 10), (400, None), (600, 2)]], 0, END, scale, 20)
    for brush in Brush:
        for row in signs(canvas, brush):
            assert row[8:12] == "    "
    assert not any(canvas[y][12] for y in range(3, 9)), "no upright line from what is not known"


def test_a_step_is_one_stroke() -> None:
    canvas = steps_on([[(0, 2), (500, 0)]], 0, END, Scale(0, 2, 3), 10)
    assert signs(canvas, Brush.BRAILLE) == ["⠛⠛⠛⠛⠛⡇    ", "     ⡇    ", "     ⣧⣤⣤⣤⣤"]
    assert signs(canvas, Brush.BLOCK) == ["▀▀▀▀▀|    ", "     |    ", "     █▄▄▄▄"]
    assert signs(canvas, Brush.ASCII) == ["=====|    ", "     |    ", "     ====="]


@given(spans.flatmap(lambda scale: st.tuples(st.just(scale), lines_of(scale))))
def test_each_set_of_signs_keeps_to_itself(case: tuple[Scale, list[Steps]]) -> None:
    canvas = steps_on(case[1], 0, END, case[0], 20)
    whole = {brush: set("".join(signs(canvas, brush))) for brush in Brush}
    assert all(sign == " " or 0x2800 < ord(sign) <= 0x28FF for sign in whole[Brush.BRAILLE])
    assert whole[Brush.BLOCK] <= set(" ▀▄█|")
    assert all(sign.isascii() for sign in whole[Brush.ASCII])
    shapes = {brush: [[sign == " " for sign in row] for row in signs(canvas, brush)] for brush in Brush}
    assert shapes[Brush.BRAILLE] == shapes[Brush.BLOCK] == shapes[Brush.ASCII]


def test_a_thousand_steps_in_a_cell_are_drawn_all_the_same() -> None:
    line = [(at, at % 7) for at in range(END)]
    canvas = steps_on([line, [(0, 3)]], 0, END, Scale(0, 6, 12), 5)
    assert all(any(canvas[y][x] for y in range(12)) for x in range(5))


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**9), st.integers(1, 8))
def test_ticks_are_round_and_few(low: int, span: int, most: int) -> None:
    found = ticks(low, low + span, most)
    assert len(found) <= most + 1
    assert all(low <= tick <= low + span for tick in found)
    steps = {later - tick for tick, later in pairwise(found)}
    assert len(steps) <= 1
    assert all(str(step).rstrip("0") in {"1", "2", "5"} for step in steps)


@given(st.integers(0, 10**12), st.integers(60_000, 3 * 86_400_000), st.integers(1, 12), st.integers(-12, 14))
def test_times_are_round_in_the_operator_s_zone(begin: int, span: int, most: int, hours: int) -> None:
    zone = timezone(timedelta(hours=hours, minutes=30))
    found = time_ticks(begin, begin + span, zone, most)
    assert all(begin <= at <= begin + span for at in found)
    assert all((at + (hours * 60 + 30) * 60_000) % 60_000 == 0 for at in found)
    assert len(found) <= max(most, span // 86_400_000) + 1


def test_times_of_a_morning() -> None:
    assert [at // 3_600_000 for at in time_ticks(7 * 3_600_000, 11 * 3_600_000 - 1, UTC)] == [7, 8, 9, 10]


@given(st.lists(st.none() | st.integers(0, 5_000), min_size=40, max_size=40), st.integers(1, 5_000))
def test_only_what_is_beyond_is_filled(values: list[int | None], allowed: int) -> None:
    canvas = area_on(values, allowed, 5_000, 20, 9)
    for column in range(20):
        ages = values[2 * column : 2 * column + 2]
        cells = [canvas[y][column] for y in range(9)]
        if ages == [None, None]:
            assert not any(cells)
        over = any(age is not None and age > allowed for age in ages)
        assert any(cell is not None and cell.line == BEYOND for cell in cells) == over
        assert all(cell is None or cell.line in (WITHIN, BEYOND) for cell in cells)
        if over:  # without a hole from the line of what is allowed up to the age
            places = [y for y, cell in enumerate(cells) if cell and cell.line == BEYOND]
            assert places == list(range(places[0], places[-1] + 1))


@pytest.mark.parametrize("values", [[], [None] * 40])
def test_no_age_is_an_empty_plot(values: list[int | None]) -> None:
    assert not any(cell for row in area_on(values, 10, 100, 20, 9) for cell in row)
