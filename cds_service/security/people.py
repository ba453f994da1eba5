"""Who may open the pages for people (`/insights`, `/metrics`): staff, not the world.

In demo mode everybody. Otherwise one of

- a role in a header of the signing-in proxy: the connection comes from a listed peer, and the header
  names a role that opens the pages. The proxy must remove that header from what comes from outside;
- the separate port on 127.0.0.1, if a site opens it: whoever is on that machine.

Everybody else gets the same bare 401 as an unknown CDS client. Signing in by OpenID Connect is not
built: a proxy does it.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from flask import Blueprint, request

from cds_service.errors import NotTrustedError
from cds_service.settings import Settings

__all__ = ["PeopleGuard", "connection_peer", "guard_people"]

_LOOPBACK_HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class PeopleGuard:
    """The settings of one service, put to the question whether this request may pass."""

    settings: Settings

    def lets_in(self) -> bool:
        """Tell whether the request under way comes from staff."""
        return self.settings.demo or self._has_role() or self._came_by_the_loopback_port()

    def _has_role(self) -> bool:
        # A header that a stranger sent along with the proxy's own reaches us joined to it (WSGI), and
        # cannot be told from it: that is why the proxy has to remove it.
        if not _is_listed(connection_peer(), self.settings.people_proxy_peers):
            return False
        sent = request.headers.get(self.settings.people_role_header, "")
        roles = {item.strip() for item in sent.split(",")}
        return not roles.isdisjoint(self.settings.people_roles)

    def _came_by_the_loopback_port(self) -> bool:
        """Ask the socket itself, because every header can be made up.

        The name in the address counts as well: a page in a browser on this machine may point a name
        of its own at 127.0.0.1, and would otherwise read what is served here.
        """
        connection = request.environ.get("gunicorn.socket")
        if not self.settings.people_port or not isinstance(connection, socket.socket):
            return False
        return (
            connection.getsockname()[:2] == ("127.0.0.1", self.settings.people_port)
            and request.host.rpartition(":")[0] in _LOOPBACK_HOSTS
        )


def guard_people(blueprint: Blueprint, settings: Settings) -> None:
    """Close a blueprint to all but staff."""
    guard = PeopleGuard(settings)

    def require_role() -> None:
        if not guard.lets_in():
            raise NotTrustedError("The caller is not signed in with a role.")

    blueprint.before_request(require_role)


def connection_peer() -> str:
    """Return the address at the other end of the connection, whatever a header says."""
    # werkzeug's ProxyFix puts what a header says into REMOTE_ADDR and keeps the true peer here.
    original = request.environ.get("werkzeug.proxy_fix.orig", {})
    return str(original.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR", ""))


def _is_listed(peer: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    return any(address in ip_network(item) for item in networks)
