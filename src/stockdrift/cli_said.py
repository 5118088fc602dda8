"""The commands by which operators say what stands until it is taken back: what the keys of the console say."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import click

from stockdrift.cli_options import AS_JSON, SETTINGS

_TAKES_TEXT: Final = frozenset({"--surface", "--sku", "--reason", "--floor"})


class _Ruling(click.Command):
    """A command whose value is a number: one below 0 is said to be that, and not taken for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises UsageError for a value below 0; else as always."""
        for before, word in pairwise(["", *args]):
            if word[:1] == "-" and word[1:2].isdigit() and before not in _TAKES_TEXT:
                raise click.UsageError(f"{word[:40]} is less than nothing: a {self.name} is 0 or more.", ctx)
        return super().parse_args(ctx, args)


def _ruling(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what changes a verdict."""
    for option in (
        click.option("--surface", default="", help="Only there."),
        click.option("--sku", default="", help="Only of this SKU."),
        click.option("--reason", default="", help="Why, for whoever asks later; needed to set it."),
        click.option("--take-back", is_flag=True, help="Take an operator's value back: the settings' holds again."),
        click.option("--dry-run", is_flag=True, help="Say what would drift, and record nothing."),
        AS_JSON,
        SETTINGS,
    ):
        command = option(command)
    return command


@click.command(cls=_Ruling)
@click.argument("value", required=False)
@click.option("--floor", type=click.IntRange(0), help="Least units allowed where VALUE is a percentage.")
@_ruling
def tolerance(settings_file: Path | None, **wish: Any) -> None:
    """Say how far levels may be off and who says so; set it to VALUE: units (2), or part of what is expected (5%).

    Of the store, of a surface, of a SKU, of a SKU on a surface. No tolerance hides an oversell.

    Exit status: 0 done, 3 unknown SKU or surface, settings or usage, 4 internal error.
    """
    from stockdrift.commands import ruling

    sys.exit(ruling.run(settings_file, ruling.Wish(kind="tolerance", **wish)))


@click.command(cls=_Ruling)
@click.argument("value", required=False)
@_ruling
def buffer(settings_file: Path | None, **wish: Any) -> None:
    """Say how many units are held back and who says so; set it to VALUE units.

    Of a surface, of a SKU, of a SKU on a surface. It is part of what a surface should show.

    Exit status: 0 done, 3 unknown SKU or surface, settings or usage, 4 internal error.
    """
    from stockdrift.commands import ruling

    sys.exit(ruling.run(settings_file, ruling.Wish(kind="buffer", floor=None, **wish)))


def _remark(command: Callable[..., None]) -> Callable[..., None]:
    """The options of what changes no verdict."""
    for option in (
        click.option("--until", default="", help="Its end: 90m, 8h, 7d, or a date."),
        click.option("--take-back", is_flag=True, help="Take it back."),
        AS_JSON,
        SETTINGS,
    ):
        command = option(command)
    return command


_ON_SURFACE = click.option("--surface", default="", help="Only there; without a SKU, all of that surface.")
_REASON = click.option("--reason", "text", default="", help="Why, for whoever asks later.")


@click.command()
@click.argument("surface")
@_REASON
@_remark
def pause(settings_file: Path | None, **wish: Any) -> None:
    """Have SURFACE not read on schedule, until it is resumed or the end comes. Paused is not calm: check does not
    say 0, and what nobody reads grows stale.

    Exit status: 0 done, 3 unknown surface, settings or usage, 4 internal error.
    """
    _say("pause", settings_file, sku="", **wish)


@click.command()
@click.argument("surface")
@AS_JSON
@SETTINGS
def resume(settings_file: Path | None, surface: str, as_json: bool) -> None:
    """Have SURFACE read again, at once.

    Exit status: 0 done, 3 unknown surface, settings or usage, 4 internal error.
    """
    _say("pause", settings_file, sku="", surface=surface, text="", until="", take_back=True, as_json=as_json)


@click.command()
@click.argument("sku", default="")
@_ON_SURFACE
@_REASON
@_remark
def ack(settings_file: Path | None, **wish: Any) -> None:
    """Acknowledge the drift of SKU: it is marked as known, and listed and counted as before.

    Exit status: 0 done, 3 unknown SKU or surface, settings or usage, 4 internal error.
    """
    _say("acknowledge", settings_file, **wish)


@click.command()
@click.argument("sku", default="")
@_ON_SURFACE
@_REASON
@_remark
def snooze(settings_file: Path | None, **wish: Any) -> None:
    """Let the drift of SKU rest: it leaves the list and rings no more, until its end or until it grows worse. It
    is counted as before.

    Exit status: 0 done, 3 unknown SKU or surface, settings or usage, 4 internal error.
    """
    _say("snooze", settings_file, **wish)


@click.command()
@click.argument("sku", default="")
@_ON_SURFACE
@_REASON
@_remark
def claim(settings_file: Path | None, **wish: Any) -> None:
    """Say that you are at work on SKU, or on a surface: for 8 hours, where --until says nothing else.

    Exit status: 0 done, 3 unknown SKU or surface, settings or usage, 4 internal error.
    """
    _say("claim", settings_file, **wish)


@click.command()
@click.argument("text", default="")
@click.option("--sku", default="", help="On this SKU.")
@_ON_SURFACE
@_remark
def note(settings_file: Path | None, **wish: Any) -> None:
    """Leave TEXT for whoever comes next: on the store, a surface, a SKU. Without TEXT, print the notes that stand.

    Exit status: 0 done, 3 unknown SKU or surface, settings or usage, 4 internal error.
    """
    _say("note", settings_file, **wish)


def _say(kind: str, settings_file: Path | None, **wish: Any) -> None:
    from stockdrift.commands import remark

    sys.exit(remark.run(settings_file, remark.Wish(kind=kind, **wish)))


COMMANDS = (tolerance, buffer, pause, resume, ack, snooze, claim, note)
