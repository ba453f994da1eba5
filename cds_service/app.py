"""The composition root: everything the service is made of is put together here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from flask import Blueprint, Flask
from flask_cors import CORS

from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Advice
from cds_service.advice.guideline_profile import load_profile
from cds_service.demo.pages import blueprint_for
from cds_service.fhir_client import FhirLimits
from cds_service.hooks.audit import RequestAudit
from cds_service.hooks.feedback import FeedbackInbox
from cds_service.hooks.invocation import Invocation
from cds_service.hooks.views import cds_hooks_blueprint
from cds_service.pages.model_cards import model_cards_blueprint
from cds_service.prefetch import RecordSource
from cds_service.responses import add_common_behaviour
from cds_service.security.site_trust import SiteTrust
from cds_service.security.trust import Trust
from cds_service.settings import Settings
from cds_service.site import read_site
from cds_service.store.replay import SqlReplayStore
from cds_service.store.store import Store, open_store
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.units import prepare as prepare_units
from models.registry import RULES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Gate", "create_app", "store_of"]

_EXTENSION = "hcc_cds_store"


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may call: `guard` closes a blueprint to strangers, `tenant` names the caller let in."""

    guard: Callable[[Blueprint], None]
    tenant: Callable[[], str]


def create_app(
    settings: Settings | None = None,
    *,
    advice: Iterable[Advice] = ADVICE,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_uuid: Callable[[], UUID] = uuid4,
    store: Store | None = None,
    gate: Gate | None = None,
    record_source: RecordSource | None = None,
) -> Flask:
    """Return the service as a WSGI application; settings come from the environment if not given.

    Raises
    ------
    ConfigurationError
        If it cannot run with these settings; outside the demo it does not run without a gate, its
        own or that of the trust file.
    """
    settings = settings or Settings.from_environment()
    site = read_site(
        settings,
        advice,
        today=clock().astimezone(settings.time_zone).date(),
        needs_trust=gate is None and not settings.demo,
    )
    store = store or open_store(settings)
    if site.trust is not None:
        gate, record_source = _trusting(site.trust, settings, store, clock)
    prepare_units()
    invocation = Invocation(
        settings=settings,
        profile=load_profile(settings.guideline_profile),
        models=site.models,
        codes=site.codes,
        mapping=MappingSettings(
            afp_factor_ng_per_iu=settings.afp_ng_ml_per_iu_ml,
            afp_window_days=settings.afp_window_days,
            time_zone=settings.time_zone,
        ),
        store=store,
        clock=clock,
        new_uuid=new_uuid,
        record_source=record_source,
        shadow=site.shadow,
    )
    # No static route of Flask's own: every route is one of ours and stands in openapi.yaml.
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_mb * 1_000_000
    app.extensions[_EXTENSION] = store
    add_common_behaviour(app, new_uuid)
    tenant = gate.tenant if gate else lambda: ""
    cds_hooks = cds_hooks_blueprint(site.services, invocation, FeedbackInbox(store, clock), tenant)
    if gate is not None:
        gate.guard(cds_hooks)
    RequestAudit(store, clock, tenant).follow(cds_hooks)
    app.register_blueprint(cds_hooks)
    app.register_blueprint(
        model_cards_blueprint(
            site.models, {**site.parameters, **RULES}, site.codes, demo=settings.demo
        )
    )
    if settings.demo:
        app.register_blueprint(
            blueprint_for(settings, lambda: clock().astimezone(settings.time_zone).date())
        )
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)
    app.wsgi_app = _single_slashes(app.wsgi_app)  # type: ignore[assignment]  # as Flask documents it
    return app


def _trusting(
    trust: Trust, settings: Settings, store: Store, clock: Callable[[], datetime]
) -> tuple[Gate, RecordSource]:
    """Return who may call and where their records are read, as the trust file says."""
    site_trust = SiteTrust(
        trust,
        SqlReplayStore(store.engine, now=clock),
        base_url=settings.base_url,
        fhir_seconds=settings.fhir_seconds,
        # Each thread may have this many fetches under way before one waits. Our own choice.
        fhir_limits=FhirLimits(parallel_calls=4 * settings.threads),
        ca_bundle=settings.ca_bundle,
        now=lambda: clock().timestamp(),
    )
    return Gate(site_trust.guard, site_trust.tenant), site_trust.record_source


def store_of(app: Flask) -> Store:
    """Return the store an application remembers in."""
    store: Store = app.extensions[_EXTENSION]
    return store


def _single_slashes(application: WSGIApplication) -> WSGIApplication:
    """Take `//cds-services` for `/cds-services`: clients join a base URL that ends in a slash.

    A redirect would not do: a browser follows none after a preflight.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        while "//" in environ["PATH_INFO"]:
            environ["PATH_INFO"] = environ["PATH_INFO"].replace("//", "/")
        return application(environ, start_response)

    return answer


def _allow_origins(app: Flask, origins: tuple[str, ...]) -> None:
    """Let browser-based clients call the CDS Hooks routes, errors and preflights included."""
    CORS(
        app,
        resources={r"/cds-services.*": {"origins": list(origins)}},
        methods=["GET", "POST", "OPTIONS"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["X-Request-Id"],
        max_age=600,
        vary_header=True,
    )
