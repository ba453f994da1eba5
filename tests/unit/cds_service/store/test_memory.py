"""Snoozes, the audit trail, retention, the models seen, comments and the history of cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, select, text

from cds_service.security.replay import ReplayKey
from cds_service.store.audit import AuditEvent, AuditTrail
from cds_service.store.cards_shown import CardsShown, ShownCard
from cds_service.store.comments import CommentBox
from cds_service.store.confirmations import Confirmations
from cds_service.store.feedback import FeedbackLog, Report
from cds_service.store.history import Fate, History, PastCard
from cds_service.store.launch_sessions import LaunchSessions
from cds_service.store.models_seen import ModelsSeen, SeenModel
from cds_service.store.replay import SqlReplayStore
from cds_service.store.retention import purge
from cds_service.store.snoozes import ActiveSnooze, SnoozeKey, Snoozes
from cds_service.store.tables import LAUNCH_SESSIONS, REPLAY
from tests.unit.cds_service.store.test_confirmations import ROW as DECISION
from tests.unit.cds_service.store.test_records import NOON, shown

TENANT, KEY = "t" * 64, SnoozeKey("risk", "b" * 64)
RETURNS = NOON + timedelta(days=30)


def report(
    engine: Engine, card: ShownCard, outcome: str = "overridden", at: Any = NOON, **more: str
) -> None:
    """Record what a client says of a card."""
    members = {"service": card.service, "tenant": TENANT, **more}
    FeedbackLog(engine).append(
        [Report(card=card.card, outcome=outcome, outcome_at=at, **members)],  # type: ignore[arg-type]  # names are fields
        known=frozenset({card.card}),
        received_at=at,
    )


def record(engine: Engine, **members: object) -> ShownCard:
    """Record a card."""
    card = shown(**members)
    CardsShown(engine).record([card])
    return card


def snoozes(engine: Engine, days: Any = 30, **members: Any) -> object:
    """Return what one user overrode of one advice on one patient."""
    asked = {
        "tenant": TENANT,
        "user": "u" * 64,
        "patient": "p" * 64,
        "advice": "resection-risk",
        "now": NOON + timedelta(hours=1),
    }
    return Snoozes(engine, days).of(**{**asked, **members})


def test_overridden_card_stays_away_for_the_set_time(engine: Engine) -> None:
    """From the override on, until the days are over and not a moment longer."""
    card = record(engine)
    report(engine, card)
    assert snoozes(engine) == {KEY: RETURNS}
    assert snoozes(engine, now=RETURNS - timedelta(seconds=1)) == {KEY: RETURNS}
    assert snoozes(engine, now=RETURNS) == {}
    assert snoozes(engine, days=0) == {}


@pytest.mark.parametrize("name", ["tenant", "user", "patient", "advice"])
def test_snooze_is_of_one_tenant_user_patient_and_advice(engine: Engine, name: str) -> None:
    """What one clinician overrode stays with everybody and everything else."""
    report(engine, record(engine))
    assert snoozes(engine, **{name: "x" * 64}) == {}


@pytest.mark.parametrize(
    "members",
    [{"tenant": "x" * 64}, {"service": "x"}],
    ids=["another tenant", "another service"],
)
def test_report_of_somebody_else_snoozes_nothing(engine: Engine, members: dict[str, str]) -> None:
    """A report counts only if its card was shown by that service to that tenant."""
    report(engine, record(engine), **members)
    assert snoozes(engine) == {}
    assert Snoozes(engine, 30).active(NOON) == ()


def test_last_report_counts(engine: Engine) -> None:
    """A card that is accepted after an override is not snoozed, and the other way round."""
    card = record(engine)
    report(engine, card)
    report(engine, card, "accepted", NOON + timedelta(minutes=1))
    assert snoozes(engine) == {}
    again = NOON + timedelta(minutes=2)
    report(engine, card, at=again)
    assert snoozes(engine) == {KEY: again + timedelta(days=30)}


def test_snoozes_can_be_asked_for_by_card_and_all_together(engine: Engine) -> None:
    """The receipt asks by card; the figures ask for all, of named users only."""
    card, other = record(engine), record(engine, basis="c" * 64)
    nobody = record(engine, user="")
    for item in (card, other, nobody):
        report(engine, item)
    accepted = record(engine, basis="d" * 64)
    report(engine, accepted, "accepted")
    store = Snoozes(engine, 30)
    cards = [item.card for item in (card, nobody, accepted)]
    assert store.of_cards(cards, tenant=TENANT, now=NOON) == {card.card: RETURNS}
    assert store.of_cards(cards, tenant="x" * 64, now=NOON) == {}
    active = ActiveSnooze("resection-risk", "risk", ("one", "two"), RETURNS, TENANT)
    assert store.active(NOON) == (active, active)
    assert Snoozes(engine, 0).of_cards(cards, tenant=TENANT, now=NOON) == {}
    assert Snoozes(engine, 0).active(NOON) == ()


def test_snoozed_card_was_not_shown(engine: Engine) -> None:
    """A snoozed card is recorded as such, silences nothing and is not known to feedback."""
    cards = CardsShown(engine)
    card = record(engine, snoozed_until=RETURNS)
    assert cards.all() == (card,)
    asked = {"tenant": TENANT, "user": "u" * 64, "patient": "p" * 64, "advice": "resection-risk"}
    assert cards.latest(**asked) == ()
    assert cards.known(card.service, [card.card], tenant=TENANT) == frozenset()
    report(engine, card)
    assert snoozes(engine) == {}


def test_cards_of_another_tenant_are_unknown(engine: Engine) -> None:
    """Feedback on a card of another tenant is feedback on an unknown card."""
    card = record(engine)
    assert CardsShown(engine).known(card.service, [card.card], tenant="x" * 64) == frozenset()


def test_same_report_of_two_tenants_is_two(engine: Engine) -> None:
    """One tenant's report never hides another's."""
    ours = Report("s", "c", "accepted", tenant="a")
    log = FeedbackLog(engine)
    both = [ours, replace(ours, tenant="b")]
    assert log.append(both, known=frozenset(), received_at=NOON) == 2
    assert [item.report.tenant for item in log.all()] == ["a", "b"]


def test_events_come_back_as_they_were(engine: Engine) -> None:
    """What was done is written once and read in order."""
    trail = AuditTrail(engine)
    events = (
        AuditEvent(NOON, "start", "site", details={"models": {"albi": "ab"}}),
        AuditEvent(NOON, "call", "missing-data", TENANT, str(uuid4())),
    )
    for event in events:
        trail.record(event)
    assert trail.all() == events


def test_strangers_cannot_fill_the_disk(engine: Engine) -> None:
    """Of refused strangers sixty a minute are written; the next one says how many were not."""
    trail = AuditTrail(engine)
    refused = AuditEvent(NOON, "call", "not-trusted")
    for _ in range(65):
        trail.record_stranger(refused)
    assert len(trail.all()) == 60
    # A tenant over its limit has a count of its own.
    trail.record_refusal(replace(refused, tenant=TENANT))
    assert trail.all()[-1].tenant == TENANT
    trail.record_stranger(replace(refused, tenant="claimed", at=NOON + timedelta(minutes=1)))
    assert trail.all()[-1].details == {"notWrittenBefore": 5}
    assert trail.all()[-1].tenant == ""


def test_trail_that_cannot_be_written_costs_nothing(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure is said in the log and nowhere else."""
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE audit"))
    AuditTrail(engine).record(AuditEvent(NOON, "call", "answered"))
    assert "event not recorded: call" in caplog.text


