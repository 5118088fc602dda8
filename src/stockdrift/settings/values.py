"""The kinds of value a settings file holds: durations, tolerances, percentages, secrets."""

from __future__ import annotations

import os
import re
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, SecretStr, StringConstraints

from stockdrift.stock.levels import QUANTITY_MAX
from stockdrift.stock.rules import WHOLE, Tolerance
from stockdrift.stock.text import clean, clean_sku

T = TypeVar("T")

_UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h|d)", re.ASCII)
_PERCENT: Final = re.compile(r"(\d{1,6}(?:\.\d{1,2})?)\s*%", re.ASCII)
_FRACTION: Final = re.compile(r"(\d?(?:\.\d{1,9})?)", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9]{0,11}(?:_[A-Z0-9]{0,15}){0,6}", re.ASCII)
"""What is surely the name of a variable: anything else after ``env:`` may be a secret, and is not told."""
_LEAST_PAUSE: Final = 100
_SIZES: Final = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*(B|[KMG]I?B)?", re.ASCII | re.IGNORECASE)
_LONGEST: Final = 3_650 * _UNITS["d"]


def parse_duration(value: Any) -> int:
    """Milliseconds of ``"30s"``, ``"15m"``, ``"1h30m"``, ``"2d"``, ``"500ms"``. Raises ValueError."""
    text = str(value).strip()
    parts = list(_DURATION.finditer(text))
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError(f'not a duration: {text[:40]!r}; write it like "30s", "15m", "1h30m" or "2d"')
    duration = round(sum(Decimal(part[1]) * _UNITS[part[2]] for part in parts))
    if duration > _LONGEST:
        raise ValueError(f"{text} is longer than ten years")
    return duration


def parse_span(value: Any) -> int:
    """As :func:`parse_duration`, for a time that must pass: zero would read without pause. Raises ValueError."""
    duration = parse_duration(value)
    if duration <= 0:
        raise ValueError("must be longer than nothing")
    return duration


def parse_pause(value: Any) -> int:
    """As :func:`parse_duration`, for the time between two reads, a tenth of a second at least. Raises ValueError."""
    duration = parse_duration(value)
    if duration < _LEAST_PAUSE:
        raise ValueError("must be at least 100ms: a source is not read without pause")
    return duration


def parse_size(value: Any) -> int:
    """Bytes of ``"500MB"``, ``"2GB"``, ``"1.5GiB"`` or a bare number of them. Raises ValueError."""
    match = None if isinstance(value, bool) else _SIZE.fullmatch(str(value).strip())
    if not match:
        raise ValueError(f'not a size: {str(value)[:40]!r}; write it like "500MB" or "2GB"')
    return int(Decimal(match[1]) * _SIZES[(match[2] or "").upper()])


def parse_percent(value: Any) -> int:
    """Basis points of ``"5%"`` or ``"2.5 %"``. Raises ValueError."""
    match = _PERCENT.fullmatch(str(value).strip())
    if not match:
        raise ValueError(f'not a percentage: {str(value)[:40]!r}; write it like "5%"')
    return round(Decimal(match[1]) * 100)


def parse_moment(value: Any) -> int:
    """Milliseconds since the epoch of a date, which means its first moment, or of a date and time; without an offset
    in this machine's zone. TOML's own, or ISO 8601 as text. Raises ValueError.
    """
    hint = "write it like 2026-12-24, 2026-12-24T18:00:00 or 2026-12-24T18:00:00+01:00"
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"not a date: {value[:40]!r}; {hint}") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise ValueError(f"not a date; {hint}")
    try:
        return round(value.timestamp() * 1_000)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{value} is no date that a clock will show") from None


def parse_sku(value: Any) -> Any:
    """The cleaned SKU. Raises ValueError where there is none."""
    if isinstance(value, str) and not clean_sku(value):
        raise ValueError("must not be empty")
    return clean_sku(value) if isinstance(value, str) else value


def parse_part(value: Any) -> int:
    """As :func:`parse_percent`, and at most the whole. Raises ValueError."""
    part = parse_percent(value)
    if part > WHOLE:
        raise ValueError("must be at most 100%")
    return part


def parse_share(value: Any) -> int:
    """Basis points of ``"50%"``, ``0.5`` or ``"0.5"``; at most 100 %. Raises ValueError."""
    text = "" if isinstance(value, bool) else str(value).strip()
    share = -1
    if text.endswith("%"):
        share = parse_percent(text)
    elif text and _FRACTION.fullmatch(text):
        share = round(Decimal(text) * WHOLE)
    if not 0 <= share <= WHOLE:
        raise ValueError(f'a share lies between 0 and 1, or "0%" and "100%", not {str(value)[:40]!r}')
    return share


