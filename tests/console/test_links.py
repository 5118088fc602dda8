"""Links into control panels: only the web, and nothing of a SKU steers the terminal."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockdrift.console.links import link_of
from stockdrift.settings.values import check_link
from tests.console.harness import Running, running

PANEL = "https://panel.example/products?keyword={sku}&x=1"


@given(st.text(max_size=60))
def test_nothing_in_a_sku_ends_the_address_or_the_sequence(sku: str) -> None:
    link = link_of(PANEL, sku)
    assert re.fullmatch(r"https://panel\.example/products\?keyword=[A-Za-z0-9_.~%-]*&x=1", link)
    if sku.isprintable():
        assert unquote(link.removeprefix("https://panel.example/products?keyword=").removesuffix("&x=1")) == sku


@pytest.mark.parametrize("template", ["javascript:{sku}", "file:///{sku}", "", "https://x/\x1b]8;;", "https://x/ü"])
def test_what_is_no_address_leads_nowhere(template: str) -> None:
    assert link_of(template, "SEA-220") == ""


def test_terminals_take_no_endless_address() -> None:
    assert link_of(PANEL, "x" * 5_000) == ""


@pytest.mark.parametrize("link", ["ftp://x/{sku}", "https://x/{id}", "https://x/{", "https://x/ {sku}", "https://x/\t"])
def test_settings_refuse_what_is_no_link(link: str) -> None:
    with pytest.raises(ValueError, match="link"):
        check_link(link)


def linked(console: Running) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in console.cells():
        for character, style in row:
            if style.link:
                found[style.link] = found.get(style.link, "") + character
    return found


async def test_surfaces_of_a_sku_lead_to_their_control_panels() -> None:
    async with running() as console:
        console.app.scene.links = {"facebook": PANEL, "master": "https://my.example/#{sku}"}
        await console.press("down", "down", "enter")
        await console.settle(300)
        assert linked(console) == {
            "https://panel.example/products?keyword=SEA-220&x=1": "Facebook", "https://my.example/#SEA-220": "master",
        }  # fmt: skip
        await console.press("o")
        assert "Copied https://panel.example/products?keyword=SEA-220&x=1" in console.text()


async def test_without_the_setting_nothing_is_linked() -> None:
    async with running() as console:
        await console.press("down", "down", "enter", "o")
        assert linked(console) == {}
        assert "The settings name no link for it" in console.text()
