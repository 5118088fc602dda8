"""``stockdrift doctor``: what would keep it from working, each finding with what to do. Nothing is changed."""

from __future__ import annotations

import asyncio
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import to_builtins

from stockdrift.commands.ending import DONE, USAGE, guarded, json_line, put
from stockdrift.surfaces.clock import wall_clock

if TYPE_CHECKING:
    from stockdrift.commands.doctor_findings import Finding
    from stockdrift.settings import Settings
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.health import Health

FAILED: Final = 1


def run(settings_file: Path | None, *, as_json: bool) -> int:
    """Prints the findings; returns 0 where nothing fails, 1 where something does, 3 where the settings do."""
    return guarded(lambda: _run(settings_file, as_json=as_json))


def _run(settings_file: Path | None, *, as_json: bool) -> int:
    from stockdrift.commands.doctor_findings import FAIL, Finding
    from stockdrift.settings import SettingsError, load

    unusable = False
    try:
        settings = load(settings_file)
    except SettingsError as error:
        unusable = True
        advice = "Mend the settings first: sources and journal are looked at once they can be read."
        found = [Finding("settings", FAIL, str(error), advice), *_console(None)]
    else:
        found = [
            *_settings(settings),
            *_console(settings.display.theme),
            *asyncio.run(_sources_and_journal(settings)),
        ]
    found += _terminal()
    put(_json(found) if as_json else _text(found))
    if unusable:
        return USAGE
    return FAILED if any(finding.verdict == FAIL for finding in found) else DONE


def _settings(settings: Settings) -> list[Finding]:
    """Which file, what outranks it, and where each secret comes from; never a secret itself."""
    from stockdrift.commands.doctor_findings import OK, Finding
    from stockdrift.settings import Settings as Model
    from stockdrift.settings.environment import read_environment
    from stockdrift.stock.reading import MASTER

    document: dict[str, Any] = {}
    if settings.file is not None:
        document = tomllib.loads(settings.file.read_bytes().decode("utf-8-sig"))
    environment = read_environment(Model, document, os.environ)
    found = [Finding("settings", OK, f"{settings.file} is sound: a master and {len(settings.surfaces)} surfaces")]
    for keys, variable in sorted(environment.variables.items()):
        found.append(Finding("settings", OK, f"{variable} (environment) outranks {'.'.join(keys)}"))
    for name, source in ((MASTER, settings.master), *settings.surfaces.items()):
        for secret in source.secrets():
            keys = (MASTER, secret) if source is settings.master else ("surfaces", name, secret)
            told = _at(environment.document, keys) or _at(document, keys)
            reference = told if told.startswith(("env:", "file:")) else "the settings"
            found.append(Finding("settings", OK, f"{name}: there is a {secret} at {reference}"))
    return found


def _console(theme: str | None) -> list[Finding]:
    """The operator's own keys and themes; ``theme`` is the one that the settings name, None where they do not say."""
    from stockdrift.commands.doctor_findings import of_keymap, of_themes
    from stockdrift.console.keymap import KeymapError, keymap_file, load_keymap
    from stockdrift.console.theme import ThemeError, find_theme, theme_names, user_folder

    file, wrong = keymap_file(), ""
    try:
        load_keymap(file)
    except KeymapError as error:
        wrong = str(error)
    broken = {}
    for name in dict.fromkeys([*([theme] if theme else []), *theme_names([user_folder()])]):
        try:
            find_theme(name)
        except ThemeError as error:
            broken[name] = str(error)
    return [*of_keymap(file if file.exists() or wrong else None, wrong), *of_themes(theme, broken)]


def _at(document: Any, keys: Sequence[str]) -> str:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) else ""


async def _sources_and_journal(settings: Settings) -> list[Finding]:
    from stockdrift.collector.lease import holder
    from stockdrift.commands.doctor_findings import FAIL, OK, Finding, of_collector, of_journal, of_probe, of_writer
    from stockdrift.commands.doctor_mapping import of_mappings
    from stockdrift.settings import journal_path
    from stockdrift.stock.reading import MASTER
    from stockdrift.store.health import examine
    from stockdrift.surfaces.probe import probe, prober, writability

    async def ask(name: str, source: Any) -> list[Finding]:
        if not source.active:
            return [Finding("source", OK, f"{name}: not active, not asked")]
        http = prober(settings.collector)
        try:
            found = of_probe(name, source, await probe(source, http))
            if source.write and not any(one.verdict == FAIL for one in found):
                found += of_writer(name, await writability(source, http))
            return found
        finally:
            await http.close()

    sources = {MASTER: settings.master, **settings.surfaces}
    answers = await asyncio.gather(*(ask(name, source) for name, source in sources.items()))
    found = sorted((finding for answer in answers for finding in answer), key=lambda finding: finding.area == "clock")
    journal = journal_path(settings)
    health = await examine(journal)
    known, now = await _known(settings, health), wall_clock()
    found += [*of_mappings(settings, known), *of_journal(health, settings.journal, now)]
    return [*found, of_collector(holder(journal), known, now)]


async def _known(settings: Settings, health: Health) -> Monitor | None:
    """What the journal knows; None where it knows nothing or cannot be read, which is told as a finding of its own."""
    from stockdrift.commands.recorded import known_to
    from stockdrift.settings import rules_of
    from stockdrift.store.base import JournalError

    if not health.size or health.problem or health.damage:
        return None
    try:
        return await known_to(health.path, rules_of(settings))
    except JournalError:
        return None


def _terminal() -> list[Finding]:
    from stockdrift.commands.doctor_findings import of_terminal

    size = os.get_terminal_size(sys.stdout.fileno()) if sys.stdout.isatty() else None
    return of_terminal(os.environ, sys.stdout.encoding or "", size, colours=_colours())


def _colours() -> int:
    """As terminfo counts them; 0 where it knows nothing of this terminal."""
    import curses

    try:
        curses.setupterm()
    except curses.error:
        return 0
    return max(curses.tigetnum("colors"), 0)


def _json(found: Sequence[Finding]) -> str:
    return json_line({"schema": 1, "findings": [to_builtins(one) for one in found]})


def _text(found: Sequence[Finding]) -> str:
    lines, area = [], ""
    for one in found:
        if one.area != area:
            lines.append(one.area)
            area = one.area
        first, *rest = one.text.splitlines() or [""]
        lines += [f"  {one.verdict:<4}  {first}", *(f"        {line}" for line in rest)]
        if one.advice:
            lines.append(f"        → {one.advice}")
    counts = Counter(one.verdict for one in found)
    return "\n".join(lines) + f"\n{counts['ok']} ok, {counts['warn']} warn, {counts['fail']} fail\n"
