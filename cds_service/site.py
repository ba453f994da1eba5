"""Everything a site configures in files, read together so that all that is wrong is told at once."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from cds_service.advice.consultation import Advice
from cds_service.approvals import Approval, load_approvals
from cds_service.cards.sources import CardKind
from cds_service.errors import ConfigurationError
from cds_service.hooks.services import Service, services_of
from cds_service.hooks.shadow import Shadow, needs_approval, shadow_of
from cds_service.hooks.templates import prefetch_templates
from cds_service.security.trust import Trust, stored_tenant
from cds_service.security.trust_file import load_trust
from cds_service.settings import PREFIX, Settings
from cds_service.site_files import site_codes, site_parameters
from fhir_mapping.codes import Codes
from models.model import Model
from models.parameter_set import ParameterSet
from models.registry import PARAMETERS, load_models

__all__ = ["APP", "Site", "read_site"]

APP = "app"
"""What the app is called where it is switched off."""

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Site:
    """What stands in a site's files, and what follows from it."""

    codes: Codes
    parameters: Mapping[str, ParameterSet]
    models: Mapping[str, Model]
    services: Mapping[str, Service]
    trust: Trust | None
    approvals: tuple[Approval, ...]
    shadow: Shadow

    @property
    def tenants(self) -> tuple[str, ...]:
        """The names under which everything of the tenants is stored, in the order of the trust file."""
        if self.trust is None:
            return ()
        return tuple(
            stored_tenant(issuer.iss, tenant)
            for issuer in self.trust.issuers
            for tenant in sorted(issuer.tenants) or [""]
        )

    def standings(self, *, demo: bool) -> dict[str, str]:
        """Return in words, for each model, whether its cards are sent."""
        return {name: self._standing(model, demo=demo) for name, model in self.models.items()}

    def _standing(self, model: Model, *, demo: bool) -> str:
        provenance = model.provenance
        if self.shadow.whole or provenance.content_hash in self.shadow.hidden:
            return "in shadow, by a setting"
        if demo:
            return "shown, because this is the demo"
        if not needs_approval(model):
            return "shown, needs no approval"
        mine = [item for item in self.approvals if item.model == provenance.model_id]
        for item in mine:
            if item.content_hash == provenance.content_hash:
                return f"shown, approved by {item.approver} on {item.date.isoformat()}"
        return "in shadow, " + ("its approval is of another version" if mine else "not approved")


class _Problems:
    """Collects what is wrong over several readings."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def read(self, reader: Callable[[], _Read], instead: _Read) -> _Read:
        try:
            return reader()
        except ConfigurationError as error:
            self.found += error.problems
            return instead


def read_site(
    settings: Settings, advice: Iterable[Advice], *, today: date, needs_trust: bool
) -> Site:
    """Return what the site configured.

    Raises
    ------
    ConfigurationError
        With everything that is wrong in any of the files.
    """
    problems = _Problems()
    codes = problems.read(lambda: site_codes(settings.codes_folder), Codes.shipped())
    parameters = problems.read(lambda: site_parameters(settings.parameters_folder), PARAMETERS)
    models = load_models(parameters)
    services = services_of(advice, prefetch_templates(codes))
    approvals: tuple[Approval, ...] = ()
    if settings.approvals_file is not None:
        file = settings.approvals_file
        approvals = problems.read(lambda: load_approvals(file, models, today=today), ())
    trust = problems.read(lambda: _trust(settings), None) if needs_trust else None
    if settings.ca_bundle is not None:
        problems.found += _bundle_problems(settings.ca_bundle)
    switchable = (*services, *(kind.value for kind in CardKind), APP)
    problems.found += _unknown_names("OFF", settings.off, switchable)
    problems.found += _unknown_names("SHADOW_MODELS", settings.shadow_models, tuple(models))
    if problems.found:
        raise ConfigurationError(*problems.found)
    return Site(
        codes=codes,
        parameters=parameters,
        models=models,
        services={name: item for name, item in services.items() if name not in settings.off},
        trust=trust,
        approvals=approvals,
        shadow=shadow_of(
            models,
            (item.content_hash for item in approvals if item.covers(models)),
            demo=settings.demo,
            whole=settings.shadow,
            shadow_models=settings.shadow_models,
        ),
    )


def _trust(settings: Settings) -> Trust:
    if settings.trust_file is None:
        raise ConfigurationError(
            f"outside the demo the service answers trusted callers only: set {PREFIX}TRUST_FILE to"
            " the file that lists them (with synthetic patients, use `hcc-cds demo`)"
        )
    return load_trust(settings.trust_file, demo=settings.demo)


def _bundle_problems(bundle: Path) -> list[str]:
    """Say what keeps a file from being certificate authorities: else the first call out would fail."""
    if not bundle.is_file():
        return [f"{PREFIX}CA_BUNDLE: {bundle} is not a file"]
    try:
        ssl.create_default_context(cafile=str(bundle))
    except (OSError, ssl.SSLError):
        return [f"{PREFIX}CA_BUNDLE: {bundle} holds no certificates in PEM"]
    return []


def _unknown_names(variable: str, named: Iterable[str], known: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in named:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"is {near[0]} meant?" if near else f"known are {', '.join(known)}"
            found.append(f"{PREFIX}{variable}: {name} is not known; {hint}")
    return found
