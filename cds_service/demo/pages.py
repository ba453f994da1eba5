"""The demo: an order-entry page over synthetic patients, and the FHIR server it reads from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from markdown_it import MarkdownIt

from cds_service.demo.chart_summary import banner, summarise
from cds_service.demo.fhir_endpoint import add_fhir_routes
from cds_service.demo.orders import ORDERS
from cds_service.demo.patients.catalogue import PATIENTS, DemoPatient
from cds_service.pages.language import language_attribute
from cds_service.pages.shell import CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from cds_service.settings import Settings

__all__ = ["blueprint_for", "render_markdown"]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def render_markdown(text: str) -> str:
    """Return the HTML of a card's detail; raw HTML in it stays text, alignment becomes a class."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if str(token.attrs.pop("style", "")) == "text-align:right":
            token.attrSet("class", "number")
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def blueprint_for(settings: Settings, today: Callable[[], date] | None = None) -> Blueprint:
    """Return the routes of the demo; registered in demo mode only."""
    on = today or (lambda: datetime.now(settings.time_zone).date())
    blueprint = Blueprint(
        "demo",
        __name__,
        static_folder="static",
        static_url_path="/demo/static",
        template_folder="templates",
    )
    blueprint.add_app_template_filter(language_attribute, "lang")
    add_fhir_routes(blueprint, "/demo/fhir", on)

    @blueprint.get("/demo")
    def page() -> tuple[str, int]:
        asked = request.args.get("patient", "")
        chosen = PATIENTS.get(asked)
        status = 200 if chosen or not asked else 404
        return _render(chosen, on(), asked if chosen is None else "", settings), status

    @blueprint.post("/demo/markdown")
    def markdown() -> Response:
        return Response(render_markdown(request.get_data(as_text=True)), mimetype="text/html")

    @blueprint.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return blueprint


def _render(chosen: DemoPatient | None, on: date, unknown: str, settings: Settings) -> str:
    groups: dict[str, list[DemoPatient]] = {}
    for patient in PATIENTS.values():
        groups.setdefault(patient.group, []).append(patient)
    resources = chosen.resources(on) if chosen else ()
    iss = f"{settings.base_url}/demo/fhir"
    return render_template(
        "order_entry.html",
        groups=groups,
        chosen=chosen,
        unknown=unknown,
        on=on,
        banner=banner(resources, on) if chosen else None,
        sections=summarise(resources) if chosen else (),
        orders=tuple(ORDERS.values()),
        # On the address the app knows itself by: its cookies hold for that name only.
        launch_url=settings.smart_launch_url,
        iss=iss,
        data={
            "patientId": chosen.id if chosen else "",
            "fhirBase": "/demo/fhir",
            "smart": {"iss": iss},
            "orders": {
                item.id: {"label": item.label, "resource": item.resource()}
                for item in ORDERS.values()
            },
        },
    )
