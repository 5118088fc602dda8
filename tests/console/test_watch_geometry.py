"""The watch screen stands where the drawings put it: columns and rows of the geometry list, counted from 0."""

from __future__ import annotations

import pytest

from stockdrift.stock.picture import Phase
from stockdrift.stock.values import replace
from tests.console.drawn import INK, check, check_colours
from tests.console.fake_model import FakeModel
from tests.console.fakes import FakeSource
from tests.console.fixtures import calm, sku_line
from tests.console.harness import running

WIDE = [
    (0, 1, "┼━ stockdrift   Candle & Co"),
    (0, 57, "○ read-only   ? 4 of 5 polls answer   Fri 27 Nov  10:42:07 UTC"),
    (1, 0, "─ Drift ─"),
    (1, 38, "┬ Surfaces ─"),
    (1, 106, "worst first ──"),
    (2, 42, "surface"),
    (2, 59, "read age of allowed"),
    (2, 89, "lag drift pending err/h budget"),
    (3, 2, "███████  ███████   SKUs drift"),
    (3, 40, "◆ Facebook feed   3h10m ━━━━━━━┃━━── late      3h10m    35     412     3   12 %"),
    (4, 40, "? Amazon market     41m ━━━━━━━┃━╸── no answer     —     ?       —    17  100 %"),
    (5, 40, "● Instagram feed     8m ━━━╸───│     on time      8m     2       6     0   12 %"),
    (6, 40, "● Instant Site      12s ━━━────│     on time      2s     0       0     0   34 %"),
    (4, 21, "of 1,284 tracked"),
    (6, 21, "+9 in 10 min"),
    (7, 21, "since 07:32"),
    (8, 38, "├ Likely cause ─"),
    (8, 97, "feed lag, 94 % agree ──"),
    (9, 2, "───━━━━┃━━━━━━━━━━━━━━━━━━━━━━━━━━━"),
    (9, 40, "◆ Facebook is 3h10m behind as a whole: 33 of its 35 match the master at 07:32."),
    (10, 2, "▼ 5 under  ▲ 30 over  ■ 2 oversell"),
    (11, 2, "● 1,204 in sync       ? 43 unknown"),
    (12, 2, "1 h  ▃▃▃▃▃▃▃▃▃▄▄▄▄▄▄▅▅▆▆▆▆▇▇█ now"),
    (13, 0, "──────────────────────────────────────┴────────────"),
    (14, 2, "out of stock    low stock   stock-outs   surfaces   pending        webhooks    API errors   untracked"),
    (15, 2, "18  ■ 2 live    41          no burst     4 of 5     ! 412 > 100    99.3 %      0.4 %        60"),
    (15, 107, "■ £1,348"),
    (17, 0, "━ Drifting SKUs ━"),
    (17, 82, "by minutes to oversell   1–20 of 37 ━━"),
    (18, 14, "SKU     name              master │  Facebook  Instagram Amazon Site Embed"),
    (18, 89, "phase      since out in  risk"),
    (19, 0, "▌ ■ oversell  FIG-220 Fig & Vetiver 220ml    0 │     2  +2      0          —    0     0"),
    (21, 2, "▲ over      SEA-220 Sea Salt 220ml         3 │    11  +8      3          ?    3     3"),
    (21, 89, "late       3h02m    14m  £192"),
    (29, 2, "▲ over      BEE-006 Beeswax tapers, 6     14 │    14         18  +4      —   14    14"),
    (29, 89, "persistent 2d03h  1h30m   £32"),
    (35, 2, "▼ under     MNT-090 Wild Mint 90ml        60 │    20 −40     60          —   60    60"),
    (35, 89, "late       2h40m      —     —"),
    (38, 2, "▼ under     EUC-090"),
    (19, 119, "┃"),
    (38, 119, "│"),
    (39, 1, "/ filter  s sort  Enter open  space freeze"),
]  # fmt: skip
SMALL = [
    (0, 1, "┼━ stockdrift   Candle & Co               ○ read-only   ? 4/5 polls   10:42:07"),
    (1, 1, "37 SKUs drift  +9 in 10 min    ■ 2 oversell  ▲ 30 over  ▼ 5 under    ? 43 unk."),
    (2, 1, "──━━━━━━━━━━┃━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━"),
    (3, 1, "◆ Facebook 3h10m late 35  ? Amazon 41m no answer  ● Instagram 2  ● Site Embed"),
    (5, 0, "━ Drifting SKUs ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1–16 of 37 ━━"),
    (6, 14, "SKU     name          master │ worst     shows off phase   out in"),
    (7, 0, "▌ ■ oversell  FIG-220 Fig & Vetiver…     0 │ Facebook     2   +2 persist    now┃"),
    (14, 0, "  ▲ over      ADV-024 Advent, 24 do…    12 │ Facebook    40  +28 late       52m│"),
    (22, 0, "  ▲ over      TOM-220 Tomato Leaf 2…    20 │ Facebook    24   +4 late     3h40m│"),
    (23, 1, "/ filter  Enter open"),
]
COLOURS = [
    (1, 0, "accent"), (17, 0, "strong"), (71, 0, "unknown"), (116, 0, "muted"), (0, 1, "rule"), (3, 3, "oversell"),
    (40, 3, "late"), (64, 3, "late"), (71, 3, "strong"), (40, 4, "unknown"), (64, 4, "unknown"), (64, 5, "ok"),
    (71, 5, "muted"), (96, 3, "over"), (97, 5, "over"), (105, 6, "muted"), (5, 9, "under"), (9, 9, "accent"),
    (12, 9, "over"), (36, 9, "oversell"), (10, 12, "muted"), (30, 12, "oversell"), (43, 9, "late"), (54, 15, "late"),
    (62, 15, "muted"), (107, 15, "oversell"), (0, 17, "accent"), (85, 17, "muted"), (47, 18, "rule"),
    (14, 19, "strong"), (53, 19, "oversell"), (64, 19, "muted"), (110, 19, "oversell"), (53, 21, "over"),
    (57, 21, "over"), (89, 21, "muted"), (75, 21, "unknown"), (2, 35, "under"), (1, 39, "accent"), (3, 39, "muted"),
]  # fmt: skip


