"""The writer of cells against an emulator: whatever happened before, it shows what a screen written anew shows."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console as RichConsole
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from stockdrift.console.output import palette
from stockdrift.console.output.cells import NotCellsError
from stockdrift.console.output.palette import PaletteFullError
from stockdrift.console.output.scroll import Scroll, find_scroll
from stockdrift.console.output.writer import CellWriter

WIDTH, HEIGHT = 34, 9
STYLES = [
    None,
    Style.parse("#d0d0d0 on #101418"),
    Style.parse("bold #ff8700 on #101418"),
    Style.parse("italic underline red on #101418"),
    Style.parse("reverse #87afd7 on #1c1c1c"),
    Style.parse("strike bold blue on default"),
    Style.parse("not bold #d0d0d1 on #3a3a3a"),
]
TEXTS = [
    "",
    " ",
    "   ",
    "SEA-220",
    "+8",
    "−3",
    "│",
    "━━━━",
    "ключ",
    "緑茶",
    "한",
    "é",
    "e\u0301a\u0300",
    "⚡",
    "👩",
    "x" * 40,
]
Pieces = Sequence[tuple[str, Style | None]]

piece = st.tuples(
    st.sampled_from(TEXTS) | st.lists(st.sampled_from(["a", "b", " ", "緑", "⚡", "e\u0301"]), max_size=5).map("".join),
    st.sampled_from(STYLES),
)
line = st.lists(piece, max_size=6)
step = st.one_of(
    st.tuples(st.just("line"), st.integers(0, HEIGHT - 1), line),
    st.tuples(st.just("piece"), st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), piece),
    st.tuples(st.just("scroll"), st.integers(-4, 4), st.integers(0, 3)),
    st.tuples(st.just("all"), st.lists(line, min_size=HEIGHT, max_size=HEIGHT)),
    st.tuples(st.just("strange"), st.text("ab", min_size=1, max_size=50)),
    st.tuples(st.just("flush")),
)


def strip_of(pieces: Pieces, width: int = WIDTH) -> Strip:
    strip = Strip([Segment(text, style) for text, style in pieces])
    return strip.adjust_cell_length(width, Style.parse("on #101418"))


def emulator(columns: int = WIDTH, rows: int = HEIGHT) -> pyte.Screen:
    screen = pyte.Screen(columns, rows)
    screen.reset_mode(7, private=True)  # as Textual asks: no wrapping at the right edge
    return screen


def looks(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """Every cell as it looks; of a blank only what shows."""
    found = []
    for y in range(screen.lines):
        row: list[tuple[object, ...]] = []
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            shows = bool(cell.data.strip()) or cell.reverse or cell.underscore or cell.strikethrough
            marks = (cell.fg, cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse)
            row.append((cell.data, cell.bg, *(marks if shows else ())))
        found.append(row)
    return found


def anew(lines: Sequence[Strip]) -> list[list[tuple[object, ...]]]:
    """How ``lines`` look when Textual writes them on an empty screen."""
    console = RichConsole(force_terminal=True, color_system="truecolor")
    screen = emulator(lines[0].cell_length, len(lines))
    stream = pyte.Stream(screen)
    for y, strip in enumerate(lines):
        stream.feed(f"\x1b[{y + 1};1H\x1b[0m")
        stream.feed(strip.render(console))
    return looks(screen)


@settings(max_examples=int(os.environ.get("STOCKDRIFT_OUTPUT_EXAMPLES", "60")), deadline=None)
@given(st.lists(step, max_size=14))
def test_the_terminal_shows_what_was_asked_for(steps: list[tuple[object, ...]]) -> None:
    writer = CellWriter(WIDTH, HEIGHT)
    screen = emulator()
    stream = pyte.Stream(screen)
    lines = [strip_of([]) for _ in range(HEIGHT)]
    put_all(writer, lines)
    for kind, *more in [*steps, ("flush",)]:
        act(str(kind), more, lines, stream, writer)
        put_all(writer, lines)
        if kind == "flush":
            stream.feed(writer.flush())
            assert looks(screen) == anew(lines)
            assert writer.flush() == ""


def put_all(writer: CellWriter, lines: Sequence[Strip]) -> None:
    for y, strip in enumerate(lines):
        writer.put(0, y, strip)


def act(kind: str, more: list[object], lines: list[Strip], stream: pyte.Stream, writer: CellWriter) -> None:
    """One random thing that happens to a screen."""
    match kind, more:
        case "line", [int(y), list(pieces)]:
            lines[y] = strip_of(pieces)
        case "piece", [int(y), int(x), (str(text), style)] if (
            "\u0301" not in lines[y].text
        ):  # a crop would part a letter from its mark
            before, after = lines[y].crop(0, x), lines[y].crop(x)
            middle = Strip([Segment(text, style if isinstance(style, Style) else None)])
            whole = Strip.join([before, middle, after.crop(middle.cell_length)])
            lines[y] = whole.adjust_cell_length(WIDTH, Style.null())
        case "scroll", [int(by), int(top)]:
            part = lines[top:]
            lines[top:] = part[by:] + part[:by]
        case "all", [list(rows)]:
            lines[:] = [strip_of(pieces) for pieces in rows]
        case "strange", [str(text)]:
            stream.feed(writer.reset() + text)
            writer.invalidate()
        case _:
            pass


def sent(before: Pieces, after: Pieces, width: int = 120) -> str:
    """What a change of one line costs."""
    writer = CellWriter(width, 3)
    writer.put(0, 1, strip_of(before, width))
    writer.flush()
    writer.put(0, 1, strip_of(after, width))
    return writer.flush()


PLAIN, STRONG = STYLES[1], STYLES[2]


def test_a_small_change_is_a_small_message() -> None:
    assert sent([("SEA-220   12", PLAIN)], [("SEA-220   13", PLAIN)]) == "\x1b[2;12H3"
    assert len(sent([("SEA-220   12", PLAIN)], [("SEA-220   ", PLAIN), ("99", STRONG)])) <= 45
    assert sent([("SEA-220", PLAIN)], [("SEA-220", PLAIN)]) == ""


def test_near_changes_are_written_in_one_go_and_far_ones_stepped_to() -> None:
    assert sent([("abcdefgh", PLAIN)], [("Xbcdefgh", PLAIN)]) == "\x1b[2HX"
    assert sent([("abcdefgh", PLAIN)], [("XbcXefgh", PLAIN)]) == "\x1b[2HXbcX"
    assert sent([("abcdefghij", PLAIN)], [("XbcdefghiX", PLAIN)]) == "\x1b[2HX\x1b[8CX"


def test_a_list_that_moves_by_a_line_is_moved_by_the_terminal() -> None:
    writer = CellWriter(60, 30)
    rows = [f"SKU-{number:05}  {number * 7919 % 9973:>6} {number * 104729 % 99991:>8}" for number in range(60)]
    for y in range(30):
        writer.put(0, y, strip_of([(rows[y], PLAIN)], 60))
    writer.flush()
    for y in range(30):
        writer.put(0, y, strip_of([(rows[y + 1], PLAIN)], 60))
    sequence = writer.flush()
    assert "\x1b[1;30r\x1b[1H\x1b[M\x1b[r" in sequence
    assert len(sequence) < 90


def row_of(number: int, *, bar: bool = False, thumb: bool = False) -> Pieces:
    """A line as of the list: what agrees muted, what differs not, a scroll bar; under the cursor on a bar."""
    on = "#27313b" if bar else "#11161b"

    def ink(colour: str) -> Style:
        return Style.parse(f"{colour} on {on}")

    muted, level = ink("#8f9ca9"), number * 7919 % 500
    levels = [(f"{level + 8 * (number % 6 == place):>5}", place) for place in range(6)]
    cells = [(text, ink("bold #f5945c") if number % 6 == place else muted) for text, place in levels]
    head = [("▌" if bar else " ", ink("#f0e2c0")), (" ▲ over      ", ink("#f5945c"))]
    sku = (f"SKU-{number:07}{level:>24} ", ink("bold #dfe5ea"))
    tail = ("    = 2  new           7m      —     ? ", muted)
    end = ("┃", muted) if thumb else ("│", ink("#3a4652"))
    return [*head, sku, ("│", ink("#3a4652")), *cells, tail, end]


def test_a_key_that_scrolls_the_list_costs_the_line_that_comes_in_and_the_cells_under_the_bar() -> None:
    sizes = []
    writer, screen = CellWriter(120, 24), emulator(120, 24)
    stream = pyte.Stream(screen)
    for top in range(12):
        lines = [strip_of([], 120)] * 2
        lines += [strip_of(row_of(top + y, bar=y == 19, thumb=y < 2), 120) for y in range(20)]
        lines += [strip_of([("keys", PLAIN)], 120)] * 2
        put_all(writer, lines)
        sequence = writer.flush()
        stream.feed(sequence)
        assert looks(screen) == anew(lines)
        sizes.append(len(sequence))
        if top:
            assert "\x1b[3;21r\x1b[3H\x1b[M\x1b[r" in sequence, "with the line of the thumb, without the bar"
    assert sorted(sizes[1:])[5] < 430


LINES_IN = st.lists(line, min_size=HEIGHT, max_size=HEIGHT)


@settings(max_examples=int(os.environ.get("STOCKDRIFT_OUTPUT_EXAMPLES", "60")), deadline=None)
@given(LINES_IN, LINES_IN, st.integers(-5, 5).filter(bool), st.integers(0, 3), st.booleans())
def test_what_is_said_to_have_moved_need_not_be_put_again(
    first: list[Pieces], fresh: list[Pieces], by: int, top: int, flushed: bool
) -> None:
    writer, screen = CellWriter(WIDTH, HEIGHT), emulator()
    stream = pyte.Stream(screen)
    before = [strip_of(pieces) for pieces in first]
    put_all(writer, before)
    if flushed:
        stream.feed(writer.flush())
    part, count = before[top:], min(abs(by), HEIGHT - top)
    come = [strip_of(pieces) for pieces in fresh[:count]]
    after = before[:top] + (come + part[:-by] if by > 0 else part[-by:] + come)
    writer.scroll(Scroll(top, HEIGHT - 1, by))
    first_in = top if by > 0 else HEIGHT - count
    for y, strip in enumerate(come, first_in):
        writer.put(0, y, strip)
    stream.feed(writer.flush())
    assert looks(screen) == anew(after)


@pytest.mark.parametrize("by", [-7, -1, 1, 12])
def test_a_movement_is_found(by: int) -> None:
    before = [f"{number}" * 20 for number in range(10, 50)]
    fresh = [f"{number}" * 20 for number in range(60, 60 + abs(by))]
    part = before[5:35]
    after = before[:5] + (fresh + part[:-by] if by > 0 else part[-by:] + fresh) + before[35:]
    found = find_scroll(before, after)
    assert found is not None
    assert (found.top, found.bottom, found.by) == (5, 34, by)


def test_what_only_looks_alike_is_no_movement() -> None:
    assert find_scroll([" " * 40] * 20, [" " * 40] * 19 + ["x" * 40]) is None
    assert find_scroll(["a", "b", "c", "d", "e", "f"], ["b", "c", "d", "e", "f", "g"]) is None  # not worth it


@pytest.mark.parametrize("segment", [Segment("a\tb"), Segment("\x1b[5n"), Segment("", None, []), Segment("👩\u200d🚀")])
def test_what_is_no_cells_is_refused(segment: Segment) -> None:
    if not segment.text:
        segment = Segment("x", None, [(1,)])  # type: ignore[list-item]
    with pytest.raises(NotCellsError):
        CellWriter(10, 1).put(0, 0, [segment])


def test_more_styles_than_are_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(palette, "MOST", 20)
    writer = CellWriter(10, 1)
    with pytest.raises(PaletteFullError):
        writer.put(0, 0, [Segment("x", Style(color=f"rgb({number},1,1)")) for number in range(30)])


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        (ColorSystem.TRUECOLOR, "\x1b[38;2;208;208;209m"),
        (ColorSystem.EIGHT_BIT, "\x1b[38;5;251m"),
        (ColorSystem.STANDARD, "\x1b[37m"),
    ],
)
def test_colours_are_those_of_the_terminal(system: ColorSystem, wanted: str) -> None:
    writer = CellWriter(3, 1, system)
    writer.put(0, 0, [Segment("x", Style.parse("#d0d0d1"))])
    assert wanted in writer.flush()


def test_an_exact_colour_takes_the_short_form() -> None:
    writer = CellWriter(3, 1)
    writer.put(0, 0, [Segment("x", Style.parse("#ff8700"))])
    assert "\x1b[38;5;208m" in writer.flush()


@pytest.mark.parametrize("style", STYLES[1:])
def test_the_pen_is_given_back(style: Style) -> None:
    writer = CellWriter(3, 1)
    writer.put(0, 0, [Segment("x", style)])
    screen = emulator(3, 1)
    stream = pyte.Stream(screen)
    stream.feed(writer.flush())
    stream.feed(writer.reset())
    assert screen.cursor.attrs == pyte.Screen(1, 1).cursor.attrs


def test_links_are_opened_and_closed() -> None:
    writer = CellWriter(4, 1)
    link = Style(link="https://example.test/SEA-220")
    writer.put(0, 0, [Segment("a", link), Segment("b")])
    linked, opened = {}, False
    for found in re.finditer(r"\x1b\]8;([^\x1b]*)\x1b\\|\x1b\[[\d;]*[A-Za-z]|[ab]", writer.flush()):
        opened = found[1] != ";" if found[1] else opened
        linked[found[0]] = opened
    assert linked["a"]
    assert not linked["b"]
