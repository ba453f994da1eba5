"""When a card is not shown although it could be (evidence.md, section 7, as docs/cards.md tells it)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cds_service.advice.consultation import Proposal, Repeat
from cds_service.store.cards_shown import Remembered
from cds_service.store.snoozes import SnoozeKey
from cds_service.wire import Indicator

__all__ = ["MOST_CARDS", "Decided", "Moment", "Weighed", "decide", "to_show"]

MOST_CARDS = 3
"""Cards shown at once: what fits beside an order without scrolling. Our own choice."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A proposal with the pseudonym of what it rests on."""

    proposal: Proposal
    basis: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The call the cards would be shown at."""

    hook: str
    hook_instance: str
    session_begins: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """A card to be recorded: sent, or kept back because it runs in shadow or was overridden."""

    proposal: Proposal
    basis: str
    is_shadow: bool = False
    snoozed_until: datetime | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the card is sent."""
        return not self.is_shadow and self.snoozed_until is None


def decide(
    proposals: Sequence[Weighed],
    earlier: Callable[[bool], Sequence[Remembered]],
    snoozes: Callable[[], Mapping[SnoozeKey, datetime]],
    moment: Moment,
    hides: Callable[[Proposal], bool],
) -> tuple[Decided, ...]:
    """Return the cards that speak or would speak, and what becomes of each.

    What `hides` keeps in shadow is weighed by itself, against what ran in shadow before: it takes no
    place from a card that is sent, and its record says what would have been shown. `earlier`, told
    whether of the shadow, and `snoozes` are asked only for what there is to weigh.
    """
    live = [item for item in proposals if not hides(item.proposal)]
    shadowed = [item for item in proposals if hides(item.proposal)]
    found: list[Decided] = []
    if live:
        before, away = earlier(False), snoozes()
        awake: list[Weighed] = []
        for item in live:
            until = away.get(SnoozeKey(item.proposal.kind, item.basis))
            if until is None:
                awake.append(item)
            elif not _is_quiet(item, before, moment):
                found.append(Decided(item.proposal, item.basis, snoozed_until=until))
        found += [Decided(item.proposal, item.basis) for item in to_show(awake, before, moment)]
    if shadowed:
        found += [
            Decided(item.proposal, item.basis, is_shadow=True)
            for item in to_show(shadowed, earlier(True), moment)
        ]
    return tuple(found)


def to_show(
    proposals: Sequence[Weighed], earlier: Sequence[Remembered], moment: Moment
) -> tuple[Weighed, ...]:
    """Return the proposals that speak, the most important first.

    `earlier` is what the same user was shown of the same advice on the same patient, oldest first.
    """
    speaking = [item for item in proposals if not _is_quiet(item, earlier, moment)]
    return _interrupt_once(speaking[:MOST_CARDS])


def _is_quiet(item: Weighed, earlier: Sequence[Remembered], moment: Moment) -> bool:
    # A client that sends the same call again must get the same answer again.
    before = [
        shown
        for shown in earlier
        if shown.kind == item.proposal.kind
        and (not moment.hook_instance or shown.hook_instance != moment.hook_instance)
    ]
    match item.proposal.repeat:
        case Repeat.ONCE_PER_SESSION:
            same = [
                shown
                for shown in before
                if shown.basis == item.basis and shown.shown_at >= moment.session_begins
            ]
            # order-select fires at every change of the form: the hook that showed the card first
            # keeps showing it while the form changes, the other one stays quiet.
            return bool(same) and same[0].hook != moment.hook
        case Repeat.ON_CHANGE:
            return bool(before) and before[-1].basis == item.basis
        case Repeat.ALWAYS:
            return False


def _interrupt_once(items: Sequence[Weighed]) -> tuple[Weighed, ...]:
    """Leave one card that interrupts; further warnings are said as information."""
    kept: list[Weighed] = []
    interrupted = False
    for item in items:
        card = item.proposal.card
        if card.indicator is not Indicator.INFO and interrupted:
            calm = card.model_copy(update={"indicator": Indicator.INFO})
            kept.append(replace(item, proposal=replace(item.proposal, card=calm)))
            continue
        interrupted = interrupted or card.indicator is not Indicator.INFO
        kept.append(item)
    return tuple(kept)
