"""Questions to a GraphQL API over HTTP (spec.graphql.org, *Response*; graphql.github.io/graphql-over-http): an answer
with errors is a fault, whatever data stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from stockdrift.surfaces.answers import Answer, decode_json
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Endpoint

T = TypeVar("T")

_LONGEST_SAID: Final = 160

_KINDS: Final = {
    "FORBIDDEN": (Fault.REFUSED, 403),
    "UNAUTHORIZED": (Fault.REFUSED, 401),
    "UNAUTHENTICATED": (Fault.REFUSED, 401),
    "CHANNEL_NOT_FOUND": (Fault.MISSING, None),
    "INTERNAL_SERVER_ERROR": (Fault.SERVER, None),
}
"""By the codes of Apollo Server and of Vendure (docs.vendure.io, *Error handling*)."""


class _Extensions(msgspec.Struct):
    code: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    extensions: _Extensions | None = None


class _Envelope(msgspec.Struct):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_Error] | None = None


async def ask(
    endpoint: Endpoint,
    shape: type[T],
    query: str,
    variables: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    max_depth: int = 64,
) -> tuple[T, Answer]:
    """The ``data`` of the answer to ``query`` as ``shape``, and the answer that it came in. Raises SurfaceFault."""
    answer = await endpoint.post("", {"query": query, "variables": dict(variables or {})}, headers)
    return _data(endpoint, shape, answer, max_depth), answer


async def tell(
    endpoint: Endpoint,
    shape: type[T],
    mutation: str,
    variables: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
    *,
    max_depth: int = 64,
) -> T:
    """As :func:`ask`, for a mutation: sent once. Raises SurfaceFault."""
    sent = {"query": mutation, "variables": dict(variables)}
    return _data(endpoint, shape, await endpoint.send("POST", "", sent, headers=headers), max_depth)


def _data(endpoint: Endpoint, shape: type[T], answer: Answer, max_depth: int) -> T:
    envelope = decode_json(answer, _Envelope, max_depth=max_depth)
    if envelope.errors:
        fault = _fault(envelope.errors)
        raise SurfaceFault(endpoint.redact(fault.reason), fault.kind, status=fault.status)
    if bytes(envelope.data) == b"null":
        raise SurfaceFault("an answer without data", Fault.SHAPE)
    return decode_json(Answer(answer.status, answer.headers, bytes(envelope.data)), shape, max_depth=max_depth)


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> SurfaceFault | None:
    """What the body of an error answer says, where it is one of GraphQL's: a query that this version of the API does
    not know comes with status 400.
    """
    del headers
    try:
        errors = msgspec.json.decode(body, type=_Envelope).errors
    except (msgspec.DecodeError, RecursionError):
        return None
    if not errors or status in (401, 403, 429) or status >= 500:
        return None
    fault = _fault(errors)
    return SurfaceFault(f"HTTP {status}: {fault.reason}", fault.kind, status=fault.status or status)


def _fault(errors: Sequence[_Error]) -> SurfaceFault:
    first = errors[0]
    code = first.extensions.code if first.extensions else ""
    kind, status = _KINDS.get(code, (Fault.REJECTED, None))
    said = " ".join(first.message.split()) or code or "an error without words"
    if len(said) > _LONGEST_SAID:
        said = said[: _LONGEST_SAID - 1] + "…"
    return SurfaceFault(f"the API says: {said}", kind, status=status)
