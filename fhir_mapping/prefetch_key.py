"""The six states in which the data of one prefetch key can arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["JsonObject", "PrefetchKey", "PrefetchState"]

JsonObject = Mapping[str, Any]


class PrefetchState(StrEnum):
    """State of one prefetch key.

    Absent and error mean unknown; null and empty mean that the query was run and found nothing;
    complete means everything the query found; incomplete that a page or a limit cut it short.
    """

    ABSENT = "absent"
    NULL = "null"
    ERROR = "error"
    EMPTY = "empty"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class PrefetchKey:
    """The resources of one key, with the state they arrived in.

    `problem` says in words what went wrong, without patient data; empty if nothing did.
    """

    state: PrefetchState
    resources: tuple[JsonObject, ...] = ()
    problem: str = ""

    @property
    def was_answered(self) -> bool:
        """Whether the query was run to its end, so that nothing found means none recorded."""
        return self.state in (PrefetchState.NULL, PrefetchState.EMPTY, PrefetchState.COMPLETE)
