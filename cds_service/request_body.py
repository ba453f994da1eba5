"""The body of the request under way: whole, within the limit, or refused as the sender's mistake."""

from __future__ import annotations

from flask import request
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]  # no stubs locked

from cds_service.errors import BadRequestError, BodyTooLargeError

__all__ = ["read_body"]


def read_body(*, cache: bool = False) -> bytes:
    """Return the whole body; with `cache` it can be read again.

    Raises
    ------
    BodyTooLargeError
        If it came without a length and reached the limit: werkzeug only cuts such a body short.
    BadRequestError
        If it broke off or its chunks cannot be read, as the server below finds only now.
    """
    try:
        body = request.get_data(cache=cache)
    except (OSError, ParseException):
        raise BadRequestError("The body of the request cannot be read.") from None
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise BodyTooLargeError("The request body is larger than the service takes.")
    return body
