"""How a parameter file is written: the same bytes on every rebuild."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

__all__ = ["as_text", "figure", "rounded"]

Document = dict[str, Any]


def rounded(value: float, decimals: int) -> float:
    """Return a number rounded half up, so that it prints with at most so many decimals."""
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return float(exact) + 0.0


def figure(value: float, status: str, source: str, **more: float | str) -> Document:
    """Return one number with its status and source."""
    return {"value": value, "status": status, "source": source, **more}


def as_text(document: Document) -> str:
    """Return the file's text: two spaces, one row of draws per line."""
    draws = document.get("draws")
    if draws is None:
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    rows = draws["rows"]
    text = json.dumps(
        {**document, "draws": {**draws, "rows": "@rows"}}, indent=2, ensure_ascii=False
    )
    lines = ",\n".join("      " + json.dumps(row) for row in rows)
    return text.replace('"@rows"', f"[\n{lines}\n    ]") + "\n"
