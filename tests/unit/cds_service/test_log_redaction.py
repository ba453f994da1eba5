"""What a library was given is in no log, at any level; what an operator needs stays."""

from __future__ import annotations

import logging
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from werkzeug.serving import make_server

from cds_service.log_redaction import WITHHELD, withhold_details_from_logs
from cds_service.store.database import open_database
from tests.canaries import WORD


@pytest.fixture
def engine(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Engine]:
    """Return a database opened while SQLAlchemy logs everything it can."""
    withhold_details_from_logs()
    caplog.set_level(logging.DEBUG, "sqlalchemy.engine.Engine")
    opened = open_database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    yield opened
    opened.dispose()


def test_rows_and_parameters_are_withheld(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """SQLAlchemy at DEBUG writes the statement, and nothing that went in or came out."""
    with engine.connect() as connection:
        assert connection.execute(text("SELECT :note AS note"), {"note": WORD}).scalar() == WORD
    assert "SELECT ? AS note" in caplog.messages
    assert WITHHELD in caplog.messages
    assert WORD not in caplog.text


def test_error_of_the_database_quotes_no_parameter(engine: Engine) -> None:
    """The message of a failed statement, wherever it is printed, holds no value."""
    with engine.connect() as connection, pytest.raises(OperationalError) as caught:
        connection.execute(text("SELECT :note FROM nowhere"), {"note": WORD})
    assert "no such table: nowhere" in str(caught.value)
    assert WORD not in str(caught.value)


def test_line_per_call_of_another_server_is_withheld(caplog: pytest.LogCaptureFixture) -> None:
    """A developer's server writes every address with its query; around our service it does not."""
    withhold_details_from_logs()
    caplog.set_level(logging.INFO, "werkzeug")
    app = Flask("any", static_folder=None)
    app.add_url_rule("/Observation", "any", lambda: "")
    with make_server("127.0.0.1", 0, app) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/Observation?patient={WORD}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
        thread.join()
    assert caplog.messages == [WITHHELD]


def test_gunicorn_speaks_of_itself_only(caplog: pytest.LogCaptureFixture) -> None:
    """Its log may quote a call; what an operator needs to know of its processes stays."""
    withhold_details_from_logs()
    logger = logging.getLogger("gunicorn.error")
    logger.addHandler(caplog.handler)
    propagates, logger.propagate = logger.propagate, False
    try:
        logger.warning(f"Invalid request from ip=192.0.2.1: {WORD}")  # noqa: G004 - as gunicorn does
        try:
            raise ValueError(WORD)
        except ValueError:
            logger.exception("Error handling request %s", f"/?patient={WORD}")
        logger.critical("WORKER TIMEOUT (pid:%s)", 17)
    finally:
        logger.removeHandler(caplog.handler)
        logger.propagate = propagates
    assert caplog.messages == [WITHHELD, WITHHELD, "WORKER TIMEOUT (pid:17)"]
    assert WORD not in caplog.text
