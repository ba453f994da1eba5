"""The services on offer: one id per advice and hook, and the prefetch each asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_service.advice.consultation import Advice
from cds_service.wire import DiscoveryResponse, ServiceEntry

__all__ = ["Service", "discovery", "services_of"]


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

    def entry(self) -> ServiceEntry:
        """Return its entry in discovery."""
        return ServiceEntry(
            hook=self.hook,
            id=self.id,
            title=self.advice.title,
            description=self.advice.description,
            prefetch=dict(self.templates),
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


def discovery(services: Mapping[str, Service]) -> DiscoveryResponse:
    """Return the answer of `GET /cds-services`."""
    return DiscoveryResponse(services=tuple(service.entry() for service in services.values()))
