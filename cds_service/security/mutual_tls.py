"""Client certificates as a TLS-ending proxy reports them: in addition to the JWT, off by default.

A header proves nothing by itself: anybody can send one. It counts only when the connection comes from a
listed proxy, which must overwrite both headers on every call (checklist line 84).
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from cds_service.security.client_token import ClientRefusedError
from cds_service.security.trust import Issuer, MutualTls

__all__ = ["check_certificate", "check_proxy"]


def check_proxy(mutual_tls: MutualTls, peer: str, get_header: Callable[[str], str | None]) -> None:
    """Refuse a call that does not come from a listed proxy with a certificate it has verified.

    `peer` is the address of the connection itself, never one taken from a header.
    """
    try:
        address = ip_address(peer)
    except ValueError:
        address = None
    if address is None or not any(address in ip_network(it) for it in mutual_tls.proxy_peers):
        raise ClientRefusedError("proxy_not_listed")
    if get_header(mutual_tls.verified_header) != mutual_tls.verified_value:
        raise ClientRefusedError("certificate_not_verified")


def check_certificate(
    mutual_tls: MutualTls,
    issuer: Issuer,
    tenant: str,
    get_header: Callable[[str], str | None],
) -> None:
    """Refuse a certificate that is not one of the issuer whose token came with it."""
    if get_header(mutual_tls.certificate_header) not in issuer.client_certificates:
        raise ClientRefusedError("certificate_of_another", iss=issuer.iss, tenant=tenant)
