"""Draws the console on a simulated store, as it is, into SVG and PNG: ``python docs/picture.py docs/watch``.

Everything is real but the terminal: the sandbox serves, a collector reads, the console draws without a screen. Lines,
bars and blocks are drawn as shapes, so that the picture does not depend on a font having them; the SVG refers to no
address.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.style import Style
from textual.color import Color as TextualColor

from stockdrift.commands import demo
from stockdrift.commands.console_settings import of
from stockdrift.commands.opening import following
from stockdrift.console.app import Console, wall_clock
from stockdrift.console.theme import find_theme, shipped_folder
from stockdrift.settings import load

WIDE, HIGH, FONT = 10, 22, 16.2  # of a cell and of the letters, in pixels
MARGIN = 14
LINES = {"─": 1.2, "━": 4.0, "╸": 4.0, "╺": 4.0, "│": 1.2, "┃": 4.0, "┈": 1.2}
JOINTS = {"┬": "lrd", "┴": "lru", "├": "rud", "┼": "lrud"}
XTERM = (
    *("000000", "cd0000", "00cd00", "cdcd00", "0000ee", "cd00cd", "00cdcd", "e5e5e5"),
    *("7f7f7f", "ff0000", "00ff00", "ffff00", "5c5cff", "ff00ff", "00ffff", "ffffff"),
)
FAMILIES = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


@dataclass(frozen=True)
class Cell:
    """A character in its colours (``#rrggbb``)."""

    character: str
    fore: str
    back: str
    bold: bool


async def look(
    scenario: str, seconds: float, speed: float, size: tuple[int, int], theme: str, keys: list[str]
) -> list[list[Cell]]:
    """The screen after ``seconds`` on ``scenario``, and after ``keys``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.toml"
        options = ["--scenario", scenario, "--speed", str(speed), "--port", "0", "--write-settings", str(file)]
        with demo.serving(options, folder) as failed:
            if failed is not None:
                raise SystemExit(failed)
            async with following(of(load(file))) as source:
                app = Console(source, find_theme(theme, (shipped_folder(),)), clock=wall_clock)
                async with app.run_test(size=size) as pilot:
                    await asyncio.sleep(seconds)
                    await pilot.press(*keys)
                    await asyncio.sleep(0.5)
                    await pilot.pause()
                    background = ground(app.scene.theme.colors["background"])
                    return cells(app, background)


def cells(app: Console, background: str) -> list[list[Cell]]:
    """The screen cell by cell."""
    rows = []
    for strip in app.screen._compositor.render_strips():
        row = []
        for segment in strip:
            style = segment.style or Style.null()
            fore = colour(style.color, "#cccccc")
            back = colour(style.bgcolor, background)
            row += [Cell(character, fore, back, bool(style.bold)) for character in segment.text]
        rows.append(row)
    return rows


def colour(color: object, otherwise: str) -> str:
    """A colour of Rich's as ``#rrggbb``."""
    triplet, number = getattr(color, "triplet", None), getattr(color, "number", None)
    if triplet is None and number is not None:
        return f"#{XTERM[number]}"
    return triplet.hex if triplet is not None else otherwise


def ground(color: TextualColor) -> str:
    """The background of a theme as ``#rrggbb``."""
    return f"#{XTERM[color.ansi]}" if color.ansi is not None else color.hex.lower()


@dataclass(frozen=True)
class Box:
    """A filled rectangle in pixels from the cell's corner."""

    x: float
    y: float
    width: float
    height: float


def shapes(character: str) -> list[Box]:
    """The boxes of a character that is drawn as shapes; none where it is a letter."""
    middle, centre = HIGH / 2, WIDE / 2
    if character == "█":
        return [Box(0, 0, WIDE, HIGH)]
    if character in "▁▂▃▄▅▆▇":
        height = HIGH * ("▁▂▃▄▅▆▇".index(character) + 1) / 8
        return [Box(0, HIGH - height, WIDE, height)]
    if character == "▀":
        return [Box(0, 0, WIDE, middle)]
    if character == "▌":
        return [Box(0, 0, centre, HIGH)]
    if "\u2800" < character <= "\u28ff":
        bits = ord(character) - 0x2800
        dots = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
        return [Box(1.6 + 5 * x, 1.8 + HIGH / 4 * y, 2.2, 2.2) for bit, (x, y) in enumerate(dots) if bits >> bit & 1]
    if character in LINES:
        thick = LINES[character]
        if character in "│┃":
            return [Box(centre - thick / 2, 0, thick, HIGH)]
        if character == "┈":
            return [Box(x, middle - thick / 2, 1.6, thick) for x in (0.6, 3.1, 5.6, 8.1)]
        start, end = (centre if character == "╺" else 0), (centre if character == "╸" else WIDE)
        return [Box(start, middle - thick / 2, end - start, thick)]
    if character in JOINTS:
        arms = {
            "l": Box(0, middle - 0.6, centre + 0.6, 1.2),
            "r": Box(centre - 0.6, middle - 0.6, WIDE - centre + 0.6, 1.2),
            "u": Box(centre - 0.6, 0, 1.2, middle),
            "d": Box(centre - 0.6, middle, 1.2, HIGH - middle),
        }
        return [arms[arm] for arm in JOINTS[character]]
    return []


def runs(row: list[Cell]) -> Iterator[tuple[int, list[Cell]]]:
    """Neighbours of one look, each with the column of its first."""
    start = 0
    for x in range(1, len(row) + 1):
        if x == len(row) or (row[x].fore, row[x].back, row[x].bold) != (
            row[start].fore,
            row[start].back,
            row[start].bold,
        ):
            yield start, row[start:x]
            start = x


def svg(rows: list[list[Cell]], background: str) -> str:
    """The screen as one SVG document."""
    width, height = len(rows[0]) * WIDE + 2 * MARGIN, len(rows) * HIGH + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<rect width="{width}" height="{height}" rx="8" fill="{background}"/>',
        f'<g font-family="{FAMILIES}" font-size="{FONT}" xml:space="preserve">',
    ]
    for y, row in enumerate(rows):
        for x, run in runs(row):
            left, top = MARGIN + x * WIDE, MARGIN + y * HIGH
            if run[0].back != background:
                parts.append(
                    f'<rect x="{left}" y="{top}" width="{len(run) * WIDE}" height="{HIGH}" fill="{run[0].back}"/>'
                )
            parts += _svg_run(run, left, top)
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _svg_run(run: list[Cell], left: int, top: int) -> list[str]:
    parts, fore = [], run[0].fore
    for offset, cell in enumerate(run):
        for box in shapes(cell.character):
            x, y = left + offset * WIDE + box.x, top + box.y
            parts.append(f'<rect x="{x:g}" y="{y:g}" width="{box.width:g}" height="{box.height:g}" fill="{fore}"/>')
    text = "".join(" " if shapes(cell.character) else cell.character for cell in run)
    for x, word in words(text):
        weight = ' font-weight="700"' if run[0].bold else ""
        parts.append(
            f'<text x="{left + x * WIDE}" y="{top + HIGH * 0.73:g}" textLength="{len(word) * WIDE}" '
            f'lengthAdjust="spacingAndGlyphs" fill="{fore}"{weight}>{escape(word)}</text>'
        )
    return parts


