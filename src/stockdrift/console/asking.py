"""The part of the application that carries out what an operator asks for: of the collector, the journal, a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from textual import work

from stockdrift.console import words
from stockdrift.console.desk import Desk
from stockdrift.console.view import View
from stockdrift.stock.rules import WHOLE, Ignore, Scope, Tolerance
from stockdrift.stock.words import named

UNDONE: Final = "undone"
"""Why something was taken back, where a key says no more."""

EXPORTED: Final = 500
"""Lines that are made for an export at once."""


class Deed(Struct, frozen=True):
    """Something that was ruled here: how it is taken back, and what is said then."""

    take_back: Callable[[], Awaitable[None]]
    told: str


class Asking(Desk):
    """Says what came of it, and keeps what can be taken back."""

    def __init__(self, *arguments: Any, remember: Callable[[View], None], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._remember = remember
        self._undo: list[Deed] = []
        self._ruling = asyncio.Lock()
        self._remembering = asyncio.Lock()

    @property
    def can_undo(self) -> bool:
        """Whether something was ruled here."""
        return bool(self._undo)

    def copy(self, text: str, named: str) -> None:
        """Gives ``text`` to the terminal's clipboard, and says so, calling it ``named``. Whether the terminal takes
        it, it does not tell.
        """
        from stockdrift.console.clipboard import osc52

        sequence = osc52(text, os.environ)
        if sequence is None:
            self.warn("Not copied: terminals do not take so long a text")
            return
        self.emit(sequence)
        self.say(f"Copied {named}")

    @work(exit_on_error=False, group="view")
    async def remember_view(self) -> None:
        """The next console will show the list in the same order and with the same columns."""
        listing = self.scene.listing
        view = View(listing.sort, listing.reverse, self.scene.arranged)
        try:
            async with self._remembering:
                await asyncio.to_thread(self._remember, view)
        except Exception as error:
            self.warn(f"Cannot remember the columns: {words.why(error)}")

    @work(exit_on_error=False, group="export", exclusive=True)
    async def export(self) -> None:
        """Writes the marked SKUs, or else the list, as a CSV file into the current folder, and says where."""
        from stockdrift.console.export import csv_bytes, write_new

        scene = self.shown
        picture, listing, model = scene.picture, scene.listing, scene.model
        rows = listing.marked if len(listing.marks) else listing.rows
        if picture is None or model is None:
            return
        at = self.clock() if scene.replay is None else scene.now
        order, lines = list(scene.column_order), []
        try:
            for start in range(0, len(rows), EXPORTED):
                lines += model.lines(rows[start : start + EXPORTED])
                await asyncio.sleep(0)  # keys and drawing have their turn
            content = await asyncio.to_thread(csv_bytes, picture, order, lines, scene.zone)
            path = await asyncio.to_thread(write_new, Path.cwd(), picture.store, at, scene.zone, content)
        except Exception as error:  # a full disk, a folder that is gone: the screen goes on
            self.warn(f"Cannot export: {words.why(error)}")
        else:
            self.say(f"Exported {words.count(len(lines))} {'SKU' if len(lines) == 1 else 'SKUs'} to {path.name}")

    @work(exit_on_error=False)
    async def reread(self, surface: str, named: str) -> None:
        """Asks the collector to read ``surface`` now."""
        try:
            await self.source.ask_reread(surface)
        except Exception as error:
            self.warn(f"Cannot ask for it: {words.why(error)}")
        else:
            self.say(f"Asked to read {named} now")

    @work(exit_on_error=False)
    async def change_tolerance(self, scope: Scope, by: int) -> None:
        """A unit (or a percentage point) more or less for ``scope``; says what that did."""
        async with self._ruling:
            held = self.source.tolerance(scope)
            if held.percent:
                wanted = Tolerance(held.units, min(max(0, held.percent + by * 100), WHOLE))
            else:
                wanted = Tolerance(max(0, held.units + by))
            if wanted == held:
                self.say(f"The tolerance of {named(scope)} is {held} already")
                return
            await self._rule(scope, wanted, "one step, by key")

    @work(exit_on_error=False)
    async def set_tolerance(self, scope: Scope, tolerance: Tolerance, reason: str) -> None:
        """Rules ``tolerance`` for ``scope``; says what that did."""
        async with self._ruling:
            await self._rule(scope, tolerance, reason)

    async def _rule(self, scope: Scope, tolerance: Tolerance, reason: str) -> None:
        before, held = self.source.ruling(scope), self.source.tolerance(scope)
        of = f"Tolerance of {named(scope)}"
        now = f"{of} is now {tolerance}, for everybody"
        if await self._do(lambda: self.source.rule(scope, tolerance, reason), now, undo=True,
                          cannot="change the tolerance"):  # fmt: skip
            self._undo.append(
                Deed(lambda: self.source.rule(scope, before, UNDONE), f"{of} is {held} again, for everybody")
            )
            self._sync()

    @work(exit_on_error=False)
    async def ignore(self, scopes: Sequence[Scope], ignore: Ignore) -> None:
        """Leaves SKUs out; says what that did."""
        async with self._ruling:
            before = {scope: self.source.ignoring(scope) for scope in scopes}
            what = named_all(scopes)
            ends = ignore.until <= self.now
            did = f"{what} counted again" if ends else f"{what} ignored until {self._when(ignore.until)}"
            if await self._do(lambda: self._ignore(dict.fromkeys(scopes, ignore)), did, undo=True,
                              cannot="ignore it"):  # fmt: skip
                self._undo.append(Deed(lambda: self._ignore(before), f"{what} as before"))
                self._sync()

    def _when(self, at: int) -> str:
        return f"{words.day(at, self.scene.zone)} {words.minute(at, self.scene.zone)}"

    async def _ignore(self, said: Mapping[Scope, Ignore | None]) -> None:
        for scope, ignore in said.items():
            await self.source.ignore(scope, ignore)

    @work(exit_on_error=False)
    async def undo(self) -> None:
        """Takes back what was ruled here last."""
        async with self._ruling:
            if not self._undo:
                self.say("Nothing was changed here that could be taken back")
                return
            deed = self._undo[-1]
            if await self._do(deed.take_back, deed.told, undo=False, cannot="take it back"):
                self._undo.pop()
                self._sync()

    async def _do(
        self,
        deed: Callable[[], Awaitable[None]],
        did: str,
        *,
        undo: bool,
        cannot: str = "do that",
        counted: bool = True,
    ) -> bool:
        """Does it and says so, with how many drift now where that is ``counted``; False where it could not be done."""
        before = self.scene.picture.gauge.drifting if self.scene.picture else 0
        try:
            await deed()
            await self.source.catch_up()
        except Exception as error:
            self.warn(f"Cannot {cannot}: {words.why(error)}")
            return False
        self.draw(force=True)
        after = self.scene.picture.gauge.drifting if self.scene.picture else 0
        verb = "drifts" if after == 1 else "drift"
        told = f"{did}: {words.count(after)} {verb} instead of {words.count(before)}" if counted else did
        self.say(told + (f" — {self.scene.key('undo')} undoes" if undo else ""))
        return True


def named_all(scopes: Sequence[Scope]) -> str:
    """What was ruled upon: one scope by its name, several as so many SKUs."""
    return named(scopes[0]) if len(scopes) == 1 else f"{words.count(len(scopes))} SKUs"
