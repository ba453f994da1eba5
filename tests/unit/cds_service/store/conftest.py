"""A migrated database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cds_service.store.database import open_database, upgrade
from tests.unit.cds_service.store.databases import DATABASES


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    return DATABASES[request.param](tmp_path)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Return a database with the newest schema."""
    opened = open_database(database_url)
    upgrade(opened)
    yield opened
    opened.dispose()
