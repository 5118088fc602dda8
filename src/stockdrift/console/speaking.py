"""The part of the application that has said what stands and changes no verdict, or what is held back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import work

from stockdrift.console import words
from stockdrift.console.asking import UNDONE, Asking, Deed, named_all
from stockdrift.stock.remarks import Remark, RemarkKind
from stockdrift.stock.rules import Scope


class Speaking(Asking):
    """Says what came of it, and keeps what can be taken back."""

    @work(exit_on_error=False)
    async def hold_back(self, scopes: Sequence[Scope], units: int | None, reason: str) -> None:
        """Holds units back; None takes operators' word back."""
        async with self._ruling:
            before = {scope: self.source.held_back(scope) for scope in scopes}
            what = f"Buffer of {named_all(scopes)}"
            did = f"{what} {words.count(units)}" if units is not None else f"{what} as the settings say"
            if await self._do(lambda: self._hold_back(dict.fromkeys(scopes, units), reason), did, undo=True,
                              cannot="change the buffer"):  # fmt: skip
                self._undo.append(Deed(lambda: self._hold_back(before, UNDONE), f"{what} as before"))
                self._sync()

    async def _hold_back(self, held: Mapping[Scope, int | None], reason: str) -> None:
        for scope, units in held.items():
            await self.source.hold_back(scope, units, reason)

    @work(exit_on_error=False)
    async def remark(self, kind: RemarkKind, scopes: Sequence[Scope], remark: Remark | None) -> None:
        """Says it of each of ``scopes``; None takes back what was said."""
        async with self._ruling:
            before = {scope: self.source.remarked(kind, scope) for scope in scopes}
            what = named_all(scopes)
            until = f" until {self._when(remark.until)}" if remark is not None and remark.until is not None else ""
            done = {RemarkKind.NOTE: "has a note"}.get(kind, kind.done)
            undone = {RemarkKind.NOTE: "has no note any more", RemarkKind.PAUSE: "read again"}
            did = f"{what} {done}{until}" if remark else f"{what} {undone.get(kind, f'no longer {kind.done}')}"
            if await self._do(lambda: self._remark(kind, dict.fromkeys(scopes, remark)), did, undo=True,
                              cannot=f"{kind} it", counted=False):  # fmt: skip
                self._undo.append(Deed(lambda: self._remark(kind, before), f"{what} as before"))
                self._sync()

    async def _remark(self, kind: RemarkKind, said: Mapping[Scope, Remark | None]) -> None:
        for scope, remark in said.items():
            await self.source.remark(kind, scope, remark)
