"""What stands in the grid's place when it lists nothing. Only what is known to agree is called so."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len

from stockdrift.console import words
from stockdrift.console.paint import Row
from stockdrift.console.scene import Scene
from stockdrift.console.widgets.tones import overdue_words
from stockdrift.stock.filter import parse
from stockdrift.stock.picture import GaugeLine, Picture, Status

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def paint_empty(rows: Sequence[Row], width: int, scene: Scene) -> None:
    """Writes headline and explanation in the middle of ``rows``."""
    ink, headline, explanation = explain(scene)
    y = min(3, max(0, len(rows) // 2 - 1)) if len(rows) < 12 else len(rows) // 6
    for line in wrap(f"{scene.glyphs.tone(ink)} {headline}", max(1, width - 4)):
        _centred(rows, y, width, line, ink, bold=True)
        y += 1
    said = [line for sentence in explanation for line in wrap(sentence, max(1, width - 4))]
    for offset, line in enumerate(said):
        _centred(rows, y + offset, width, line, "muted")
    if ink == "ok":
        from stockdrift.console.widgets.day_ribbon import paint_day  # a day that went well is nobody's first sight

        paint_day(rows[y + 1 + len(said) :], width, scene)


def _centred(rows: Sequence[Row], y: int, width: int, text: str, ink: str, *, bold: bool = False) -> None:
    if y < len(rows):
        text = words.cut(text, width - 2)
        rows[y].put((width - cell_len(text)) // 2, text, ink, bold=bold)


def explain(scene: Scene) -> tuple[str, str, Sequence[str]]:
    """State, headline and sentences for a list without rows."""
    picture, listing = scene.picture, scene.listing
    if picture is None:
        return "unknown", "Nothing is known yet.", ["Waiting for the first reading of the master."]
    gauge = picture.gauge
    if listing.text:
        where = (
            "among all SKUs" if listing.everything else f"among the drifting SKUs; {scene.key('everything')} lists all"
        )
        how = [*_unknown_there(picture, listing.text), where, f"{scene.key('back')} clears the filter"]
        return "unknown", f"No SKU matches “{listing.text}”.", how
    if not gauge.known:
        return "unknown", "Nothing is known yet." if not gauge.tracked else "Nothing can be compared.", _why(picture)
    if gauge.snoozed and gauge.snoozed == gauge.drifting + gauge.orphans:
        verb = "SKU that drifts is" if gauge.snoozed == 1 else "SKUs that drift are"
        said = f"{scene.key('everything')} lists all SKUs, {scene.key('filter')} snoozed these alone"
        return "late", f"{words.count(gauge.snoozed)} {verb} snoozed.", [said]
    if gauge.drifting:  # a list older than the gauge, for the blink of a tick
        return "unknown", "…", []
    silent = [
        f"{words.title(surface.name)} {surface.status.value}{': ' + surface.reason if surface.reason else ''}"
        for surface in picture.surfaces
        if surface.active and surface.status is not Status.ON_TIME
    ]
    if gauge.unknown:
        headline = f"Nothing is known to drift; {words.count(gauge.unknown)} of {words.count(gauge.tracked)} unknown."
        return "unknown", headline, silent[:5] or [f"{scene.key('everything')} lists all SKUs"]
    if scene.paused:
        names = ", ".join(words.title(surface.name) for surface in scene.paused)
        verb = "is" if len(scene.paused) == 1 else "are"
        return "unknown", f"Nothing is known to drift; {names} {verb} paused.", [scene.banner[1]]
    if gauge.silent:  # it lists nothing that is tracked, as far as we know
        return "unknown", "Nothing is known to drift; not every surface is read.", silent[:5]
    aside = f"{words.count(gauge.ignored)} SKU{'' if gauge.ignored == 1 else 's'} ignored" if gauge.ignored else ""
    if gauge.ignored_oversell:
        aside += f", of them {words.count(gauge.ignored_oversell)} oversell"
    missed = overdue_words(scene.read, scene)
    if missed:
        return "late", "Nothing drifted when it was last read.", [f"{missed}.", *([f"{aside}."] if aside else [])]
    headline = scene.tense("Nothing drifts.", "Nothing drifted.")
    return "ok", headline, [_agreement(picture, gauge), *([f"{aside}."] if aside else [])]


def _unknown_there(picture: Picture, text: str) -> Sequence[str]:
    """A surface that says nothing is found by no filter for what drifts there: that is no agreement."""
    terms = parse(text, [surface.name for surface in picture.surfaces]).terms
    asked = {name for term in terms if term.kind == "surface" and not term.inverted for name in term.wanted}
    return [
        f"{words.count(surface.unknown)} unknown on {words.title(surface.name)}: surface:{surface.name} unknown"
        for surface in picture.surfaces
        if surface.name in asked and surface.unknown
    ]


def _why(picture: Picture) -> Sequence[str]:
    master = picture.master
    if master.status is Status.NOT_READ:
        return ["Reading the master …"]
    if master.status in (Status.ON_TIME, Status.LATE):
        if not any(surface.active for surface in picture.surfaces):
            return ["No surface is active: there is nothing to compare the master with."]
        return ["Reading the surfaces …"] if picture.gauge.tracked else ["The master tracks no SKU."]
    return [f"The master: {master.status.value}{', ' + master.reason if master.reason else ''}"]


def _agreement(picture: Picture, gauge: GaugeLine) -> str:
    """Exactly what was seen: not every surface lists every SKU, and one that is listed nowhere was not read back."""
    active = [surface for surface in picture.surfaces if surface.active]
    count = _NUMBERS[len(active)] if len(active) < len(_NUMBERS) else words.count(len(active))
    surfaces = f"{count} surface{'' if len(active) == 1 else 's'}"
    tracked = words.count(gauge.tracked)
    if all(surface.in_sync == gauge.tracked for surface in active):
        return f"All {tracked} SKUs were read back on {surfaces}, and all are as expected."
    if gauge.in_sync == gauge.tracked:
        return f"All {tracked} tracked SKUs were read back as expected, each where it is listed."
    verb = "is" if gauge.uncovered == 1 else "are"
    rest = f" {words.count(gauge.uncovered)} {verb} listed nowhere." if gauge.uncovered else ""
    return f"{words.count(gauge.in_sync)} of {tracked} tracked SKUs were read back as expected.{rest}"