def refuse_switch(value: Any) -> Any:
    """``value`` unless it is true or false, which Python would take for 1 and 0. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError(f"must be a whole number, not {str(value).lower()}")
    return value


def parse_tolerance(value: Any) -> Tolerance:
    """``2`` or ``"5%"``; a floor in units is a setting of its own. Raises ValueError."""
    if isinstance(value, Tolerance):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= QUANTITY_MAX:
        return Tolerance(units=value)
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdecimal() and len(text) <= 9:
            return Tolerance(units=int(text))
        if "%" in text:
            return Tolerance(percent=parse_percent(text))
    raise ValueError(f'not a tolerance: {str(value)[:40]!r}; write whole units such as 2, or a percentage such as "5%"')


def read_password(value: Any) -> SecretStr:
    """The secret that ``"env:NAME"`` or ``"file:PATH"`` points at. A secret itself is refused: it has no place in a
    settings file. Raises ValueError, naming the reference and never the secret.
    """
    if isinstance(value, SecretStr):
        return value
    kind, _, rest = str(value).partition(":")
    if kind == "env" and rest:
        secret = os.environ.get(rest, "").strip() if "\0" not in rest else ""
        if not secret:
            named = f"variable {rest}" if _VARIABLE.fullmatch(rest) else 'variable that "env:" names (it is not shown)'
            raise ValueError(f"the environment {named} is not set")
    elif kind == "file" and rest:
        try:
            secret = Path(rest).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, RuntimeError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not text"
            raise ValueError(f"cannot read the secret file {rest}: {why}") from None
        if not secret:
            raise ValueError(f"the secret file {rest} is empty")
    else:
        raise ValueError('write a secret as "env:NAME" or "file:PATH", never itself')
    return SecretStr(secret)


def read_secret(value: Any) -> SecretStr:
    """As :func:`read_password`, for a token: what a header can carry. Raises ValueError."""
    secret = read_password(value)
    token = secret.get_secret_value()
    if not isinstance(value, SecretStr) and not (token.isascii() and token.isprintable() and " " not in token):
        kind, _, rest = str(value).partition(":")
        raise ValueError(f"the {'environment variable' if kind == 'env' else 'secret file'} {rest} holds no token")
    return secret


def parse_names(value: Any) -> Any:
    """A list of names; the environment writes it as ``"one, another"``. Raises ValueError."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ValueError('must be a list of names; write it like ["one", "another"]')
    return tuple(clean(name) for name in names)


def check_address(address: str) -> str:
    """``address`` if it is an http or https URL without credentials in it. Raises ValueError, without quoting it: an
    address may hold a secret.
    """
    if not address.isprintable() or " " in address:
        raise ValueError("an address holds neither spaces nor control characters; write them like %20")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ValueError("not an address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError('not an address; write it like "https://shop.example/stock.csv"')
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user name or password does not belong in an address; use token")
    return address


def parse_path(value: Any) -> Any:
    """``value`` unless it names no file. Raises ValueError."""
    if isinstance(value, str | Path) and (not str(value).strip() or "\0" in str(value)):
        raise ValueError("is not a path")
    return value


def check_currency(code: str) -> str:
    """``code`` in capitals; empty where there is none. Raises ValueError."""
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError('not a currency; write its ISO code, such as "GBP"')
    return code.upper()


def check_link(link: str) -> str:
    """``link``, an address in which ``{sku}`` may stand for the SKU. Raises ValueError.

    It goes to the terminal as it is, so it holds nothing but visible ASCII.
    """
    if not link.startswith(("https://", "http://")) or not link.isascii() or not link.isprintable() or " " in link:
        raise ValueError('not a link; write it as "https://panel.example/products?keyword={sku}"')
    if "{" in link.replace("{sku}", "") or "}" in link.replace("{sku}", ""):
        raise ValueError("in a link only {sku} stands for something")
    return link


def check_skus(table: dict[str, T]) -> dict[str, T]:
    """``table`` by cleaned SKU. Raises ValueError where a SKU is empty, or there twice but for white space."""
    cleaned: dict[str, T] = {}
    for sku, value in table.items():
        name = clean_sku(sku)
        if not name or name in cleaned:
            raise ValueError(f"{name} is there twice" if name else "a SKU is empty")
        cleaned[name] = value
    return cleaned


Duration = Annotated[int, BeforeValidator(parse_duration)]
"""Milliseconds, zero included."""
Span = Annotated[int, BeforeValidator(parse_span)]
"""Milliseconds, more than none."""
Pause = Annotated[int, BeforeValidator(parse_pause)]
"""Milliseconds, enough to rest."""
Size = Annotated[int, BeforeValidator(parse_size)]
"""Bytes."""
Percent = Annotated[int, BeforeValidator(parse_part)]
"""Basis points, up to the whole."""
Share = Annotated[int, BeforeValidator(parse_share)]
"""Basis points, up to the whole."""
Whole = Annotated[int, BeforeValidator(refuse_switch)]
Units = Annotated[Whole, Field(ge=0, le=QUANTITY_MAX)]
"""As many as a level can say."""
Text = Annotated[str, AfterValidator(clean)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(clean)]
"""Text that somebody has to write."""
Moment = Annotated[int, BeforeValidator(parse_moment)]
"""Milliseconds since the epoch."""
Sku = Annotated[str, BeforeValidator(parse_sku)]
Column = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Currency = Annotated[str, AfterValidator(check_currency)]
FilePath = Annotated[Path, BeforeValidator(parse_path)]
Names = Annotated[tuple[str, ...], BeforeValidator(parse_names)]
BySku = Annotated[dict[str, T], AfterValidator(check_skus)]
ToleranceValue = Annotated[InstanceOf[Tolerance], BeforeValidator(parse_tolerance)]
Secret = Annotated[SecretStr, BeforeValidator(read_secret)]
"""A token."""
Password = Annotated[SecretStr, BeforeValidator(read_password)]
"""Any text."""
Link = Annotated[str, AfterValidator(check_link)]
"""An address with ``{sku}`` in it."""
Address = Annotated[str, AfterValidator(check_address)]
