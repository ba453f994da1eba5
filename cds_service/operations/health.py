"""`/healthz`: the process answers. `/readyz`: it can do its work. Neither says more than that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from cds_service.json_response import json_response
from cds_service.store.database import is_current
from cds_service.store.store import Store

__all__ = ["health_blueprint", "readiness_checks"]

Check = Callable[[], bool]


def readiness_checks(store: Store, *, models: int, concepts: int) -> dict[str, Check]:
    """Return what must hold before calls are sent here, by name."""
    return {
        "store": lambda: is_current(store.engine),
        "models": lambda: models > 0,
        "valueSets": lambda: concepts > 0,
    }


def health_blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """Return the routes a load balancer asks; they are open and hold nothing about patients."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def is_alive() -> Response:
        return json_response({"status": "ok"})

    @blueprint.get("/readyz")
    def is_ready() -> Response:
        results = {name: "ok" if _holds(check) else "failed" for name, check in checks.items()}
        ready = set(results.values()) <= {"ok"}
        body = {"status": "ok" if ready else "not ready", "checks": results}
        return json_response(body, 200 if ready else 503)

    return blueprint


def _holds(check: Check) -> bool:
    try:
        return check()
    except SQLAlchemyError:
        return False
