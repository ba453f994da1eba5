"""Reads the tables `[issuer.smart]` of the trust file: where the app may be opened from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cds_service.fhir_base import FhirBase
from cds_service.origin import AddressRefusedError, Origin, parse_address
from cds_service.security.signing_key import SigningKey, SigningKeyError, parse_signing_key
from cds_service.security.table_reader import TableReader
from cds_service.security.trust import SmartClient, stored_tenant

__all__ = ["read_smart_tables"]

_NAMES = ("client_id", "tenant", "fhir_base_urls", "authorization_origins", "private_key_file")


def read_smart_tables(
    reader: TableReader,
    issuer: Mapping[str, Any],
    where: str,
    *,
    iss: str,
    fhir_bases: tuple[FhirBase, ...],
    tenants: frozenset[str],
    folder: Path,
) -> tuple[SmartClient, ...]:
    """Return the registrations of the app at one issuer, whose FHIR bases and tenants are given."""
    sent = issuer.get("smart", [])
    tables = [sent] if isinstance(sent, dict) else sent
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        reader.problems.append(f"{where}: write smart as a table [issuer.smart]")
        return ()
    return tuple(
        _client(
            reader,
            table,
            f"{where}: smart" + (f" {number}" if len(tables) > 1 else ""),
            iss=iss,
            fhir_bases=fhir_bases,
            tenants=tenants,
            folder=folder,
        )
        for number, table in enumerate(tables, start=1)
    )


def _client(
    reader: TableReader,
    table: Mapping[str, Any],
    where: str,
    *,
    iss: str,
    fhir_bases: tuple[FhirBase, ...],
    tenants: frozenset[str],
    folder: Path,
) -> SmartClient:
    reader.check_names(table, _NAMES, where)
    tenant = reader.text(table, "tenant", where) if "tenant" in table else ""
    # Else what is decided in the app would be stored under a name that no CDS call ever has.
    if tenant not in tenants and (tenant or tenants):
        wanted = f"one of {', '.join(sorted(tenants))}" if tenants else "left out"
        reader.problems.append(f"{where}: tenant must be {wanted}")
    return SmartClient(
        client_id=reader.text(table, "client_id", where),
        fhir_bases=_bases(reader, table, where, fhir_bases),
        tenant=stored_tenant(iss, tenant),
        authorization_origins=_origins(reader, table, where),
        signing_key=_signing_key(reader, table, where, folder),
    )


def _bases(
    reader: TableReader, table: Mapping[str, Any], where: str, of_issuer: tuple[FhirBase, ...]
) -> tuple[FhirBase, ...]:
    if "fhir_base_urls" not in table:
        if not of_issuer:
            reader.problems.append(
                f"{where}: the issuer has no fhir_base_urls to open the app from"
            )
        return of_issuer
    found: list[FhirBase] = []
    for number, url in enumerate(reader.texts(table, "fhir_base_urls", where), start=1):
        base = next((item for item in of_issuer if item.is_named_by(url)), None)
        if base is None:
            reader.problems.append(
                f"{where}: FHIR base URL {number} is not one of the issuer's fhir_base_urls"
            )
        else:
            found.append(base)
    if not found:
        reader.problems.append(f"{where}: fhir_base_urls lists no server to open the app from")
    return tuple(found)


def _origins(reader: TableReader, table: Mapping[str, Any], where: str) -> frozenset[Origin]:
    found: set[Origin] = set()
    for number, url in enumerate(reader.texts(table, "authorization_origins", where), start=1):
        name = f"{where}: authorization origin {number}"
        try:
            address = parse_address(url)
        except AddressRefusedError as refused:
            reader.problems.append(f"{name} cannot be used: {refused}")
            continue
        if address.path.strip("/") or address.query:
            reader.problems.append(f"{name} must be an origin, without a path")
        reader.check_origin(address.origin, name)
        found.add(address.origin)
    return frozenset(found)


def _signing_key(
    reader: TableReader, table: Mapping[str, Any], where: str, folder: Path
) -> SigningKey | None:
    if "private_key_file" not in table:
        return None
    try:
        return parse_signing_key(
            (folder / reader.text(table, "private_key_file", where)).read_bytes()
        )
    except SigningKeyError as refused:
        reader.problems.append(f"{where}: {refused}")
    except OSError as error:
        reader.problems.append(f"{where}: the private key file cannot be read ({error.strerror})")
    return None
