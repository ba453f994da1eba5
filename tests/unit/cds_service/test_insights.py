"""The figures: counted right, and nothing small can be found in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.insights import NO_REASON, CardFigures, analyse, withhold
from cds_service.pages.plots import bars
from cds_service.store.history import Fate, PastCard
from cds_service.store.snoozes import ActiveSnooze

ZONE = ZoneInfo("Asia/Shanghai")
WEEKS = (date(2026, 3, 2), date(2026, 3, 9))
# Sunday in UTC, Monday in China.
MONDAY = datetime(2026, 3, 8, 17, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 8, 15, tzinfo=UTC)


def past(
    number: int,
    fate: Fate = Fate.SHOWN,
    outcome: str = "",
    reason: str = "",
    at: datetime = SUNDAY,
    hashes: tuple[str, ...] = ("h1",),
) -> list[PastCard]:
    """Return so many cards."""
    return [PastCard("resection-risk", "caution", hashes, at, fate, outcome, reason)] * number


def figures(cards: list[PastCard], *returns: datetime, smallest: int = 5) -> CardFigures:
    """Return the figures of cards that are all of one kind."""
    away = [ActiveSnooze("resection-risk", "caution", ("h1",), moment) for moment in returns]
    found = analyse(cards, away, weeks=WEEKS, zone=ZONE, smallest=smallest)
    assert found.weeks == WEEKS
    (card,) = found.cards
    return card


def test_cards_are_counted_by_what_became_of_them() -> None:
    """Shown, snoozed and in shadow by week of the site; accepted and overridden of what was shown."""
    card = figures(
        [
            *past(10, outcome="accepted"),
            *past(20, outcome="overridden", at=MONDAY),
            *past(5),
            *past(7, Fate.SNOOZED),
            *past(8, Fate.SHADOW, at=MONDAY),
        ]
    )
    assert card.totals == {
        "shown": 35,
        "snoozed": 7,
        "shadow": 8,
        "accepted": 10,
        "overridden": 20,
    }
    assert card.weeks == {
        "shown": (15, 20),
        "snoozed": (7, 0),
        "shadow": (0, 8),
        "accepted": (10, 0),
        "overridden": (0, 20),
    }
    assert card.acceptance_percent == 33
    assert card.reasons == {NO_REASON: 20}


def test_reasons_come_the_commonest_first() -> None:
    """Why cards were overridden, with those that gave no reason."""
    card = figures(
        [
            *past(6, outcome="overridden", reason="patient-refuses"),
            *past(9, outcome="overridden", reason="action-completed"),
            *past(5, outcome="overridden"),
        ]
    )
    assert list(card.reasons.items()) == [
        ("action-completed", 9),
        ("patient-refuses", 6),
        (NO_REASON, 5),
    ]


def test_model_versions_are_kept_apart() -> None:
    """Another content hash is another row, and the rows are in a fixed order."""
    cards = [*past(5, hashes=("h2",)), *past(6, hashes=("h1",)), *past(7, hashes=())]
    found = analyse(cards, [], weeks=WEEKS, zone=ZONE, smallest=5).cards
    assert [(card.model_hashes, card.totals["shown"]) for card in found] == [
        ((), 7),
        (("h1",), 6),
        (("h2",), 5),
    ]


def test_small_counts_are_withheld() -> None:
    """Fewer than five is not stated, nor a percentage of it; nothing is 0."""
    card = figures([*past(4, outcome="accepted"), *past(8, outcome="overridden")])
    assert card.totals["accepted"] is None
    assert card.totals["snoozed"] == 0
    assert card.acceptance_percent is None
    assert figures(past(9)).acceptance_percent is None


def test_snoozes_say_when_they_return() -> None:
    """How many cards stay away now and when the next returns, unless they are too few."""
    moments = [datetime(2026, 4, day, 18, tzinfo=UTC) for day in (5, 3, 4, 6, 7)]
    card = figures(past(5), *moments)
    # 18:00 UTC is the next day in China.
    assert (card.snoozed_now, card.next_return) == (5, date(2026, 4, 4))
    few = figures([], moments[0])
    assert (few.snoozed_now, few.next_return, few.totals["shown"]) == (None, None, 0)
    assert (figures(past(5)).snoozed_now, figures(past(5)).next_return) == (0, None)


@pytest.mark.parametrize(
    ("counts", "stated"),
    [
        ([], ()),
        ([0, 7], (0, 7)),
        ([1, 4, 7], (None, None, 7)),
        ([3, 9, 7], (None, 9, None)),
        ([3, 0], (None, 0)),
    ],
)
def test_single_small_count_takes_the_next_with_it(
    counts: list[int], stated: tuple[int | None, ...]
) -> None:
    """Where the sum is known, one withheld count alone would be the rest of it."""
    assert withhold(counts, 5) == stated


@given(st.lists(st.integers(0, 12), max_size=8), st.integers(1, 6))
def test_no_small_count_can_be_found(counts: list[int], smallest: int) -> None:
    """Nothing small is stated, nothing large is made up, and never is exactly one count missing from a sum that is stated."""
    stated = withhold(counts, smallest)
    assert all(value is None or value == 0 or value >= smallest for value in stated)
    assert all(value in (None, count) for value, count in zip(stated, counts, strict=True))
    withheld = [count for value, count in zip(stated, counts, strict=True) if value is None]
    # With one withheld the sum is either withheld as well or there is no second to hide it with.
    assert len(withheld) != 1 or sum(counts) < smallest


def test_bars_are_drawn_without_style_or_script() -> None:
    """A bar per count, a ring for what is withheld, nothing for 0; the label is escaped."""
    drawn = bars([0, 10, None, 1, 1000], 'shown "per" <week>')
    assert drawn.count("<rect") == 3
    assert drawn.count("<circle") == 1
    assert 'height="40"' in drawn
    assert drawn.count('height="1"') == 2
    assert "&lt;week&gt;" in drawn
    assert "style" not in drawn
    assert "<rect" not in bars([], "nothing")