def _fill(engine: Engine, *ages_days: float) -> None:
    for age in ages_days:
        at = NOON - timedelta(days=age)
        report(engine, record(engine, shown_at=at), at=at)
        AuditTrail(engine).record(AuditEvent(at, "call", "answered"))
        Confirmations(engine).record([replace(DECISION, at=at)])
    replay = SqlReplayStore(engine, now=lambda: NOON)
    for number, minutes in enumerate((-5, 5)):
        key = ReplayKey("", "https://ehr.example", str(number))
        replay.remember(key, (NOON + timedelta(minutes=minutes)).timestamp())
    sessions = LaunchSessions(engine, "k" * 32)
    for minutes in (-5, 0, 5):
        # All put an hour ago: none was expired then.
        sessions.put(
            "session",
            "payload",
            now=NOON - timedelta(hours=1),
            expires_at=NOON + timedelta(minutes=minutes),
        )


DAYS = {"cards_shown": 10, "feedback": 20, "audit": 30, "text_decisions": 12}
EXPIRED = {"replay": 1, "launch_sessions": 2}


def test_purge_removes_what_is_older_and_nothing_else(engine: Engine) -> None:
    """Each table keeps its own days; a row that is exactly as old stays."""
    _fill(engine, 1, 10, 15, 25, 31)
    counts = purge(engine, DAYS, now=NOON)
    assert counts == {"cards_shown": 3, "feedback": 2, "audit": 1, "text_decisions": 3, **EXPIRED}
    assert len(CardsShown(engine).all()) == 2
    assert len(FeedbackLog(engine).all()) == 3
    assert len(AuditTrail(engine).all()) == 4
    assert len(Confirmations(engine).all()) == 2
    with engine.connect() as connection:
        for table in (REPLAY, LAUNCH_SESSIONS):
            assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_dry_run_counts_and_removes_nothing(engine: Engine) -> None:
    """With a dry run everything is still there."""
    _fill(engine, 1, 31)
    expected = {**dict.fromkeys(DAYS, 1), **EXPIRED}
    assert purge(engine, DAYS, now=NOON, dry_run=True) == expected
    assert purge(engine, DAYS, now=NOON) == expected


