"""The one way to a surface over HTTP: deadlines, retries, budgets, limits and redaction live here and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from pydantic import SecretStr

from stockdrift import __version__
from stockdrift.settings.models import CollectorSettings
from stockdrift.stock.reading import Traffic
from stockdrift.stock.values import replace
from stockdrift.surfaces.answers import Answer, decode_json
from stockdrift.surfaces.backoff import backoff
from stockdrift.surfaces.budget import Budget
from stockdrift.surfaces.clock import Clock, wall_clock
from stockdrift.surfaces.exchange import Limits, Meter, Redirect, Refusal, address_of, fetch, redirected
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words
from stockdrift.surfaces.redaction import redact, secrets_of
from stockdrift.surfaces.room import Room

if TYPE_CHECKING:  # half of a command's start-up time, and a feed in a file never needs it
    import httpx

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

Carrier = tuple[str, str]
"""A header's name, and what stands in it before the token."""

BEARER: Final[Carrier] = ("Authorization", "Bearer ")
_JSON: Final = {"Accept": "application/json"}
_SENT_JSON: Final = {**_JSON, "Content-Type": "application/json"}
_REDIRECTS: Final = 3
_STATUS_TRY_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_KIND_TRY_AGAIN: Final = frozenset({Fault.UNREACHABLE, Fault.LATE, Fault.CUT})


