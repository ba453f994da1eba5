"""Web addresses as the service accepts them: one spelling each, so that comparing them is safe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import SplitResult, unquote, urlsplit

__all__ = ["MAX_URL_CHARACTERS", "Address", "AddressRefusedError", "Origin", "parse_address"]

# Ours: `next` links of a page can be long (microsoft/fhir-server#2250 saw more than 4 kB).
MAX_URL_CHARACTERS = 8192

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# The WHATWG URL rule "ends in a number": such a host is read as an IPv4 address by some clients
# (0x7f.1, 2130706433, 127.1), so only the canonical dotted form is accepted.
_NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


class AddressRefusedError(ValueError):
    """A web address that is not accepted; `code` says why, and no part of the address is repeated."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port; the port is always written out."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return f"{self.scheme}://{self.host}"
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def is_ip_address(self) -> bool:
        """Whether the host is written as a number rather than a name."""
        return _is_canonical_ipv4(self.host)


@dataclass(frozen=True, slots=True)
class Address:
    """An accepted web address: its origin, its path and its query as they are sent."""

    origin: Origin
    path: str
    query: str

    def __str__(self) -> str:
        return f"{self.origin}{self.path}" + (f"?{self.query}" if self.query else "")


def parse_address(url: object) -> Address:
    """Return the parts of an absolute http(s) URL, or raise `AddressRefusedError` with the reason."""
    if not isinstance(url, str) or not url:
        raise AddressRefusedError("not_a_url", "it is not a URL")
    if len(url) > MAX_URL_CHARACTERS:
        raise AddressRefusedError("too_long", f"it is longer than {MAX_URL_CHARACTERS} characters")
    if not url.isascii():
        raise AddressRefusedError("not_ascii", "it has a character outside ASCII")
    # urlsplit drops tabs and line ends in silence, and browsers read \ as /: both hide a host.
    if any(character <= " " or character in '\\\x7f"<>^`{}' for character in url):
        raise AddressRefusedError("bad_character", "it has a character that a URL must not have")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefusedError("not_a_url", "it is not a URL") from None
    origin = _read_origin(parts, port)
    if "#" in url:
        raise AddressRefusedError("fragment", "it has a fragment (#)")
    if _has_dot_segments(parts.path):
        raise AddressRefusedError("dot_segments", "its path has . or .. segments")
    return Address(origin=origin, path=parts.path, query=parts.query)


def _read_origin(parts: SplitResult, port: int | None) -> Origin:
    if parts.scheme not in _DEFAULT_PORTS:
        raise AddressRefusedError("scheme", "it does not start with https:// or http://")
    if "@" in parts.netloc:
        raise AddressRefusedError("userinfo", "it carries a user name or password")
    host = parts.hostname or ""
    _check_host(host, parts.netloc)
    if parts.netloc.endswith(":"):
        raise AddressRefusedError("port", "it has a colon without a port")
    if port is None:
        port = _DEFAULT_PORTS[parts.scheme]
    # Ports below 1024 other than the scheme's own belong to other services (mail, ssh, ...).
    elif port < 1024 and port != _DEFAULT_PORTS[parts.scheme]:
        raise AddressRefusedError("port", "its port belongs to another kind of service")
    return Origin(scheme=parts.scheme, host=host, port=port)


def _check_host(host: str, netloc: str) -> None:
    if not host:
        raise AddressRefusedError("no_host", "it names no host")
    if "[" in netloc or "]" in netloc:
        raise AddressRefusedError("ip_address", "its host is an IPv6 address")
    if "%" in host:
        raise AddressRefusedError("bad_character", "its host is percent-encoded")
    if host.endswith("."):
        raise AddressRefusedError("trailing_dot", "its host ends with a dot")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefusedError("bad_host", "its host is not a host name")
    if _NUMERIC_LABEL.fullmatch(labels[-1]) and not _is_canonical_ipv4(host):
        raise AddressRefusedError("ip_address", "its host is an IP address in an unusual spelling")


def _is_canonical_ipv4(host: str) -> bool:
    try:
        return str(IPv4Address(host)) == host
    except AddressValueError:
        return False


def _has_dot_segments(path: str) -> bool:
    # urllib3 resolves "..", also when written %2e%2e, so a path could leave its base unseen.
    segments = unquote(path).replace("\\", "/").split("/")
    return "." in segments or ".." in segments
