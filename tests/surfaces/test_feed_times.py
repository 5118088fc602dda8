"""When a feed says that it was made, in the ways in which feeds write a time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.surfaces.stated_time import parse_time

from .feed_formats import ITEMS, as_atom, as_json, as_jsonl, as_rss, parsed

MOMENT = 1_776_729_600_000  # 21 Apr 2026, 00:00 UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-21T00:00:00Z", MOMENT),
        ("2026-04-21T02:00:00+02:00", MOMENT),
        ("2026-04-21 00:00:00 +0000", MOMENT),
        ("2026-04-21T00:00:00.250Z", MOMENT + 250),
        ("Tue, 21 Apr 2026 00:00:00 GMT", MOMENT),
        ("Mon, 20 Apr 2026 19:00:00 EST", MOMENT),
        ("21 Apr 2026 02:00 +0200", MOMENT),
        ("1776729600", MOMENT),
        ("1776729600000", MOMENT),
        ("2026-04-21T00:00:00", None),
        ("2026-04-21", None),
        ("Tue, 21 Apr 2026 00:00:00", None),
        ("Tue, 21 Apr 2026 00:00:00 -0000", None),
        ("2026-13-21T00:00:00Z", None),
        ("20260421", None),
        ("yesterday", None),
        ("", None),
        ("9" * 40, None),
    ],
)
def test_times(text: str, moment: int | None) -> None:
    assert parse_time(text) == moment


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    parse_time(text)


@pytest.mark.parametrize(
    ("body", "keys", "moment", "says_when"),
    [
        (as_rss(ITEMS, "<lastBuildDate>Tue, 21 Apr 2026 00:00:00 GMT</lastBuildDate>"), {}, MOMENT, True),
        (as_rss(ITEMS, "<pubDate>Tue, 21 Apr 2026 00:00:00 GMT</pubDate>"), {}, MOMENT, True),
        (
            as_rss(ITEMS, "<pubDate>Mon, 20 Apr 2026 00:00:00 GMT</pubDate><lastBuildDate>1776729600</lastBuildDate>"),
            {},
            MOMENT,
            True,
        ),
        (as_rss([{**ITEMS[0], "pubDate": "Tue, 21 Apr 2026 00:00:00 GMT"}]), {}, None, False),
        (as_rss(ITEMS, "<lastBuildDate>Tue, 21 Apr 2026 00:00:00</lastBuildDate>"), {}, None, True),
        (as_atom(ITEMS, "<updated>2026-04-21T00:00:00Z</updated>"), {}, MOMENT, True),
        (as_json(ITEMS, generated_at="2026-04-21T00:00:00Z"), {}, MOMENT, True),
        (as_json(ITEMS, updated=5, generatedAt=MOMENT // 1_000), {}, MOMENT, True),
        (as_json(ITEMS, generated_at="2026-04-21T00:00:00"), {}, None, True),
        (as_json(ITEMS, made={"at": MOMENT}), {"generated": "made.at"}, MOMENT, True),
        (as_json(ITEMS, generated_at="2026-04-21T00:00:00Z"), {"generated": "made.at"}, None, True),
        (as_json(ITEMS), {}, None, False),
        (as_jsonl(ITEMS), {}, None, False),
        (b"id,inventory\na,3\n", {}, None, False),
    ],
)
def test_when_a_feed_says_it_was_made(body: bytes, keys: dict[str, Any], moment: int | None, says_when: bool) -> None:
    document = parsed(body, **keys)
    assert (document.generated_at, document.says_when) == (moment, says_when)
