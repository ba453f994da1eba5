"""Uses of tokens: the first passes, whoever comes second does not, in any process."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import OperationalError

from cds_service.errors import StoreUnavailableError
from cds_service.security.replay import ReplayKey
from cds_service.store.database import open_database
from cds_service.store.replay import SqlReplayStore
from cds_service.store.tables import REPLAY
from tests.log_scan import SCAN

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
KEY = ReplayKey(tenant="north", issuer="https://ehr.example", jti="1")


def expiry(minutes: float = 5) -> float:
    """Return when a token of these minutes expires."""
    return (NOON + timedelta(minutes=minutes)).timestamp()


def test_second_use_is_recognised(engine: Engine) -> None:
    """A token passes once; of another store on the same database it is known as well (O95)."""
    store = SqlReplayStore(engine, now=lambda: NOON)
    assert store.remember(KEY, expiry()) is True
    assert store.remember(KEY, expiry()) is False
    assert SqlReplayStore(engine, now=lambda: NOON).remember(KEY, expiry()) is False


@pytest.mark.parametrize("name", ["tenant", "issuer", "jti", "scope"])
def test_use_is_of_one_token(engine: Engine, name: str) -> None:
    """Another tenant, issuer, jti or scope is another use."""
    store = SqlReplayStore(engine, now=lambda: NOON)
    other = {"tenant": "south", "issuer": "https://b.example", "jti": "2", "scope": "f" * 64}
    assert store.remember(KEY, expiry())
    assert store.remember(replace(KEY, **{name: other[name]}), expiry())


def test_expired_use_is_overwritten(engine: Engine) -> None:
    """When its token has expired a use no longer counts, and the new one does."""
    moment = [NOON]
    store = SqlReplayStore(engine, now=lambda: moment[0])
    assert store.remember(KEY, expiry())
    moment[0] += timedelta(minutes=5)
    assert store.remember(KEY, expiry(10)) is True
    assert store.remember(KEY, expiry(10)) is False


def test_expired_uses_are_removed_now_and_then(engine: Engine) -> None:
    """The table does not grow for ever: after ten minutes the next use clears what has expired."""
    moment = [NOON]
    store = SqlReplayStore(engine, now=lambda: moment[0])
    for number in range(5):
        store.remember(replace(KEY, jti=str(number)), expiry())
    moment[0] += timedelta(minutes=11)
    store.remember(replace(KEY, jti="new"), expiry(20))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(REPLAY)) == 1


def test_any_text_is_a_jti(engine: Engine) -> None:
    """A jti of thousands of characters, or of broken text, fits the table."""
    store = SqlReplayStore(engine, now=lambda: NOON)
    for jti in ("x" * 8000, "张三", "\ud800"):
        assert store.remember(replace(KEY, jti=jti), expiry())
        assert not store.remember(replace(KEY, jti=jti), expiry())


def test_use_that_cannot_be_recorded_is_no_use(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that cannot write refuses: it never lets a call through unseen."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE replay"))
    with pytest.raises(StoreUnavailableError, match="The call could not be checked"):
        SqlReplayStore(engine, now=lambda: NOON).remember(KEY, expiry())
    assert "use of a token not recorded, call refused" in caplog.text


def test_clearing_that_fails_costs_no_call(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """If expired uses cannot be removed the call goes on."""
    moment = [NOON]
    store = SqlReplayStore(engine, now=lambda: moment[0])
    moment[0] += timedelta(minutes=11)

    @event.listens_for(engine, "before_cursor_execute")
    def refuse_to_delete(_1: object, _2: object, statement: str, *_3: object) -> None:
        if statement.startswith("DELETE"):
            raise OperationalError(statement, None, Exception("disk full"))

    assert store.remember(KEY, expiry(20)) is True
    assert "expired uses of tokens not removed: OperationalError" in caplog.text


@pytest.mark.usefixtures("engine")
def test_of_threads_at_once_one_passes(database_url: str) -> None:
    """Eight simultaneous uses of one token, each on a connection of its own: one is the first."""
    answers: list[bool] = []
    start = threading.Barrier(8)

    def use() -> None:
        own = open_database(database_url)
        store = SqlReplayStore(own, now=lambda: NOON)
        start.wait()
        answers.append(store.remember(KEY, expiry()))
        own.dispose()

    _run_all([threading.Thread(target=use) for _ in range(8)])
    assert sorted(answers) == [False] * 7 + [True]


def _use_in_a_process(url: str, start: object, answers: object, log: Path) -> None:
    logging.basicConfig(filename=log, level=logging.DEBUG)
    logging.getLogger("sqlalchemy").setLevel(logging.DEBUG)
    own = open_database(url)
    store = SqlReplayStore(own, now=lambda: NOON)
    start.wait()  # type: ignore[attr-defined]  # a barrier of multiprocessing
    answers.put(store.remember(KEY, expiry()))  # type: ignore[attr-defined]  # a queue of multiprocessing
    own.dispose()


@pytest.mark.usefixtures("engine")
def test_of_processes_at_once_one_passes(database_url: str) -> None:
    """Two processes that see one token at the same time let it through once."""
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    processes = [
        context.Process(
            target=_use_in_a_process, args=(database_url, start, answers, SCAN.new_output())
        )
        for _ in range(2)
    ]
    _run_all(processes)
    assert sorted([answers.get(timeout=5), answers.get(timeout=5)]) == [False, True]


def _run_all(workers: Sequence[threading.Thread | SpawnProcess]) -> None:
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
