"""Synthetic cohorts from a seeded generator: no patient, no cohort, no hospital stands behind them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.additive_model import AdditiveModel
from models.registry import PARAMETERS
from models.validation.horizon import FirstEvent, FloatArray, FollowUp
from models.validation.site_fit import additive_model

HPR_COLUMNS = (
    "age_years",
    "afp_ng_ml",
    "tumour_size_cm",
    "tumour_number",
    "macrovascular_invasion",
    "capsule",
)
METASTASIS_COLUMNS = (
    "macrovascular_invasion",
    "rupture",
    "tumour_size_cm",
    "microvascular_invasion",
    "satellites",
    "afp_ng_ml",
    "margin_cm",
    "transfusion",
    "tumour_number",
)


def shipped(model_id: str) -> AdditiveModel:
    """Return a shipped model."""
    return additive_model(PARAMETERS[model_id])


def follow_up_of(
    risk: FloatArray, horizon: float, generator: np.random.Generator, *, loss: float = 0.0
) -> FollowUp:
    """Draw events by the horizon with these probabilities; a share is lost before it."""
    happens = generator.uniform(size=len(risk)) < risk
    months = np.where(happens, generator.uniform(0.1, horizon, len(risk)), 2 * horizon)
    lost_at = np.where(
        generator.uniform(size=len(risk)) < loss, generator.uniform(0.1, horizon, len(risk)), np.inf
    )
    seen = months <= lost_at
    first = np.where(~seen | ~happens, FirstEvent.NONE, FirstEvent.EVENT).astype(np.int64)
    return FollowUp(np.minimum(months, lost_at), first)


def hpr_rows(number: int, generator: np.random.Generator) -> list[dict[str, str]]:
    """Return made-up preoperative inputs, independent of each other."""
    presence = np.array(["absent", "present"])
    return [
        {
            "age_years": str(int(generator.integers(25, 75))),
            "afp_ng_ml": f"{generator.lognormal(4, 2):.1f}",
            "tumour_size_cm": f"{generator.uniform(1, 12):.1f}",
            "tumour_number": str(int(generator.choice([1, 1, 1, 2, 3]))),
            "macrovascular_invasion": str(generator.choice(presence, p=[0.8, 0.2])),
            "capsule": str(generator.choice(presence, p=[0.25, 0.75])),
        }
        for _ in range(number)
    ]


def metastasis_rows(number: int, generator: np.random.Generator) -> list[dict[str, str]]:
    """Return made-up inputs of the metastasis model, independent of each other."""
    presence = np.array(["absent", "present"])

    def drawn(share: float) -> str:
        return str(generator.choice(presence, p=[1 - share, share]))

    return [
        {
            "macrovascular_invasion": drawn(0.2),
            "rupture": drawn(0.1),
            "tumour_size_cm": f"{generator.uniform(1, 12):.1f}",
            "microvascular_invasion": drawn(0.45),
            "satellites": drawn(0.2),
            "afp_ng_ml": f"{generator.lognormal(5, 2):.1f}",
            "margin_cm": f"{generator.uniform(0.1, 2.5):.1f}",
            "transfusion": drawn(0.2),
            "tumour_number": str(int(generator.choice([1, 1, 1, 2]))),
        }
        for _ in range(number)
    ]


def with_outcome(
    rows: Sequence[Mapping[str, str]],
    risk: FloatArray,
    horizon: float,
    generator: np.random.Generator,
    *,
    event: str,
    loss: float = 0.0,
) -> list[dict[str, str]]:
    """Add the two outcome columns."""
    follow_up = follow_up_of(risk, horizon, generator, loss=loss)
    names: NDArray[np.str_] = np.where(follow_up.first_event == FirstEvent.EVENT, event, "none")
    return [
        {**row, "first_event": str(name), "months_to_first_event": f"{months:.2f}"}
        for row, name, months in zip(rows, names, follow_up.months, strict=True)
    ]


def write_cohort(path: Path, rows: Sequence[Mapping[str, str]], delimiter: str = ",") -> Path:
    """Write the rows as a cohort file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path
