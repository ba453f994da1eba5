"""Log lines as JSON, one object each, with the id of the request and nothing that came with it.

Only what is known to be harmless is written: the time, level, logger and text of a record and its
request id. The traceback of an exception ends in its message, which may quote a record; of it the type
and the places in the code are kept.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from typing import TextIO

import orjson
from flask import g, has_request_context

from cds_service.log_redaction import withhold_details_from_logs

__all__ = ["JsonLines", "log_to"]

# Libraries that log, at DEBUG, what they are given: rows, headers, URLs, decoded tokens.
_QUIET = (
    *("alembic", "gunicorn", "markdown_it", "psycopg", "requests", "sqlalchemy", "urllib3"),
    "werkzeug",
)


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line.update(fields)
        if has_request_context():
            line["request"] = g.get("request_id", "")
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = [
                f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
                for frame in traceback.extract_tb(record.exc_info[2])[-8:]
            ]
        return orjson.dumps(line, default=str).decode()


def log_to(stream: TextIO, level: str) -> None:
    """Send every log line of this process to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    withhold_details_from_logs()
    # Whatever the level of our own lines: libraries say only what goes wrong.
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
