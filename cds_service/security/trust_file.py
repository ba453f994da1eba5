"""Reads the trust file (TOML): strictly, and with every problem in words at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from cds_service.errors import ConfigurationError
from cds_service.fhir_base import FhirBase
from cds_service.origin import Address, AddressRefusedError, Origin, parse_address
from cds_service.security.key_set import KeySetError, PublicKey, parse_key_set, read_key_set
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


class _Reader:
    """Collects problems while it reads, so that all are told at once."""

    def __init__(self, path: Path, *, demo: bool) -> None:
        self.problems: list[str] = []
        self._folder = path.parent
        self._demo = demo
        self._sandbox_hosts: frozenset[str] = frozenset()

    def read(self, content: Mapping[str, Any]) -> Trust:
        self._check_names(content, _TOP, "the file")
        sandbox = self._table(content, "sandbox", "the file")
        self._check_names(sandbox, ("hosts",), "[sandbox]")
        self._sandbox_hosts = frozenset(self._texts(sandbox, "hosts", "[sandbox]"))
        tables = content.get("issuer", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.problems.append("write each issuer as a table [[issuer]]")
            tables = []
        elif not tables:
            self.problems.append("no [[issuer]] is listed, so nobody could call the service")
        mutual_tls = self._mutual_tls(content)
        issuers = tuple(self._issuer(table, number) for number, table in enumerate(tables, start=1))
        self._check_together(issuers, mutual_tls)
        return Trust(issuers, self._sandbox_hosts, mutual_tls)

    def _issuer(self, table: Mapping[str, Any], number: int) -> Issuer:
        iss = self._text(table, "iss", f"issuer {number}")
        where = f"issuer {number} ({iss})" if iss else f"issuer {number}"
        self._check_names(table, _ISSUER, where)
        if iss in _ISSUERS_WITH_PUBLIC_PRIVATE_KEY and not self._demo:
            self.problems.append(
                f"{where}: its private key is public, so anybody could call in its name; it is"
                " accepted in the demo only"
            )
        algorithms = tuple(self._texts(table, "algorithms", where) or DEFAULT_ALGORITHMS)
        for name in sorted(set(algorithms) - set(ALGORITHMS)):
            self.problems.append(
                f'{where}: algorithm "{name}" is not accepted; choose from {", ".join(ALGORITHMS)}'
            )
        keys, jku, accepted_jku = self._keys(table, where)
        return Issuer(
            iss=iss,
            fhir_bases=self._fhir_bases(table, where),
            tenants=frozenset(self._texts(table, "tenants", where)),
            algorithms=algorithms,
            replay=self._replay(table, where),
            max_lifetime_seconds=self._whole(
                table, "max_lifetime_seconds", where, 3600, range(1, _LONGEST_LIFETIME_SECONDS + 1)
            ),
            leeway_seconds=self._whole(
                table, "leeway_seconds", where, 10, range(_LONGEST_LEEWAY_SECONDS + 1)
            ),
            keys=keys,
            jku=jku,
            accepted_jku=accepted_jku,
            client_certificates=frozenset(self._texts(table, "client_certificates", where)),
        )

    def _keys(
        self, table: Mapping[str, Any], where: str
    ) -> tuple[Mapping[str, PublicKey], str, str]:
        keys = self._table(table, "keys", where)
        self._check_names(keys, _KEYS, f"{where}: keys")
        sources = [name for name in ("jku", "file", "inline") if name in keys]
        if len(sources) != 1:
            self.problems.append(f"{where}: keys must have exactly one of jku, file, inline")
            return {}, "", ""
        if sources == ["jku"]:
            jku = self._url(keys, "jku", f"{where}: keys")
            if "header_jku" in keys:
                self.problems.append(f"{where}: header_jku goes with file or inline keys only")
            return {}, jku, jku
        accepted_jku = (
            self._url(keys, "header_jku", f"{where}: keys") if "header_jku" in keys else ""
        )
        try:
            if sources == ["inline"]:
                return read_key_set(keys["inline"]), "", accepted_jku
            file = self._folder / self._text(keys, "file", f"{where}: keys")
            return parse_key_set(file.read_bytes()), "", accepted_jku
        except KeySetError as refused:
            self.problems.append(f"{where}: {refused}")
        except OSError as error:
            self.problems.append(f"{where}: the key file cannot be read ({error.strerror})")
        return {}, "", accepted_jku

    def _fhir_bases(self, table: Mapping[str, Any], where: str) -> tuple[FhirBase, ...]:
        bases: list[FhirBase] = []
        for number, url in enumerate(self._texts(table, "fhir_base_urls", where), start=1):
            name = f"{where}: FHIR base URL {number}"
            try:
                base = FhirBase.parse(url)
            except AddressRefusedError as refused:
                self.problems.append(f"{name} cannot be used: {refused}")
                continue
            self._check_origin(base.origin, name)
            bases.append(base)
        return tuple(bases)

    def _mutual_tls(self, content: Mapping[str, Any]) -> MutualTls | None:
        if "mutual_tls" not in content:
            return None
        where = "[mutual_tls]"
        table = self._table(content, "mutual_tls", "the file")
        self._check_names(table, _MUTUAL_TLS, where)
        peers = self._texts(table, "proxy_peers", where)
        if not peers:
            self.problems.append(f"{where}: proxy_peers lists nobody, so nobody could call")
        for peer in peers:
            try:
                ip_network(peer)
            except ValueError:
                self.problems.append(f'{where}: "{peer}" is not an address or a network')
        return MutualTls(
            proxy_peers=tuple(peers),
            verified_header=self._text(table, "verified_header", where),
            verified_value=self._text(table, "verified_value", where),
            certificate_header=self._text(table, "certificate_header", where),
        )

    def _check_together(self, issuers: tuple[Issuer, ...], mutual_tls: MutualTls | None) -> None:
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

    def _url(self, table: Mapping[str, Any], name: str, where: str) -> str:
        text = self._text(table, name, where)
        if not text:
            return ""
        try:
            address: Address = parse_address(text)
        except AddressRefusedError as refused:
            self.problems.append(f"{where}: {name} cannot be used: {refused}")
            return ""
        self._check_origin(address.origin, f"{where}: {name}")
        return text

    def _check_origin(self, origin: Origin, name: str) -> None:
        if origin.host in self._sandbox_hosts:
            return
        if origin.scheme != "https":
            self.problems.append(
                f"{name} must start with https:// ({origin.host} is not a sandbox)"
            )
        if origin.is_ip_address:
            self.problems.append(f"{name} must name its host ({origin.host} is not a sandbox)")

    def _replay(self, table: Mapping[str, Any], where: str) -> ReplayPolicy:
        text = table.get("replay", ReplayPolicy.REFUSE.value)
        if text in list(ReplayPolicy):
            return ReplayPolicy(text)
        self.problems.append(f"{where}: replay must be one of {', '.join(ReplayPolicy)}")
        return ReplayPolicy.REFUSE

    def _whole(
        self, table: Mapping[str, Any], name: str, where: str, default: int, accepted: range
    ) -> int:
        value = table.get(name, default)
        if type(value) is int and value in accepted:
            return value
        self.problems.append(
            f"{where}: {name} must be a whole number from {accepted[0]} to {accepted[-1]}"
        )
        return default

    def _text(self, table: Mapping[str, Any], name: str, where: str) -> str:
        value = table.get(name, "")
        if isinstance(value, str) and value:
            return value
        self.problems.append(f"{where}: {name} must be a text")
        return ""

    def _texts(self, table: Mapping[str, Any], name: str, where: str) -> list[str]:
        value = table.get(name, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return value
        self.problems.append(f"{where}: {name} must be a list of texts")
        return []

    def _table(self, table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
        value = table.get(name, {})
        if isinstance(value, dict):
            return value
        self.problems.append(f"{where}: {name} must be a table")
        return {}

    def _check_names(self, table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for name in sorted(set(table) - set(known)):
            near = get_close_matches(name, known, n=1)
            self.problems.append(
                f"{where}: {name} is not known" + (f"; is {near[0]} meant?" if near else "")
            )
