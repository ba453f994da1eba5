"""The figures: counted right, and nothing small can be found in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cds_service.insights import NO_REASON, CardFigures, Table, analyse, withheld_cells
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


def of(tenant: str, cards: list[PastCard]) -> list[PastCard]:
    """Return cards as those of one tenant."""
    return [replace(card, tenant=tenant) for card in cards]


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


def stated(table: Table, smallest: int) -> list[list[int | None]]:
    """Return what is stated of a table."""
    hidden = withheld_cells(table, smallest)
    return [
        [None if (row, column) in hidden else count for column, count in enumerate(counts)]
        for row, counts in enumerate(table)
    ]


def with_sums(*rows: list[int]) -> list[list[int]]:
    """Return rows with their sum above them, and every row with its own at its end."""
    everything = [sum(column) for column in zip(*rows, strict=True)]
    return [[*row, sum(row)] for row in (everything, *rows)]


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        ([], [0]),
        ([0, 7], [0, 7, 7]),
        ([3, 9, 7], [None, 9, None, 19]),
        ([3, 0], [None, 0, None]),
        ([4, 4, 7], [None, None, 7, 15]),
        # 1 and 1 are all that two withheld counts with the sum 2 can be.
        ([1, 1, 7], [None, None, None, 9]),
        # Five withheld weeks with the sum 5: nothing is left to hide them with but the sum.
        ([1, 1, 1, 1, 1], [None] * 6),
    ],
)
def test_small_counts_of_a_row_cannot_be_found_from_its_sum(
    counts: list[int], left: list[int | None]
) -> None:
    """Where the sum would tell them, or nearly, the next smallest is withheld as well."""
    assert stated([[*counts, sum(counts)]], 5) == [left]


def test_small_count_of_a_tenant_cannot_be_found_from_the_others() -> None:
    """All minus one tenant is a count too: with the others' 2 withheld, all - north would be it."""
    assert stated(with_sums([10], [2]), 5) == [[12, 12], [None, None], [None, None]]
    # Nor from all - north - south.
    assert stated(with_sums([20], [10], [2]), 5) == [
        [32, 32],
        [20, 20],
        [None, None],
        [None, None],
    ]
    # Nothing small is in the difference here.
    assert stated(with_sums([10, 0], [6, 5]), 5) == with_sums([10, 0], [6, 5])


def _could_be(table: Table, smallest: int) -> dict[tuple[int, int], set[int]]:
    """Return by trying out what each withheld cell may hold, to one who subtracts wherever it helps."""
    said = stated(table, smallest)
    unknown = [
        (row, column)
        for row in range(1, len(table))
        for column in range(len(table[0]) - 1)
        if said[row][column] is None
    ]
    possible: dict[tuple[int, int], set[int]] = defaultdict(set)
    for values in product(range(1, 10), repeat=len(unknown)):
        found = dict(zip(unknown, values, strict=True))
        rows = [
            [found.get((row, column), count) for column, count in enumerate(counts[:-1])]
            for row, counts in enumerate(table[1:], start=1)
        ]
        whole = with_sums(*rows)
        if all(
            value is None or value == whole[row][column]
            for row, values_said in enumerate(said)
            for column, value in enumerate(values_said)
        ):
            for row, counts in enumerate(whole):
                for column, count in enumerate(counts):
                    if said[row][column] is None:
                        possible[row, column].add(count)
    return possible


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2),
    st.integers(2, 4),
)
@example([[1, 1], [1, 1]], 3)
@example([[0, 1], [1, 1]], 2)
@example([[6, 1], [1, 6]], 4)
def test_no_withheld_count_follows_from_what_is_stated(
    rows: list[list[int]], smallest: int
) -> None:
    """Two tenants, two weeks, all sums: every withheld count may be more than one number, and nothing small stands."""
    table = with_sums(*rows)
    for row, counts in enumerate(stated(table, smallest)):
        for column, count in enumerate(counts):
            assert count is None or count == table[row][column]
            assert count is None or count == 0 or count >= smallest
    for cell, values in _could_be(table, smallest).items():
        assert len(values) > 1, cell


@given(
    st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=1, max_size=5
        )
    ),
    st.integers(1, 6),
)
def test_no_line_of_any_table_has_one_withheld_cell(rows: list[list[int]], smallest: int) -> None:
    """In each row and column with its sum, none or at least two are withheld; with 1 nothing is."""
    said = stated(with_sums(*rows), smallest)
    for line in (*said, *zip(*said, strict=True)):
        assert sum(value is None for value in line) != 1
    if smallest == 1:
        assert said == with_sums(*rows)


def test_one_tenant_is_asked_for() -> None:
    """Its cards, reasons and snoozes alone; a card it never saw is not listed; all counts everybody."""
    cards = [
        *of("north", past(10, outcome="overridden", reason="patient-refuses")),
        *of("north", past(6, outcome="overridden", at=MONDAY)),
        *of("south", past(30, outcome="accepted", at=MONDAY)),
        *of("closed", past(7)),
        *of("south", past(9, hashes=("h2",))),
    ]
    away = [
        ActiveSnooze("resection-risk", "caution", ("h1",), datetime(2026, 4, day, tzinfo=UTC), name)
        for day, name in [(2, "south"), *((day, "north") for day in (3, 4, 5, 6, 7))]
    ]

    def asked(tenant: str) -> list[CardFigures]:
        found = analyse(
            cards,
            away,
            weeks=WEEKS,
            zone=ZONE,
            smallest=5,
            tenants=("north", "south"),
            tenant=tenant,
        )
        return list(found.cards)

    (north,) = asked("north")
    assert north.totals == {
        "shown": 16,
        "snoozed": 0,
        "shadow": 0,
        "accepted": 0,
        "overridden": 16,
    }
    assert north.weeks["shown"] == (10, 6)
    assert north.reasons == {"patient-refuses": 10, NO_REASON: 6}
    # The one of south is what all minus north would be.
    assert (north.snoozed_now, north.next_return) == (None, None)
    assert [card.totals["shown"] for card in asked("south")] == [30, 9]
    everybody, other = asked("")
    assert (everybody.totals["shown"], other.totals["shown"]) == (53, 9)
    assert (everybody.snoozed_now, everybody.next_return) == (6, date(2026, 4, 2))


def test_reasons_and_weeks_share_their_sum() -> None:
    """Where the reasons can only be hidden with the number of overridden, the weeks do not tell it."""
    reasons = ("a", "b", "c", "d", "e")
    cards = [card for name in reasons for card in past(1, outcome="overridden", reason=name)]
    card = figures(cards)
    assert card.reasons == dict.fromkeys(reasons)
    assert card.totals["overridden"] is None
    assert card.weeks["overridden"] == (None, 0)


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
