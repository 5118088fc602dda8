"""What each look of ``doctor`` means, in words: ok, warn or fail, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.stock.portray import surface_line
from stockdrift.stock.words import age
from stockdrift.surfaces.faults import Fault, duration_words, size_words

if TYPE_CHECKING:
    from pathlib import Path

    from stockdrift.settings.models import JournalSettings
    from stockdrift.settings.systems import AnySource
    from stockdrift.stock.monitor import Monitor
    from stockdrift.store.health import Health
    from stockdrift.surfaces.probe import Probe

OK, WARN, FAIL = "ok", "warn", "fail"

_SLOW: Final = 3_000  # ms until an answer begins
_APART: Final = 5_000  # ms between two clocks that still is nothing
_LITTLE_ROOM: Final = 200 * 2**20  # bytes
_NEARLY: Final = 0.9  # of what is allowed

_ADVICE: Final = {
    Fault.MISSING: "Look at the address or path in the settings, and at store_id, catalog_id or the names beside it.",
    Fault.REJECTED: "Look at the address and at what the vendor says of this status.",
    Fault.THROTTLED: "Wait, and look for another program that uses the same token.",
    Fault.SERVER: "The vendor's side: try again later; until then its levels are unknown.",
    Fault.UNREACHABLE: "Look at the address, the network, a VPN or a proxy.",
    Fault.LATE: "Try again; if it stays so, raise collector.timeout.",
    Fault.REDIRECT: "Put the address that it leads to into the settings.",
    Fault.UNREADABLE: "Look at the path and its permissions, or at the address.",
}

_SCOPES: Final = {
    "ecwid": " It needs the scope read_catalog.",
    "vendure": " The role needs ReadCatalog, and ReadStockLocation where stock_locations is set.",
    "medusa": " An admin user or a secret API key (sk_…) may read all that is needed.",
    "medusa-storefront": " It is a publishable API key (pk_…) with a sales channel.",
    "meta": " It needs catalog_management or ads_management, and the catalogue must be shared with its system user.",
}
"""What the credentials of each system must allow."""


class Finding(Struct, frozen=True):
    """``area`` is settings, console, source, clock, mapping, journal or terminal; ``advice`` is empty where all is
    well.
    """

    area: str
    verdict: str
    text: str
    advice: str = ""


def of_keymap(file: Path | None, wrong: str) -> list[Finding]:
    """The operator's own key map, where there is one, and what is ``wrong`` with it."""
    if wrong:
        advice = "Until it is mended the keys are as shipped; stockdrift keys lists actions and their keys."
        return [Finding("console", WARN, f"the key map is not used: {wrong}", advice)]
    return [] if file is None else [Finding("console", OK, f"key map: {file}")]


def of_themes(chosen: str | None, broken: Mapping[str, str]) -> list[Finding]:
    """The theme that is ``chosen`` in the settings, and those of the operator's own that are ``broken``, with why."""
    found = []
    if chosen is not None and chosen not in broken:
        found.append(Finding("console", OK, f"theme: {chosen}"))
    for name, why in broken.items():
        if name == chosen:
            advice = "The console does not start with it: mend it, or set display.theme to another."
            found.append(Finding("console", FAIL, f"theme {name} cannot be worn: {why}", advice))
        else:
            found.append(Finding("console", WARN, f"theme {name} cannot be worn: {why}", "Mend it, or remove it."))
    return found


