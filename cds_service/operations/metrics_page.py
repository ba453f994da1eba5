"""`GET /metrics`, for Prometheus; one of the pages for people."""

from __future__ import annotations

from flask import Blueprint, Response

from cds_service.operations.metrics import CONTENT_TYPE, Metrics
from cds_service.security.people import guard_people
from cds_service.settings import Settings

__all__ = ["metrics_blueprint"]


def metrics_blueprint(metrics: Metrics, settings: Settings) -> Blueprint:
    """Return the route of the metrics, closed to strangers."""
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def expose() -> Response:
        return Response(metrics.exposition(), content_type=CONTENT_TYPE)

    guard_people(blueprint, settings)
    return blueprint
