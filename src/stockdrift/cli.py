"""The commands. No logic here, and no heavy import: each command brings its own when it is called."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from stockdrift import __version__
from stockdrift.cli_options import SETTINGS
from stockdrift.cli_said import COMMANDS

PLAIN_OUTPUT = click.option(
    "--plain-output", is_flag=True, help="Draw by whole regions, where a terminal shows differences wrongly."
)


_SCENARIO = "What happens: candle, flash-sale, black-friday, feed-stuck, api-outage, assorted or writable."


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="stockdrift")
def cli() -> None:
    """Watch inventory-sync drift live and see why it happens."""


for _command in COMMANDS:
    cli.add_command(_command)


@cli.command()
@SETTINGS
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--all", "everything", is_flag=True, help="List every SKU, not only the drifting ones.")
@click.option("--fresh", is_flag=True, help="Read the surfaces even where a collector is running.")
def check(settings_file: Path | None, as_json: bool, everything: bool, fresh: bool) -> None:
    """Read everything once and say what drifts.

    Exit status: 0 all in sync, 1 drift, 2 no drift seen but something unknown, 3 settings or usage, 4 internal error.
    """
    from stockdrift.commands import check as command

    sys.exit(command.run(settings_file, as_json=as_json, everything=everything, fresh=fresh))


@cli.command()
@SETTINGS
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def mapping(settings_file: Path | None, as_json: bool) -> None:
    """Say how far surfaces and master speak of the same SKUs: coverage, orphans, SKUs that look alike."""
    from stockdrift.commands import mapping as command

    sys.exit(command.run(settings_file, as_json=as_json))


@cli.command()
@click.argument("sku")
@SETTINGS
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--fresh", is_flag=True, help="Read the surfaces even where there is a journal.")
def explain(sku: str, settings_file: Path | None, as_json: bool, fresh: bool) -> None:
    """Say why SKU drifts, or why it is not counted, with every number and time.

    From the journal where there is one. Exit status: 0 explained, 3 unknown SKU, settings or usage, 4 internal error.
    """
    from stockdrift.commands import explain as command

    sys.exit(command.run(settings_file, sku, as_json=as_json, fresh=fresh))


@cli.command()
@SETTINGS
@click.option("--effective", is_flag=True, help="Every value, the defaults too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def settings(settings_file: Path | None, effective: bool, as_json: bool) -> None:
    """Print what is set, and by whom: in the file, in the environment, by an operator. Secrets are not shown.

    Exit status: 0 printed, 3 settings or journal will not do.
    """
    from stockdrift.commands import settings as command

    sys.exit(command.run(settings_file, effective=effective, as_json=as_json))


@cli.command()
@SETTINGS
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def doctor(settings_file: Path | None, as_json: bool) -> None:
    """Look at settings, credentials, sources, clocks, journal and terminal, and say what to do.

    One small request per source. Exit status: 0 nothing fails, 1 something does, 3 settings or usage, 4 internal error.
    """
    from stockdrift.commands import doctor as command

    sys.exit(command.run(settings_file, as_json=as_json))


@cli.command()
@SETTINGS
@click.option("--until-eof", is_flag=True, help="End when the standard input does, as the child of a console.")
@click.option("--log-file", type=click.Path(path_type=Path, dir_okay=False), help="Log there, not to the terminal.")
@click.option("--write", is_flag=True, help="Carry out what operators ask to be written, where settings allow it.")
def collect(settings_file: Path | None, until_eof: bool, log_file: Path | None, write: bool) -> None:
    """Read master and surfaces on schedule and record what they say, without a screen."""
    from stockdrift.commands import collect as command

    sys.exit(command.run(settings_file, until_eof=until_eof, log_file=log_file, write=write))


def _action(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all writes share."""
    for option in (
        click.option("--reason", required=True, help="Why: one of the settings' reasons."),
        click.option("--note", default="", help="What whoever reads the record later should know."),
        click.option(
            "--confirm", multiple=True, metavar="SURFACE", help="The surface's name, where a guard asks for it."
        ),
        click.option(
            "--override", "overrides", multiple=True, metavar="NAME", help="Write in spite of this freeze; recorded."
        ),
        click.option("--yes", is_flag=True, help="Send without asking."),
        click.option("--dry-run", is_flag=True, help="Show the plan and send nothing."),
        click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of text."),
        SETTINGS,
    ):
        command = option(command)
    return command


