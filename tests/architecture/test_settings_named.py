"""Every HCC_CDS_ variable that any file names is a setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cds_service.settings import described_settings

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    *(ROOT / name for name in ("README.md", "Dockerfile", "docker-compose.yml", "Makefile")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("bench/*.py")),
    *sorted(ROOT.glob("cds_service/**/*.py")),
]
KNOWN = {item.variable for item in described_settings()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_variable_in_a_file_is_a_setting(path: Path) -> None:
    """No file tells a reader to set what the service does not read."""
    named = set(re.findall(r"HCC_CDS_[A-Z0-9_]+", path.read_text(encoding="utf-8")))
    # HCC_CDS_SYSTEM is a constant of fhir_mapping, not a variable.
    assert named - {"HCC_CDS_SYSTEM", "HCC_CDS_"} <= KNOWN
