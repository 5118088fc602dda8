"""A server on loopback that answers badly, each path in its own way."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

Answering = Callable[["FaultServer", asyncio.StreamWriter, str], Awaitable[None]]


@dataclass
class FaultServer:
    """Serves ``body`` at ``/ok`` and spoils it at the path of every fault in ``FAULTS``.

    ``secret`` is put wherever a server can repeat what it was sent. ``requests`` holds what was asked: path with
    query, and headers in lower case.
    """

    body: bytes
    content_type: str = "text/csv"
    secret: str = "s3cr3t-t0ken"
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> FaultServer:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, fault: str) -> str:
        """Where ``fault`` is served, with a secret in the query; for ``refused`` a port where nobody listens."""
        port = free_port() if fault == "refused" else self.port
        return f"http://127.0.0.1:{port}/{fault}?key={self.secret}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            pairs = (line.partition(":") for line in lines[1:] if line)
            self.requests.append((path, {name.lower(): value.strip() for name, _, value in pairs}))
            self.asked.set()
            await FAULTS[path.partition("?")[0].strip("/").partition("/")[0]](self, writer, path)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the reader has had enough, as it should
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._tasks.discard(task)
            writer.close()


def free_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def send(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, object], body: bytes = b"") -> None:
    lines = [
        f"HTTP/1.1 {status} Whatever",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Connection: close",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    await writer.drain()


def status(code: int, **headers: str) -> Answering:
    async def answer(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
        body = f"{server.secret} was refused".encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await send(writer, code, {"Content-Length": len(body), "Content-Type": "text/plain", **named}, body)

    return answer


def whole(make: Callable[[FaultServer], bytes], **headers: str) -> Answering:
    """A complete answer with status 200 and what ``make`` makes of the server's good body."""

    async def answer(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
        body = make(server)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await send(writer, 200, {"Content-Type": server.content_type, "Content-Length": len(body), **named}, body)

    return answer


async def half(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    body = server.body
    await send(writer, 200, {"Content-Type": server.content_type, "Content-Length": len(body)}, body[: len(body) // 2])


async def half_chunked(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    part = server.body[: len(server.body) // 2]
    chunk = f"{len(part):x}\r\n".encode() + part + b"\r\n"
    await send(writer, 200, {"Content-Type": server.content_type, "Transfer-Encoding": "chunked"}, chunk)


async def half_unframed(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    part = server.body[: len(server.body) // 2].rstrip(b"\n") + b"\nhalf,1"
    await send(writer, 200, {"Content-Type": server.content_type}, part)


async def half_packed(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    packed = gzip.compress(server.body)
    packed = packed[: len(packed) // 2]
    headers = {"Content-Type": server.content_type, "Content-Encoding": "gzip", "Content-Length": len(packed)}
    await send(writer, 200, headers, packed)


async def endless(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await send(writer, 200, {"Content-Type": server.content_type, "Transfer-Encoding": "chunked"})
    while True:
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def never(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await asyncio.Event().wait()


async def drip(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await send(writer, 200, {"Content-Type": server.content_type, "Content-Length": 100_000})
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    body = server.body
    await send(writer, 200, {"Content-Type": server.content_type, "Content-Length": len(body)}, body[: len(body) // 2])
    await asyncio.sleep(0.05)  # lets the half arrive, which a reset may overtake
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang_up(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    writer.close()


async def not_http(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    await writer.drain()


async def redirect_loop(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await send(writer, 302, {"Location": path, "Content-Length": 0})


async def redirect_elsewhere(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    location = f"http://{server.secret}.example/?key={server.secret}"
    await send(writer, 302, {"Location": location, "Content-Length": 0})


async def redirect_port(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await send(writer, 302, {"Location": f"http://127.0.0.1:{server.port + 1}/", "Content-Length": 0})


async def redirect_file(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await send(writer, 302, {"Location": "file:///etc/hostname", "Content-Length": 0})


async def redirect_once(server: FaultServer, writer: asyncio.StreamWriter, path: str) -> None:
    await send(writer, 307, {"Location": "/ok?moved=1", "Content-Length": 0})


def bomb(server: FaultServer) -> bytes:
    return gzip.compress(b"\0" * (64 * 2**20))


FAULTS: Mapping[str, Answering] = {
    "ok": whole(lambda server: server.body),
    "packed": whole(lambda server: gzip.compress(server.body), Content_Encoding="gzip"),
    "dated": whole(lambda server: server.body, Last_Modified="Mon, 20 Apr 2026 23:00:00 GMT"),
    "html-by-type-only": whole(lambda server: server.body, Content_Type="text/html", Set_Cookie="session=1; Path=/"),
    "redirect-once": redirect_once,
    "fewer-rows": whole(lambda server: b"".join(server.body.splitlines(keepends=True)[:3])),
    "401": status(401, WWW_Authenticate="Bearer"),
    "403": status(403),
    "404": status(404),
    "429": status(429),
    "429-wait": status(429, Retry_After="7"),
    "429-long": status(429, Retry_After="86400"),
    "500": status(500),
    "503": status(503, Retry_After="2"),
    "204": status(204),
    "206": status(206),
    "html": whole(lambda server: b"<!doctype html><title>Sign in</title>", Content_Type="text/html"),
    "html-as-data": whole(lambda server: b"\n<html><body>Maintenance</body></html>"),
    "half": half,
    "half-chunked": half_chunked,
    "half-unframed": half_unframed,
    "half-packed": half_packed,
    "empty": whole(lambda server: b""),
    "header-only": whole(lambda server: server.body.splitlines(keepends=True)[0]),
    "binary": whole(lambda server: bytes(range(256)) * 8),
    "deep": whole(lambda server: b"[" * 100_000),
    "too-much": whole(lambda server: b"x" * 2**20),
    "endless": endless,
    "bomb": whole(bomb, Content_Encoding="gzip"),
    "not-packed": whole(lambda server: server.body, Content_Encoding="gzip"),
    "unknown-packing": whole(lambda server: server.body, Content_Encoding="br"),
    "too-late": never,
    "drip": drip,
    "refused": never,
    "reset": reset,
    "hang-up": hang_up,
    "not-http": not_http,
    "redirect-loop": redirect_loop,
    "redirect-elsewhere": redirect_elsewhere,
    "redirect-port": redirect_port,
    "redirect-file": redirect_file,
}
