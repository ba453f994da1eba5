"""Keeps whole URLs, and with them patient ids, out of the log of the HTTP library."""

from __future__ import annotations

import logging

__all__ = ["withhold_urls_from_logs"]

# These loggers write whole URLs at DEBUG and, for a malformed header, even at WARNING.
_URL_LOGGERS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


class _WithholdUrls(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = "details withheld: this logger writes whole URLs"
        record.args = ()
        record.exc_info = None
        record.exc_text = None
        return True


def withhold_urls_from_logs() -> None:
    """Replace the text of every record of urllib3 by a fixed one; calling it again changes nothing."""
    for name in _URL_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(existing, _WithholdUrls) for existing in logger.filters):
            logger.addFilter(_WithholdUrls())
