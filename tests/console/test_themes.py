"""Every shipped theme can be read, and the console changes its clothes without falling over a torn one."""

from __future__ import annotations

import os
import shutil
from itertools import combinations
from pathlib import Path

import pytest
from textual.color import Color

from stockdrift.console import theme
from stockdrift.console.theme import Theme, find_theme, shipped_folder, theme_names
from tests.console.eyes import apart, seen
from tests.console.harness import Running, running

SHIPPED = (shipped_folder(),)
INKS = ("muted", "text", "strong", "accent", "ok", "unknown", "under", "late", "over", "oversell")
STATES = INKS[4:]

# The defaults of xterm (charproc resources color0 to color15).
XTERM = (
    *("000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5"),
    *("7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff"),
)


def rgb(theme: Theme, token: str, on: str = "background") -> tuple[int, int, int]:
    color = theme.color(token, on)
    if color.ansi is None:
        return color.rgb
    red, green, blue = bytes.fromhex(XTERM[color.ansi])
    return red, green, blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    return theme.contrast(Color(*one), Color(*other))


def test_contrast_is_that_of_wcag() -> None:
    for one, other, told in (
        ((0, 0, 0), (255, 255, 255), 21.0),
        ((119, 119, 119), (255, 255, 255), 4.48),
        ((255, 0, 0), (255, 255, 255), 4.0),
        ((0, 0, 255), (255, 255, 255), 8.59),
    ):
        assert contrast(one, other) == pytest.approx(told, abs=0.01)


@pytest.mark.parametrize("name", ["dark", "light", "deuteranopia", "tritanopia", "high-contrast"])
def test_the_screen_below_a_form_is_seen_and_not_read(name: str) -> None:
    worn = find_theme(name, SHIPPED)
    assert theme.contrast(worn.color("faint"), worn.color("background")) == pytest.approx(2.5, abs=0.06)


def test_six_themes_are_shipped() -> None:
    assert theme_names(SHIPPED) == ["ansi", "dark", "deuteranopia", "high-contrast", "light", "tritanopia"]


@pytest.mark.parametrize("name", theme_names(SHIPPED))
def test_a_theme_is_called_as_its_file(name: str) -> None:
    assert find_theme(name, SHIPPED).name == name


@pytest.mark.parametrize("name", theme_names(SHIPPED))
def test_all_text_has_contrast(name: str) -> None:
    theme = find_theme(name, SHIPPED)
    least = 7.0 if name == "high-contrast" else 4.5
    for ink in INKS:
        for ground in ("background", "panel", "cursor"):
            assert contrast(rgb(theme, ink, ground), rgb(theme, ground)) >= least, (ink, ground)
    assert contrast(rgb(theme, "oversell_badge_text"), rgb(theme, "oversell_badge")) >= least
    for banner in ("unknown", "late", "oversell"):  # a banner is the background's colour on the state's
        assert contrast(rgb(theme, "background"), rgb(theme, banner)) >= least


@pytest.mark.parametrize("name", theme_names(SHIPPED))
def test_no_two_states_share_a_colour_but_where_there_are_sixteen(name: str) -> None:
    theme = find_theme(name, SHIPPED)
    found = {rgb(theme, state) for state in STATES}
    assert len(found) == len(STATES) - (name == "ansi")


def test_how_far_colours_are_apart_is_as_published() -> None:
    """Pairs 1, 7, 13 and 25 of the test data of Sharma, Wu and Dalal."""
    for one, other, told in (
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.001, 2.49), (50.0, 0.0011, -2.49), 4.7461),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ):
        assert apart(one, other) == pytest.approx(told, abs=0.0001)