class Http:
    """One per collector: the connections, limits and budgets that all connectors share. Times in milliseconds.

    ``timeout_ms`` is for one try of a request, from connecting to the last byte; ``max_bytes`` counts unpacked.
    ``sleep``, ``clock`` (Unix time) and ``jitter`` are given so that tests take no time.
    """

    def __init__(
        self,
        *,
        timeout_ms: int = 30_000,
        max_bytes: int = 256 * 2**20,
        max_depth: int = 64,
        tries: int = 4,
        backoff_cap_ms: int = 60_000,
        clock: Clock = wall_clock,
        sleep: Sleep = asyncio.sleep,
        jitter: random.Random | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        room: Room | None = None,
    ) -> None:
        self.limits = Limits(timeout=timeout_ms, max_bytes=max_bytes)
        self.max_depth = max_depth
        self.tries = tries
        self.backoff_cap_ms = backoff_cap_ms
        self.clock = clock
        self.sleep = sleep
        self.jitter = jitter or random.Random()  # noqa: S311 - spreads retries, keeps no secret
        self.room = room
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._budgets: dict[tuple[str, str], Budget] = {}

    @classmethod
    def of(cls, settings: CollectorSettings, clock: Clock = wall_clock, room: Room | None = None) -> Http:
        """With the limits that the settings name. In a ``room`` whoever reads must say when a reading is done with."""
        return cls(
            timeout_ms=settings.timeout,
            max_bytes=settings.max_bytes,
            max_depth=settings.max_depth,
            tries=settings.tries,
            backoff_cap_ms=settings.backoff_cap,
            clock=clock,
            room=room,
        )

    def endpoint(
        self,
        base_url: str,
        token: SecretStr | None = None,
        budget: Budget | None = None,
        *,
        carrier: Carrier = BEARER,
        refusal: Refusal | None = None,
    ) -> Endpoint:
        """One source: an address, the token and budget that go with it, the header that carries the token, and what
        its own error answers mean.
        """
        return Endpoint(self, base_url, token, budget, carrier, refusal)

    def budget(self, base_url: str, token: SecretStr | None, allowance: int, window: int = 60_000) -> Budget:
        """The budget of a credential at an address: the same one for everybody who asks for the same. ``allowance``
        is requests in a ``window`` (ms).
        """
        key = (base_url.rstrip("/"), token.get_secret_value() if token else "")
        return self._budgets.setdefault(key, Budget(allowance, window))

    def client(self) -> httpx.AsyncClient:
        """The connections, made when first needed."""
        if self._client is None:
            from http.cookiejar import DefaultCookiePolicy

            import httpx

            # httpx logs whole addresses at INFO and httpcore headers at DEBUG; both hold secrets.
            logging.getLogger("httpx").setLevel(logging.WARNING)
            logging.getLogger("httpcore").setLevel(logging.WARNING)
            self._client = httpx.AsyncClient(
                transport=self._transport,
                timeout=None,  # noqa: S113 - the whole try has a deadline
                follow_redirects=False,
                headers={"User-Agent": f"stockdrift/{__version__}", "Accept-Encoding": "gzip"},
                mounts=dict.fromkeys(("all://127.0.0.1", "all://localhost", "all://[::1]")),  # never by a proxy
            )
            # What one credential was given must not go out with another: a shopper's view stays a shopper's.
            self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return self._client

    async def close(self) -> None:
        """Gives the connections back. May be called more than once; a later request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


class Endpoint:
    """Reads one source; used by one task at a time. Faults come as :class:`SurfaceFault` and in no other form."""

    def __init__(
        self,
        http: Http,
        base_url: str,
        token: SecretStr | None,
        budget: Budget | None,
        carrier: Carrier = BEARER,
        refusal: Refusal | None = None,
    ) -> None:
        self._http = http
        self._base = base_url
        self._token = token
        self._budget = budget
        self._carrier = carrier
        self._refusal = refusal
        self._secrets = secrets_of(base_url, token)
        self._meter = Meter()

    def use(self, token: SecretStr | None) -> None:
        """Goes on with another token, such as a log-in gives, or without one."""
        self._token = token
        self.conceal(token)

    def conceal(self, *secrets: SecretStr | None) -> None:
        """Keeps ``secrets`` out of every reason, besides those that are known already."""
        more = {spelled for secret in secrets for spelled in secrets_of("", secret)}
        self._secrets = sorted({*self._secrets, *more}, key=len, reverse=True)

    async def get(
        self, path: str = "", params: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a GET of ``path`` below the base address: 2xx and whole, or 304 where ``headers`` ask for what
        is not known yet (RFC 9110, 13.1). Tries again what may pass: 429, 500,
        502, 503, 504, connection errors, time-outs, cut-off answers. Raises SurfaceFault.
        """
        return await self._ask(path, params or {}, headers or {}, None)

    async def post(self, path: str, value: object, headers: Mapping[str, str] | None = None) -> Answer:
        """As :meth:`get`, for a question that is put as JSON in a POST. It is tried again too: only ask what changes
        nothing.
        """
        return await self._ask(path, {}, {**_SENT_JSON, **(headers or {})}, msgspec.json.encode(value))

    async def send(
        self,
        method: str,
        path: str,
        value: object,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a request that changes something, sent once and never again by itself. Raises SurfaceFault: one
        that is ``unsent`` where nothing went out.
        """
        http = self._http
        try:
            target = address_of(self._base, path, params or {})
            sent = {**_SENT_JSON, **(headers or {}), **self._credentials()}
            await self._take_turn()
        except SurfaceFault as caught:
            fault = self._final(caught, 1)
            fault.unsent = True
        else:
            body = msgspec.json.encode(value)
            try:
                found = await self._fetch(path, target, sent, method, body)
            except SurfaceFault as caught:
                if caught.kind is Fault.THROTTLED and self._budget is not None:
                    self._budget.throttled(http.clock(), caught.retry_after)
                fault = self._final(caught, 1)
            else:
                if isinstance(found, Answer):
                    return found
                fault = SurfaceFault(f"HTTP {found.status}: a redirect is not followed by a write", Fault.REDIRECT)
        raise fault

    async def get_json(
        self,
        shape: type[T],
        path: str = "",
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """As :meth:`get`, decoded as ``shape``: any type that msgspec knows."""
        answer = await self.get(path, params, {**_JSON, **(headers or {})})
        return decode_json(answer, shape, max_depth=self._http.max_depth)

    def take_traffic(self) -> Traffic:
        """What has gone over the wire since this was last asked."""
        meter, self._meter = self._meter, Meter()
        budget = self._budget.share(self._http.clock()) if self._budget else None
        calls = tuple(meter.calls) if meter.requests > 1 or meter.failures else ()
        return Traffic(meter.requests, meter.failures, meter.throttled, meter.bytes, budget, calls)

    def redact(self, text: str) -> str:
        """``text`` without the secrets of this endpoint, for what a server said and an operator will read."""
        return redact(text, self._secrets)

    async def _ask(
        self, path: str, params: Mapping[str, str | int], headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        tries = 0
        while True:
            tries += 1
            try:
                return await self._try(path, params, headers, body)
            except SurfaceFault as caught:
                fault = caught  # raised again outside, where no chain of exceptions can tell an address
            await self._wait_or_give_up(fault, tries)

    async def _try(
        self, path: str, params: Mapping[str, str | int], headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        """One try, redirects followed."""
        target = address_of(self._base, path, params)
        sent = {**headers, **self._credentials()}
        for hops in range(_REDIRECTS + 1):
            await self._take_turn()
            answer = await self._fetch(path, target, sent, "GET" if body is None else "POST", body)
            if isinstance(answer, Answer):
                return replace(answer, moved=True) if hops else answer
            target = redirected(target, answer, self._meter)
        self._meter.failures += 1
        raise SurfaceFault(f"more than {_REDIRECTS} redirects", Fault.REDIRECT)

    async def _fetch(
        self, path: str, target: httpx.URL, headers: Mapping[str, str], method: str, body: bytes | None
    ) -> Answer | Redirect:
        """One request, which the meter keeps by the last part of ``path``: the address itself may hold a secret."""
        http, asked = self._http, path.rstrip("/").rpartition("/")[2] or "file"
        began = http.clock()
        try:
            found = await fetch(
                http.client(), target, headers, http.limits, self._meter, http.clock,
                method=method, body=body, refusal=self._refusal,
            )  # fmt: skip
        except SurfaceFault as fault:
            self._meter.note(asked, began, http.clock(), fault.status or 0, self.redact(fault.reason))
            raise
        self._meter.note(asked, began, http.clock(), found.status, "")
        return found

    def _credentials(self) -> dict[str, str]:
        if self._token is None:
            return {}
        token = self._token.get_secret_value()
        if not (token.isascii() and token.isprintable()):
            raise SurfaceFault("the token holds characters that a header cannot carry", Fault.REFUSED)
        header, before = self._carrier
        return {header: f"{before}{token}"}

    async def _take_turn(self) -> None:
        """Waits until the budget allows a request."""
        if self._budget is None:
            return
        http, budget = self._http, self._budget
        self._refuse_long_pause(budget.paused_for(http.clock()))
        wait = budget.reserve(http.clock())
        while wait > 0:
            refusals = budget.refusals
            await http.sleep(wait / 1_000)
            if budget.refusals == refusals:
                return
            wait = budget.paused_for(http.clock())  # another reader of this credential met a 429 meanwhile
            self._refuse_long_pause(wait)

    def _refuse_long_pause(self, pause: int) -> None:
        if pause > self._http.backoff_cap_ms:
            reason = f"throttled earlier: the vendor asks for no requests for another {duration_words(pause)}"
            raise SurfaceFault(reason, Fault.THROTTLED, status=429, retry_after=pause)

    async def _wait_or_give_up(self, fault: SurfaceFault, tries: int) -> None:
        """Waits before the next try, or raises what the operator reads."""
        http = self._http
        if fault.kind is Fault.THROTTLED and self._budget is not None:
            self._budget.throttled(http.clock(), fault.retry_after)
        again = fault.status in _STATUS_TRY_AGAIN or fault.kind in _KIND_TRY_AGAIN
        too_long = fault.retry_after > http.backoff_cap_ms
        if not again or too_long or tries >= http.tries:
            raise self._final(fault, tries)
        await http.sleep(max(backoff(tries, http.backoff_cap_ms, http.jitter), fault.retry_after) / 1_000)

    def _final(self, fault: SurfaceFault, tries: int) -> SurfaceFault:
        reason = fault.reason
        if tries > 1:
            reason += f" after {tries} tries" if fault.status else f" ({tries} tries)"
        if fault.retry_after and "throttled earlier" not in reason:
            reason += f", Retry-After {duration_words(fault.retry_after)}"
        if fault.status in (401, 403) and fault.reason == f"HTTP {fault.status}":
            reason += _refusal(fault.status, self._token is not None)
        return SurfaceFault(
            self.redact(reason), fault.kind, status=fault.status, retry_after=fault.retry_after, unsent=fault.unsent
        )


def _refusal(status: int, has_token: bool) -> str:
    if status == 401:
        return ": the token is refused" if has_token else ": it asks for a token, and the settings name none"
    return ": the token may not read this" if has_token else ": it may not be read without a token"
