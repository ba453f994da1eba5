"""What the feedback says: figures per card and model version, small counts withheld.

A count from 1 to one less than the smallest that is stated may point at a person, so it is withheld
(None). A single withheld count could be found by subtraction from a sum that is stated; then the next
smallest is withheld with it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from cds_service.store.history import Fate, PastCard
from cds_service.store.snoozes import ActiveSnooze

__all__ = ["NO_REASON", "SERIES", "CardFigures", "Figures", "analyse", "withhold"]

NO_REASON = "no-reason-given"
SERIES = ("shown", "snoozed", "shadow", "accepted", "overridden")
"""What is counted per card; accepted and overridden are of cards shown in that week."""

_DAYS = 7


@dataclass(frozen=True, slots=True)
class CardFigures:
    """The figures of one kind of card, as one set of model versions made it; None is withheld."""

    advice: str
    kind: str
    model_hashes: tuple[str, ...]
    totals: Mapping[str, int | None]
    acceptance_percent: int | None
    reasons: Mapping[str, int | None]
    weeks: Mapping[str, tuple[int | None, ...]]
    snoozed_now: int | None
    next_return: date | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of all cards over the weeks that begin at these Mondays."""

    weeks: tuple[date, ...]
    cards: tuple[CardFigures, ...]


def analyse(
    past: Iterable[PastCard],
    snoozes: Iterable[ActiveSnooze],
    *,
    weeks: tuple[date, ...],
    zone: ZoneInfo,
    smallest: int,
) -> Figures:
    """Return the figures of cards over weeks, each card counted in the week it was shown."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[PastCard]] = defaultdict(list)
    for card in past:
        groups[card.advice, card.kind, card.model_hashes].append(card)
    away: dict[tuple[str, str, tuple[str, ...]], list[date]] = defaultdict(list)
    for snooze in snoozes:
        key = (snooze.advice, snooze.kind, snooze.model_hashes)
        away[key].append(snooze.until.astimezone(zone).date())
    return Figures(
        weeks,
        tuple(
            _figures(key, groups[key], away[key], weeks, zone, smallest)
            for key in sorted({*groups, *away})
        ),
    )


def _figures(
    key: tuple[str, str, tuple[str, ...]],
    cards: Sequence[PastCard],
    returns: Sequence[date],
    weeks: tuple[date, ...],
    zone: ZoneInfo,
    smallest: int,
) -> CardFigures:
    counted: dict[str, Counter[date]] = {name: Counter() for name in SERIES}
    reasons: Counter[str] = Counter()
    for card in cards:
        day = card.at.astimezone(zone).date()
        week = day - timedelta(days=day.weekday())
        counted[card.fate.value][week] += 1
        if card.fate is Fate.SHOWN and card.outcome in counted:
            counted[card.outcome][week] += 1
        if card.outcome == "overridden":
            reasons[card.reason or NO_REASON] += 1
    # Summed over the same weeks that are listed, so that nothing is found by subtraction.
    series = {name: [counted[name][week] for week in weeks] for name in SERIES}
    totals = {name: _stated(sum(values), smallest) for name, values in series.items()}
    accepted, overridden = totals["accepted"], totals["overridden"]
    share = None
    if accepted is not None and overridden is not None and accepted + overridden:
        share = round(100 * accepted / (accepted + overridden))
    names = sorted(reasons, key=lambda name: (-reasons[name], name))
    away = _stated(len(returns), smallest)
    return CardFigures(
        advice=key[0],
        kind=key[1],
        model_hashes=key[2],
        totals=totals,
        acceptance_percent=share,
        reasons=dict(
            zip(names, withhold([reasons[name] for name in names], smallest), strict=True)
        ),
        weeks={name: withhold(values, smallest) for name, values in series.items()},
        snoozed_now=away,
        next_return=min(returns) if away else None,
    )


def withhold(counts: Sequence[int], smallest: int) -> tuple[int | None, ...]:
    """Return counts whose sum may be known, with the small ones withheld so that none can be found."""
    small = [place for place, count in enumerate(counts) if 0 < count < smallest]
    if len(small) == 1:
        others = [place for place, count in enumerate(counts) if count >= smallest]
        small += sorted(others, key=lambda place: counts[place])[:1]
    return tuple(None if place in small else count for place, count in enumerate(counts))


def _stated(count: int, smallest: int) -> int | None:
    return None if 0 < count < smallest else count
