"""docs/security.md names tests that exist, and settings and files that exist."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def _tests() -> Counter[str]:
    return Counter(
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_test_named_in_the_threat_model_exists_once() -> None:
    """A control whose test was renamed or removed is no longer proved."""
    existing = _tests()
    named = re.findall(r"`(test_[a-z0-9_]+)`", SECURITY)
    assert len(named) > 40
    assert {name: existing[name] for name in named if existing[name] != 1} == {}


def test_every_threat_has_a_control_and_a_test() -> None:
    """No row of the threat model is without its control or its proof."""
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ")]
    threats = [row for row in rows if not row.startswith("| threat |")]
    assert len(threats) > 20
    for row in threats:
        _, threat, control, proof, _ = row.split("|")
        assert threat.strip()
        assert control.strip()
        assert "`test_" in proof


@pytest.mark.parametrize("name", ["security.md", "onboarding.md"])
def test_links_lead_to_files(name: str) -> None:
    """Every link and every path of code in these documents leads somewhere."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "docs" / target).is_file(), target
    for path in re.findall(r"`((?:tests|cds_service)/[a-z_/]+\.py)`", text):
        assert (ROOT / path).is_file(), path
