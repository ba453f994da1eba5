"""The statements of evidence that cards quote, each with its source, from evidence.json."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

__all__ = ["evidence_lines"]


@cache
def _statements() -> dict[str, tuple[str, ...]]:
    text = files(__package__).joinpath("evidence.json").read_text(encoding="utf-8")
    return {
        section: tuple(f"{item['text']} ({item['source']})" for item in statements)
        for section, statements in json.loads(text).items()
    }


def evidence_lines(section: str) -> tuple[str, ...]:
    """Return the statements of one section, each with its source."""
    return _statements()[section]
