"""Reads the tables of a TOML file strictly, and collects what is wrong in words."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from cds_service.origin import Address, AddressRefusedError, Origin, parse_address

__all__ = ["TableReader"]


class TableReader:
    """Collects problems while it reads, so that all are told at once.

    `sandbox_hosts` are the hosts to which plain http and numeric addresses are accepted.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.sandbox_hosts: frozenset[str] = frozenset()

    def url(self, table: Mapping[str, Any], name: str, where: str) -> str:
        """Return an address that may be used, empty if it may not."""
        text = self.text(table, name, where)
        if not text:
            return ""
        try:
            address: Address = parse_address(text)
        except AddressRefusedError as refused:
            self.problems.append(f"{where}: {name} cannot be used: {refused}")
            return ""
        self.check_origin(address.origin, f"{where}: {name}")
        return text

    def check_origin(self, origin: Origin, name: str) -> None:
        """Note an origin that is neither https with a name nor a sandbox."""
        if origin.host in self.sandbox_hosts:
            return
        if origin.scheme != "https":
            self.problems.append(
                f"{name} must start with https:// ({origin.host} is not a sandbox)"
            )
        if origin.is_ip_address:
            self.problems.append(f"{name} must name its host ({origin.host} is not a sandbox)")

    def whole(
        self, table: Mapping[str, Any], name: str, where: str, default: int, accepted: range
    ) -> int:
        """Return a whole number within limits."""
        value = table.get(name, default)
        if type(value) is int and value in accepted:
            return value
        self.problems.append(
            f"{where}: {name} must be a whole number from {accepted[0]} to {accepted[-1]}"
        )
        return default

    def text(self, table: Mapping[str, Any], name: str, where: str) -> str:
        """Return a text that must be there."""
        value = table.get(name, "")
        if isinstance(value, str) and value:
            return value
        self.problems.append(f"{where}: {name} must be a text")
        return ""

    def texts(self, table: Mapping[str, Any], name: str, where: str) -> list[str]:
        """Return a list of texts, empty if there is none."""
        value = table.get(name, [])
        if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            return value
        self.problems.append(f"{where}: {name} must be a list of texts")
        return []

    def table(self, table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
        """Return a table, empty if there is none."""
        value = table.get(name, {})
        if isinstance(value, dict):
            return value
        self.problems.append(f"{where}: {name} must be a table")
        return {}

    def check_names(self, table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        """Note every name that is not known, with the one that may be meant."""
        for name in sorted(set(table) - set(known)):
            near = get_close_matches(name, known, n=1)
            self.problems.append(
                f"{where}: {name} is not known" + (f"; is {near[0]} meant?" if near else "")
            )
