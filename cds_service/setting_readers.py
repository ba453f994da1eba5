"""How the text of an environment variable is read; each reader says in words what it wants."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from ipaddress import ip_network
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet

from cds_service.guideline_profile import UnknownProfileError, load_profile
from fhir_mapping.none_recorded import NONE_RECORDED

__all__ = [
    "SHORTEST_KEY",
    "base_url",
    "comment_key",
    "conversion_factor",
    "days",
    "header_name",
    "log_level",
    "names",
    "networks",
    "none_recorded",
    "origins",
    "port",
    "positive",
    "profile",
    "seconds",
    "secret_key",
    "switch",
    "time_zone",
]

SHORTEST_KEY = 32
"""Characters of a secret key. Our own choice: 128 bits even if it is written in hexadecimal."""

_MOST_DAYS = 36_500


def switch(text: str) -> bool:
    """Read 0 or 1."""
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return text == "1"


def port(text: str) -> int:
    """Read a port."""
    number = _whole(text)
    if not 1 <= number <= 65535:
        raise ValueError("must be a port from 1 to 65535")
    return number


def positive(text: str) -> int:
    """Read a whole number from 1."""
    number = _whole(text)
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def days(text: str) -> int:
    """Read a whole number of days; 0 has a meaning of its own."""
    number = _whole(text)
    if number > _MOST_DAYS:
        raise ValueError(f"must be {_MOST_DAYS} or less")
    return number


def seconds(text: str) -> float:
    """Read a time budget."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not Decimal("0.1") <= number <= 60:
        raise ValueError("must be a number of seconds from 0.1 to 60")
    return float(number)


def names(text: str) -> tuple[str, ...]:
    """Read names separated by commas."""
    return tuple(dict.fromkeys(item.strip() for item in text.split(",") if item.strip()))


def none_recorded(text: str) -> frozenset[str]:
    """Read the inputs of which "none recorded" means absent."""
    wanted = frozenset(names(text)) - {"none"}
    if wanted - NONE_RECORDED.keys():
        known = ", ".join(sorted(NONE_RECORDED))
        raise ValueError(f"must be none, or some of {known}, separated by commas")
    return wanted


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("must be a whole number")
    return int(text)


def conversion_factor(text: str) -> Decimal:
    """Read a plausible conversion factor."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    # NaN cannot even be compared.
    if not number.is_finite() or not Decimal("0.5") <= number <= 5:
        raise ValueError("must be a decimal number from 0.5 to 5")
    return number


def time_zone(text: str) -> ZoneInfo:
    """Read the name of a time zone."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone name such as Asia/Shanghai") from None


def base_url(text: str) -> str:
    """Read an http(s) address without query, and drop the slash at its end."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://cds.hospital.example")
    return text.rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    """Read origins separated by commas."""
    origins = tuple(item.strip().rstrip("/") for item in text.split(",") if item.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise ValueError("must be origins such as https://ehr.example, separated by commas")
    return origins


def profile(text: str) -> str:
    """Read the name of a guideline profile that exists."""
    try:
        load_profile(text)
    except UnknownProfileError as error:
        raise ValueError(f"cannot be used: {error}") from None
    return text


def secret_key(text: str) -> str:
    """Read a key that is long enough."""
    if len(text) < SHORTEST_KEY:
        raise ValueError(f"must have {SHORTEST_KEY} characters or more")
    return text


def comment_key(text: str) -> str:
    """Read a Fernet key."""
    try:
        Fernet(text)
    except ValueError:
        raise ValueError(
            "must be a Fernet key: 32 random bytes in URL-safe base64"
            " (python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key())')"
        ) from None
    return text


def log_level(text: str) -> str:
    """Read a log level."""
    if text not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return text


def header_name(text: str) -> str:
    """Read the name of an HTTP header."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", text):
        raise ValueError("must be the name of an HTTP header such as X-Roles")
    return text


def networks(text: str) -> tuple[str, ...]:
    """Read addresses or networks separated by commas."""
    items = tuple(item.strip() for item in text.split(",") if item.strip())
    for item in items:
        try:
            ip_network(item)
        except ValueError:
            raise ValueError("must be addresses or networks such as 10.0.0.0/24") from None
    return items
