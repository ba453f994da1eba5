"""Reads the trust file (TOML): strictly, and with every problem in words at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cds_service.errors import ConfigurationError
from cds_service.fhir_base import FhirBase
from cds_service.origin import AddressRefusedError
from cds_service.security.key_set import KeySetError, PublicKey, parse_key_set, read_key_set
from cds_service.security.smart_tables import read_smart_tables
from cds_service.security.table_reader import TableReader
from cds_service.security.trust import (
    ALGORITHMS,
    DEFAULT_ALGORITHMS,
    Issuer,
    MutualTls,
    ReplayPolicy,
    Trust,
)

__all__ = ["load_trust"]

_TOP = ("sandbox", "issuer", "mutual_tls")
_ISSUER = (
    "iss",
    "tenants",
    "fhir_base_urls",
    "algorithms",
    "replay",
    "max_lifetime_seconds",
    "leeway_seconds",
    "keys",
    "client_certificates",
    "smart",
)
_KEYS = ("jku", "file", "inline", "header_jku")
_MUTUAL_TLS = ("proxy_peers", "verified_header", "verified_value", "certificate_header")
_LONGEST_LIFETIME_SECONDS = 86_400
_LONGEST_LEEWAY_SECONDS = 120
# The reference sandbox signs with a private key that is published in its repository
# (cds-hooks/sandbox, keys/ecprivkey.pem): anybody can be this issuer.
_ISSUERS_WITH_PUBLIC_PRIVATE_KEY = frozenset({"https://sandbox.cds-hooks.org"})


def load_trust(path: Path, *, demo: bool = False) -> Trust:
    """Return the trust that a file states.

    Raises
    ------
    ConfigurationError
        With everything that is wrong with the file.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is not TOML: {error}") from None
    reader = _Reader(path, demo=demo)
    trust = reader.read(content)
    if reader.problems:
        raise ConfigurationError(*(f"{path}: {problem}" for problem in reader.problems))
    return trust


