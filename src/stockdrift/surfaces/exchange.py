"""One request and its answer: one deadline over all of it, no more bytes than allowed, every end in words."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stockdrift.stock.reading import Call
from stockdrift.surfaces.answers import Answer
from stockdrift.surfaces.backoff import retry_after
from stockdrift.surfaces.clock import Clock
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words, size_words
from stockdrift.surfaces.packing import PIECE, unpacker

if TYPE_CHECKING:
    import httpx

_LONGEST_REFUSAL: Final = 64 * 1024
"""Bytes of an answer that is no 2xx: what a vendor says of an error is short."""

Refusal = Callable[[int, Mapping[str, str], bytes], "SurfaceFault | None"]
"""What a vendor's own error answer means: status, headers (lower-case names), body. None: what its status says."""

_CONDITIONS: Final = ("if-none-match", "if-modified-since")
"""Request headers that 304 can be the answer to; without them it says nothing."""

_STATUS_WORDS: Final = {404: ": nothing is there", 410: ": it is gone", 451: ": withheld for legal reasons"}


class Limits(Struct, frozen=True):
    """``timeout`` in milliseconds for the whole exchange; ``max_bytes`` of the unpacked body.

    Where the ``beginning`` is enough, what is larger is no fault, and is not read any further.
    """

    timeout: int
    max_bytes: int
    beginning: bool = False


_CALLS: Final = 50
"""Requests of a read that are told one by one, for a sweep of a large store makes thousands; then as many failures."""


class Meter(Struct):
    """Counts what goes over the wire. A redirect that is followed is a request and no failure."""

    requests: int = 0
    failures: int = 0
    throttled: int = 0
    bytes: int = 0
    calls: list[Call] = []
    pages: dict[str, int] = {}

    def note(self, asked: str, began: int, ended: int, status: int, why: str) -> None:
        """Keeps one request. What was asked for before and is asked for again after an answer is its next page."""
        page = self.pages.get(asked, 0) + 1
        self.pages[asked] = page - bool(why)
        if len(self.calls) < _CALLS or (why and len(self.calls) < 2 * _CALLS):
            named = f"{asked} page {page}" if page > 1 else asked
            self.calls.append(Call(named, began, max(0, ended - began), status, why))


class Redirect(Struct, frozen=True):
    """Where an answer points instead of being one."""

    status: int
    location: str


class _Progress(Struct):
    """How far an answer has come, for the words when it ends early."""

    status: int | None = None
    length: int | None = None
    received: int = 0

    @property
    def words(self) -> str:
        return size_words(self.received) + (f" of {size_words(self.length)}" if self.length else "")


def address_of(base: str, path: str, params: Mapping[str, str | int]) -> httpx.URL:
    """``path`` below ``base``, with ``params`` added to its query. Raises SurfaceFault where that is no address."""
    import httpx

    try:
        url = httpx.URL(base)
        if path:
            url = url.copy_with(path=f"{url.path.rstrip('/')}/{path.lstrip('/')}")
        url = url.copy_merge_params({name: str(value) for name, value in params.items()}) if params else url
    except (httpx.InvalidURL, ValueError):
        raise SurfaceFault("the address is not a valid URL", Fault.UNREADABLE) from None
    return _readable(url)


def redirected(source: httpx.URL, redirect: Redirect, meter: Meter) -> httpx.URL:
    """Where a redirect leads. Raises SurfaceFault where it leaves the host, or https: a token must not follow it."""
    import httpx

    fault: str
    try:
        target = source.join(redirect.location)
        if target.host != source.host or _port(target) != _port(source, upgraded=target.scheme == "https"):
            fault = f"HTTP {redirect.status}: a redirect to another host ({target.host or '?'}) is not followed"
        elif source.scheme == "https" and target.scheme != "https":
            fault = f"HTTP {redirect.status}: a redirect from https to {target.scheme} is not followed"
        else:
            return _readable(target)
    except (httpx.InvalidURL, ValueError):
        fault = f"HTTP {redirect.status}: the redirect's address is not valid"
    meter.failures += 1
    raise SurfaceFault(fault, Fault.REDIRECT)


async def fetch(
    client: httpx.AsyncClient,
    url: httpx.URL,
    headers: Mapping[str, str],
    limits: Limits,
    meter: Meter,
    clock: Clock,
    *,
    method: str = "GET",
    body: bytes | None = None,
    refusal: Refusal | None = None,
) -> Answer | Redirect:
    """The answer to one request, whole and unpacked, or 304 to a GET that was conditional; or the redirect that came
    instead of a GET's. Raises SurfaceFault, in the words of ``refusal`` where that knows better than the status.
    """
    import httpx

    progress = _Progress()
    meter.requests += 1
    try:
        async with asyncio.timeout(limits.timeout / 1_000):
            request = client.build_request(method, url, headers=dict(headers), content=body)
            response = await client.send(request, stream=True)
            try:
                return await _receive(response, limits, meter, progress, clock, refusal)
            finally:
                await response.aclose()
    except TimeoutError:
        fault = _late(limits, progress)
    except SurfaceFault as caught:
        fault = caught
    except (httpx.HTTPError, OSError) as error:
        fault = _broken(error, progress)
    meter.failures += 1
    meter.throttled += fault.kind is Fault.THROTTLED
    raise fault


