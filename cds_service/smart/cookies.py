"""The two cookies of the app: which launches this browser began, and its session.

Both hold random names only. `Lax` lets them come along when the EHR's server sends the browser back,
and not when another site posts a form. In a frame of another site a browser sends none but those
that say so, each kept apart by the site around it (Partitioned).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Response, request

__all__ = ["Cookies"]

_SESSION = "hcc_cds_app"
_LAUNCH = "hcc_cds_launch"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets and reads them below one path; `framed` if other sites may show the app in a frame."""

    path: str
    secure: bool
    framed: bool

    @classmethod
    def of(cls, base_url: str, *, framed: bool) -> Cookies:
        """Return those of a service at an address; over plain http, as in the demo, not Secure."""
        parts = urlsplit(base_url)
        secure = parts.scheme == "https"
        return cls(f"{parts.path}/app", secure, framed and secure)

    def session(self) -> str:
        """Return the name of this browser's session, empty if it has none."""
        return request.cookies.get(self._name(_SESSION), "")

    def keep_session(self, response: Response, name: str, seconds: int) -> None:
        """Give the browser its session."""
        self._set(response, self._name(_SESSION), name, seconds)

    def launch(self, state: str) -> str:
        """Return what proves that this browser began a launch, empty if it did not."""
        return request.cookies.get(self._of_launch(state), "")

    def keep_launch(self, response: Response, state: str, secret: str, seconds: int) -> None:
        """Give the browser the proof that it began a launch."""
        self._set(response, self._of_launch(state), secret, seconds)

    def end_launch(self, response: Response, state: str) -> None:
        """Take the proof back: a launch ends once."""
        self._set(response, self._of_launch(state), "", 0)

    def _of_launch(self, state: str) -> str:
        # One cookie for each, so that two charts can be opened at once.
        digest = hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()
        return self._name(f"{_LAUNCH}_{digest[:16]}")

    def _name(self, name: str) -> str:
        # A browser takes a cookie of this prefix over https only (RFC 6265bis, 4.1.3.1).
        return f"__Secure-{name}" if self.secure else name

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self.path,
            secure=self.secure,
            httponly=True,
            samesite="None" if self.framed else "Lax",
            partitioned=self.framed,
        )
