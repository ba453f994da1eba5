"""The service under gunicorn, configured in code: the same for the demo and for a site."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # no stubs locked
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # no stubs locked

from cds_service.app import store_of
from cds_service.settings import Settings

__all__ = ["Server"]

# Our own choice: some requests' worth of objects between two looks at the youngest generation.
_COLLECTOR_THRESHOLDS = (50_000, 20, 20)


class _OneLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Hands gunicorn's own lines to the handler of all others: one log, every line of it JSON."""

    def setup(self, cfg: Any) -> None:
        """Set up without handlers of its own."""
        super().setup(cfg)
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """One application in worker processes that inherit it from their parent."""

    def __init__(
        self, app: Flask, settings: Settings, *, when_ready: Callable[[], None] = lambda: None
    ) -> None:
        self._app = app
        self._settings = settings
        self._when_ready = when_ready
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        options: dict[str, Any] = {
            "bind": [f"{host}:{self._settings.port}", *self._people_address()],
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": "gthread",
            # The application exists before the fork, so what never changes is shared.
            "preload_app": True,
            "post_fork": lambda _server, _worker: store_of(self._app).after_fork(),
            "post_worker_init": lambda _worker: _tune_collector(),
            "when_ready": lambda _server: self._when_ready(),
            "graceful_timeout": 10,
            "timeout": 30,
            "loglevel": "warning",
            "logger_class": _OneLog,
            "errorlog": None,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def _people_address(self) -> list[str]:
        """Return the second address, of the pages for people; it is never reached from outside."""
        port = self._settings.people_port
        return [f"127.0.0.1:{port}"] if port else []

    def load(self) -> Flask:
        """Return the application."""
        return self._app


def _tune_collector() -> None:
    """Keep the collector off what lives as long as the process, and from running within a call.

    A large request makes tens of thousands of objects that all die with it by their reference
    counts; with Python's defaults the collector walks them again and again meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_THRESHOLDS)
