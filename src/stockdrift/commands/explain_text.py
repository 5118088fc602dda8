"""One SKU's explanation for people: the sentence first, then the numbers and times that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from stockdrift.stock.remarks import RemarkKind
from stockdrift.stock.words import age

_GLYPHS: Final = {"OVERSELL": "■", "OVER": "▲", "UNDER": "▼"}
_VERDICTS: Final = {"in sync": "●", "unknown": "?", "not compared": "—"}


def text_of(said: dict[str, Any]) -> str:
    """``said`` as ``commands/explain.py`` printed it with ``--json``, its times written for people."""
    name = f"  {said['name']}" if said["name"] and said["name"] != said["sku"] else ""
    head = [f"{said['sku']}{name}", f"  {said['why']}"]
    if said["severity"]:
        since = f", since {said['since']}" if said["since"] else ""
        phase = f", {said['phase']}" if said["phase"] else ""
        head.append(f"  {_GLYPHS.get(said['severity'], '?')} {said['severity'].lower()}{phase}{since}")
    if said["ignored"]:
        head.append(f"  {_ignored(said['ignored'])}")
    head += [f"  {_remark(remark)}" for remark in said["remarks"]]
    head += [f"  {said['sku']!r} and {other!r} are two SKUs: they differ in case alone." for other in said["twins"]]
    head += [f"  It keeps coming back on {one['text']}." for one in said["advice"]]
    blocks = ["\n".join(head), _master(said["master"]), *(_surface(surface) for surface in said["surfaces"])]
    return "\n\n".join([*blocks, "\n".join(_origin(said))]) + "\n"


def unknown_text(sku: str, nearest: Sequence[str], origin: dict[str, Any]) -> str:
    """What is said of a SKU that nobody has named."""
    lines = [f"{sku!r}: neither the master nor any surface that was read has named this SKU."]
    if nearest:
        lines.append(f"Near it: {', '.join(nearest)}")
    twins = [other for other in nearest if other.casefold() == sku.casefold()]
    if twins:
        lines.append("SKUs are told apart by case: one in another case is another SKU.")
    return "\n".join([*lines, *_origin(origin)]) + "\n"


def _master(master: dict[str, Any]) -> str:
    counted = isinstance(master["says"], int)
    rows = [("says", f"{master['says']}  ({master['arithmetic']})" if counted else master["says"])]
    before = [f"{value['says']} from {value['since']}" for value in master["said_before"]]
    rows += [("said", ", ".join(before))] if before else []
    return _block("master", [*rows, *_times(master)])


def _surface(surface: dict[str, Any]) -> str:
    mark = _GLYPHS.get(surface["severity"] or "", _VERDICTS.get(surface["verdict"], "·"))
    severity = surface["severity"] or ""
    verdict = f"{mark} {severity.lower()} {surface['verdict']}".replace("  ", " ")
    if severity == "ORPHAN":  # the reason begins with the word
        verdict = f"{mark} {surface['reason']}"
    elif surface["reason"]:
        verdict += f": {surface['reason']}"
    rows = [("verdict", verdict), ("reports", str(surface["reported"]))]
    if surface["expected"] is not None:
        rows.append(("expected", f"{surface['expected']}  ({surface['arithmetic']})"))
    if surface["deviation"] is not None:
        off = f"{surface['deviation']:+,}" if surface["deviation"] else "0"
        rows.append(("deviation", off.replace("-", "−")))
    if surface["ignored"]:
        rows.append(("ignored", _ignored(surface["ignored"]).removeprefix("ignored ")))
    rows.append(("tolerance", surface["tolerance"]))
    if surface["phase"]:
        since = f", since {surface['since']}" if surface["since"] else ""
        rows.append(("phase", f"{surface['phase']}{since}: {surface['phase_why']}"))
    return _block(f"{surface['name']} ({surface['kind']})", [*rows, *_times(surface)])


def _ignored(ignored: dict[str, Any]) -> str:
    since = f" since {ignored['since']}" if ignored["since"] else ""
    return f"ignored by {ignored['by']}{since}, until {ignored['until']}: {ignored['reason']}"


def _remark(remark: dict[str, Any]) -> str:
    where = f" on {remark['surface']}" if remark["surface"] else ""
    until = f", until {remark['until']}" if remark["until"] else ""
    text = f": {remark['text']}" if remark["text"] else ""
    return f"{RemarkKind(remark['kind']).done}{where} by {remark['by']} since {remark['since']}{until}{text}"


def _times(line: dict[str, Any]) -> list[tuple[str, str]]:
    if not line["active"]:
        return [("status", line["status"])]
    status = line["status"] + (f": {line['error']}" if line["error"] else "")
    read = "never completely" if line["read_at"] is None else f"{line['read_at']}, {_age(line['read_age_s'])} ago"
    rows = [("status", status), ("read at", f"{read}; unknown after {_age(line['stale_after_s'])}")]
    if line["as_of"] is not None:
        lag = "" if line["lag_s"] is None else f", {_age(line['lag_s'])} before it was read"
        rows.append(("as of", f"{line['as_of']}{lag}"))
    return rows


def _origin(said: dict[str, Any]) -> list[str]:
    """Where all this is from: a journal and its age, or a reading of now; and of which day and zone its times are, for
    whoever holds them against another system's log.
    """
    return [*_from(said), f"Times without a date are of {said['times']}."]


def _from(said: dict[str, Any]) -> list[str]:
    origin = said["origin"]
    if origin["from"] == "fresh":
        return [f"Read now ({said['taken_at']}); what was before is known as far as a journal has it."]
    recorded = f"last entry {origin['last_at']}, {_age(origin['age_s'])} ago"
    if origin["collector"]:
        lines = [f"From the journal, {recorded}; a collector is at work ({origin['collector']})."]
    else:
        lines = [f"From the journal, {recorded}; no collector is at work: --fresh reads everything now."]
    if origin["rules_differ"]:
        lines.append("Judged by the rules in the journal; the settings file says otherwise now.")
    return lines


def _block(title: str, rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join([title, *(f"  {name:<10}{value}" for name, value in rows)])


def _age(seconds: float) -> str:
    return age(seconds * 1000)
