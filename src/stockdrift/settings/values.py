"""The kinds of value a settings file holds: durations, tolerances, percentages, secrets."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, SecretStr

from stockdrift.stock.rules import WHOLE, Tolerance

_UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.ASCII)
_PERCENT: Final = re.compile(r"(\d+(?:\.\d{1,2})?)\s*%", re.ASCII)


def parse_duration(value: Any) -> int:
    """Milliseconds of ``"30s"``, ``"15m"``, ``"1h30m"``, ``"2d"``, ``"500ms"``. Raises ValueError."""
    text = str(value).strip()
    parts = list(_DURATION.finditer(text))
    if not parts or _DURATION.sub("", text).strip():
        raise ValueError(f'not a duration: {text!r}; write it like "30s", "15m", "1h30m" or "2d"')
    return round(sum(float(part[1]) * _UNITS[part[2]] for part in parts))


def parse_percent(value: Any) -> int:
    """Basis points of ``"5%"`` or ``"2.5 %"``. Raises ValueError."""
    match = _PERCENT.fullmatch(str(value).strip())
    if not match:
        raise ValueError(f'not a percentage: {str(value)!r}; write it like "5%"')
    return round(float(match[1]) * 100)


def parse_share(value: Any) -> int:
    """Basis points of ``"50%"`` or ``0.5``; at most 100 %. Raises ValueError."""
    share = parse_percent(value) if isinstance(value, str) else round(float(value) * WHOLE)
    if not 0 <= share <= WHOLE:
        raise ValueError(f'a share lies between 0 and 1, or "0%" and "100%", not {value!r}')
    return share


def parse_tolerance(value: Any) -> Tolerance:
    """``2`` or ``"5%"``; a floor in units is a setting of its own. Raises ValueError."""
    if isinstance(value, Tolerance):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Tolerance(units=value)
    if isinstance(value, str):
        text = value.strip()
        return Tolerance(units=int(text)) if text.isdecimal() else Tolerance(percent=parse_percent(text))
    raise ValueError(f'not a tolerance: {value!r}; write whole units such as 2, or a percentage such as "5%"')


def read_secret(value: Any) -> Any:
    """The secret that ``"env:NAME"`` or ``"file:PATH"`` points at. A secret itself is refused: it has no place in a
    settings file. Raises ValueError, naming the reference and never the secret.
    """
    if isinstance(value, SecretStr):
        return value
    text = str(value)
    kind, _, rest = text.partition(":")
    if kind == "env" and rest:
        secret = os.environ.get(rest)
        if not secret:
            raise ValueError(f"the environment variable {rest} is not set")
    elif kind == "file" and rest:
        try:
            secret = Path(rest).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(
                f"cannot read the secret file {rest}: {getattr(error, 'strerror', '') or 'not text'}"
            ) from None
        if not secret:
            raise ValueError(f"the secret file {rest} is empty")
    else:
        raise ValueError('write a secret as "env:NAME" or "file:PATH", never itself')
    return SecretStr(secret)


Duration = Annotated[int, BeforeValidator(parse_duration), Field(ge=0)]
Percent = Annotated[int, BeforeValidator(parse_percent), Field(ge=0, le=WHOLE)]
Share = Annotated[int, BeforeValidator(parse_share)]
ToleranceValue = Annotated[Tolerance, BeforeValidator(parse_tolerance)]
Secret = Annotated[SecretStr, BeforeValidator(read_secret)]
