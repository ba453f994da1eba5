"""The composition root: everything the service is made of is put together here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask import Blueprint, Flask
from flask_cors import CORS

from cds_service.advice.catalogue import ADVICE
from cds_service.advice.consultation import Advice
from cds_service.cards.sources import HPR_PAPER
from cds_service.demo.authorization import authorization_blueprint
from cds_service.demo.ehr import DemoEhr
from cds_service.demo.pages import blueprint_for
from cds_service.fhir_client import FhirLimits
from cds_service.guideline_profile import load_profile
from cds_service.hooks.audit import RequestAudit
from cds_service.hooks.feedback import FeedbackInbox
from cds_service.hooks.invocation import Invocation
from cds_service.hooks.templates import prefetch_templates
from cds_service.hooks.views import cds_hooks_blueprint
from cds_service.log_redaction import withhold_details_from_logs
from cds_service.operations.health import health_blueprint, readiness_checks
from cds_service.operations.metrics import Metrics
from cds_service.operations.metrics_page import metrics_blueprint
from cds_service.operations.rate_limit import TokenBuckets, limit_blueprint
from cds_service.origin import AddressRefusedError
from cds_service.pages.insights import insights_blueprint
from cds_service.pages.model_cards import model_cards_blueprint
from cds_service.prefetch import RecordSource
from cds_service.responses import add_common_behaviour
from cds_service.security.gate import current_client
from cds_service.security.site_trust import SiteTrust
from cds_service.security.trust import Trust
from cds_service.self_check import SelfCheck
from cds_service.settings import Settings
from cds_service.site import APP, Site, read_site
from cds_service.smart.app import App
from cds_service.smart.chart import Charts
from cds_service.smart.discovery import Discovery
from cds_service.smart.sessions import Sessions
from cds_service.smart.summaries import Summaries
from cds_service.smart.views import app_blueprint
from cds_service.store.replay import SqlReplayStore
from cds_service.store.store import Store, open_store
from cds_service.text_decisions import TextDecisions
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.units import prepare as prepare_units
from models.model import Model
from models.registry import RULES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Gate", "create_app", "site_of", "store_of"]

_EXTENSION = "hcc_cds_store"
_SITE = "hcc_cds_site"


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may call: `guard` closes a blueprint to strangers; `tenant` and `issuer` name who was let in."""

    guard: Callable[[Blueprint], None]
    tenant: Callable[[], str]
    issuer: Callable[[], str] = str


def create_app(
    settings: Settings | None = None,
    *,
    advice: Iterable[Advice] = ADVICE,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_uuid: Callable[[], UUID] = uuid4,
    store: Store | None = None,
    gate: Gate | None = None,
    record_source: RecordSource | None = None,
    metrics: Metrics | None = None,
) -> Flask:
    """Return the service as a WSGI application; settings come from the environment if not given.

    Raises
    ------
    ConfigurationError
        If it cannot run with these settings; outside the demo it does not run without a gate, its
        own or that of the trust file.
    """
    # First of all, and whoever sets up logging: other servers than ours start here too.
    withhold_details_from_logs()
    settings = settings or Settings.from_environment()
    site = read_site(
        settings,
        advice,
        today=clock().astimezone(settings.time_zone).date(),
        needs_trust=gate is None and not settings.demo,
    )
    store = store or open_store(settings)
    trusted = _trusting(site.trust, settings, store, clock) if site.trust else None
    if trusted is not None:
        gate = Gate(trusted.guard, trusted.tenant, lambda: current_client().issuer.iss)
        record_source = trusted.record_source
    ehr = _ehr_of_app(settings, trusted)
    settings = _with_launch_url(settings, ehr)
    prepare_units()
    counted = metrics or Metrics()
    mapping = MappingSettings(
        afp_factor_ng_per_iu=settings.afp_ng_ml_per_iu_ml,
        afp_window_days=settings.afp_window_days,
        none_recorded_means_absent=settings.none_recorded_is_absent,
        narrative_narrows=settings.text_narrows,
        time_zone=settings.time_zone,
    )
    invocation = Invocation(
        settings=settings,
        profile=load_profile(settings.guideline_profile),
        models=site.models,
        codes=site.codes,
        mapping=mapping,
        store=store,
        clock=clock,
        new_uuid=new_uuid,
        record_source=record_source,
        shadow=site.shadow,
        self_check=SelfCheck(
            link_hosts=_link_hosts(settings, site.models.values()),
            strict=settings.demo,
            new_uuid=new_uuid,
            count=counted.count_dropped,
        ),
        metrics=counted,
        confirms_in_app=ehr is not None,
    )
    # No static route of Flask's own: every route is one of ours and stands in openapi.yaml.
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_mb * 1_000_000
    app.extensions[_EXTENSION] = store
    app.extensions[_SITE] = site
    add_common_behaviour(app, new_uuid, counted)
    tenant = gate.tenant if gate else lambda: ""
    cds_hooks = cds_hooks_blueprint(site.services, invocation, FeedbackInbox(store, clock), tenant)
    if gate is not None:
        gate.guard(cds_hooks)
    # Between the two: whoever the limit turns away was let in, and is named.
    RequestAudit(store, clock, tenant).follow(cds_hooks)
    if settings.calls_per_minute:
        issuer = gate.issuer if gate else tenant
        limit_blueprint(cds_hooks, TokenBuckets(settings.calls_per_minute), issuer)
    app.register_blueprint(cds_hooks)
    checks = readiness_checks(store, models=len(site.models), concepts=len(site.codes.concepts))
    app.register_blueprint(health_blueprint(checks))
    app.register_blueprint(metrics_blueprint(counted, settings))
    app.register_blueprint(
        model_cards_blueprint(
            site.models, {**site.parameters, **RULES}, site.codes, demo=settings.demo
        )
    )
    app.register_blueprint(insights_blueprint(store, settings, site.models, site.tenants, clock))
    if settings.demo:
        app.register_blueprint(blueprint_for(settings, _today(settings, clock)))
    if ehr is not None:
        smart = _smart_app(ehr, settings, site, store, mapping, clock)
        _add_app(app, smart, ehr, counted)
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)
    app.wsgi_app = _single_slashes(app.wsgi_app)  # type: ignore[assignment]  # as Flask documents it
    return app


