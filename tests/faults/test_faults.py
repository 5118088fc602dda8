"""Every fault against every connector: what the reading is, and what becomes of the SKUs once it is admitted.

A fault never ends as agreement, as a zero, or as a crash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from stockdrift.sandbox.faults import FAULTS
from stockdrift.sandbox.plan import HOUR, MASTER, SurfacePlan
from stockdrift.sandbox.server import Sandbox, serve
from stockdrift.stock.admission import admit
from stockdrift.stock.monitor import Monitor
from stockdrift.stock.picture import Verdict
from stockdrift.stock.reading import Covers, Outcome, Reading
from stockdrift.stock.report import exit_code
from stockdrift.stock.rules import Rules, SurfaceRules
from stockdrift.surfaces.base import Connector
from stockdrift.surfaces.http import Http
from tests.doubles.shops import (
    medusa_of,
    medusa_storefront_of,
    meta_of,
    vendure_of,
    vendure_storefront_of,
)
from tests.faults.table import PROPERTY, cell, lines
from tests.sandbox.kit import HandClock, feed_of, http_of, master_of, still, storefront_of

SKUS = 240
STALE = HOUR
STILL = still(SKUS, SurfacePlan("facebook", kind="feed", period=24 * HOUR, file="facebook.tsv", catalog_id=7))
"""A shop of three pages where all agree."""


@dataclass(frozen=True)
class Subject:
    """A connector under test: whose fault it is, how both sides are read, and what is asked when the fault holds."""

    name: str
    source: str  # on which source of the sandbox the fault is put
    surface: str  # the surface that is compared
    faulty: Callable[[Sandbox, Http], Connector]
    healthy: Callable[[Sandbox, Http], Connector]
    is_master: bool
    covers: Covers = Covers.ALL


def _feed_master(sandbox: Sandbox, http: Http) -> Connector:
    return feed_of(sandbox, http, filed_as=MASTER)


def _feed(ending: str) -> Subject:
    reads = partial(feed_of, ending=ending)
    return Subject(f"{ending} feed as surface", "facebook", "facebook", reads, master_of, is_master=False)


def _lines_master(sandbox: Sandbox, http: Http) -> Connector:
    return feed_of(sandbox, http, filed_as=MASTER, ending="jsonl")


SUBJECTS = (
    Subject("feed as surface", "facebook", "facebook", feed_of, master_of, is_master=False),
    Subject("feed as master", "facebook", "embed", _feed_master, storefront_of, is_master=True),
    *(_feed(ending) for ending in ("rss", "atom", "json", "csv.gz")),
    Subject("jsonl feed as master", "facebook", "embed", _lines_master, storefront_of, is_master=True),
    Subject("ecwid as master", MASTER, "facebook", master_of, feed_of, is_master=True),
    Subject("ecwid as master, changes", MASTER, "facebook", master_of, feed_of, is_master=True, covers=Covers.CHANGED),
    Subject("storefront as surface", "embed", "embed", storefront_of, master_of, is_master=False),
    Subject("meta as surface", "facebook", "facebook", meta_of, master_of, is_master=False),
    Subject("vendure as master", MASTER, "facebook", vendure_of, feed_of, is_master=True),
    Subject("vendure storefront as surface", "embed", "embed", vendure_storefront_of, master_of, is_master=False),
    Subject("medusa as master", MASTER, "facebook", medusa_of, feed_of, is_master=True),
    Subject("medusa storefront as surface", "embed", "embed", medusa_storefront_of, master_of, is_master=False),
)


def harmless(fault: str, subject: Subject) -> bool:
    """Faults that leave levels as they are: the text is cleaned; and 304 is no fault where a feed was asked for only if
    it changed.
    """
    return fault == "hostile_text" or (fault == "not_modified" and "feed" in subject.name)


def row_by_row(fault: str, subject: Subject) -> bool:
    """A feed has no pages: the rows that come twice are unknown, the others are right."""
    return fault == "repeated_page" and "feed" in subject.name


def looks_whole(fault: str, subject: Subject) -> bool:
    """Where nothing was read before, nothing can tell that rows are missing; those that come are right."""
    if "feed" in subject.name and fault in {"missing_page", "repeated_page"}:
        return True
    return fault == "few_rows" or (fault == "cut_document" and subject.name in {"feed as surface", "feed as master"})


def monitor_of(subject: Subject) -> Monitor:
    surface = SurfaceRules(subject.surface, stale_after=STALE)
    return Monitor(Rules(master=SurfaceRules(MASTER, stale_after=STALE), surfaces=[surface]))


def take(monitor: Monitor, reading: Reading) -> Outcome:
    poll = admit(reading, monitor.board)
    monitor.apply(poll)
    return poll.outcome


def verdicts(monitor: Monitor) -> dict[str, Verdict]:
    every = monitor.order(everything=True)
    return {line.sku: line.cells[0].verdict for line in monitor.lines(every)}


def words(found: dict[str, Verdict]) -> str:
    counts = {verdict: list(found.values()).count(verdict) for verdict in Verdict}
    return ", ".join(f"{count} {verdict.word}" for verdict, count in counts.items() if count)


def http_for(fault: str, clock: HandClock) -> Http:
    # Only these two have to run into the deadline, which is real time.
    return http_of(clock, timeout_ms=250 if fault in ("too_late", "drip") else 20_000)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
@pytest.mark.parametrize("fault", FAULTS)
async def test_after_a_good_read(fault: str, subject: Subject, record_property: Callable[[str, object], None]) -> None:
    clock = HandClock()
    http = http_for(fault, clock)
    async with serve(STILL, clock=clock) as sandbox:
        clock.advance(90_000)  # a feed of this very minute is not asked for by its validators
        faulty, healthy = subject.faulty(sandbox, http), subject.healthy(sandbox, http)
        monitor = monitor_of(subject)
        master, surface = (faulty, healthy) if subject.is_master else (healthy, faulty)
        take(monitor, await master.read(Covers.ALL))
        take(monitor, await surface.read(Covers.ALL))
        before = verdicts(monitor)
        assert len(before) == SKUS
        assert set(before.values()) == {Verdict.IN_SYNC}

        sandbox.store.faults[subject.source] = fault
        clock.advance(5_000)
        reading = await faulty.read(subject.covers)
        outcome = take(monitor, reading)
        await http.close()

    found = verdicts(monitor)
    last = monitor.board.columns[0 if subject.is_master else 1].last
    assert last is not None
    bad = f"{reading.bad_count} bad rows" if reading.bad_count else ""
    reasons = {line.cells[0].reason for line in monitor.lines(monitor.order(everything=True))} - {""}
    said = last.reason or bad or "; ".join(sorted(reasons))
    record_property(PROPERTY, cell(fault, subject.name, str(outcome), words(found), said))
    print(f"\n{fault} × {subject.name}: {outcome}, {words(found)}; {said}")

    assert Verdict.DRIFTED not in found.values(), "a fault is no drift, and no zero"
    if harmless(fault, subject):
        assert found == before
        assert outcome is Outcome.COMPLETE
        assert all(line.name.isprintable() for line in monitor.lines(monitor.order(everything=True)))
    elif row_by_row(fault, subject):
        twice = {sku for sku in found if list(reading.skus).count(sku) > 1}
        assert len(twice) == SKUS // 3
        assert {sku for sku, verdict in found.items() if verdict is Verdict.UNKNOWN} == twice
    else:
        assert set(found.values()) == {Verdict.UNKNOWN}
        assert exit_code(monitor) == 2
        assert said, "what is unknown says why"


FIRST = [
    pytest.param(fault, subject, id=f"{fault}-{subject.name}")
    for subject in SUBJECTS
    for fault in FAULTS
    if subject.covers is Covers.ALL and fault != "hostile_text" and not looks_whole(fault, subject)
]


@pytest.mark.parametrize(("fault", "subject"), FIRST)
async def test_as_the_first_thing_ever_read(fault: str, subject: Subject) -> None:
    clock = HandClock()
    http = http_for(fault, clock)
    async with serve(STILL, clock=clock) as sandbox:
        faulty, healthy = subject.faulty(sandbox, http), subject.healthy(sandbox, http)
        sandbox.store.faults[subject.source] = fault
        monitor = monitor_of(subject)
        take(monitor, await faulty.read(Covers.ALL))
        take(monitor, await healthy.read(Covers.ALL))
        await http.close()
    assert Verdict.IN_SYNC not in verdicts(monitor).values()
    assert Verdict.DRIFTED not in verdicts(monitor).values()
    assert exit_code(monitor) == 2


FEEDS = [subject for subject in SUBJECTS if "feed" in subject.name]


@pytest.mark.parametrize("fault", ["http_503", "header_only", "cut_document", "html", "nothing"])
@pytest.mark.parametrize("subject", FEEDS, ids=lambda subject: subject.name)
async def test_304_after_a_read_that_failed(
    fault: str, subject: Subject, record_property: Callable[[str, object], None]
) -> None:
    """Whatever the server holds to be known by then, we do not know it any more."""
    clock = HandClock()
    http = http_of(clock)
    async with serve(STILL, clock=clock) as sandbox:
        clock.advance(90_000)  # a feed of this very minute is not asked for by its validators
        faulty, healthy = subject.faulty(sandbox, http), subject.healthy(sandbox, http)
        monitor = monitor_of(subject)
        take(monitor, await faulty.read(Covers.ALL))
        take(monitor, await healthy.read(Covers.ALL))
        for holds in (fault, "not_modified"):
            sandbox.store.faults[subject.source] = holds
            reading = await faulty.read(Covers.ALL)
            outcome = take(monitor, reading)
            assert outcome is not Outcome.COMPLETE
        await http.close()
    found = verdicts(monitor)
    last = monitor.board.columns[0 if subject.is_master else 1].last
    assert last is not None
    record_property(PROPERTY, cell(f"304 after {fault}", subject.name, str(outcome), words(found), last.reason))
    assert set(found.values()) == {Verdict.UNKNOWN}
    if looks_whole(fault, subject):  # it was read to its end and found too short, and so is the same once more
        assert "fewer than the 240 of the last complete read" in last.reason
    else:
        assert (reading.outcome, reading.reason) == (Outcome.FAILED, "HTTP 304")


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
async def test_all_is_well_again_after_the_fault(subject: Subject) -> None:
    clock = HandClock()
    http = http_of(clock)
    async with serve(STILL, clock=clock) as sandbox:
        faulty, healthy = subject.faulty(sandbox, http), subject.healthy(sandbox, http)
        monitor = monitor_of(subject)
        take(monitor, await faulty.read(Covers.ALL))
        take(monitor, await healthy.read(Covers.ALL))
        for fault in ("http_503", "few_rows", "header_only", "bad_rows"):
            sandbox.store.faults[subject.source] = fault
            take(monitor, await faulty.read(subject.covers))
            assert set(verdicts(monitor).values()) == {Verdict.UNKNOWN}, fault
            sandbox.store.faults[subject.source] = None
            take(monitor, await faulty.read(subject.covers))
            assert set(verdicts(monitor).values()) == {Verdict.IN_SYNC}, fault
        await http.close()


def test_the_table_aligns_its_columns() -> None:
    made = lines([["html", "feed as surface", "failed", "240 unknown", "HTML"], ["x", "y", "z", "0", "r"]])
    assert len({line.index(word) for line, word in zip(made, ("reason", "HTML", "r"), strict=True)}) == 1
