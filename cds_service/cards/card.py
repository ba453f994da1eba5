"""Puts the parts of a card together."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.cards.sources import OVERRIDE_REASONS
from cds_service.wire import Card, Indicator, Link, SelectionBehavior, Source, Suggestion

__all__ = ["build_card"]


def build_card(
    indicator: Indicator,
    summary: str,
    detail: str,
    source: Source,
    *,
    links: Sequence[Link],
    suggestions: Sequence[Suggestion] = (),
) -> Card:
    """Return a card; any number of its suggestions may be taken, none is pre-selected."""
    return Card(
        summary=summary,
        detail=detail,
        indicator=indicator,
        source=source,
        suggestions=tuple(suggestions) or None,
        selection_behavior=SelectionBehavior.ANY if suggestions else None,
        override_reasons=OVERRIDE_REASONS,
        links=tuple(links) or None,
    )