TRUST: Final = click.option(
    "--trust", type=click.Choice(["master", "surface"]), help="Whom you trust, where the surface is set to ask."
)


@cli.command()
@click.argument("skus", nargs=-1)
@click.option("--surface", required=True, help="Where to write.")
@TRUST
@_action
def resync(skus: tuple[str, ...], settings_file: Path | None, trust: str | None, **wish: Any) -> None:
    """Bring SKUS on a surface (none: all that drift there) to what they should show, and read them back.

    Exit status: 0 verified, 1 not verified, 2 refused by a guard, 3 settings or usage, 4 internal error, 130
    interrupted.
    """
    from stockdrift.commands import act

    sys.exit(act.run(settings_file, act.Wish(kind="resync", skus=skus, trust=trust or "", **wish)))


@cli.command()
@click.argument("skus", nargs=-1, required=True)
@click.option("--surface", help="Where to write.")
@click.option("--all-surfaces", is_flag=True, help="On every surface that is active, one after the other.")
@click.option("--listing", is_flag=True, help="Take the listings down instead; relist puts them up again.")
@_action
def contain(
    skus: tuple[str, ...],
    settings_file: Path | None,
    surface: str | None,
    all_surfaces: bool,
    listing: bool,
    **wish: Any,
) -> None:
    """Set SKUS to 0 on a surface, or on all of them, whatever the master says, and read them back.

    The master is never written. Exit status as of resync; of several surfaces 1 where not all are verified.
    """
    if bool(surface) == all_surfaces:
        raise click.UsageError("Give either --surface NAME or --all-surfaces.")
    from stockdrift.commands import act

    kind = "unlist" if listing else "contain"
    sys.exit(act.run(settings_file, act.Wish(kind=kind, skus=skus, surface=surface or "", **wish)))


@cli.command()
@click.argument("skus", nargs=-1, required=True)
@click.option("--surface", required=True, help="Where to put them up.")
@_action
def relist(skus: tuple[str, ...], settings_file: Path | None, **wish: Any) -> None:
    """Put the listings of SKUS on a surface up again that were taken down, and read them back.

    Exit status as of resync.
    """
    from stockdrift.commands import act

    sys.exit(act.run(settings_file, act.Wish(kind="relist", skus=skus, **wish)))


@cli.command()
@click.argument("skus", nargs=-1)
@click.option("--surface", required=True, help="What is to be made anew.")
@_action
def refresh(skus: tuple[str, ...], settings_file: Path | None, **wish: Any) -> None:
    """Have a surface made anew, and watch SKUS (none: all that drift there) until they are in sync.

    Where its vendor cannot be asked to, it says what to press.

    Exit status as of resync.
    """
    from stockdrift.commands import act

    sys.exit(act.run(settings_file, act.Wish(kind="refresh", skus=skus, **wish)))


@cli.command()
@click.argument("action")
@_action
def rollback(action: str, settings_file: Path | None, **wish: Any) -> None:
    """Take back what ACTION (its key, or how it begins) has written, where the surface still shows it.

    Planned and confirmed like every write, and done once. Exit status as of resync.
    """
    from stockdrift.commands import act

    sys.exit(act.run(settings_file, act.Wish(kind="rollback", action=action, **wish)))


@cli.command()
@click.argument("action")
@TRUST
@_action
def retry(action: str, settings_file: Path | None, trust: str | None, **wish: Any) -> None:
    """Try once more what failed of ACTION (its key, or how it begins): a new plan, by what is right now.

    Exit status as of resync.
    """
    from stockdrift.commands import act

    sys.exit(act.run(settings_file, act.Wish(kind="retry", action=action, trust=trust or "", **wish)))


