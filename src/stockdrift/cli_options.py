"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path

import click

SETTINGS = click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file; by default settings.toml here, then in the user's config folder.",
)

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
