"""JSON as security needs it: one meaning only, so nobody reads another value than we checked."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["StrictJsonError", "parse_strict_object"]


class StrictJsonError(ValueError):
    """Not a JSON object with one meaning; `code` says why, and nothing of the text is repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_strict_object(text: bytes) -> dict[str, Any]:
    """Return the object in UTF-8 JSON; duplicate members (at any depth), NaN and Infinity are refused.

    Raises
    ------
    StrictJsonError
        With code `duplicate_member`, `not_json` or `not_an_object`.
    """
    code = "not_json"
    try:
        value = json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_refuse_duplicates,
            parse_constant=_refuse_constant,
        )
    except StrictJsonError as refused:
        code = refused.code
    except (ValueError, RecursionError):
        pass
    else:
        if isinstance(value, dict):
            return value
        code = "not_an_object"
    raise StrictJsonError(code)


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError("duplicate_member")
    return members


def _refuse_constant(_name: str) -> Any:
    raise StrictJsonError("not_json")
