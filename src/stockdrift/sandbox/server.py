"""The sandbox on a socket: loopback only, HTTP/1.1 by h11, so that faults have the bytes in their hands."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import time
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from typing import Final

import h11
from msgspec import Struct

from stockdrift.sandbox.plan import Scenario
from stockdrift.sandbox.reply import Manner, Reply
from stockdrift.sandbox.router import Router
from stockdrift.sandbox.scenarios import SCENARIOS
from stockdrift.sandbox.store import SimulatedStore

LOOPBACK: Final = "127.0.0.1"

_LONGEST_HEAD: Final = 65_536
_LONGEST_BODY: Final = 2**21
_PACKED_FROM: Final = 512  # bytes: below, gzip gains nothing
_FLOOD_END: Final = 4 * 2**30
_HANG_END: Final = 3_600.0
_REASONS: Final = {200: b"OK", 304: b"Not Modified", 400: b"Bad Request", 404: b"Not Found", 429: b"Too Many Requests"}


def wall_clock() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


class Sandbox(Struct, frozen=True):
    """A store that is being served. ``tokens`` are by viewer: the master and each native surface."""

    base_url: str
    store: SimulatedStore
    router: Router
    clock: Callable[[], int]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.base_url.rpartition(":")[2])

    def catch_up(self) -> None:
        """Brings the store's time to the clock's; each request does it."""
        store = self.store
        store.advance_to(store.opens_at + round((self.clock() - store.opens_at) * store.speed))


@contextlib.asynccontextmanager
async def serve(
    scenario: str | Scenario,
    *,
    port: int = 0,
    skus: int | None = None,
    seed: int = 1,
    speed: float = 1.0,
    clock: Callable[[], int] = wall_clock,
) -> AsyncIterator[Sandbox]:
    """Serves a scenario on loopback until the block ends. ``port`` 0 takes a free one.

    Raises KeyError for an unknown scenario and OSError where the port is taken.
    """
    chosen = SCENARIOS[scenario] if isinstance(scenario, str) else scenario
    store = SimulatedStore(chosen, seed=seed, opens_at=clock(), skus=skus, speed=speed)
    router = Router(store, clock)
    connections: set[asyncio.Task[None]] = set()
    sandbox: Sandbox

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            connections.add(task)
            task.add_done_callback(connections.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            try:
                await _Connection(sandbox, reader, writer).run()
            finally:
                writer.close()

    server = await asyncio.start_server(connected, LOOPBACK, port)
    address = server.sockets[0].getsockname()
    sandbox = Sandbox(f"http://{LOOPBACK}:{address[1]}", store, router, clock)
    try:
        yield sandbox
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


class _Connection:
    """One client: its requests, one after the other."""

    def __init__(self, sandbox: Sandbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sandbox = sandbox
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_LONGEST_HEAD)

    async def run(self) -> None:
        """Answers until either side has had enough."""
        while True:
            try:
                request = await self._request()
            except h11.RemoteProtocolError:
                return
            if request is None:
                return
            method, target, headers, body = request
            self._sandbox.catch_up()
            reply = self._sandbox.router.answer(method, target, headers, body)
            await self._send(reply, headers, with_body=method != "HEAD")
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _request(self) -> tuple[str, str, dict[str, str], bytes] | None:
        head: h11.Request | None = None
        body = b""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(65_536))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > _LONGEST_BODY:
                    return None
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
                return head.method.decode(), head.target.decode("latin-1"), headers, body
            else:
                return None

    async def _send(self, reply: Reply, asked: dict[str, str], *, with_body: bool) -> None:
        if reply.manner is Manner.CLOSE:
            return
        if reply.manner is Manner.HANG:
            await asyncio.wait_for(self._reader.read(1), _HANG_END)
            return
        headers = {"Date": formatdate(self._sandbox.clock() / 1_000, usegmt=True), **reply.headers}
        body = reply.body
        packable = len(body) >= _PACKED_FROM and headers.get("Content-Type") != "application/gzip"
        if packable and "gzip" in asked.get("accept-encoding", ""):
            body = gzip.compress(body, 1, mtime=0)
            headers["Content-Encoding"] = "gzip"
        if reply.manner is Manner.FLOOD:
            await self._flood(reply, {name: headers[name] for name in headers if name != "Content-Encoding"})
            return
        if reply.status != 304:
            headers["Content-Length"] = str(len(body) + (512 if reply.manner is Manner.SHORT else 0))
        head = self._http.send(self._head(reply.status, headers))
        self._writer.write(head or b"")
        if reply.manner is Manner.WHOLE:
            if with_body and reply.status != 304:
                self._writer.write(self._http.send(h11.Data(body)) or b"")
            self._writer.write(self._http.send(h11.EndOfMessage()) or b"")
            await self._writer.drain()
        elif reply.manner is Manner.DRIP:
            for byte in body:
                self._writer.write(bytes((byte,)))
                await self._writer.drain()
                await asyncio.sleep(0.2)
        else:
            self._writer.write(body[: len(body) // 2] if reply.manner is Manner.HALF else body)
            await self._writer.drain()

    async def _flood(self, reply: Reply, headers: dict[str, str]) -> None:
        """Well-formed chunks that never end; the reader has to say when it is enough."""
        self._writer.write(self._http.send(self._head(reply.status, headers)) or b"")
        block = reply.body * (65_536 // max(1, len(reply.body)) + 1)
        for _ in range(_FLOOD_END // len(block)):
            self._writer.write(self._http.send(h11.Data(block)) or b"")
            await self._writer.drain()

    @staticmethod
    def _head(status: int, headers: dict[str, str]) -> h11.Response:
        return h11.Response(
            status_code=status,
            headers=[(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            reason=_REASONS.get(status, b""),
        )