async def test_120_by_40_is_as_drawn() -> None:
    async with running((120, 40)) as console:
        check(console, WIDE)
        assert all(len(row) == 120 for row in console.rows())


async def test_80_by_24_is_as_drawn() -> None:
    async with running((80, 24)) as console:
        check(console, SMALL)
        assert all(len(row) == 80 for row in console.rows())


async def test_nothing_runs_into_its_neighbour_where_it_is_narrow() -> None:
    flying = replace(sku_line(2), phase=Phase.IN_FLIGHT, out_in=111.0)
    for width in (80, 103):
        async with running((width, 24), FakeSource(FakeModel(names={2: flying}))) as console:
            assert console.rows()[9].rstrip("┃│ ").endswith("+8 flight   1h51m")
    async with running((104, 30)) as console:
        assert console.rows()[6][40:48] == "● Site  ", "its short name, where the whole has no room"


async def test_colours_are_the_drawing_s() -> None:
    async with running((120, 40)) as console:
        check_colours(console, COLOURS)


async def test_the_oversell_pill_and_the_cursor_row() -> None:
    async with running((120, 40)) as console:
        assert [console.background(x, 19) for x in (0, 1, 12, 13, 60)] == [
            "#27313b", "#43202a", "#43202a", "#27313b", "#27313b",
        ]  # fmt: skip
        assert [console.background(x, 10) for x in (22, 23, 36, 37)] == ["#11161b", "#43202a", "#43202a", "#11161b"]
        assert console.background(50, 0) == console.background(50, 39) == "#1a2128"


async def test_what_differs_is_bold_and_what_agrees_is_not() -> None:
    async with running((120, 40)) as console:
        assert console.bold(53, 21)  # Facebook's level of SEA-220
        assert not console.bold(57, 21)  # its deviation
        assert not console.bold(64, 21)  # Instagram agrees
        assert console.bold(45, 21)  # the master
        assert console.bold(42, 3)  # a surface that is late
        assert not console.bold(42, 6)  # one that is on time
        told = console.rows()[10]
        for text, bold in (("2 lost update", True), ("FIG-220", False), ("manual override +4", True), ("Not", False)):
            assert console.bold(told.index(text), 10) is bold, text


async def test_calm_is_green_and_nearly_empty() -> None:
    async with running((120, 40), FakeSource(FakeModel(shown=calm(), rows=[]))) as console:
        check(
            console,
            [
                (3, 2, "███████   SKUs drift"),
                (6, 12, "● clean for 8h18m"),
                (7, 12, "since 02:24"),
                (9, 2, "───────┃───────────────────────────"),
                (2, 110, "next read"),
                (3, 113, "in 26s"),
                (8, 40, "Next ─"),
                (17, 112, "━ none ━"),
                (22, 51, "● Nothing drifts."),
                (23, 24, "All 1,284 SKUs were read back on five surfaces, and all are as expected."),
            ],
        )
        greens = {"#82d3a2"}
        neutral = {INK[name] for name in ("muted", "strong", "accent", "rule")} | {"#c9d2da", "#33404c"}
        colours = {ink for row in console.inks() for character, ink in row if character != " "}
        assert greens < colours
        assert colours - greens - neutral == set()


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_both_themes_draw_the_same_words(theme: str) -> None:
    async with running((120, 40), theme=theme) as console:
        check(console, WIDE)
