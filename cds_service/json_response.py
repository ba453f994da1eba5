"""The one way a JSON answer is made."""

from __future__ import annotations

import orjson
from flask import Response

__all__ = ["json_response"]


def json_response(body: object, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(orjson.dumps(body), status, content_type="application/json")
