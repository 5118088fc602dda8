"""The sandbox without sockets: a transport for httpx that hands each request to a router, in whatever time it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx

from stockdrift.sandbox.reply import Manner, Reply
from stockdrift.sandbox.router import Router

_REQUEST = tuple[str, str]


class RouterTransport(httpx.AsyncBaseTransport):
    """Answers as the sandbox's server does. ``before`` is called ahead of each request; ``seen`` holds method and
    target of all of them.
    """

    def __init__(self, router: Router, before: Callable[[], None]) -> None:
        self.router = router
        self.before = before
        self.seen: list[_REQUEST] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.before()
        target = request.url.raw_path.decode()
        self.seen.append((request.method, target))
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = b"".join([part async for part in request.stream]) if request.method != "GET" else b""  # type: ignore[union-attr]
        await asyncio.sleep(0.02)
        reply = self.router.answer(request.method, target, headers, body)
        if reply.manner is Manner.CLOSE:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        if reply.manner is Manner.HANG:
            await asyncio.sleep(3_600)
        length = len(reply.body) + (512 if reply.manner is Manner.SHORT else 0)
        headers = {"Content-Length": str(length)} if reply.manner is not Manner.FLOOD else {}
        return httpx.Response(reply.status, headers={**headers, **reply.headers}, stream=_Stream(reply))


class _Stream(httpx.AsyncByteStream):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body, manner = self._reply.body, self._reply.manner
        if manner is Manner.DRIP:
            for byte in body:
                yield bytes((byte,))
                await asyncio.sleep(0.2)
        elif manner is Manner.FLOOD:
            while True:
                yield body * (65_536 // max(1, len(body)) + 1)
        else:
            yield body[: len(body) // 2] if manner is Manner.HALF else body