async def _receive(
    response: httpx.Response,
    limits: Limits,
    meter: Meter,
    progress: _Progress,
    clock: Clock,
    refusal: Refusal | None,
) -> Answer | Redirect:
    progress.status = status = response.status_code
    if response.is_redirect and "location" in response.headers and response.request.method == "GET":
        return Redirect(status, response.headers["location"])
    if status == 304 and any(name in response.request.headers for name in _CONDITIONS):
        return _answer(response)
    if not response.is_success:
        raise await _refused(response, refusal) or _status_fault(response, clock())
    if status in (204, 205):
        raise SurfaceFault(f"HTTP {status}: no content", Fault.EMPTY)
    if status == 206:
        raise SurfaceFault("HTTP 206: only a part was sent", Fault.CUT)
    return await _receive_body(response, limits, meter, progress)


async def _receive_body(response: httpx.Response, limits: Limits, meter: Meter, progress: _Progress) -> Answer:
    announced = response.headers.get("content-length", "")
    progress.length = int(announced) if announced.isdecimal() and len(announced) < 20 else None
    too_large = SurfaceFault(f"larger than {size_words(limits.max_bytes)}", Fault.LARGE)
    if (progress.length or 0) > limits.max_bytes and not limits.beginning:
        raise too_large
    unpack = unpacker(response.headers.get("content-encoding", ""))
    pieces: list[bytes] = []
    size = 0
    async for chunk in response.aiter_raw():
        progress.received += len(chunk)
        meter.bytes += len(chunk)
        for piece in unpack.pieces(chunk):
            size += len(piece)
            if size > limits.max_bytes and not limits.beginning:
                raise too_large
            pieces.append(piece)
            if len(piece) == PIECE:
                await asyncio.sleep(0)  # the deadline and other readers get their turn while a bomb unpacks
            if size > limits.max_bytes:
                return _answer(response, pieces)
    if not unpack.whole or progress.received < (progress.length or 0):
        raise SurfaceFault(f"cut off after {progress.words}", Fault.CUT)
    return _answer(response, pieces)


def _answer(response: httpx.Response, pieces: Sequence[bytes] = ()) -> Answer:
    framed = "content-length" in response.headers or "transfer-encoding" in response.headers
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, b"".join(pieces), framed)


async def _refused(response: httpx.Response, refusal: Refusal | None) -> SurfaceFault | None:
    """What the vendor's own words make of an error answer, where it has some that can be read."""
    if refusal is None:
        return None
    unpack = unpacker(response.headers.get("content-encoding", ""))
    body = b""
    async for chunk in response.aiter_raw():
        for piece in unpack.pieces(chunk):
            body += piece
            if len(body) > _LONGEST_REFUSAL:
                return None
    return refusal(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)


def _status_fault(response: httpx.Response, now: int) -> SurfaceFault:
    status = response.status_code
    kind = {401: Fault.REFUSED, 403: Fault.REFUSED, 404: Fault.MISSING, 410: Fault.MISSING, 429: Fault.THROTTLED}.get(
        status, Fault.SERVER if status >= 500 else Fault.REJECTED
    )
    wait = retry_after(response.headers.get("retry-after"), now)
    reason = f"HTTP {status}{_STATUS_WORDS.get(status, '')}"
    return SurfaceFault(reason, kind, status=status, retry_after=wait)


def _late(limits: Limits, progress: _Progress) -> SurfaceFault:
    within = f"within {duration_words(limits.timeout)}"
    if progress.status is None:
        return SurfaceFault(f"no answer {within}", Fault.LATE)
    return SurfaceFault(f"the answer did not end {within} ({progress.words} came)", Fault.LATE)


def _broken(error: BaseException, progress: _Progress) -> SurfaceFault:
    """What a transport error means. Never its own text: it may quote an address or a header."""
    if progress.status is not None:
        return SurfaceFault(f"cut off after {progress.words}", Fault.CUT)
    unsent = type(error).__name__ == "ConnectError"
    causes = list(_causes(error))
    for kind, words in _CONNECTION_WORDS:
        if any(isinstance(cause, kind) for cause in causes):
            return SurfaceFault(words, Fault.UNREACHABLE, unsent=unsent)
    if type(error).__name__ == "RemoteProtocolError":
        return SurfaceFault("the connection was closed, or its answer was not HTTP", Fault.UNREACHABLE)
    return SurfaceFault("the connection failed", Fault.UNREACHABLE, unsent=unsent)


_CONNECTION_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ConnectionRefusedError, "connection refused"),
    (socket.gaierror, "the host's name is not known"),
    (ssl.SSLCertVerificationError, "the host's certificate is not valid"),
    (ssl.SSLError, "no TLS connection"),
    (ConnectionResetError, "connection reset"),
    (BrokenPipeError, "connection reset"),
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """``error`` and all that led to it, groups included."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions


def _readable(url: httpx.URL) -> httpx.URL:
    if url.scheme not in ("http", "https"):
        raise SurfaceFault(
            f"only http and https are read, not {url.scheme or 'an address without them'}", Fault.UNREADABLE
        )
    if not url.host:
        raise SurfaceFault("the address names no host", Fault.UNREADABLE)
    return url


def _port(url: httpx.URL, *, upgraded: bool = False) -> int:
    if url.port is not None:
        return url.port
    return 443 if url.scheme == "https" or upgraded else 80