def _trusting(
    trust: Trust, settings: Settings, store: Store, clock: Callable[[], datetime]
) -> SiteTrust:
    """Return who may call and where their records are read, as the trust file says."""
    return SiteTrust(
        trust,
        SqlReplayStore(store.engine, now=clock),
        base_url=settings.base_url,
        fhir_seconds=settings.fhir_seconds,
        # Each thread may have this many fetches under way before one waits. Our own choice.
        fhir_limits=FhirLimits(parallel_calls=4 * settings.threads),
        ca_bundle=settings.ca_bundle,
        now=lambda: clock().timestamp(),
    )


def _ehr_of_app(settings: Settings, trusted: SiteTrust | None) -> SiteTrust | DemoEhr | None:
    """Return what the app opens from; None if it is switched off or registered nowhere."""
    ehr = _demo_ehr(settings) if settings.demo and trusted is None else trusted
    is_on = ehr is not None and ehr.smart_clients and APP not in settings.off
    return ehr if is_on else None


def _demo_ehr(settings: Settings) -> DemoEhr | None:
    """Return the demo's own EHR; None on an address that no FHIR base may have, such as [::1]."""
    try:
        return DemoEhr(settings.base_url)
    except AddressRefusedError:
        return None


def _with_launch_url(settings: Settings, ehr: SiteTrust | DemoEhr | None) -> Settings:
    """Return the settings with cards that open our own app, unless the site names another."""
    if ehr is None or settings.smart_launch_url:
        return settings
    return replace(settings, smart_launch_url=f"{settings.base_url}/app/launch")


def _add_app(app: Flask, smart: App, ehr: SiteTrust | DemoEhr, counted: Metrics) -> None:
    """Add the routes of the app and, in the demo, those of the EHR it opens from."""
    app.register_blueprint(app_blueprint(smart, counted.count_refusal))
    if isinstance(ehr, DemoEhr):
        app.register_blueprint(authorization_blueprint(ehr, smart.clock))
        ehr.answer_with(app)


def _smart_app(
    ehr: SiteTrust | DemoEhr,
    settings: Settings,
    site: Site,
    store: Store,
    mapping: MappingSettings,
    clock: Callable[[], datetime],
) -> App:
    """Return the app that opens from the charts of the EHRs where it is registered."""
    charts = Charts(
        fhir_client=ehr.fhir_client,
        templates=prefetch_templates(site.codes),
        models=site.models,
        codes=site.codes,
        mapping=mapping,
        decisions=TextDecisions(store, settings.time_zone),
        summaries=Summaries(
            services=site.services,
            models=site.models,
            profile=load_profile(settings.guideline_profile),
            settings=settings,
            shadow=site.shadow,
        ),
        today=_today(settings, clock),
        seconds=settings.fhir_seconds,
    )
    return App(
        clients=ehr.smart_clients,
        outgoing=ehr.outgoing,
        discovery=Discovery(ehr.outgoing, clock),
        key_cache=ehr.key_cache,
        sessions=Sessions(store.launch_sessions, clock),
        charts=charts,
        audit=store.audit,
        pseudonyms=store.pseudonyms,
        clock=clock,
        base_url=settings.base_url,
        frame_origins=settings.app_frame_origins,
        seconds=settings.fhir_seconds,
        demo=settings.demo,
    )


def _today(settings: Settings, clock: Callable[[], datetime]) -> Callable[[], date]:
    return lambda: clock().astimezone(settings.time_zone).date()


def _link_hosts(settings: Settings, models: Iterable[Model]) -> frozenset[str]:
    """Return where a link on a card may lead: the papers behind the models, and this service."""
    addresses = (
        HPR_PAPER.url,
        settings.base_url,
        settings.smart_launch_url,
        *(model.provenance.source_url for model in models),
    )
    return frozenset(host for host in (urlsplit(item).hostname for item in addresses) if host)


def store_of(app: Flask) -> Store:
    """Return the store an application remembers in."""
    store: Store = app.extensions[_EXTENSION]
    return store


def site_of(app: Flask) -> Site:
    """Return what the site of an application configured."""
    site: Site = app.extensions[_SITE]
    return site


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