@pytest.mark.parametrize(
    ("name", "eyes", "states", "neutrals"),
    [
        ("dark", "most", 20, 15),
        ("light", "most", 18, 15),
        ("deuteranopia", "most", 16, 10),
        ("deuteranopia", "deuteranopia", 9, 10),
        ("deuteranopia", "protanopia", 14, 9),
        ("tritanopia", "most", 13, 11),
        ("tritanopia", "tritanopia", 12, 12),
        ("high-contrast", "most", 19, 20),
        ("high-contrast", "deuteranopia", 9, 11),
        ("high-contrast", "protanopia", 9, 14),
        ("high-contrast", "tritanopia", 9, 16),
    ],
)
def test_states_are_told_apart_by_the_eyes_a_theme_is_for(name: str, eyes: str, states: float, neutrals: float) -> None:
    """From each other, and from what agrees and is muted: an unknown level is no agreement. In CIEDE2000."""
    theme = find_theme(name, SHIPPED)
    found = {ink: seen(rgb(theme, ink), eyes) for ink in INKS}
    close = {(one, two): apart(found[one], found[two]) for one, two in combinations(STATES, 2)}
    assert min(close.values()) >= states, min(close, key=lambda pair: close[pair])
    close = {(one, two): apart(found[one], found[two]) for one in STATES for two in ("muted", "text", "strong")}
    assert min(close.values()) >= neutrals, min(close, key=lambda pair: close[pair])


def own(tmp_path: Path, *names: str) -> tuple[Path]:
    for name in names:
        shutil.copy(SHIPPED[0] / f"{name}.toml", tmp_path)
    return (tmp_path,)


def shown(console: Running) -> str:
    """The background of the header, and what the notice says."""
    return f"{console.background(60, 0)} {console.rows()[16].strip()}"


async def test_a_key_goes_through_all_themes_and_round() -> None:
    async with running() as console:
        seen = []
        for _ in range(6):
            await console.press("T")
            seen.append(console.app.wardrobe.worn)
        assert seen == ["deuteranopia", "high-contrast", "light", "tritanopia", "ansi", "dark"]
        await console.press("T", "T", "T")
        assert shown(console).startswith("#efebe2")
        assert console.rows()[16].strip().endswith("Theme light")
        grounds = {style.bgcolor.triplet.hex for row in console.cells() for _character, style in row
                   if style.bgcolor and style.bgcolor.triplet}  # fmt: skip
        assert not grounds & {"#11161b", "#1a2128", "#27313b"}


async def test_a_screen_below_changes_with_the_one_on_top() -> None:
    async with running() as console:
        await console.press("enter", "T", "T", "T", "escape")
        assert console.app.wardrobe.worn == "light"
        assert console.background(60, 30) == "#fbf9f4"


async def test_the_file_of_the_theme_is_looked_at(tmp_path: Path) -> None:
    async with running(folders=own(tmp_path, "dark")) as console:
        file = tmp_path / "dark.toml"
        text = file.read_text()
        file.write_text(text.replace("#1a2128", "#102030"))
        console.app.reload_theme()
        await console.settle()
        assert shown(console) == "#102030 ○ Theme dark: its file has changed"
        file.write_text(text.replace("#1a2128", "pink-ish"))
        console.app.reload_theme()
        await console.settle()
        assert shown(console).startswith("#102030 ○ The theme stays as it is: ")
        console.app.say("")
        console.app.reload_theme()
        await console.settle()
        assert shown(console).startswith("#102030")
        assert "stays" not in shown(console), "what is wrong is said once"
        file.write_text(text)
        os.utime(file, ns=(1, 1))
        console.app.reload_theme()
        await console.settle()
        assert shown(console).startswith("#1a2128")


async def test_a_theme_that_will_not_do_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "elder.toml").write_text("colors")
    async with running(folders=own(tmp_path, "dark", "light")) as console:
        await console.press("T")
        assert shown(console).startswith("#1a2128 ○ The theme stays as it is: ")
        await console.press("T")
        assert shown(console).startswith("#efebe2 ○ Theme light")


async def test_a_theme_that_is_taken_away_is_kept(tmp_path: Path) -> None:
    async with running(folders=own(tmp_path, "dark")) as console:
        (tmp_path / "dark.toml").unlink()
        console.app.reload_theme()
        await console.settle()
        assert shown(console).startswith("#1a2128 ○ The theme stays as it is: no theme is called 'dark'")
