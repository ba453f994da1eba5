"""The three routes of CDS Hooks, thin: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from flask import Blueprint, Response, g

from cds_service.errors import UnknownServiceError
from cds_service.hooks.feedback import FeedbackInbox
from cds_service.hooks.invocation import Invocation
from cds_service.hooks.services import Service, discovery
from cds_service.json_response import json_response
from cds_service.request_body import read_body
from cds_service.wire import to_json

__all__ = ["cds_hooks_blueprint"]


def cds_hooks_blueprint(
    services: Mapping[str, Service],
    invocation: Invocation,
    inbox: FeedbackInbox,
    tenant: Callable[[], str],
) -> Blueprint:
    """Return the routes of CDS Hooks; `tenant` names who calls, for everything that is stored."""
    blueprint = Blueprint("cds_hooks", __name__)
    discovered = orjson.dumps(to_json(discovery(services, hooks_3=invocation.settings.hooks_3)))

    def _service(service_id: str) -> Service:
        service = services.get(service_id)
        if service is None:
            raise UnknownServiceError(
                "There is no service with this id.",
                diagnostics="GET /cds-services lists the services",
            )
        return service

    @blueprint.get("/cds-services", strict_slashes=False)
    def discover() -> Response:
        return Response(discovered, content_type="application/json")

    @blueprint.post("/cds-services/<service_id>", strict_slashes=False)
    def call(service_id: str) -> Response:
        service = _service(service_id)
        answer = invocation.answer(service, read_body(), tenant(), g.get("request_id", ""))
        # The audit trail has it already, written together with the cards.
        g.is_recorded = True
        return json_response(answer)

    @blueprint.post("/cds-services/<service_id>/feedback", strict_slashes=False)
    def take_feedback(service_id: str) -> Response:
        service = _service(service_id)
        receipt = inbox.take(service, read_body(), tenant())
        return json_response(receipt.to_json())

    return blueprint