def of_probe(name: str, source: AnySource, probe: Probe) -> list[Finding]:
    """Reachability, credentials, latency and clock of one source."""
    if probe.fault is not None:
        return [Finding("source", FAIL, f"{name}: {probe.fault.reason}", _advice(source, probe))]
    if probe.file is not None:
        form = f", {probe.form}" if probe.form else ""
        return [Finding("source", OK, f"{name}: {probe.file} can be read{form}")]
    secrets = source.secrets()
    token = "token accepted" if "token" in secrets else "password accepted" if secrets else "no token needed"
    found = []
    if probe.latency is not None and probe.latency > _SLOW:
        took = duration_words(round(probe.latency))
        found.append(
            Finding("source", WARN, f"{name}: {token}, but it took {took} to answer", "Look at the way there.")
        )
    else:
        took = "" if probe.latency is None else f", answered in {duration_words(max(1, round(probe.latency)))}"
        form = f", {probe.form}" if probe.form else ""
        found.append(Finding("source", OK, f"{name}: {token}{took}{form}"))
    if probe.offset is None:
        found.append(Finding("clock", OK, f"{name}: does not say its time"))
    elif abs(probe.offset) > _APART:
        way = "ahead of" if probe.offset > 0 else "behind"
        text = f"{name}: its clock is {duration_words(abs(probe.offset))} {way} ours"
        found.append(Finding("clock", WARN, text, "Ages and lags are wrong by that much. Set this machine by NTP."))
    else:
        found.append(Finding("clock", OK, f"{name}: its clock and ours agree (to {duration_words(_APART)})"))
    return found


def of_writer(name: str, why_not: str) -> list[Finding]:
    """Whether a surface that is to be written may be; ``why_not`` as its writer says it."""
    if why_not:
        what, _, advice = why_not.partition(". ")
        return [Finding("source", FAIL, f"{name}: write = true, but {what}", advice)]
    return [Finding("source", OK, f"{name}: may be written, by a collector with --write")]


def _advice(source: AnySource, probe: Probe) -> str:
    fault = probe.fault
    if fault is None:
        return ""
    if source.system == "feed" and fault.kind in (Fault.SHAPE, Fault.EMPTY, Fault.CUT):
        return "Look at format, columns and items in the settings, and at what comes from there."
    if fault.kind is not Fault.REFUSED:
        return _ADVICE.get(fault.kind, "Open the address in a browser and look at what comes.")
    secrets = source.secrets()
    if not secrets:
        return 'Name a token in the settings: token = "env:NAME".'
    if source.system == "ecwid-storefront":
        return "Use a public token (it begins with public_) of an app of this store."
    scope = _SCOPES.get(source.system, "")
    if "password" in secrets:
        if fault.status == 403:
            return f"The log-in is accepted, but the user may not read this.{scope}"
        return f"Look at the name and at the password that the settings point at, and log in with them by hand.{scope}"
    if fault.status == 403:
        return (
            f"See that it is the token of this store; if it is, it may not read this: give its app more rights.{scope}"
        )
    return f"Make a new token, put it where the settings point, and see that it is this store's.{scope}"


def of_journal(health: Health, kept: JournalSettings, now: int) -> list[Finding]:
    """File, schema, integrity, how far back it goes at ``now`` (ms) and may go, and room."""
    found = []
    if health.problem:
        found.append(Finding("journal", FAIL, health.problem, "Move it away, or name another in journal.url."))
    elif not health.size:
        found.append(Finding("journal", OK, f"{health.path}: none yet; the first collector makes it"))
    elif health.damage is None:
        text = f"{health.path}: {_measures(health)}; its check did not end in time"
        found.append(Finding("journal", WARN, text, f'Check it at leisure: sqlite3 {health.path} "PRAGMA quick_check"'))
    elif health.damage:
        text = f"{health.path} is damaged: {health.damage}"
        found.append(Finding("journal", FAIL, text, "Move it away, or put a copy in its place."))
    else:
        found.append(Finding("journal", OK, f"{health.path}: {_measures(health)}, sound"))
    if not health.writable:
        text = f"{health.path}: the file or its folder cannot be written"
        found.append(Finding("journal", FAIL, text, "Change its owner or permissions, or name another in journal.url."))
    return [*found, *_retention(health, kept, now), *_room(health, kept)]


def of_collector(collector: str | None, known: Monitor | None, now: int) -> Finding:
    """Who holds the lease, and whether at ``now`` (ms) anything comes of it. ``known`` is what the journal knows."""
    if collector is None:
        return Finding("collector", OK, "nobody collects now")
    text = f"a collector is at work: {collector}"
    if known is None:
        return Finding("collector", OK, text)
    columns = known.board.columns
    lines = [surface_line(known, index, now) for index in range(len(columns)) if columns[index].rules.active]
    waits = [line.overdue(now) for line in lines if line.pause is None]
    late = [wait for wait in waits if wait is not None]
    if not late or len(late) < len(waits):
        return Finding("collector", OK, text)
    text += f"; none of the reads that were due has come, for {age(max(late))}"
    return Finding("collector", WARN, text, "Look at its log; if nothing moves there, end it and start it anew.")


