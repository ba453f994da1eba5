"""`GET /insights`: what was shown, and what clinicians did with it, as JSON and as a page.

Of all tenants together, or of one. Cards are counted, not people, and nobody is counted across tenants:
one person known to two of them has two pseudonyms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from cds_service.cards.detail import INTENDED_USE, SYNTHETIC
from cds_service.errors import QueryUnusableError, StoreUnavailableError, UnknownTenantError
from cds_service.insights import SERIES, CardFigures, Figures, analyse
from cds_service.pages.plots import bars
from cds_service.pages.shell import pages_blueprint, wants_page
from cds_service.security.people import guard_people
from cds_service.settings import Settings
from cds_service.store.models_seen import SeenModel
from cds_service.store.store import Store
from models.model import Model

__all__ = ["insights_blueprint"]

_WEEKS = 26
_MOST_WEEKS = 104


@dataclass(frozen=True, slots=True)
class _Insights:
    """Where the figures come from."""

    store: Store
    settings: Settings
    models: Mapping[str, Model]
    tenants: tuple[str, ...]
    clock: Callable[[], datetime]

    def figures(self, weeks: int, tenant: str) -> tuple[Figures, Mapping[str, SeenModel]]:
        now = self.clock().astimezone(self.settings.time_zone)
        monday = now.date() - timedelta(days=now.weekday())
        mondays = tuple(monday - timedelta(weeks=back) for back in reversed(range(weeks)))
        begin = datetime.combine(mondays[0], time(), self.settings.time_zone)
        try:
            found = analyse(
                self.store.history.since(begin),
                self.store.snoozes.active(now),
                weeks=mondays,
                zone=self.settings.time_zone,
                smallest=self.settings.smallest_count,
                tenants=[self._pseudonym(name) for name in self.tenants],
                tenant=self._pseudonym(tenant) if tenant else "",
            )
            seen = dict(self.store.models_seen.by_hash())
        except SQLAlchemyError:
            raise StoreUnavailableError(
                "The figures cannot be read now. Try again later."
            ) from None
        for model in self.models.values():
            item = model.provenance
            seen[item.content_hash] = SeenModel(
                item.content_hash, item.model_id, item.version, item.status.value
            )
        return found, seen

    def _pseudonym(self, tenant: str) -> str:
        return self.store.pseudonyms.of("tenant", tenant)


def insights_blueprint(
    store: Store,
    settings: Settings,
    models: Mapping[str, Model],
    tenants: tuple[str, ...],
    clock: Callable[[], datetime],
) -> Blueprint:
    """Return the route of the figures; outside the demo staff only. A tenant alone is no choice."""
    source = _Insights(store, settings, models, tenants if len(tenants) > 1 else (), clock)
    foot = f"{SYNTHETIC} {INTENDED_USE}" if settings.demo else INTENDED_USE
    line = SYNTHETIC if settings.demo else ""
    blueprint = pages_blueprint("insights", __name__)
    guard_people(blueprint, settings)

    @blueprint.get("/insights")
    def show_insights() -> Response | str:
        tenant = _asked_tenant(source.tenants)
        figures, seen = source.figures(_asked_weeks(), tenant)
        chosen = {"tenant": tenant} if tenant else {}
        body = {
            **chosen,
            "tenants": list(source.tenants),
            **_as_json(figures, seen, settings),
        }
        if not wants_page():
            return jsonify({**body, "intendedUse": foot})
        cards = [
            {**entry, "plots": _plots(card), "withheld": _withheld(card)}
            for entry, card in zip(body["cards"], figures.cards, strict=True)
        ]
        return render_template("insights.html", **{**body, "cards": cards}, foot=foot, line=line)

    return blueprint


def _asked_tenant(tenants: tuple[str, ...]) -> str:
    name = request.args.get("tenant", "")
    if name and name not in tenants:
        raise UnknownTenantError(
            "There are no figures of a tenant of this name.",
            diagnostics="`tenants` of the figures of all lists the names",
            expressions=("tenant",),
        )
    return name


def _asked_weeks() -> int:
    text = request.args.get("weeks", str(_WEEKS))
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= _MOST_WEEKS):
        raise QueryUnusableError(
            f"weeks must be a whole number from 1 to {_MOST_WEEKS}.", expressions=("weeks",)
        )
    return int(text)


def _as_json(figures: Figures, seen: Mapping[str, SeenModel], settings: Settings) -> dict[str, Any]:
    return {
        "weeks": [monday.isoformat() for monday in figures.weeks],
        "smallestCount": settings.smallest_count,
        "snoozeDays": settings.snooze_days,
        "shadow": settings.shadow,
        "cards": [_card(card, seen) for card in figures.cards],
    }


def _card(card: CardFigures, seen: Mapping[str, SeenModel]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "advice": card.advice,
        "kind": card.kind,
        "models": [_model(content_hash, seen) for content_hash in card.model_hashes],
        **card.totals,
        "acceptancePercent": card.acceptance_percent,
        "overrideReasons": [{"code": code, "count": count} for code, count in card.reasons.items()],
        "byWeek": {name: list(values) for name, values in card.weeks.items()},
        "snoozedNow": card.snoozed_now,
    }
    if card.next_return is not None:
        entry["nextReturn"] = card.next_return.isoformat()
    return entry


def _model(content_hash: str, seen: Mapping[str, SeenModel]) -> dict[str, str]:
    model = seen.get(content_hash)
    if model is None:
        return {"contentHash": content_hash}
    return {
        "contentHash": content_hash,
        "id": model.model_id,
        "version": model.version,
        "status": model.status,
    }


def _plots(card: CardFigures) -> list[tuple[str, int, Markup]]:
    """Return name, highest count and drawing of every series that states any count."""
    found: list[tuple[str, int, Markup]] = []
    for name in SERIES:
        highest = max((value for value in card.weeks[name] if value), default=0)
        if highest:
            found.append((name, highest, bars(card.weeks[name], f"{name} per week")))
    return found


def _withheld(card: CardFigures) -> list[str]:
    """Return the series that hold something and state nothing."""
    return [name for name in SERIES if None in card.weeks[name] and not any(card.weeks[name])]
