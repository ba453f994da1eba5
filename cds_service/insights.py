"""What the feedback says: figures per card and model version, of all tenants or of one; small counts withheld.

A count from 1 to one less than the smallest that is stated may point at a person, so it is withheld
(None). The figures are tables: tenants and their sum down, weeks (or reasons) and their sum across, and
whoever reads the page may subtract. So wherever the withheld counts of a line could be found from its sum,
or narrowed to less than the range of any small count, another count of that line is withheld with them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cds_service.store.history import Fate, PastCard
from cds_service.store.snoozes import ActiveSnooze

__all__ = ["NO_REASON", "SERIES", "CardFigures", "Figures", "Table", "analyse", "withheld_cells"]

NO_REASON = "no-reason-given"
SERIES = ("shown", "snoozed", "shadow", "accepted", "overridden")
"""What is counted per card; accepted and overridden are of cards shown in that week."""

Table = Sequence[Sequence[int]]
"""Counts: the first row is the sum of the others, if there are others; so is the last cell of each row."""

Cell = tuple[int, int]
_Key = tuple[str, str, tuple[str, ...]]


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
    tenants: Sequence[str] = (),
    tenant: str = "",
) -> Figures:
    """Return the figures of cards over weeks, each card counted in the week it was shown.

    `tenants` are the pseudonyms of those that may be asked for, one at a time, and `tenant` is the one
    that is; "" asks for all together, among them tenants that cannot be asked for.
    """
    groups: dict[_Key, list[PastCard]] = defaultdict(list)
    for card in past:
        groups[card.advice, card.kind, card.model_hashes].append(card)
    away: dict[_Key, list[ActiveSnooze]] = defaultdict(list)
    for snooze in snoozes:
        away[snooze.advice, snooze.kind, snooze.model_hashes].append(snooze)
    view = _View(weeks, zone, smallest, tuple(tenants), tenant)
    found = (view.figures(key, groups[key], away[key]) for key in sorted({*groups, *away}))
    return Figures(weeks, tuple(card for card in found if not tenant or _says_anything(card)))


def _says_anything(card: CardFigures) -> bool:
    return card.snoozed_now != 0 or any(count != 0 for count in card.totals.values())


@dataclass(frozen=True, slots=True)
class _View:
    """Who asks for what: all tenants or one of them, over which weeks."""

    weeks: tuple[date, ...]
    zone: ZoneInfo
    smallest: int
    tenants: tuple[str, ...]
    tenant: str

    def figures(
        self, key: _Key, cards: Sequence[PastCard], snoozes: Sequence[ActiveSnooze]
    ) -> CardFigures:
        counted, reasons = self._counted(cards)
        names = sorted(reasons, key=lambda name: (-sum(reasons[name].values()), name))
        tables = {name: self._table(counted[name][week] for week in self.weeks) for name in SERIES}
        why = self._table(reasons[name] for name in names)
        hidden = {name: withheld_cells(table, self.smallest) for name, table in tables.items()}
        hidden["overridden"], hidden_why = self._both(tables["overridden"], why)
        row = self.tenants.index(self.tenant) + 1 if self.tenant else 0
        stated = {name: _stated(tables[name], hidden[name], row) for name in SERIES}
        totals = {name: values[-1] for name, values in stated.items()}
        mine = [item for item in snoozes if self.tenant in ("", item.tenant)]
        now = self._table([Counter(item.tenant for item in snoozes)])
        away = _stated(now, withheld_cells(now, self.smallest), row)[-1]
        return CardFigures(
            advice=key[0],
            kind=key[1],
            model_hashes=key[2],
            totals=totals,
            acceptance_percent=_percent(totals["accepted"], totals["overridden"]),
            reasons={
                name: count
                for name, count in zip(names, _stated(why, hidden_why, row), strict=False)
                if count != 0
            },
            weeks={name: values[:-1] for name, values in stated.items()},
            snoozed_now=away,
            next_return=min(self._day(item.until) for item in mine) if away else None,
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _counted(
        self, cards: Sequence[PastCard]
    ) -> tuple[dict[str, dict[date, Counter[str]]], dict[str, Counter[str]]]:
        """Return the counts by series, week and tenant, and the overridden by reason and tenant."""
        counted: dict[str, dict[date, Counter[str]]] = {
            name: defaultdict(Counter) for name in SERIES
        }
        reasons: dict[str, Counter[str]] = defaultdict(Counter)
        listed = frozenset(self.weeks)
        for card in cards:
            day = self._day(card.at)
            week = day - timedelta(days=day.weekday())
            # Summed over the weeks that are listed, so that nothing is found by subtraction.
            if week not in listed:
                continue
            counted[card.fate.value][week][card.tenant] += 1
            if card.fate is Fate.SHOWN and card.outcome in counted:
                counted[card.outcome][week][card.tenant] += 1
            if card.outcome == "overridden":
                reasons[card.reason or NO_REASON][card.tenant] += 1
        return counted, reasons

    def _table(self, columns: Iterable[Counter[str]]) -> list[list[int]]:
        """Return counts by tenant as a table, with its sums; what cannot be asked for is its last row."""
        found = list(columns)
        rows = [[column[name] for column in found] for name in self.tenants]
        everything = [column.total() for column in found]
        if rows:
            rest = zip(everything, *rows, strict=True)
            rows.append([whole - sum(parts) for whole, *parts in rest])
        return [[*row, sum(row)] for row in (everything, *rows)]

    def _both(self, weeks: Table, reasons: Table) -> tuple[frozenset[Cell], frozenset[Cell]]:
        """Return what is withheld of the two tables of overridden cards, whose sums are the same."""
        sums: frozenset[int] = frozenset()
        while True:
            by_week = withheld_cells(weeks, self.smallest, {(row, -1) for row in sums})
            by_reason = withheld_cells(reasons, self.smallest, {(row, -1) for row in sums})
            lasts = (len(weeks[0]) - 1, len(reasons[0]) - 1)
            found = frozenset(
                row
                for cells, last in zip((by_week, by_reason), lasts, strict=True)
                for row, column in cells
                if column == last
            )
            if found == sums:
                return by_week, by_reason
            sums = found


def withheld_cells(table: Table, smallest: int, also: Iterable[Cell] = ()) -> frozenset[Cell]:
    """Return which cells of a table with its sums are not stated, those in `also` among them."""
    width = len(table[0])
    hidden = {(row, column % width) for row, column in also}
    hidden |= {
        (row, column)
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        if 0 < count < smallest
    }
    if not hidden:
        return frozenset()
    lines = [*_lines(len(table), width)]
    before = -1
    while len(hidden) != before:
        before = len(hidden)
        for parts, total in lines:
            hidden |= _to_hide(table, parts, total, hidden, smallest)
    return frozenset(hidden)


def _lines(height: int, width: int) -> Iterator[tuple[list[Cell], Cell]]:
    """Yield the parts and the sum of every row and, of several rows, of every column and the whole."""
    for row in range(height):
        yield [(row, column) for column in range(width - 1)], (row, width - 1)
    if height > 1:
        for column in range(width):
            yield [(row, column) for row in range(1, height)], (0, column)
        inner = [(row, column) for row in range(1, height) for column in range(width - 1)]
        yield inner, (0, width - 1)


def _to_hide(
    table: Table, parts: Sequence[Cell], total: Cell, hidden: set[Cell], smallest: int
) -> set[Cell]:
    """Return the cell of a line that has to be withheld as well, if one has to."""

    def count(cell: Cell) -> int:
        return table[cell[0]][cell[1]]

    among = [cell for cell in parts if cell in hidden]
    if total in hidden:
        # Its parts must not add up to it.
        is_open = bool(among)
    else:
        # Each withheld part is 1 or more; together they leave each of them this much beyond 1.
        room = sum(map(count, among)) - len(among)
        is_open = not among or (len(among) > 1 and room >= smallest - 1)
    if is_open:
        return set()
    others = sorted((cell for cell in parts if cell not in hidden and count(cell)), key=count)
    return {others[0]} if others else {total}


def _stated(table: Table, hidden: frozenset[Cell], row: int) -> tuple[int | None, ...]:
    """Return one row, None for what is withheld."""
    return tuple(
        None if (row, column) in hidden else count for column, count in enumerate(table[row])
    )


def _percent(accepted: int | None, overridden: int | None) -> int | None:
    if accepted is None or overridden is None or not accepted + overridden:
        return None
    return round(100 * accepted / (accepted + overridden))
