"""What the console needs of the settings. They are checked once: until the file, the environment or this program
changes, the next console takes what was found then, for to load the models takes as long as to load the screen.

The collector beside it reads and checks the settings itself, each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
import platformdirs

from stockdrift.settings.find import find
from stockdrift.stock.reading import MASTER
from stockdrift.stock.rules import Rules
from stockdrift.stock.values import replace

if TYPE_CHECKING:
    from stockdrift.settings import Settings

_PACKAGE: Final = Path(__file__).parents[1]
_MAKES: Final = ("settings", "stock/rules.py", "commands/console_settings.py")
"""The parts of this program that say what comes of a file."""

_VARIABLES: Final = ("STOCKDRIFT_", "XDG_", "HOME")


class ConsoleSettings(msgspec.Struct, frozen=True):
    """``file`` is where they were read from, ``links`` are into control panels, by source."""

    file: Path
    journal: Path
    rules: Rules
    theme: str
    glyphs: str
    bell: bool
    notify: str
    plain_output: bool
    links: dict[str, str]


class _Kept(msgspec.Struct, frozen=True):
    key: str
    settings: ConsoleSettings


def console_settings(path: Path | None, *, keep: bool = True) -> ConsoleSettings:
    """The settings of ``path``, or of the file that is found without one. Raises SettingsError.

    With ``keep`` they are taken from what was kept, where that still holds, and kept where it does not.
    """
    file = find(path)
    if not keep:
        return _checked(file)
    place, key = kept_in(file), _key(file)
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept, dec_hook=lambda kind, text: kind(text))
        if kept.key == key:
            rules = kept.settings.rules
            return replace(kept.settings, rules=replace(rules, surfaces=tuple(rules.surfaces)))
    found = _checked(file)
    if key:
        with contextlib.suppress(OSError):  # a convenience: without it the next start takes longer
            _write(place, msgspec.json.encode(_Kept(key, found), enc_hook=str))
    return found


def kept_in(file: Path) -> Path:
    """Where what came of ``file`` is kept."""
    name = hashlib.sha256(os.fsencode(file)).hexdigest()[:16]
    return platformdirs.user_state_path("stockdrift") / f"console-{name}.json"


def of(settings: Settings) -> ConsoleSettings:
    """What the console needs of ``settings``. Raises SettingsError where they were made in code."""
    from stockdrift.settings import SettingsError, journal_path, rules_of

    if settings.file is None:
        raise SettingsError("watch needs a settings file: its collector reads the same one")
    sources, display = {MASTER: settings.master, **settings.surfaces}, settings.display
    return ConsoleSettings(
        file=settings.file,
        journal=journal_path(settings),
        rules=rules_of(settings),
        theme=display.theme,
        glyphs=display.glyphs,
        bell=display.bell,
        notify=display.notify,
        plain_output=display.plain_output,
        links={name: source.link for name, source in sources.items() if source.link is not None},
    )


def _checked(file: Path) -> ConsoleSettings:
    from stockdrift.settings import load

    return of(load(file))


def _key(file: Path) -> str:
    """A digest of all that settings follow from; empty where it cannot be taken, and then nothing is kept."""
    digest = hashlib.sha256(repr((sys.version, str(file))).encode())
    try:
        digest.update(file.read_bytes())
        for source in _sources():
            status = source.stat()
            digest.update(f"\0{source.name} {status.st_mtime_ns} {status.st_size}".encode())
    except OSError:
        return ""
    for name in sorted(os.environ):
        if name.upper().startswith(_VARIABLES):
            digest.update(f"\0{name}={os.environ[name]}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for name in _MAKES:
        place = _PACKAGE / name
        yield from sorted(place.glob("*.py")) if place.is_dir() else [place]


def _write(place: Path, content: bytes) -> None:
    """In one step, and for its owner alone."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=place.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
