"""The one guarded way out: every outgoing HTTP call, key sets included, goes through here.

Nothing leaves unless its exact origin (scheme, host, port) is listed; https only, plain http only
to a host listed as a sandbox; no redirect, no proxy or netrc from the environment, no cookie kept;
every answer is bounded in time and size. Errors and log lines carry the host at most: never a path,
a query, a header, a token or a body. A name that is listed may resolve to any address: hospital FHIR
servers are internal, so private addresses are not refused; whoever lists a host vouches for it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import requests
import urllib3.exceptions
from requests.adapters import BaseAdapter, HTTPAdapter

from cds_service.log_redaction import withhold_details_from_logs
from cds_service.origin import Address, AddressRefusedError, Origin, parse_address

__all__ = [
    "Answer",
    "Outgoing",
    "OutgoingError",
    "OutgoingFailedError",
    "OutgoingLimits",
    "OutgoingRefusedError",
    "TimeBudget",
]

_BEARER = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # b64token, RFC 6750 section 2.1
_BUSY = frozenset({429, 503})
_CHUNK_BYTES = 65_536


class OutgoingError(Exception):
    """An outgoing call that gave nothing usable; `code` is stable, `host` may be empty."""

    def __init__(self, code: str, host: str = "", *, status: int = 0) -> None:
        where = f" ({host})" if host else ""
        what = f"{code} {status}" if status else code
        super().__init__(f"outgoing call {what}{where}")
        self.code = code
        self.host = host
        self.status = status


class OutgoingRefusedError(OutgoingError):
    """Our own guard said no: nothing was sent."""


class OutgoingFailedError(OutgoingError):
    """The call was made and brought nothing usable."""


@dataclass(frozen=True, slots=True)
class OutgoingLimits:
    """Bounds of one call; all are ours, chosen for a hook that should answer within a second or two."""

    connect_seconds: float = 2.0
    read_seconds: float = 5.0
    max_bytes: int = 8_000_000
    max_attempts: int = 3
    first_backoff_seconds: float = 0.1
    connections_per_host: int = 16


class TimeBudget:
    """The time left for a piece of work, on an injected monotonic clock."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def remaining_seconds(self) -> float:
        """Return what is left, never below zero."""
        return max(0.0, self._end - self._clock())


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; its body is never shown in a repr."""

    status: int
    body: bytes = field(repr=False)


class Outgoing:
    """A pooled session that only talks to listed origins; safe to share between threads.

    `origins` are the origins that may be called; `sandbox_hosts` are the hosts to which plain http
    (and a numeric address) is accepted. A listed origin that breaks these rules is refused at once.
    """

    def __init__(
        self,
        origins: Iterable[Origin],
        *,
        sandbox_hosts: Iterable[str] = (),
        transport: BaseAdapter | None = None,
        limits: OutgoingLimits | None = None,
        ca_bundle: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._origins = frozenset(origins)
        sandboxes = frozenset(sandbox_hosts)
        for origin in self._origins:
            if origin.host not in sandboxes and (origin.scheme != "https" or origin.is_ip_address):
                raise OutgoingRefusedError("origin_not_https", origin.host)
        self._limits = limits or OutgoingLimits()
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._session = _guarded_session(self._limits, ca_bundle, transport)
        withhold_details_from_logs()

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def get(
        self,
        url: str,
        *,
        accept: str,
        content_types: Iterable[str],
        budget: TimeBudget,
        bearer: str = "",
        form: str | None = None,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer to a GET, or to a POST of `form` (a search whose URL would be too long).

        Raises `OutgoingRefusedError` before anything is sent, `OutgoingFailedError` after it.
        """
        address = self._allowed(url)
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        if bearer:
            if not _BEARER.fullmatch(bearer):
                raise OutgoingRefusedError("bad_token", address.origin.host)
            headers["Authorization"] = f"Bearer {bearer}"
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        call = _Call(
            address=address,
            headers=headers,
            form=form,
            content_types=frozenset(content_types),
            max_bytes=max_bytes or self._limits.max_bytes,
        )
        return self._send_with_retries(call, budget)

    def post_once(
        self,
        url: str,
        form: str,
        *,
        content_types: Iterable[str],
        budget: TimeBudget,
        max_bytes: int,
    ) -> Answer:
        """Return the answer to a form that may be sent once only, such as one that redeems a code.

        Raises `OutgoingRefusedError` before anything is sent, `OutgoingFailedError` after it.
        """
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        call = _Call(self._allowed(url), headers, form, frozenset(content_types), max_bytes)
        outcome, _ = self._attempt(call, budget)
        if isinstance(outcome, Answer):
            return outcome
        raise outcome

    def _allowed(self, url: str) -> Address:
        try:
            address = parse_address(url)
        except AddressRefusedError as refused:
            code = refused.code
        else:
            if address.origin in self._origins:
                return address
            code = "origin_not_listed"
        # Raised outside the except block: nothing of the URL hangs on as context.
        raise OutgoingRefusedError(code)

    def _send_with_retries(self, call: _Call, budget: TimeBudget) -> Answer:
        backoff_seconds = self._limits.first_backoff_seconds
        attempt = 1
        while True:
            outcome, wait_seconds = self._attempt(call, budget)
            if isinstance(outcome, Answer):
                return outcome
            if wait_seconds is None or attempt == self._limits.max_attempts:
                raise outcome
            pause_seconds = max(wait_seconds, backoff_seconds)
            if pause_seconds >= budget.remaining_seconds():
                raise outcome
            self._sleep(pause_seconds)
            backoff_seconds *= 2
            attempt += 1

    def _attempt(
        self, call: _Call, budget: TimeBudget
    ) -> tuple[Answer | OutgoingFailedError, float | None]:
        """Return what one try brought and, if another try makes sense, how long the server asks to wait."""
        host = call.address.origin.host
        remaining_seconds = budget.remaining_seconds()
        if remaining_seconds <= 0:
            return OutgoingFailedError("out_of_time", host), None
        try:
            response = self._open(call, remaining_seconds)
        except requests.Timeout:
            return OutgoingFailedError("timeout", host), None
        except requests.exceptions.SSLError:
            return OutgoingFailedError("tls", host), None
        except requests.ConnectionError:
            # Also a pooled connection that the server had closed meanwhile: GET may be repeated.
            return OutgoingFailedError("connection", host), 0.0
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            return OutgoingFailedError("request", host), None
        with response:
            if response.status_code in _BUSY:
                wait_seconds = self._retry_after_seconds(response.headers)
                return OutgoingFailedError("busy", host, status=response.status_code), wait_seconds
            return self._read(call, response, budget), None

    def _open(self, call: _Call, remaining_seconds: float) -> requests.Response:
        return self._session.request(
            "GET" if call.form is None else "POST",
            str(call.address),
            headers=call.headers,
            data=call.form,
            timeout=(
                min(self._limits.connect_seconds, remaining_seconds),
                min(self._limits.read_seconds, remaining_seconds),
            ),
            allow_redirects=False,
            stream=True,
        )

    def _read(
        self, call: _Call, response: requests.Response, budget: TimeBudget
    ) -> Answer | OutgoingFailedError:
        host = call.address.origin.host
        status = response.status_code
        if 300 <= status < 400:
            return OutgoingFailedError("redirect", host, status=status)
        if not 200 <= status < 300:
            return OutgoingFailedError("status", host, status=status)
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type not in call.content_types:
            return OutgoingFailedError("content_type", host)
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > call.max_bytes:
            return OutgoingFailedError("too_large", host)
        body = bytearray()
        try:
            # read1 takes what one read of the socket gives, so that a server that drips bytes meets
            # the clock; it decompresses no further than asked, so a bomb meets the size limit.
            while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > call.max_bytes:
                    return OutgoingFailedError("too_large", host)
                if budget.remaining_seconds() <= 0:
                    return OutgoingFailedError("out_of_time", host)
        except (OSError, urllib3.exceptions.HTTPError):
            return OutgoingFailedError("broken_off", host)
        return Answer(status=status, body=bytes(body))

    def _retry_after_seconds(self, headers: Mapping[str, str]) -> float:
        """Return the seconds a Retry-After asks for, in either of its two forms; 0 if it says nothing."""
        value = headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdecimal():
            return float(value[:9])
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return 0.0
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return max(0.0, (when - self._now()).total_seconds())


@dataclass(frozen=True, slots=True)
class _Call:
    address: Address = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    form: str | None = field(repr=False)
    content_types: frozenset[str]
    max_bytes: int


def _guarded_session(
    limits: OutgoingLimits, ca_bundle: Path | None, transport: BaseAdapter | None
) -> requests.Session:
    session = requests.Session()
    # No proxy, netrc or CA bundle from the environment: netrc would even replace our bearer token.
    session.trust_env = False
    session.verify = str(ca_bundle) if ca_bundle else True
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers["User-Agent"] = "hcc-cds"
    adapter = transport or HTTPAdapter(pool_maxsize=limits.connections_per_host, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
