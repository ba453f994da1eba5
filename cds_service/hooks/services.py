"""The services on offer: one id per advice and hook, and the prefetch each asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_service.advice.consultation import Advice
from cds_service.wire import DiscoveryResponse, ServiceEntry

__all__ = ["Service", "discovery", "services_of"]

SPECIFICATION = "2.0.1"
"""The version of CDS Hooks that is implemented; the switch only makes the service say so."""

HOOK_VERSIONS = {"patient-view": "1.0", "order-select": "1.0", "order-sign": "1.0"}
"""The published version of each hook."""


@dataclass(frozen=True, slots=True)
class Service:
    """One advice on one hook, with the template of each prefetch key it asks for."""

    hook: str
    advice: Advice
    templates: Mapping[str, str]

    @property
    def id(self) -> str:
        """Its id: part of its address, and final."""
        return f"{self.advice.name}-{self.hook}"

    def entry(self, *, hooks_3: bool = False) -> ServiceEntry:
        """Return its entry in discovery; `hooks_3` adds what the 3.0 ballot has (Z2)."""
        return ServiceEntry(
            hook=self.hook,
            id=self.id,
            title=self.advice.title,
            description=self.advice.description,
            prefetch=dict(self.templates) or None,
            version=SPECIFICATION if hooks_3 else None,
            hook_version=HOOK_VERSIONS.get(self.hook) if hooks_3 else None,
        )


def services_of(advice: Iterable[Advice], templates: Mapping[str, str]) -> dict[str, Service]:
    """Return every service by its id, in the order of the advice."""
    services: dict[str, Service] = {}
    for item in advice:
        keys = (*item.required_keys, *item.optional_keys)
        for hook in item.hooks:
            service = Service(hook, item, {key: templates[key] for key in keys})
            services[service.id] = service
    return services


def discovery(services: Mapping[str, Service], *, hooks_3: bool = False) -> DiscoveryResponse:
    """Return the answer of `GET /cds-services`."""
    return DiscoveryResponse(
        services=tuple(service.entry(hooks_3=hooks_3) for service in services.values())
    )
