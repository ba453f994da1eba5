"""Our own rules, held by every answer before it leaves.

In the demo and in tests a breach is an error. In production the part that breaks a rule is dropped as a
whole, a suggestion, a link or a card, never text within a card: half a sentence of advice could say the
opposite. A dropped card is replaced by a fixed one, so that nobody takes silence for "nothing to say".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cds_service.conformance import Breach, check_response
from fhir_mapping.codes import HCC_CDS_SYSTEM

__all__ = ["NOT_SHOWN", "NotConformantError", "SelfCheck"]

_LOG = logging.getLogger(__name__)

NOT_SHOWN: dict[str, Any] = {
    "summary": "An advice of hcc-cds could not be shown",
    "detail": "The advice failed a technical check and was held back. The failure was logged."
    " It says nothing about the patient.",
    "indicator": "info",
    "source": {
        "label": "hcc-cds",
        "topic": {
            "code": "advice-not-shown",
            "system": HCC_CDS_SYSTEM,
            "display": "Advice not shown",
        },
    },
}
"""What stands in for a card that was dropped; it gets a uuid of its own."""

_PART = re.compile(r"(?:cards\[(?P<card>\d+)\](?:\.(?P<list>suggestions|links)\[(?P<item>\d+)\])?)")
_ACTION = re.compile(r"systemActions(\[|$)")


class NotConformantError(Exception):
    """An answer of ours breaks our rules; the message names rules and places, never what stood there."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """Checks answers; `strict` raises instead of dropping, `count` is told each part and rule."""

    link_hosts: Collection[str]
    strict: bool
    new_uuid: Callable[[], UUID]
    count: Callable[[str, str], None] = lambda _part, _rule: None

    def pass_on(self, response: dict[str, Any]) -> dict[str, Any]:
        """Return the answer as it may leave.

        Raises
        ------
        NotConformantError
            If it breaks a rule and the check is strict.
        """
        breaches = self._breaches(response)
        if not breaches:
            return response
        if self.strict:
            raise NotConformantError("; ".join(f"{item.rule} at {item.where}" for item in breaches))
        mended = self._without(response, breaches)
        left = self._breaches(mended)
        if left:
            # A part that could not be told apart from the rest: nothing of the answer can be trusted.
            self._report("answer", left)
            return {"cards": [self._stand_in()]}
        return mended

    def _breaches(self, response: dict[str, Any]) -> tuple[Breach, ...]:
        return check_response(response, link_hosts=self.link_hosts)

    def _without(self, response: dict[str, Any], breaches: Iterable[Breach]) -> dict[str, Any]:
        whole: dict[int, list[Breach]] = {}
        parts: dict[tuple[int, str], dict[int, list[Breach]]] = {}
        mended: dict[str, Any] = {
            name: response[name] for name in ("cards", "systemActions") if name in response
        }
        for breach in breaches:
            place = _PART.match(breach.where)
            if place and place["list"]:
                items = parts.setdefault((int(place["card"]), place["list"]), {})
                items.setdefault(int(place["item"]), []).append(breach)
            elif place:
                whole.setdefault(int(place["card"]), []).append(breach)
            elif _ACTION.match(breach.where):
                # The actions of one answer belong together.
                mended.pop("systemActions", None)
                self._report("systemActions", [breach])
            else:
                self._report("answer", [breach])
        # Without a list of cards nobody can know what should have been said.
        cards = (
            list(mended["cards"]) if isinstance(mended.get("cards"), list) else [self._stand_in()]
        )
        for (number, name), items in parts.items():
            if number not in whole:
                cards[number] = _without_items(cards[number], name, items)
                for found in items.values():
                    self._report(name.removesuffix("s"), found)
        for number, found in whole.items():
            cards[number] = self._stand_in()
            self._report("card", found)
        return {**mended, "cards": cards}

    def _stand_in(self) -> dict[str, Any]:
        return {"uuid": str(self.new_uuid()), **NOT_SHOWN}

    def _report(self, part: str, breaches: Iterable[Breach]) -> None:
        for breach in breaches:
            self.count(part, breach.rule)
            _LOG.error("dropped: part=%s rule=%s at=%s", part, breach.rule, breach.where)


def _without_items(card: dict[str, Any], name: str, items: Collection[int]) -> dict[str, Any]:
    """Return a card without some of its suggestions or links; an empty list is left out."""
    kept = [item for number, item in enumerate(card[name]) if number not in items]
    gone = {name} if kept else {name, "selectionBehavior"} if name == "suggestions" else {name}
    mended = {member: value for member, value in card.items() if member not in gone}
    return {**mended, name: kept} if kept else mended