def _retention(health: Health, kept: JournalSettings, now: int) -> list[Finding]:
    if health.since is None:
        return []
    keep, reach = duration_words(kept.keep), max(0, now - health.since)
    begins = datetime.fromtimestamp(health.since / 1_000).astimezone()
    text = f"goes back {age(reach)}, to {begins:%Y-%m-%d %H:%M}; journal.keep is {keep}"
    if health.dropped and reach < _NEARLY * kept.keep:
        advice = "Raise journal.max_size, read less often, or be content with journal.keep at that much."
        return [Finding("journal", WARN, f"{text}: journal.max_size does not hold more", advice)]
    return [Finding("journal", OK, text)]


def _room(health: Health, kept: JournalSettings) -> list[Finding]:
    """What the journal may still take, beside what its disk has."""
    growth = max(0, kept.max_size - health.size)
    share = health.size / kept.max_size
    percent = "less than 1" if 0 < share < 0.01 else f"{100 * share:.0f}"
    text = f"takes {percent} % of journal.max_size; {size_words(health.free)} are free on its disk"
    if health.free < _LITTLE_ROOM:
        return [Finding("journal", WARN, text, "Make room: on a full disk nothing can be recorded.")]
    if health.free < growth:
        advice = f"It may take {size_words(growth)} more: make room, or lower journal.max_size."
        return [Finding("journal", WARN, text, advice)]
    if share > 1:
        return [Finding("journal", WARN, text, "The collector drops the oldest entries; if it stays so, read its log.")]
    return [Finding("journal", OK, text)]


def _measures(health: Health) -> str:
    return f"{size_words(health.size)}, schema {health.schema}, {health.entries:,} entries"


def of_terminal(
    environ: Mapping[str, str], encoding: str, size: tuple[int, int] | None, *, colours: int
) -> list[Finding]:
    """``size`` is columns and lines, None where the output is no terminal; ``colours`` as terminfo counts them."""
    term = environ.get("TERM", "")
    found = []
    if term in ("", "dumb"):
        text = f"TERM is {term or 'not set'}: watch prints lines instead of a screen"
        found.append(Finding("terminal", WARN, text, "Set TERM to what your terminal is: xterm-256color, for one."))
    elif environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        found.append(Finding("terminal", OK, f"TERM is {term}, 24-bit colour"))
    elif colours >= 256 or "256" in term:
        found.append(Finding("terminal", OK, f"TERM is {term}, 256 colours: shades are the nearest of these"))
    else:
        text = (
            f"TERM is {term}, {max(colours, 8)} colours: shades fall together; glyphs and words still tell them apart"
        )
        found.append(Finding("terminal", WARN, text, "A terminal with 256 colours shows the themes as meant."))
    if environ.get("NO_COLOR"):
        found.append(Finding("terminal", OK, "NO_COLOR is set: no colours are used"))
    if size is None:
        found.append(Finding("terminal", OK, "the output is no terminal: watch prints lines there"))
    elif size[0] < 80 or size[1] < 24:
        text = f"{size[0]} × {size[1]} cells: the console shows less than it can"
        found.append(Finding("terminal", WARN, text, "80 × 24 shows everything of importance, 160 × 40 all of it."))
    else:
        found.append(Finding("terminal", OK, f"{size[0]} × {size[1]} cells"))
    if encoding.lower().replace("-", "").replace("_", "") != "utf8":
        text = f"the text encoding is {encoding or 'unknown'}, not UTF-8"
        found.append(Finding("terminal", WARN, text, "Set LANG to a UTF-8 locale, such as C.UTF-8."))
    else:
        found.append(Finding("terminal", OK, "UTF-8"))
    if environ.get("TMUX"):
        colour = environ.get("COLORTERM", "") in ("truecolor", "24bit")
        advice = "" if colour else "For 24-bit colour: set -as terminal-features ',*:RGB' in tmux.conf."
        found.append(Finding("terminal", OK if colour else WARN, "inside tmux", advice))
    return found
