"""The database: migrated from nothing, once, and as durable as it says."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from cds_service.errors import ConfigurationError
from cds_service.store.cards_shown import CardsShown
from cds_service.store.database import (
    database_problems,
    is_current,
    open_database,
    upgrade,
    writing,
)
from cds_service.store.feedback import FeedbackLog
from cds_service.store.tables import METADATA


def test_migrations_make_the_tables_that_the_code_uses(engine: Engine) -> None:
    """The migrated schema and the tables in the code do not differ."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    assert is_current(engine)


def test_upgrade_twice_changes_nothing(engine: Engine) -> None:
    """A second start finds everything in place."""
    upgrade(engine)
    assert is_current(engine)


def test_memory_of_the_first_version_is_kept(database_url: str) -> None:
    """What an older version remembered is there after the upgrade, as shown and without a tenant."""
    opened = open_database(database_url)
    configuration = Config()
    configuration.set_main_option("script_location", "cds_service:store/migrations")
    with writing(opened).begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        connection.execute(
            text(
                "INSERT INTO feedback (reported, received_at, service, card, card_known, outcome,"
                " accepted_suggestions, reason_system, reason_code) VALUES ('r',"
                " '2026-03-04 12:00:00.000000', 's', 'c', :yes, 'overridden', '[]', '', 'code')"
            ),
            {"yes": True},
        )
        connection.execute(
            text(
                "INSERT INTO cards_shown (card, shown_at, service, advice, hook, kind, indicator,"
                ' tenant, "user", patient, hook_instance, basis, model_hashes, suggestions, shadow)'
                " VALUES ('c', '2026-03-04 12:00:00.000000', 's', 'a', 'h', 'k', 'info', 't', 'u',"
                " 'p', '', 'b', '[]', '[]', :no)"
            ),
            {"no": False},
        )
    upgrade(opened)
    (report,), (card,) = FeedbackLog(opened).all(), CardsShown(opened).all()
    assert (report.report.reason_code, report.report.tenant, report.report.comment) == (
        "code",
        "",
        "",
    )
    assert (card.card, card.snoozed_until) == ("c", None)
    opened.dispose()


def test_processes_that_start_at_once_upgrade_once(database_url: str) -> None:
    """Of several workers that start together one migrates, the others wait."""
    failures: list[Exception] = []

    def start() -> None:
        opened = open_database(database_url)
        try:
            upgrade(opened)
        except Exception as error:  # noqa: BLE001 - every failure of a thread is one of the test
            failures.append(error)
        finally:
            opened.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_failed_migration_leaves_nothing_behind(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that fails half-way is rolled back, tables included."""
    opened = open_database(database_url)

    def fail_after_one_table(configuration: object, revision: str) -> None:
        connection = configuration.attributes["connection"]  # type: ignore[attr-defined]  # alembic's Config
        connection.execute(text("CREATE TABLE half_made (id INTEGER)"))
        raise ConfigurationError(f"broken on the way to {revision}")

    monkeypatch.setattr("cds_service.store.database.command.upgrade", fail_after_one_table)
    with pytest.raises(ConfigurationError, match="broken on the way to head"):
        upgrade(opened)
    assert inspect(opened).get_table_names() == []
    opened.dispose()


def test_schema_of_a_newer_version_is_refused(engine: Engine) -> None:
    """A database that a newer version has migrated is not touched."""
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="the database cannot be used: CommandError"):
        upgrade(engine)


def test_sqlite_is_durable(tmp_path: Path) -> None:
    """SQLite runs in WAL with synchronous=FULL, foreign keys and a busy time-out."""
    opened = open_database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with opened.connect() as connection:
        values = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    opened.dispose()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "the database URL cannot be used: ArgumentError"),
        ("mysql://u:canary@h/d", "the database must be SQLite or PostgreSQL"),
        ("postgresql+nodriver://u:canary@h/d", "the database URL cannot be used"),
        ("sqlite:////proc/none/x.sqlite3", "the database URL cannot be used"),
    ],
)
def test_unusable_url_is_refused_without_its_password(url: str, says: str) -> None:
    """A URL that cannot be used is refused in words, its password never shown."""
    with pytest.raises(ConfigurationError, match=re.escape(says)) as caught:
        open_database(url)
    assert "canary" not in str(caught.value)


def test_unreachable_database_is_refused_in_words(tmp_path: Path) -> None:
    """A database file that is none is a problem of the configuration."""
    path = tmp_path / "x.sqlite3"
    path.write_bytes(b"this is not a database" * 100)
    opened = open_database(f"sqlite:///{path}")
    with pytest.raises(ConfigurationError, match="the database cannot be used: DatabaseError"):
        upgrade(opened)
    opened.dispose()


def test_check_of_a_database_changes_nothing(database_url: str) -> None:
    """A database that can be used has no problems, before its first start and after."""
    assert database_problems(database_url) == ()
    engine = open_database(database_url)
    assert inspect(engine).get_table_names() == []
    upgrade(engine)
    assert database_problems(database_url) == ()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert database_problems(database_url) == ("the database cannot be used: CommandError",)
    engine.dispose()


def test_check_of_sqlite_makes_no_folder(tmp_path: Path) -> None:
    """A folder that can be made is not made; one that cannot is a problem in words."""
    assert database_problems(f"sqlite:///{tmp_path}/a/b/test.sqlite3") == ()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert database_problems(f"sqlite:///{tmp_path}/file/b/test.sqlite3") == (
        f"the folder of the database cannot be written: {tmp_path}/file/b",
    )
    (tmp_path / "text.sqlite3").write_bytes(b"no database" * 100)
    assert database_problems(f"sqlite:///{tmp_path}/text.sqlite3") == (
        "the database cannot be used: DatabaseError",
    )
    assert database_problems("sqlite:///:memory:") == ()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:://x", "the database URL cannot be used: ArgumentError"),
        ("mysql://u:canary@h/d", "the database must be SQLite or PostgreSQL"),
        (
            "postgresql+psycopg://u:canary@127.0.0.1:1/d",
            "the database cannot be used: OperationalError",
        ),
    ],
)
def test_check_says_what_is_wrong_with_a_database(url: str, says: str) -> None:
    """The same words as at a start, and never the password."""
    assert database_problems(url) == (says,)


def test_memory_database_needs_no_folder() -> None:
    """A database in memory works, for tests."""
    opened = open_database("sqlite://")
    upgrade(opened)
    assert is_current(opened)
    opened.dispose()
