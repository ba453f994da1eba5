"""What users did with the cards (CDS Hooks 2.0.1, "Feedback").

`userComment` is free text that may hold patient data: it is discarded unread, or kept encrypted if the
site set a key for it. What else could hold any is kept only if it has the shape of a code. Feedback is
of one tenant: on a card of another one it counts as feedback on an unknown card.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import FeedbackUnusableError, StoreUnavailableError
from cds_service.hooks.services import Service
from cds_service.request import parse_object
from cds_service.store.feedback import Report
from cds_service.store.store import Store

__all__ = ["FeedbackInbox", "FeedbackReceipt"]

_LOG = logging.getLogger(__name__)
_OUTCOMES = ("accepted", "overridden")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SYSTEM = re.compile(r"(https?://|urn:)[A-Za-z0-9._~:/#-]{1,200}")


@dataclass(frozen=True, slots=True)
class FeedbackReceipt:
    """What became of one call: how many reports were new, were known, and were not ours.

    `snoozed` says of each overridden card until when it stays away if nothing changes.
    """

    recorded: int
    repeated: int
    unknown_cards: int
    unreadable: tuple[str, ...]
    snoozed: Mapping[str, datetime] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the answer's body; a member that would be empty is left out."""
        body: dict[str, Any] = {
            "recorded": self.recorded,
            "repeated": self.repeated,
            "unknownCards": self.unknown_cards,
        }
        if self.unreadable:
            body["unreadable"] = list(self.unreadable)
        if self.snoozed:
            body["snoozed"] = [
                {"card": card, "until": until.astimezone(UTC).isoformat(timespec="seconds")}
                for card, until in self.snoozed.items()
            ]
        return body


@dataclass(frozen=True, slots=True)
class FeedbackInbox:
    """Takes feedback in; what it has answered for is on disk."""

    store: Store
    clock: Callable[[], datetime]

    def take(self, service: Service, body: bytes, tenant: str = "") -> FeedbackReceipt:
        """Record the reports in a body of this tenant.

        Raises
        ------
        FeedbackUnusableError
            If there is no list of reports, or nothing in it can be read.
        StoreUnavailableError
            If they could not be written; the same call may be sent again.
        """
        items = parse_object(body).get("feedback")
        if not isinstance(items, list):
            raise FeedbackUnusableError(
                "The member feedback must be a list.",
                diagnostics="feedback: missing or not a list",
                expressions=("feedback",),
            )
        pseudonym = self.store.pseudonyms.of("tenant", tenant)
        reports: list[Report] = []
        unreadable: list[str] = []
        for number, item in enumerate(items):
            report = _read(item, service.id)
            if isinstance(report, Report):
                comment = self.store.comments.seal(_comment(item))
                reports.append(replace(report, tenant=pseudonym, comment=comment))
            else:
                unreadable.append(f"feedback[{number}]{report}")
        if unreadable and not reports:
            raise FeedbackUnusableError(
                "No report names its card and its outcome.",
                diagnostics="card must be a UUID, outcome must be accepted or overridden",
                expressions=tuple(unreadable),
            )
        return self._record(service, reports, tuple(unreadable), pseudonym)

    def _record(
        self, service: Service, reports: list[Report], unreadable: tuple[str, ...], tenant: str
    ) -> FeedbackReceipt:
        cards = {report.card for report in reports}
        now = self.clock()
        try:
            known = self.store.cards_shown.known(service.id, cards, tenant=tenant)
            recorded = self.store.feedback.append(reports, known=known, received_at=now)
            snoozed = self.store.snoozes.of_cards(known, tenant=tenant, now=now)
        except SQLAlchemyError as error:
            _LOG.error("feedback not recorded: %s", type(error).__name__)
            raise StoreUnavailableError(
                "The feedback could not be recorded. Send it again later.",
                diagnostics="nothing of this call was recorded",
            ) from None
        return FeedbackReceipt(
            recorded, len(reports) - recorded, len(cards - known), unreadable, snoozed
        )


def _read(item: object, service: str) -> Report | str:
    """Return one report, or the member that makes it unreadable."""
    if not isinstance(item, Mapping):
        return ""
    card = _uuid(item.get("card"))
    if not card:
        return ".card"
    outcome = item.get("outcome")
    if outcome not in _OUTCOMES:
        return ".outcome"
    system, code = _reason(_override(item))
    return Report(
        service=service,
        card=card,
        outcome=str(outcome),
        outcome_at=_moment(item.get("outcomeTimestamp")),
        accepted_suggestions=_suggestions(item.get("acceptedSuggestions")),
        reason_system=system,
        reason_code=code,
    )


def _override(item: object) -> object:
    """Return why a card was overridden.

    Epic's tutorial shows the member as `overrideReasons`, still one object
    (fhir.epic.com/Documentation?docId=cds-hooks, "Feedback"; read, never seen on the wire).
    """
    if not isinstance(item, Mapping):
        return None
    return item.get("overrideReason", item.get("overrideReasons"))


def _comment(item: object) -> object:
    reason = _override(item)
    return reason.get("userComment") if isinstance(reason, Mapping) else None


def _uuid(value: object) -> str:
    return value.lower() if isinstance(value, str) and _UUID.fullmatch(value) else ""


def _moment(value: object) -> datetime | None:
    """Return an RFC 3339 time stamp; one without a zone is UTC, as the specification wants it."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if moment else None
    except (ValueError, OverflowError):
        return None


def _suggestions(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    ids = (_uuid(item.get("id")) for item in items if isinstance(item, Mapping))
    return tuple(dict.fromkeys(item for item in ids if item))


def _reason(value: object) -> tuple[str, str]:
    """Return system and code of an override reason; its display is often left out by clients."""
    coding = value.get("reason") if isinstance(value, Mapping) else None
    if not isinstance(coding, Mapping):
        return "", ""
    system, code = coding.get("system"), coding.get("code")
    return (
        system if isinstance(system, str) and _SYSTEM.fullmatch(system) else "",
        code if isinstance(code, str) and _CODE.fullmatch(code) else "",
    )
