"""Keeps what libraries were given (URLs with patient ids, headers, rows) out of every log.

The filters sit on the libraries' own loggers, so they hold whatever level and handlers a site chooses,
under another server as well, and for a library that writes with handlers of its own (gunicorn).
"""

from __future__ import annotations

import logging
import re

__all__ = ["WITHHELD", "withhold_details_from_logs"]

WITHHELD = "details withheld: this logger writes what it was given"

# These write whole URLs: urllib3 at DEBUG and, for a malformed header, even at WARNING; the servers
# for each call.
_URL_LOGGERS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.http2.connection",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
    "werkzeug",
    "gunicorn.access",
)

# What gunicorn says of its own life. The rest of its log may quote a request: for a line or a header
# that it cannot read it writes that line, at WARNING (27.0.1, workers/base.py, handle_error).
_OF_GUNICORN = re.compile(
    r"Starting gunicorn|Listening at:|Using worker:|Booting worker|Arbiter booted|Shutting down"
    r"|Handling signal:|Worker exiting|Worker \(pid:|WORKER TIMEOUT|Exception in worker process"
    r"|Unhandled exception in main loop|Connection in use:|Invalid address:|Can't connect to"
    r"|Retrying in|Parent changed|No keepalived connections"
)


class _WithholdAll(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        _withhold(record)
        return True


class _WithholdRequests(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if not _OF_GUNICORN.match(str(record.msg)):
            _withhold(record)
        return True


class _WithholdRows(logging.Filter):
    """What a statement brought; `hide_parameters` of the engine hides what went in."""

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith("Row "):
            _withhold(record)
        return True


def withhold_details_from_logs() -> None:
    """Replace by a fixed text what may quote a call; calling it again changes nothing."""
    for name in _URL_LOGGERS:
        _add(name, _WithholdAll())
    _add("gunicorn.error", _WithholdRequests())
    _add("sqlalchemy.engine.Engine", _WithholdRows())


def _add(name: str, withhold: logging.Filter) -> None:
    logger = logging.getLogger(name)
    if not any(isinstance(existing, type(withhold)) for existing in logger.filters):
        logger.addFilter(withhold)


def _withhold(record: logging.LogRecord) -> None:
    record.msg = WITHHELD
    record.args = ()
    record.exc_info = None
    record.exc_text = None
    record.stack_info = None
