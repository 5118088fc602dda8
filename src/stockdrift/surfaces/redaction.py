"""Keeping secrets out of what people read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import SecretStr

_SHORTEST: Final = 4
"""A query value shorter than this is no secret, and taking it out would eat ordinary words."""


def secrets_of(address: str, token: SecretStr | None) -> Sequence[str]:
    """What must not be read of a source: its token, a password in its address, the values of its query."""
    found = [token.get_secret_value()] if token else []
    try:
        parts = urlsplit(address)
        found += [value for _, value in parse_qsl(parts.query) if len(value) >= _SHORTEST]
        found += [part for part in (parts.password, parts.username) if part]
    except ValueError:
        pass  # not an address: nothing will be sent there
    spelled = {spelling for secret in found for spelling in _spellings(secret)}
    return sorted(spelled, key=len, reverse=True)


def redact(text: str, secrets: Sequence[str]) -> str:
    """``text`` with each secret replaced."""
    for secret in secrets:
        text = text.replace(secret, "•••")
    return text


def _spellings(secret: str) -> Iterable[str]:
    return (spelling for spelling in (secret, quote(secret, ""), quote_plus(secret), unquote(secret)) if spelling)
