"""docs/validation.md says what is computed now, and claims nothing that is not shown."""

from pathlib import Path

import numpy as np
import pytest

from models.validation.__main__ import ROOT, write
from models.validation.horizon import outcome_by
from models.validation.public_analysis import (
    HORIZONS,
    PEERS,
    THRESHOLDS,
    PublicAnalysis,
    analyse,
    apparent_figures,
    class_bars,
    groups,
    peer_scores,
)
from models.validation.public_cohort import load_public_cohort
from models.validation.public_report import DOCUMENT, PLOTS, cheap_lines, documents
from models.validation.scoring import score_patients

from .synthetic_cohort import shipped

HPR = shipped("hpr_preoperative")
COHORT = load_public_cohort()
SCORED = score_patients(HPR.form, COHORT.inputs)


@pytest.fixture(scope="module")
def quick() -> PublicAnalysis:
    """Return the whole analysis with few bootstrap samples."""
    return analyse(draws=20, seed=3)


def test_the_cohort_is_the_one_the_evidence_describes() -> None:
    """227 resections, 52 recurrences within four months, nobody lost before either horizon."""
    first, second = (outcome_by(COHORT.follow_up, months) for months in HORIZONS)

    assert len(COHORT) == 227
    assert (first.events, first.lost) == (52, 0)
    assert (second.events, second.lost) == (91, 0)


def test_every_patient_has_a_risk_and_a_class_although_only_classes_are_recorded() -> None:
    """Above 25 ng/mL is all the HPR model asks of AFP."""
    assert SCORED.is_point.all()
    assert None not in SCORED.risk_class
    assert SCORED.lower.mean() == pytest.approx(506 / 3125, abs=0.0005)


def test_the_discrimination_is_that_of_the_evidence() -> None:
    """Apparent 0.806 for HPR; 0.714 and 0.665 for the four factors of the metastasis model."""
    found = apparent_figures(COHORT)

    assert found["hpr_preoperative"]["auc_4"] == pytest.approx(0.806, abs=0.0006)
    assert found[PEERS[0]]["auc_4"] == pytest.approx(0.714, abs=0.0006)
    assert found[PEERS[0]]["auc_12"] == pytest.approx(0.665, abs=0.0006)


def test_the_partial_score_adds_the_coefficients_of_the_factors_present() -> None:
    """A patient with all four has their sum, one with none has nothing."""
    score = peer_scores(COHORT)[PEERS[0]]

    assert score.max() == pytest.approx(1.2361 + 0.8879 + 0.5230 + 0.3279, abs=0.0003)
    assert score.min() == 0


def test_the_classes_hold_the_counts_of_the_evidence() -> None:
    """4 of 95, 8 of 47, 40 of 85."""
    bars = class_bars(COHORT, SCORED)

    assert [(bar.label, bar.events, bar.patients) for bar in bars] == [
        ("low", 4, 95),
        ("intermediate", 8, 47),
        ("high", 40, 85),
    ]


def test_the_groups_are_counted() -> None:
    """30 women with 7 events, 18 without HBsAg with 2, 31 aged 65 or more with 8."""
    found = {group.name: (group.patients, group.events) for group in groups(COHORT)}

    assert found["women"] == (30, 7)
    assert found["HBsAg-negative"] == (18, 2)
    assert found["aged 65 or more"] == (31, 8)


def test_the_document_says_what_is_computed_now() -> None:
    """Every line that needs no bootstrap stands in the committed document as computed now."""
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")

    missing = [line for line in cheap_lines() if line not in text]

    assert missing == [], "docs/validation.md is not current; run `make validate`"


def test_the_plots_of_the_document_exist_without_date_or_outside_address() -> None:
    """Each plot that the document shows is there, and stands alone."""
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    shown = [
        line.split("](", 1)[1].rstrip(")") for line in text.splitlines() if line.startswith("![")
    ]

    assert sorted(shown) == sorted(
        f"validation/{path.name}" for path in (ROOT / PLOTS).glob("*.svg")
    )
    for name in shown:
        svg = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert svg.startswith("<svg role=")
        assert "<metadata" not in svg
        assert "http" not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_what_cannot_be_computed_is_listed_with_its_reason() -> None:
    """ERS and the tumour burden score need values where the cohort has classes."""
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")

    assert "| ERS | AFP and size exist only as classes" in text
    assert "| tumour burden score | needs size in cm and the number of tumours" in text


def test_apparent_figures_carry_no_claim() -> None:
    """The HPR row of the comparison is corrected, and where it is not ahead the text says so."""
    text = (ROOT / DOCUMENT).read_text(encoding="utf-8")

    assert "HPR before surgery, **fitted here**, corrected for optimism" in text
    assert "**not shown to be better**" in text
    assert "less net benefit here than simply acting on the recorded BCLC class" in text


def test_optimism_is_taken_off_the_apparent_figure(quick: PublicAnalysis) -> None:
    """About 0.026 (evidence), here with few samples."""
    auc = quick.hpr["auc_4"]

    assert auc.apparent == pytest.approx(0.806, abs=0.0006)
    assert auc.optimism == pytest.approx(0.026, abs=0.015)
    assert quick.slope_of_plain_fit.corrected == pytest.approx(0.868, abs=0.06)
    assert quick.hpr["calibration_slope"].corrected == pytest.approx(1, abs=0.1)


def test_the_corrected_net_benefit_is_at_most_the_best_possible(quick: PublicAnalysis) -> None:
    """No strategy gains more true positives than there are recurrences."""
    for benefit in quick.net_benefit.values():
        assert len(benefit) == len(THRESHOLDS)
        assert np.nanmax(benefit) <= 52 / 227


def test_the_document_and_its_plots_are_the_same_at_every_run(quick: PublicAnalysis) -> None:
    """Equal figures give equal bytes."""
    first, second = documents(quick, seed=3), documents(quick, seed=3)

    assert first == second
    assert {path.suffix for path in first} == {".md", ".svg"}
    assert "20 bootstrap samples, seed 3" in first[DOCUMENT]


def test_the_command_writes_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: PublicAnalysis
) -> None:
    """Below the folder it is given."""
    monkeypatch.setattr("models.validation.__main__.analyse", lambda **_: quick)

    written = write(tmp_path, draws=20, seed=3, progress=False)

    assert all((tmp_path / path).read_text(encoding="utf-8") for path in written)
    assert DOCUMENT in written
