"""What the console draws from and asks of: protocols, so that it needs neither a journal nor a collector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:  # protocols are names: what they name is loaded by whoever makes it, and a start makes little of it
    import numpy as np
    from numpy.typing import NDArray

    from stockdrift.console.log_lines import CollectorLog
    from stockdrift.stock.actions import Action
    from stockdrift.stock.aftermath import Aftermath
    from stockdrift.stock.coverage import Mapped
    from stockdrift.stock.entries import Episode, SurfaceLog
    from stockdrift.stock.gauge import Sample
    from stockdrift.stock.ledger import Ledger
    from stockdrift.stock.look import Changes, Look
    from stockdrift.stock.passage import Moment, Passage
    from stockdrift.stock.picture import Picture, SkuLine, SkuPicture
    from stockdrift.stock.plan import Plan
    from stockdrift.stock.remarks import Remark, RemarkKind
    from stockdrift.stock.rules import Allotment, Ignore, Rules, Scope, Tolerance
    from stockdrift.stock.sayings import Sayings
    from stockdrift.stock.telling import Spoken
    from stockdrift.stock.timeline import SkuHistory
    from stockdrift.stock.tuning import Prospect
    from stockdrift.stock.wanted import Wanted


class Model(Protocol):
    """The judged board, as :class:`stockdrift.stock.monitor.Monitor` offers it. ``ledger`` are the actions with what
    became of them, ``aftermath`` what is stuck, ``said`` what operators said.
    """

    ledger: Ledger
    aftermath: Aftermath
    said: Sayings

    @property
    def version(self) -> int:
        """Grows whenever anything judged has changed."""
        ...

    @property
    def rules(self) -> Rules:
        """The rules by which it judges now."""
        ...

    def tick(self, now: int) -> bool:
        """Lets time pass; True when anything changed."""
        ...

    def picture(self, now: int) -> Picture:
        """The first screen as plain values."""
        ...

    def order(
        self, *, everything: bool = False, text: str = "", by: str = "danger", reverse: bool = False
    ) -> NDArray[np.int32]:
        """Catalogue rows to list; ``text`` is a filter. Raises FilterError for one that means nothing."""
        ...

    def prospect(self, scope: Scope, tolerances: Sequence[Tolerance], chosen: Tolerance) -> Prospect:
        """What each of ``tolerances`` would do for ``scope``, with the histogram of ``chosen``."""
        ...

    def tolerance_of(self, surface: str) -> Tolerance:
        """What holds on a surface for a SKU of which nothing else is said."""
        ...

    def allotment_of(self, surface: str) -> Allotment:
        """What of the master's stock a surface gets of a SKU of which nothing else is said."""
        ...

    def lag_at(self, surface: str, moment: int) -> int | None:
        """How far behind (ms) a surface was found by the read at ``moment``; None where that is not known."""
        ...

    def row_of(self, sku: str) -> int | None:
        """The catalogue row of a SKU; None where it was never seen."""
        ...

    def lines(self, rows: Sequence[int] | NDArray[np.int32]) -> list[SkuLine]:
        """The lines of the rows on screen."""
        ...

    def skus(self, rows: NDArray[np.int32]) -> Sequence[str]:
        """What stands in each of ``rows``, without the line that is made of it."""
        ...

    def look(self, at: int) -> Look:
        """What drifts now, for comparison with later."""
        ...

    def changes(self, since: Look) -> Changes:
        """What has changed since a look."""
        ...

    def sku(self, row: int, now: int) -> SkuPicture:
        """The SKU screen."""
        ...


class Past(Protocol):
    """Recorded time, and a model that can be taken to any moment of it. Its methods may raise."""

    @property
    def model(self) -> Model:
        """What was known at the moment that was last gone to, judged at that moment."""
        ...

    @property
    def passage(self) -> Passage:
        """What is recorded when."""
        ...

    async def refresh(self) -> bool:
        """Looks what was recorded since; True when there was anything. The first call opens it."""
        ...

    async def go(self, moment: Moment) -> None:
        """Takes the model to ``moment``. May be cancelled: then the model stands where it stood."""
        ...

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        """What was recorded then of ``sku`` from ``since`` (ms) on."""
        ...

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        """The reads of a surface from ``since`` (ms) on that were recorded then, newest first."""
        ...

    async def mapping(self, name: str) -> Mapped | None:
        """How the SKUs of a surface went with the master's then; None where that was not known."""
        ...

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """The counts that were judged from ``begin`` to ``end`` (ms), and the last before."""
        ...

    async def episodes(self, sku: str) -> Sequence[Episode]:
        """The episodes of drift of a SKU, those after that moment too, newest first."""
        ...

    async def missed(self) -> Sequence[int]:
        """When (ms, ascending) surfaces were due to be made anew and were not, as the last reads tell."""
        ...

    async def close(self) -> None:
        """Gives back what it holds."""
        ...


