"""What every response has in common: errors as OperationOutcomes, headers, a request id, one log line.

A log line never holds a body, a header, a query or the message of a foreign exception: any of them
may hold patient data.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from uuid import UUID

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from cds_service.errors import (
    BadRequestError,
    BodyTooLargeError,
    MethodNotAllowedError,
    NotTrustedError,
    OwnBugError,
    ServiceError,
    UnknownRouteError,
    http_status,
    operation_outcome,
)
from cds_service.json_response import json_response
from cds_service.operations.metrics import Metrics

__all__ = ["add_common_behaviour"]

_LOG = logging.getLogger(__name__)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Cards are about one patient at one moment; no proxy or browser keeps them.
    "Cache-Control": "no-store",
}


def add_common_behaviour(
    app: Flask, new_uuid: Callable[[], UUID], metrics: Metrics | None = None
) -> None:
    """Give an application its error answers, headers, request ids, log lines and counts."""
    counted = metrics or Metrics()

    @app.before_request
    def begin() -> None:
        # Always our own: an id from outside could carry anything into the log.
        g.request_id = str(new_uuid())
        g.begun = time.perf_counter()

    @app.errorhandler(ServiceError)
    def answer_error(error: ServiceError) -> Response:
        g.error_code = error.code
        counted.count_refusal(error.code)
        if isinstance(error, NotTrustedError):
            return _bare_401()
        return json_response(operation_outcome(error), http_status(error))

    @app.errorhandler(HTTPException)
    def answer_http(error: HTTPException) -> Response | HTTPException:
        if error.code is None or error.code < 400:
            return error
        response = answer_error(_in_our_words(error))
        allowed = getattr(error, "valid_methods", None)
        if allowed:
            response.headers["Allow"] = ", ".join(sorted(allowed))
        return response

    @app.errorhandler(Exception)
    def answer_bug(error: Exception) -> Response:
        # The message may quote the record; the type and the places in our code do not.
        places = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
        _LOG.error(
            "own bug: request=%s type=%s at=%s",
            g.get("request_id", ""),
            type(error).__name__,
            " ".join(places),
        )
        return answer_error(OwnBugError("The service failed. The failure was logged."))

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = g.request_id
        rule = request.url_rule.rule if request.url_rule else "(none)"
        counted.count_answer(rule, response.status_code)
        milliseconds = (time.perf_counter() - g.begun) * 1000
        error = g.get("error_code", "none")
        _LOG.info(
            "call: request=%s method=%s route=%s status=%d error=%s milliseconds=%.1f",
            g.request_id,
            _known(request.method),
            rule,
            response.status_code,
            error,
            milliseconds,
            extra={
                "fields": {
                    "request": g.request_id,
                    "method": _known(request.method),
                    "route": rule,
                    "status": response.status_code,
                    "error": error,
                    "milliseconds": round(milliseconds, 1),
                }
            },
        )
        return response


def _known(method: str) -> str:
    """Return a method that HTTP has: any other is a caller's own text."""
    return method if method in _METHODS else "(other)"


def _bare_401() -> Response:
    response = Response(status=401)
    # RFC 9110, 11.6.1 asks for the scheme; nothing else is said.
    response.headers["WWW-Authenticate"] = "Bearer"
    del response.headers["Content-Type"]
    return response


def _in_our_words(error: HTTPException) -> ServiceError:
    """Return an error of the web framework as one of ours, without its text."""
    match error.code:
        case 404:
            return UnknownRouteError("There is nothing at this address.")
        case 405:
            return MethodNotAllowedError("This address does not take this method.")
        case 413:
            return BodyTooLargeError("The request body is larger than the service takes.")
        case code if code is not None and code >= 500:
            return OwnBugError("The service failed. The failure was logged.")
        case _:
            return BadRequestError("The request cannot be read.")
