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
from cds_service.errors import ConfigurationError
from cds_service.hooks.feedback import FeedbackInbox
from cds_service.hooks.invocation import Invocation
from cds_service.hooks.services import services_of
from cds_service.hooks.templates import prefetch_templates
from cds_service.hooks.views import cds_hooks_blueprint
from cds_service.pages.model_cards import model_cards_blueprint
from cds_service.prefetch import RecordSource
from cds_service.responses import add_common_behaviour
from cds_service.settings import Settings
from cds_service.site_files import site_codes, site_parameters
from cds_service.store.store import Store, open_store
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.units import prepare as prepare_units
from models.registry import RULES, load_models

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
        If it cannot run with these settings; outside the demo it does not run without a gate.
    """
    settings = settings or Settings.from_environment()
    if gate is None and not settings.demo:
        raise ConfigurationError(
            "outside the demo the service answers trusted callers only, and no trust is set up:"
            " use `hcc-cds demo`, or HCC_CDS_DEMO=1, with synthetic patients"
        )
    store = store or open_store(settings)
    codes = site_codes(settings.codes_folder)
    parameters = site_parameters(settings.parameters_folder)
    models = load_models(parameters)
    prepare_units()
    services = services_of(advice, prefetch_templates(codes))
    invocation = Invocation(
        settings=settings,
        profile=load_profile(settings.guideline_profile),
        models=models,
        codes=codes,
        mapping=MappingSettings(
            afp_factor_ng_per_iu=settings.afp_ng_ml_per_iu_ml,
            afp_window_days=settings.afp_window_days,
            time_zone=settings.time_zone,
        ),
        store=store,
        clock=clock,
        new_uuid=new_uuid,
        record_source=record_source,
    )
    # No static route of Flask's own: every route is one of ours and stands in openapi.yaml.
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_mb * 1_000_000
    app.extensions[_EXTENSION] = store
    add_common_behaviour(app, new_uuid)
    cds_hooks = cds_hooks_blueprint(
        services, invocation, FeedbackInbox(store, clock), gate.tenant if gate else lambda: ""
    )
    if gate is not None:
        gate.guard(cds_hooks)
    app.register_blueprint(cds_hooks)
    app.register_blueprint(
        model_cards_blueprint(models, {**parameters, **RULES}, codes, demo=settings.demo)
    )
    if settings.demo:
        app.register_blueprint(
            blueprint_for(settings, lambda: clock().astimezone(settings.time_zone).date())
        )
    if settings.cors_origins:
        _allow_origins(app, settings.cors_origins)
    app.wsgi_app = _single_slashes(app.wsgi_app)  # type: ignore[assignment]  # as Flask documents it
    return app


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