def words(text: str) -> Iterator[tuple[int, str]]:
    """Words with their places: each is set by itself, so that no font moves a column."""
    x = 0
    for word in text.split(" "):
        if word:
            yield x, word
        x += len(word) + 1


def png(rows: list[list[Cell]], background: str, file: Path, scale: int = 2) -> None:
    """The screen as PNG, where Pillow and a monospaced font are installed."""
    from PIL import Image, ImageDraw, ImageFont

    fonts = {bold: ImageFont.truetype(font_file(bold), round(FONT * scale)) for bold in (False, True)}
    size = ((len(rows[0]) * WIDE + 2 * MARGIN) * scale, (len(rows) * HIGH + 2 * MARGIN) * scale)
    image = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(image)

    def fill(x: float, y: float, width: float, height: float, ink: str) -> None:
        draw.rectangle((x * scale, y * scale, (x + width) * scale - 1, (y + height) * scale - 1), fill=ink)

    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            left, top = MARGIN + x * WIDE, MARGIN + y * HIGH
            if cell.back != background:
                fill(left, top, WIDE, HIGH, cell.back)
            boxes = shapes(cell.character)
            for box in boxes:
                fill(left + box.x, top + box.y, box.width, box.height, cell.fore)
            if not boxes and cell.character != " ":
                place = (left * scale, (top + HIGH * 0.73) * scale)
                draw.text(place, cell.character, font=fonts[cell.bold], fill=cell.fore, anchor="ls")
    image.quantize(128).save(file, optimize=True)


def font_file(bold: bool) -> str:
    """A monospaced font of this machine."""
    style = "bold" if bold else "regular"
    with contextlib.suppress(OSError):
        found = subprocess.run(  # noqa: S603
            ["fc-match", "-f", "%{file}", f"DejaVu Sans Mono:style={style},monospace:style={style}"],  # noqa: S607
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if found.stdout:
            return found.stdout
    return "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path, help="the file's name without its ending")
    parser.add_argument("--scenario", default="flash-sale")
    parser.add_argument("--seconds", type=float, default=60, help="how long to watch before the picture is taken")
    parser.add_argument("--speed", type=float, default=1)
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--keys", default="", help="pressed before the picture is taken: down,enter")
    options = parser.parse_args()
    columns, lines = (int(number) for number in options.size.split("x"))
    keys = [key for key in options.keys.split(",") if key]
    rows = asyncio.run(look(options.scenario, options.seconds, options.speed, (columns, lines), options.theme, keys))
    background = ground(find_theme(options.theme, (shipped_folder(),)).colors["background"])
    options.out.with_suffix(".svg").write_text(svg(rows, background), encoding="utf-8")
    png(rows, background, options.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