class _Reader(TableReader):
    """Reads the tables of the trust file."""

    def __init__(self, path: Path, *, demo: bool) -> None:
        super().__init__()
        self._folder = path.parent
        self._demo = demo

    def read(self, content: Mapping[str, Any]) -> Trust:
        self.check_names(content, _TOP, "the file")
        sandbox = self.table(content, "sandbox", "the file")
        self.check_names(sandbox, ("hosts",), "[sandbox]")
        self.sandbox_hosts = frozenset(self.texts(sandbox, "hosts", "[sandbox]"))
        tables = content.get("issuer", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append("write each issuer as a table [[issuer]]")
            tables = []
        elif not tables:
            self.problems.append("no [[issuer]] is listed, so nobody could call the service")
        mutual_tls = self._mutual_tls(content)
        issuers = tuple(self._issuer(table, number) for number, table in enumerate(tables, start=1))
        self._check_together(issuers, mutual_tls)
        return Trust(issuers, self.sandbox_hosts, mutual_tls)

    def _issuer(self, table: Mapping[str, Any], number: int) -> Issuer:
        iss = self.text(table, "iss", f"issuer {number}")
        where = f"issuer {number} ({iss})" if iss else f"issuer {number}"
        self.check_names(table, _ISSUER, where)
        if iss in _ISSUERS_WITH_PUBLIC_PRIVATE_KEY and not self._demo:
            self.problems.append(
                f"{where}: its private key is public, so anybody could call in its name; it is"
                " accepted in the demo only"
            )
        algorithms = tuple(self.texts(table, "algorithms", where) or DEFAULT_ALGORITHMS)
        for name in sorted(set(algorithms) - set(ALGORITHMS)):
            self.problems.append(
                f'{where}: algorithm "{name}" is not accepted; choose from {", ".join(ALGORITHMS)}'
            )
        keys, jku, accepted_jku = self._keys(table, where)
        fhir_bases = self._fhir_bases(table, where)
        tenants = frozenset(self.texts(table, "tenants", where))
        return Issuer(
            iss=iss,
            fhir_bases=fhir_bases,
            tenants=tenants,
            algorithms=algorithms,
            replay=self._replay(table, where),
            max_lifetime_seconds=self.whole(
                table, "max_lifetime_seconds", where, 3600, range(1, _LONGEST_LIFETIME_SECONDS + 1)
            ),
            leeway_seconds=self.whole(
                table, "leeway_seconds", where, 10, range(_LONGEST_LEEWAY_SECONDS + 1)
            ),
            keys=keys,
            jku=jku,
            accepted_jku=accepted_jku,
            client_certificates=frozenset(self.texts(table, "client_certificates", where)),
            smart=read_smart_tables(
                self,
                table,
                where,
                iss=iss,
                fhir_bases=fhir_bases,
                tenants=tenants,
                folder=self._folder,
            ),
        )

    def _keys(
        self, table: Mapping[str, Any], where: str
    ) -> tuple[Mapping[str, PublicKey], str, str]:
        keys = self.table(table, "keys", where)
        self.check_names(keys, _KEYS, f"{where}: keys")
        sources = [name for name in ("jku", "file", "inline") if name in keys]
        if len(sources) != 1:
            self.problems.append(f"{where}: keys must have exactly one of jku, file, inline")
            return {}, "", ""
        if sources == ["jku"]:
            jku = self.url(keys, "jku", f"{where}: keys")
            if "header_jku" in keys:
                self.problems.append(f"{where}: header_jku goes with file or inline keys only")
            return {}, jku, jku
        accepted_jku = (
            self.url(keys, "header_jku", f"{where}: keys") if "header_jku" in keys else ""
        )
        try:
            if sources == ["inline"]:
                return read_key_set(keys["inline"]), "", accepted_jku
            file = self._folder / self.text(keys, "file", f"{where}: keys")
            return parse_key_set(file.read_bytes()), "", accepted_jku
        except KeySetError as refused:
            self.problems.append(f"{where}: {refused}")
        except OSError as error:
            self.problems.append(f"{where}: the key file cannot be read ({error.strerror})")
        return {}, "", accepted_jku

    def _fhir_bases(self, table: Mapping[str, Any], where: str) -> tuple[FhirBase, ...]:
        bases: list[FhirBase] = []
        for number, url in enumerate(self.texts(table, "fhir_base_urls", where), start=1):
            name = f"{where}: FHIR base URL {number}"
            try:
                base = FhirBase.parse(url)
            except AddressRefusedError as refused:
                self.problems.append(f"{name} cannot be used: {refused}")
                continue
            self.check_origin(base.origin, name)
            bases.append(base)
        return tuple(bases)

    def _mutual_tls(self, content: Mapping[str, Any]) -> MutualTls | None:
        if "mutual_tls" not in content:
            return None
        where = "[mutual_tls]"
        table = self.table(content, "mutual_tls", "the file")
        self.check_names(table, _MUTUAL_TLS, where)
        peers = self.texts(table, "proxy_peers", where)
        if not peers:
            self.problems.append(f"{where}: proxy_peers lists nobody, so nobody could call")
        for peer in peers:
            try:
                ip_network(peer)
            except ValueError:
                self.problems.append(f'{where}: "{peer}" is not an address or a network')
        return MutualTls(
            proxy_peers=tuple(peers),
            verified_header=self.text(table, "verified_header", where),
            verified_value=self.text(table, "verified_value", where),
            certificate_header=self.text(table, "certificate_header", where),
        )

    def _check_together(self, issuers: tuple[Issuer, ...], mutual_tls: MutualTls | None) -> None:
        launched_from = [
            str(base) for issuer in issuers for client in issuer.smart for base in client.fhir_bases
        ]
        for base in sorted({base for base in launched_from if launched_from.count(base) > 1}):
            # Nothing else of a launch tells two registrations apart.
            self.problems.append(f"smart: {base} stands in more than one table")
        for number, issuer in enumerate(issuers, start=1):
            where = f"issuer {number} ({issuer.iss})"
            earlier = issuers[: number - 1]
            if issuer.iss and any(other.iss == issuer.iss for other in earlier):
                self.problems.append(f"{where}: this iss is listed twice")
            # With one key set between two issuers, each could sign in the name of the other.
            if issuer.jku and any(other.jku == issuer.jku for other in earlier):
                self.problems.append(f"{where}: its jku is that of another issuer")
            if mutual_tls and not issuer.client_certificates:
                self.problems.append(f"{where}: client_certificates is needed with [mutual_tls]")
            if issuer.client_certificates and not mutual_tls:
                self.problems.append(
                    f"{where}: client_certificates does nothing without [mutual_tls]"
                )

    def _replay(self, table: Mapping[str, Any], where: str) -> ReplayPolicy:
        text = table.get("replay", ReplayPolicy.REFUSE.value)
        if text in list(ReplayPolicy):
            return ReplayPolicy(text)
        self.problems.append(f"{where}: replay must be one of {', '.join(ReplayPolicy)}")
        return ReplayPolicy.REFUSE
