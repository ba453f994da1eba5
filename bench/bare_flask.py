"""The floor: a Flask endpoint that parses the body and answers a constant card."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request

app = Flask(__name__)
CARD = orjson.dumps(
    {"cards": [{"summary": "constant", "indicator": "info", "source": {"label": "bench"}}]}
)


@app.post("/cds-services/<service>")
def answer(service: str) -> Response:
    """Parse the body and answer the constant card."""
    orjson.loads(request.get_data())
    return Response(CARD, headers={"X-Service": service}, content_type="application/json")
