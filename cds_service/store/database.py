"""The database: one engine from its URL, migrated to the newest schema.

SQLite runs in WAL with synchronous=FULL, so that what was acknowledged survives a kill and a power
cut, and readers never wait for a writer. Neither its log nor its errors quote the parameters of a
statement.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cds_service.errors import ConfigurationError

__all__ = ["database_problems", "is_current", "open_database", "upgrade"]

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MILLISECONDS = 5_000
# Any number that no other program uses as an advisory lock in the same database.
_UPGRADE_LOCK = 7_202_641


def open_database(url: str) -> Engine:
    """Return the engine of a database, without touching its tables.

    Raises
    ------
    ConfigurationError
        If the URL cannot be read, its driver is not installed or its folder cannot be made.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigurationError("the database must be SQLite or PostgreSQL")
        if parsed.get_backend_name() == "postgresql":
            return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(parsed, hide_parameters=True)
    except (ArgumentError, ImportError, OSError) as error:
        # The error's own text may quote the URL with its password.
        raise ConfigurationError(
            f"the database URL cannot be used: {type(error).__name__}"
        ) from None
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def writing(engine: Engine) -> Engine:
    """Return the engine for transactions that write.

    On SQLite they take the write lock at once: one that begins by reading and then has to wait for
    the lock would be refused instead of waiting.
    """
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def reading(engine: Engine) -> Engine:
    """Return the engine for a single query.

    On SQLite it runs outside a transaction: a query by itself sees one state of the database anyway.
    """
    return engine.execution_options(sqlite_begin="")


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision; of several processes at once, one does it.

    Raises
    ------
    ConfigurationError
        If the database cannot be reached or holds a schema this version does not know.
    """
    try:
        with writing(engine).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK}
                )
            if _revision(connection) != _newest():
                command.upgrade(_configuration(connection), "head")
    except (SQLAlchemyError, CommandError) as error:
        raise ConfigurationError(f"the database cannot be used: {type(error).__name__}") from None


def database_problems(url: str) -> tuple[str, ...]:
    """Return in words what keeps a database from being used; nothing is made and nothing changed."""
    try:
        file = make_url(url).database if url.startswith("sqlite") else None
        if file and file != ":memory:" and not Path(file).exists():
            return _folder_problems(Path(file).parent)
        engine = open_database(url)
        with engine.connect() as connection:
            revision = _revision(connection)
        engine.dispose()
        if revision is not None:
            ScriptDirectory.from_config(_configuration()).get_revision(revision)
    except ConfigurationError as error:
        return error.problems
    except ArgumentError as error:
        return (f"the database URL cannot be used: {type(error).__name__}",)
    except (SQLAlchemyError, CommandError) as error:
        return (f"the database cannot be used: {type(error).__name__}",)
    return ()


def _folder_problems(folder: Path) -> tuple[str, ...]:
    """Say what keeps a folder from being made or written."""
    there = next(item for item in (folder, *folder.absolute().parents) if item.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return ()
    return (f"the folder of the database cannot be written: {folder}",)


def is_current(engine: Engine) -> bool:
    """Tell whether the schema is the newest one."""
    with engine.connect() as connection:
        return _revision(connection) == _newest()


def _configuration(connection: Connection | None = None) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration


def _newest() -> str | None:
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver's own transactions leave DDL out; SQLAlchemy's "begin" below takes their place.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)
