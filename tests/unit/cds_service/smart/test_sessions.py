"""Launches under way and sessions, when the store or the site's key is not what it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from cds_service.errors import StoreUnavailableError
from cds_service.settings import Settings
from cds_service.smart.sessions import Session, Sessions
from cds_service.store.launch_sessions import LaunchSessions
from cds_service.store.store import Store, open_store

SESSION = Session("https://fhir.example/r4", "p1", "Practitioner/1", "CANARY-token")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store of this test."""
    opened = open_store(Settings(demo=True, state_folder=tmp_path))
    yield opened
    opened.close()


def _now() -> datetime:
    return datetime(2026, 3, 4, tzinfo=UTC)


def test_session_is_found_by_its_name_until_it_is_closed(store: Store) -> None:
    """What was kept comes back whole; an unknown, empty or endless name finds nothing."""
    sessions = Sessions(store.launch_sessions, _now)
    name = sessions.open(SESSION, 60)
    assert sessions.find(name) == SESSION
    for other in ("", "x", "x" * 1000, "\ud800"):
        assert sessions.find(other) is None
    assert sessions.take_launch(name) is None
    sessions.close(name)
    assert sessions.find(name) is None


def test_session_of_another_key_is_nobodys(store: Store) -> None:
    """After the site's key was changed, what was sealed before opens nothing."""
    name = Sessions(store.launch_sessions, _now).open(SESSION, 60)
    changed = LaunchSessions(store.engine, "another key of the site, long enough")
    assert Sessions(changed, _now).find(name) is None


def test_store_that_fails_is_said(store: Store) -> None:
    """A session that cannot be kept, read or closed is an error of its own."""
    sessions = Sessions(store.launch_sessions, _now)
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE launch_sessions"))
    message = "The session cannot be kept or read now"
    with pytest.raises(StoreUnavailableError, match=message):
        sessions.open(SESSION, 60)
    with pytest.raises(StoreUnavailableError, match=message):
        sessions.find("x")
    with pytest.raises(StoreUnavailableError, match=message):
        sessions.close("x")


def test_no_token_is_in_a_repr() -> None:
    """Printing a session shows whose it is, never with what."""
    assert "CANARY" not in repr(SESSION)
    assert SESSION.form_token not in repr(SESSION)
