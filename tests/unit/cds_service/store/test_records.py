"""Cards shown and feedback: kept whole, found again, never mixed up."""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, StatementError

from cds_service.store.cards_shown import CardsShown, Remembered, ShownCard
from cds_service.store.database import open_database
from cds_service.store.feedback import FeedbackLog, Report
from cds_service.store.tables import CARDS_SHOWN

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def shown(**members: object) -> ShownCard:
    """Return a card shown, with a UUID of its own."""
    card = ShownCard(
        card=str(uuid4()),
        shown_at=NOON,
        service="resection-risk-order-select",
        advice="resection-risk",
        hook="order-select",
        kind="risk",
        indicator="warning",
        tenant="t" * 64,
        user="u" * 64,
        patient="p" * 64,
        hook_instance="h" * 64,
        basis="b" * 64,
        model_hashes=("one", "two"),
        suggestions=("s1",),
    )
    return replace(card, **members)  # type: ignore[arg-type]  # names are fields


def latest(cards: CardsShown, **members: Any) -> tuple[Remembered, ...]:
    """Return what one user was shown."""
    asked: dict[str, Any] = {
        "tenant": "t" * 64,
        "user": "u" * 64,
        "patient": "p" * 64,
        "advice": "resection-risk",
    }
    return cards.latest(**{**asked, **members})


def test_columns_are_the_fields() -> None:
    """A card shown is stored whole."""
    assert {column.name for column in CARDS_SHOWN.columns} == {
        "id",
        *(item.name for item in fields(ShownCard)),
    }


def test_cards_come_back_as_they_were(engine: Engine) -> None:
    """What was recorded is read again, the oldest first, in any time zone."""
    cards = CardsShown(engine)
    late = shown(shown_at=(NOON + timedelta(hours=1)).astimezone(timezone(timedelta(hours=8))))
    early = shown()
    cards.record([late])
    cards.record([early])
    assert cards.all() == (late, early)
    assert latest(cards) == tuple(
        Remembered("risk", "order-select", "h" * 64, "b" * 64, card.shown_at)
        for card in (early, late)
    )


@pytest.mark.parametrize("name", ["tenant", "user", "patient", "advice"])
def test_memory_is_of_one_user_patient_advice_and_tenant(engine: Engine, name: str) -> None:
    """Cards of another tenant, user, patient or advice are not found."""
    cards = CardsShown(engine)
    cards.record([shown(**{name: "x" * 64})])
    assert latest(cards) == ()
    assert len(latest(cards, **{name: "x" * 64})) == 1


def test_shadowed_cards_were_not_shown(engine: Engine) -> None:
    """A card computed in shadow silences nothing that is shown and is not known to feedback."""
    cards = CardsShown(engine)
    hidden = shown(shadow=True)
    cards.record([hidden])
    assert latest(cards) == ()
    assert len(latest(cards, shadow=True)) == 1
    assert cards.known(hidden.service, [hidden.card], tenant="t" * 64) == frozenset()


def test_known_cards_are_those_of_the_service(engine: Engine) -> None:
    """A card is known to the service that showed it."""
    cards = CardsShown(engine)
    ours = shown()
    cards.record([ours])
    assert cards.known(ours.service, [ours.card, "other"], tenant="t" * 64) == {ours.card}
    assert cards.known("other", [ours.card], tenant="t" * 64) == frozenset()


def test_answer_is_recorded_whole_or_not_at_all(engine: Engine) -> None:
    """If one card cannot be written none is."""
    cards = CardsShown(engine)
    card = shown()
    with pytest.raises(IntegrityError):
        cards.record([card, card])
    assert cards.all() == ()
    cards.record([])


def test_memory_looks_back_only_so_far(engine: Engine) -> None:
    """The newest cards are read, so that a busy form never makes a call slow."""
    cards = CardsShown(engine)
    moments = [NOON + timedelta(seconds=number) for number in range(25)]
    cards.record([shown(shown_at=moment) for moment in moments])
    found = latest(cards)
    assert len(found) == 20
    assert [item.shown_at for item in found] == moments[5:]


def test_moment_without_a_zone_is_not_stored(engine: Engine) -> None:
    """A moment whose zone is unknown is refused."""
    with pytest.raises(StatementError, match="a moment without a time zone is not stored"):
        CardsShown(engine).record([shown(shown_at=datetime(2026, 3, 4))])  # noqa: DTZ001 - refused


def test_reports_are_one_if_they_say_the_same(engine: Engine) -> None:
    """The order of suggestions and the zone of a time do not make a second report."""
    log = FeedbackLog(engine)
    report = Report("s", "c", "accepted", NOON, ("a", "b"))
    in_china = NOON.astimezone(timezone(timedelta(hours=8)))
    same = replace(report, outcome_at=in_china, accepted_suggestions=("b", "a"))
    assert log.append([report], known=frozenset({"c"}), received_at=NOON) == 1
    assert log.append([same, report], known=frozenset(), received_at=NOON) == 0
    (kept,) = log.all()
    assert (kept.report, kept.card_known, kept.received_at) == (report, True, NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"service": "x"},
        {"card": "x"},
        {"outcome": "overridden"},
        {"outcome_at": None},
        {"accepted_suggestions": ()},
        {"reason_system": "x"},
        {"reason_code": "x"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_reports_that_differ_are_two(engine: Engine, change: dict[str, object]) -> None:
    """Any difference makes another report."""
    report = Report("s", "c", "accepted", NOON, ("a",))
    other = replace(report, **change)  # type: ignore[arg-type]  # names are fields
    log = FeedbackLog(engine)
    assert log.append([report, other], known=frozenset(), received_at=NOON) == 2


def test_writers_wait_for_each_other(engine: Engine, database_url: str) -> None:
    """Several processes that write at once all get through, each report once."""
    reports = [Report("s", str(number), "accepted") for number in range(20)]
    failures: list[Exception] = []

    def write() -> None:
        own = open_database(database_url)
        try:
            for report in reports:
                FeedbackLog(own).append([report], known=frozenset(), received_at=NOON)
        except Exception as error:  # noqa: BLE001 - every failure of a thread is one of the test
            failures.append(error)
        finally:
            own.dispose()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(FeedbackLog(engine).all()) == 20
