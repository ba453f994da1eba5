"""The CDS Hooks 2.0.1 wire types: what a service sends, strictly; what it gets is read in `request.py`.

Section numbers are those of the specification at tag v2.0.1 (https://cds-hooks.hl7.org/2.0/).
Optional members without a value are left out when serialised: no null, no empty member.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Action",
    "ActionType",
    "Card",
    "CdsResponse",
    "Coding",
    "DiscoveryResponse",
    "Indicator",
    "Link",
    "SelectionBehavior",
    "ServiceEntry",
    "Source",
    "Suggestion",
    "to_json",
]

Text = Annotated[str, Field(min_length=1)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Indicator(StrEnum):
    """Urgency of a card ("Card Attributes")."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class SelectionBehavior(StrEnum):
    """How many suggestions a user may take ("Card Attributes")."""

    ANY = "any"
    AT_MOST_ONE = "at-most-one"


class ActionType(StrEnum):
    """What an action does ("Action")."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Coding(_Wire):
    """A code with its system; `display` is always ours to send."""

    code: Text
    system: Text
    display: Text | None = None


class Source(_Wire):
    """What the guidance rests on ("Source")."""

    label: Text
    url: Text | None = None
    icon: Text | None = None
    topic: Coding


class Action(_Wire):
    """One change of a suggestion ("Action")."""

    type: ActionType
    description: Text
    resource: dict[str, Any] | None = None
    resource_id: Text | None = Field(default=None, alias="resourceId")

    @model_validator(mode="after")
    def _names_what_it_changes(self) -> Action:
        if self.type is ActionType.DELETE:
            if not self.resource_id:
                raise ValueError("a delete names its resourceId")
        elif not self.resource:
            raise ValueError("a create or update carries its resource")
        return self


class Suggestion(_Wire):
    """A set of actions the user can take as a whole ("Suggestion")."""

    label: Text
    uuid: Text | None = None
    is_recommended: bool | None = Field(default=None, alias="isRecommended")
    actions: Annotated[tuple[Action, ...], Field(min_length=1)] | None = None


class Link(_Wire):
    """A link to an app or a page ("Link")."""

    label: Text
    url: Text
    type: Literal["absolute", "smart"]
    app_context: Text | None = Field(default=None, alias="appContext")
    autolaunchable: bool | None = None

    @model_validator(mode="after")
    def _context_is_for_smart_links(self) -> Link:
        if self.app_context is not None and self.type == "absolute":
            raise ValueError("appContext goes with a smart link only")
        return self


class Card(_Wire):
    """One card ("Card Attributes"); `uuid`s are given when the response is made."""

    uuid: Text | None = None
    summary: Annotated[str, Field(min_length=1, max_length=139)]
    detail: Text | None = None
    indicator: Indicator
    source: Source
    suggestions: Annotated[tuple[Suggestion, ...], Field(min_length=1)] | None = None
    selection_behavior: SelectionBehavior | None = Field(default=None, alias="selectionBehavior")
    override_reasons: Annotated[tuple[Coding, ...], Field(min_length=1)] | None = Field(
        default=None, alias="overrideReasons"
    )
    links: Annotated[tuple[Link, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _suggestions_come_with_their_behaviour(self) -> Card:
        if self.suggestions and self.selection_behavior is None:
            raise ValueError("suggestions need a selectionBehavior")
        return self


class CdsResponse(_Wire):
    """The answer of a service ("CDS Service Response"); `cards` is always there, even if empty."""

    cards: tuple[Card, ...] = ()
    system_actions: Annotated[tuple[Action, ...], Field(min_length=1)] | None = Field(
        default=None, alias="systemActions"
    )


class ServiceEntry(_Wire):
    """One service in discovery ("Discovery")."""

    hook: Text
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: Text
    description: Text
    prefetch: Annotated[dict[Text, Text], Field(min_length=1)] | None = None
    version: Text | None = None
    hook_version: Text | None = Field(default=None, alias="hookVersion")
    usage_requirements: Text | None = Field(default=None, alias="usageRequirements")


class DiscoveryResponse(_Wire):
    """The answer of discovery; `services` is always there, even if empty."""

    services: tuple[ServiceEntry, ...] = ()


def to_json(message: CdsResponse | DiscoveryResponse | Card) -> dict[str, Any]:
    """Return the JSON object of a message, without null or empty optional members."""
    return message.model_dump(mode="json", by_alias=True, exclude_none=True)
