"""Guideline profiles: which exist, which are refused, and what they may change."""

from __future__ import annotations

import pytest

from cds_service.advice.evidence import evidence_lines
from cds_service.guideline_profile import (
    DEFAULT_PROFILE,
    PROFILE_NAMES,
    Draft,
    UnknownProfileError,
    load_profile,
)


@pytest.mark.parametrize("name", PROFILE_NAMES)
def test_every_profile_loads_under_its_name(name: str) -> None:
    """A profile file names itself, allows a tumour-board referral and has an interval with source."""
    profile = load_profile(name)
    assert profile.name == name
    assert profile.offers(Draft.TUMOUR_BOARD)
    assert profile.imaging_interval_months == 6
    assert "AASLD 2023" in profile.interval_source


def test_only_cnlc_may_draft_tace_or_haic() -> None:
    """The default and AASLD show both for discussion and draft neither."""
    assert DEFAULT_PROFILE == "local"
    allowed = {name: load_profile(name).drafts & {Draft.TACE, Draft.HAIC} for name in PROFILE_NAMES}
    assert allowed == {"local": set(), "CNLC": {Draft.TACE, Draft.HAIC}, "AASLD": set()}


@pytest.mark.parametrize("name", ["EASL", "NCCN"])
def test_a_guideline_that_nobody_read_is_refused(name: str) -> None:
    """The refusal says that nothing was read of it, and what to use."""
    with pytest.raises(UnknownProfileError, match=f"^no statement of {name} was read; use local$"):
        load_profile(name)


def test_an_unknown_profile_is_refused_with_the_choices() -> None:
    """The message lists what can be chosen and does not repeat what was asked for."""
    with pytest.raises(
        UnknownProfileError, match=r"^guideline profile must be one of local, CNLC, AASLD$"
    ):
        load_profile("cnlc")


def test_every_statement_of_evidence_names_its_source() -> None:
    """A statement ends with its source in brackets."""
    sections = [
        "before_surgery",
        "adjuvant_for",
        "adjuvant_against",
        "hbv",
        "surveillance",
        "sites",
        "recurrence_found",
        "hyperprogression_incidence",
        "lung_metastasis_for",
        "lung_metastasis_therapy",
    ]
    lines = [line for section in sections for line in evidence_lines(section)]
    assert len(lines) == 28
    assert all(line.endswith(")") for line in lines)
