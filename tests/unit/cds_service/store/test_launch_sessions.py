"""The app's sessions: found by their id only, once where they are for one use, never in clear."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, update

from cds_service.store.launch_sessions import LaunchSessions
from cds_service.store.tables import LAUNCH_SESSIONS

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
SITE_KEY = "a key of the site, long enough to be one"


@pytest.fixture
def sessions(engine: Engine) -> LaunchSessions:
    """Return the sessions of a site."""
    return LaunchSessions(engine, SITE_KEY)


def _rows(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(LAUNCH_SESSIONS))]


def test_what_was_put_is_got_as_often_as_wanted(sessions: LaunchSessions) -> None:
    """A session is read with every page."""
    name = sessions.put("session", "who is signed in: 张", now=NOON, expires_at=LATER)
    assert [sessions.get("session", name, now=NOON) for _ in range(2)] == [
        "who is signed in: 张"
    ] * 2


def test_what_was_put_is_taken_once(sessions: LaunchSessions) -> None:
    """A launch under way is used up by its first use."""
    name = sessions.put("launch", "verifier", now=NOON, expires_at=LATER)
    assert sessions.take("launch", name, now=NOON) == "verifier"
    assert sessions.take("launch", name, now=NOON) is None
    assert sessions.get("launch", name, now=NOON) is None


def test_of_two_who_take_at_once_one_gets_it(sessions: LaunchSessions) -> None:
    """A state that comes back twice at the same moment opens one session."""
    name = sessions.put("launch", "verifier", now=NOON, expires_at=LATER)
    taken: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: taken.append(sessions.take("launch", name, now=NOON)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, taken)) == ["None", "None", "None", "verifier"]


def test_a_launch_is_no_session(sessions: LaunchSessions) -> None:
    """An id of one kind opens nothing of another, and leaves it where it is."""
    name = sessions.put("launch", "verifier", now=NOON, expires_at=LATER)
    assert sessions.get("session", name, now=NOON) is None
    assert sessions.take("session", name, now=NOON) is None
    sessions.drop("session", name)
    assert sessions.get("launch", name, now=NOON) == "verifier"


@pytest.mark.parametrize("name", ["", "unknown", "\ud800"])
def test_an_unknown_id_finds_nothing(sessions: LaunchSessions, name: str) -> None:
    """A cookie may hold anything."""
    sessions.put("session", "payload", now=NOON, expires_at=LATER)
    assert sessions.get("session", name, now=NOON) is None
    assert sessions.take("session", name, now=NOON) is None
    sessions.drop("session", name)


def test_what_has_expired_is_gone(sessions: LaunchSessions, engine: Engine) -> None:
    """At the moment it expires nothing is found any more; the next one put removes it."""
    one = sessions.put("session", "payload", now=NOON, expires_at=LATER)
    two = sessions.put("launch", "payload", now=NOON, expires_at=LATER)
    assert sessions.get("session", one, now=LATER) is None
    assert sessions.take("launch", two, now=LATER) is None
    sessions.put("session", "payload", now=LATER, expires_at=LATER + timedelta(minutes=5))
    assert len(_rows(engine)) == 1


def test_what_is_dropped_is_gone(sessions: LaunchSessions, engine: Engine) -> None:
    """Who signs out leaves nothing behind."""
    name = sessions.put("session", "payload", now=NOON, expires_at=LATER)
    sessions.drop("session", name)
    assert _rows(engine) == []


def test_the_table_tells_nothing(sessions: LaunchSessions, engine: Engine) -> None:
    """Neither the id nor what it opens stands in the table; each id has a key of its own."""
    name = sessions.put("session", "the access token", now=NOON, expires_at=LATER)
    again = sessions.put("session", "the access token", now=NOON, expires_at=LATER)
    text = str(_rows(engine))
    assert name not in text
    assert again not in text
    assert "access token" not in text
    assert name != again


def test_neither_another_key_nor_another_id_opens_a_session(
    sessions: LaunchSessions, engine: Engine
) -> None:
    """A payload is opened by the site's key and its own id together."""
    name = sessions.put("session", "payload", now=NOON, expires_at=LATER)
    assert LaunchSessions(engine, "another key").get("session", name, now=NOON) is None
    (row,) = _rows(engine)
    other = sessions.put("session", "other", now=NOON, expires_at=LATER)
    with engine.begin() as connection:
        connection.execute(
            update(LAUNCH_SESSIONS).where(LAUNCH_SESSIONS.c.id != row[0]).values(payload=row[2])
        )
    assert sessions.get("session", name, now=NOON) == "payload"
    assert sessions.get("session", other, now=NOON) is None