def test_zero_keeps_for_ever(engine: Engine) -> None:
    """A table with 0 days is never purged."""
    _fill(engine, 10_000)
    assert purge(engine, dict.fromkeys(DAYS, 0), now=NOON) == EXPIRED
    assert len(FeedbackLog(engine).all()) == 1


def test_models_keep_their_names(engine: Engine) -> None:
    """A hash stands for the model that first had it, however often the service starts."""
    seen = ModelsSeen(engine)
    model = SeenModel("a" * 64, "albi", "1.0.0", "published")
    seen.record([model], NOON)
    seen.record([model, SeenModel("b" * 64, "albi", "1.0.1", "published")], NOON)
    assert [item.version for item in seen.by_hash().values()] == ["1.0.0", "1.0.1"]
    assert seen.by_hash()["a" * 64] == model


def test_comment_is_sealed_for_its_key() -> None:
    """With a key a comment is kept, unreadable without it; without a key nothing is kept."""
    box = CommentBox(Fernet.generate_key().decode())
    sealed = box.seal("canary: Zhang San 张三 \ud800")
    assert "canary" not in sealed
    assert box.open(sealed) == "canary: Zhang San 张三 ?"
    assert CommentBox(Fernet.generate_key().decode()).open(sealed) is None
    assert len(box.open(box.seal("x" * 5000)) or "") == 4000
    blanks: tuple[object, ...] = ("", "  ", None, 5, {})
    assert [box.seal(blank) for blank in blanks] == [""] * 5
    assert CommentBox("").seal("canary") == ""
    assert CommentBox("").open(sealed) is None


def test_history_says_what_became_of_each_card(engine: Engine) -> None:
    """Fate and last report of every card of the period, nothing from before it."""
    record(engine, shown_at=NOON - timedelta(days=1))
    accepted, shadow = record(engine), record(engine, shadow=True, model_hashes=())
    record(engine, snoozed_until=RETURNS)
    report(engine, accepted, reason_code="patient-refuses")
    report(engine, accepted, "accepted", NOON + timedelta(minutes=1))
    report(engine, shadow)
    report(engine, accepted, tenant="x" * 64, at=NOON + timedelta(minutes=2))
    past = PastCard("resection-risk", "risk", ("one", "two"), NOON, Fate.SHOWN, tenant=TENANT)
    assert list(History(engine).since(NOON)) == [
        replace(past, outcome="accepted"),
        replace(past, model_hashes=(), fate=Fate.SHADOW),
        replace(past, fate=Fate.SNOOZED),
    ]
