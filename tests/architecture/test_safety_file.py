"""The safety file: every hazard has a control, and the test that is said to prove it exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cds_service.cards.detail import INTENDED_USE

ROOT = Path(__file__).resolve().parent.parent.parent
HAZARDS = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", HAZARDS)))


def _rows() -> list[list[str]]:
    rows = [line for line in HAZARDS.splitlines() if re.match(r"\| H\d+ \|", line)]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_exists(path: str, name: str) -> None:
    """A control is only as good as its test: the file and the function are there."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_hazard_has_cause_control_and_test() -> None:
    """No cell is empty, the numbers run on, and each hazard names at least one test."""
    rows = _rows()
    assert [row[0] for row in rows] == [f"H{n}" for n in range(1, len(rows) + 1)]
    for row in rows:
        assert len(row) == 6
        assert all(row), row
        assert "::" in row[-1], row
        assert row[2] in {"serious", "moderate"}


def test_the_intended_use_is_the_line_of_the_cards() -> None:
    """README, intended use and cards carry the same words."""
    for name in ("README.md", "docs/intended-use.md"):
        text = " ".join((ROOT / name).read_text(encoding="utf-8").replace("> ", "").split())
        assert INTENDED_USE in text, name