class Planned(Struct, frozen=True):
    """Plans of one moment, ``at`` (ms), a surface each. ``unread`` are those that were not read anew in time; ``doubt``
    is why the master is to be doubted, a clause, empty where it is not.
    """

    plans: Sequence[Plan]
    at: int
    unread: Sequence[str] = ()
    doubt: str = ""


class Acting(Protocol):
    """The way to a write: plans, and the request for what a person has confirmed. Its methods may raise."""

    @property
    def operator(self) -> str:
        """Who is at the keyboard, as it is recorded."""
        ...

    @property
    def barred(self) -> str:
        """Why nothing can be written from here, with what to do; empty where it can."""
        ...

    async def plans(self, wanted: Sequence[Wanted]) -> Planned:
        """Has their surfaces and the master read anew, and makes the plans."""
        ...

    async def ask(self, plan: Plan, reason: str, note: str, *, typed: str = "", overrides: Sequence[str] = ()) -> str:
        """Asks that ``plan`` be carried out; returns the key of the action."""
        ...

    async def stop(self, keys: Sequence[str]) -> None:
        """Asks that of these actions nothing more be sent."""
        ...

    async def dismiss(self, key: str, reason: str) -> None:
        """Records that a dead letter is needed no more."""
        ...

    def csv(self, found: Sequence[Action | Spoken]) -> bytes:
        """The record as a table."""
        ...


class Source(Protocol):
    """Where news comes from and requests go to. Its methods may raise; the console shows what they say."""

    @property
    def model(self) -> Model:
        """What the news is applied to."""
        ...

    @property
    def trouble(self) -> str:
        """Why nothing new may be coming (no collector), as a sentence; empty while all is well."""
        ...

    @property
    def acting(self) -> Acting:
        """The way to a write."""
        ...

    async def catch_up(self) -> bool:
        """Applies what is new; True when there was anything."""
        ...

    def past(self) -> Past:
        """Recorded time, not opened yet."""
        ...

    async def ask_reread(self, surface: str) -> None:
        """Asks the collector to read ``surface`` (empty: all) now."""
        ...

    async def rule(self, scope: Scope, tolerance: Tolerance | None, reason: str = "") -> None:
        """Rules a tolerance for ``scope``; None takes the operator's ruling back."""
        ...

    def ruling(self, scope: Scope) -> Tolerance | None:
        """What operators have ruled for exactly this scope."""
        ...

    def tolerance(self, scope: Scope) -> Tolerance:
        """What holds for ``scope``, whoever set it."""
        ...

    async def ignore(self, scope: Scope, ignore: Ignore | None) -> None:
        """Leaves a SKU out; None takes back what an operator said. Who and when are filled in where they are not."""
        ...

    def ignoring(self, scope: Scope) -> Ignore | None:
        """What operators have said of exactly this scope."""
        ...

    def ignored(self, scope: Scope) -> Ignore | None:
        """By what ``scope`` is ignored now, whoever said so."""
        ...

    async def hold_back(self, scope: Scope, units: int | None, reason: str = "") -> None:
        """Rules a safety buffer for ``scope``; None takes the operator's back."""
        ...

    def held_back(self, scope: Scope) -> int | None:
        """The safety buffer that operators have ruled for exactly this scope."""
        ...

    def buffer(self, scope: Scope) -> int:
        """The safety buffer that holds for ``scope``, whoever set it."""
        ...

    async def remark(self, kind: RemarkKind, scope: Scope, remark: Remark | None) -> None:
        """Says what changes no verdict; None takes it back. Who and when are filled in where they are not."""
        ...

    def remarked(self, kind: RemarkKind, scope: Scope) -> Remark | None:
        """What stands of exactly this scope."""
        ...

    async def samples(self, begin: int, end: int) -> Sequence[Sample]:
        """The counts that were judged from ``begin`` to ``end`` (ms), and the last before."""
        ...

    async def sku_history(self, sku: str, since: int) -> SkuHistory:
        """What was recorded of ``sku`` from ``since`` (ms) on, or from as far back as is looked."""
        ...

    async def collector_log(self) -> CollectorLog:
        """The last lines of the collector's own log."""
        ...

    async def surface_log(self, name: str, since: int) -> SurfaceLog:
        """The reads of a surface (or the master) from ``since`` (ms) on, or from as far back as is looked."""
        ...

    async def mapping(self, name: str) -> Mapped | None:
        """How the SKUs of a surface go with the master's; None where that is not known."""
        ...