@cli.command()
@click.argument("action")
@click.option("--because", required=True, help="Why it is needed no more.")
@SETTINGS
def dismiss(action: str, because: str, settings_file: Path | None) -> None:
    """Put a failed ACTION (its key, or how it begins) away: recorded, and no dead letter any longer.

    Exit status: 0 dismissed, 2 it is no dead letter, 3 no such action, settings or usage.
    """
    from stockdrift.commands import actions as command

    sys.exit(command.dismiss(settings_file, action, because))


@cli.command()
@SETTINGS
@click.option("--json", "form", flag_value="json", help="One JSON object a line.")
@click.option("--csv", "form", flag_value="csv", help="A row for each SKU that was to be written.")
@click.option("--dead", is_flag=True, help="Only dead letters: what failed and was neither tried again nor dismissed.")
@click.option("--unusual", is_flag=True, help="What stands out on a day: a SKU adjusted again and again, overrides …")
@click.option("--day", metavar="DATE", help="That day, such as 2026-11-27; by default today.")
def actions(settings_file: Path | None, form: str | None, dead: bool, unusual: bool, day: str | None) -> None:
    """List what was written and said: who, when, why, from what to what, and whether it was read back. Newest first.

    Exit status: 0, or 3 where there is no journal to read, or with settings or usage that cannot be.
    """
    from stockdrift.commands import actions as command

    sys.exit(command.run(settings_file, form=form or "text", dead=dead, unusual=unusual, day=day))


@cli.command()
@SETTINGS
@click.option("--theme", help="A theme by name, instead of the one in the settings.")
@click.option("--at", help='Begin in the past: "10:42", "2026-11-27 10:42", with a zone, or "-2h".')
@click.option("--write", is_flag=True, help="Let r, R, x and A's keys ask for writes, and the collector do them.")
@PLAIN_OUTPUT
def watch(settings_file: Path | None, theme: str | None, at: str | None, write: bool, plain_output: bool) -> None:
    """Open the console; a collector runs beside it unless one is running already.

    With --at the screen is the one that stood then; Esc goes back to what is live. Without a terminal, it is printed.
    """
    from stockdrift.commands import watch as command

    sys.exit(command.run(settings_file, theme=theme, at=at, plain_output=plain_output, write=write))


@cli.command()
@click.option("--scenario", default="candle", show_default=True, help=_SCENARIO)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--skus", type=click.IntRange(1, 2_000_000), help="Number of SKUs, where the scenario leaves it open.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same store.")
@click.option("--speed", default=1.0, show_default=True, help="Simulated seconds in one real second.")
@click.option(
    "--write-settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a settings file that points at this store.",
)
def sandbox(scenario: str, port: int, skus: int | None, seed: int, speed: float, settings_file: Path | None) -> None:
    """Serve a simulated store on loopback, in the vendors' wire formats."""
    from stockdrift.commands import sandbox as command

    sys.exit(command.run(scenario, port=port, skus=skus, seed=seed, speed=speed, settings_file=settings_file))


@cli.command()
@click.option("--scenario", default="flash-sale", show_default=True, help=_SCENARIO)
@click.option("--skus", type=click.IntRange(1, 2_000_000), help="Number of SKUs, where the scenario leaves it open.")
@click.option("--seed", default=1, show_default=True)
@click.option("--speed", default=1.0, show_default=True, help="Simulated seconds in one real second.")
@click.option("--theme", help="A theme by name.")
@PLAIN_OUTPUT
def demo(scenario: str, skus: int | None, seed: int, speed: float, theme: str | None, plain_output: bool) -> None:
    """Open the console on a simulated store: nothing to set up, nothing left behind."""
    from stockdrift.commands import demo as command

    sys.exit(command.run(scenario, skus=skus, seed=seed, speed=speed, theme=theme, plain_output=plain_output))


@cli.command()
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False), help="Write them to this new file.")
def keys(write: Path | None) -> None:
    """Print every key of the console with its id: a key map, to be edited and put into the user's config folder."""
    from stockdrift.commands import keys as command

    sys.exit(command.run(write))


def main() -> None:
    """What was asked for. Usage errors exit with 3, as the headless contract says; interrupts with 130."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
