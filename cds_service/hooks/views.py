"""The three routes of CDS Hooks, thin: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import orjson
from flask import Blueprint, Response, g, request

from cds_service.errors import BodyTooLargeError, UnknownServiceError
from cds_service.hooks.feedback import FeedbackInbox
from cds_service.hooks.invocation import Invocation
from cds_service.hooks.services import Service, discovery
from cds_service.json_response import json_response
from cds_service.wire import to_json

__all__ = ["cds_hooks_blueprint"]


def _body() -> bytes:
    """Return the whole body of the request under way.

    Raises
    ------
    BodyTooLargeError
        If it came without a length and reached the limit: werkzeug only cuts such a body short.
    """
    body = request.get_data(cache=False)
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise BodyTooLargeError("The request body is larger than the service takes.")
    return body


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
        answer = invocation.answer(service, _body(), tenant(), g.get("request_id", ""))
        # The audit trail has it already, written together with the cards.
        g.is_recorded = True
        return json_response(answer)

    @blueprint.post("/cds-services/<service_id>/feedback", strict_slashes=False)
    def take_feedback(service_id: str) -> Response:
        service = _service(service_id)
        receipt = inbox.take(service, _body(), tenant())
        return json_response(receipt.to_json())

    return blueprint
