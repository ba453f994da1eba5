"""A configured FHIR base URL: the only place FHIR calls go, and the measure of every page link."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from cds_service.origin import Address, AddressRefusedError, Origin, parse_address

__all__ = ["FhirBase"]


@dataclass(frozen=True, slots=True)
class FhirBase:
    """Origin and path of a FHIR server; the path has no trailing slash."""

    origin: Origin
    path: str

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"

    @classmethod
    def parse(cls, url: object) -> FhirBase:
        """Return the base of a configured URL, or raise `AddressRefusedError` with the reason."""
        address = parse_address(url)
        if address.query:
            raise AddressRefusedError("query", "it has a query (?)")
        return cls(origin=address.origin, path=address.path.rstrip("/"))

    def is_named_by(self, fhir_server: object) -> bool:
        """Whether a request's `fhirServer` is this base; a trailing slash makes no difference."""
        try:
            return FhirBase.parse(fhir_server) == self
        except AddressRefusedError:
            return False

    def own_page(self, link: str, current_url: str) -> str:
        """Return where to fetch a `next` link on this base, or "" if it does not belong here.

        A link on another origin is rewritten to this one if its path lies under this base's path.
        Seen in public: an internal host name behind a reverse proxy (microsoft/fhir-server#1317); a
        lost port (samply/blaze#330); an added :443 (opensrp/fhircore#1714); a path without host
        (POLAR-fhiR/fhircrackr#110); a page on the base itself, `<base>?_getpages=` (HAPI, see
        hapifhir/hapi-fhir#2165). An address that cannot be read, such as `host:443:443` (the same
        fhircore#1714), is not followed.
        """
        try:
            address: Address = parse_address(urljoin(current_url, link))
        except ValueError:
            return ""
        if address.path != self.path and not address.path.startswith(f"{self.path}/"):
            return ""
        return str(Address(origin=self.origin, path=address.path, query=address.query))
