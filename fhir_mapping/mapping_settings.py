"""What a site may decide about the reading of its records; each default says whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

__all__ = ["DEFAULT_SETTINGS", "NONE_RECORDED_MEANS_ABSENT", "MappingSettings"]

# Quantities for which an answered search that finds nothing is read as "absent". Ours; the table
# with the reason for each quantity stands in none_recorded.py and docs/mapping.md.
NONE_RECORDED_MEANS_ABSENT: frozenset[str] = frozenset(
    {
        "complication",
        "earlier_resection",
        "earlier_treatment",
        "hbv_antiviral",
        "hcc",
        "immune_checkpoint_inhibitor",
        "kinase_inhibitor",
        "liver_transplantation",
        "other_liver_cancer",
    }
)


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """Settings of the mapping.

    Attributes
    ----------
    afp_factor_ng_per_iu : Decimal
        Factor from IU/mL to ng/mL. 1.21 is in common use; there is no authoritative one.
    afp_other_factors_ng_per_iu : tuple of Decimal
        Other factors in the literature (1.28, a 1980 standardisation study). A cut-off between the
        lowest and the highest factor leaves the category unknown.
    afp_cuts_ng_ml : tuple of Decimal
        The cut-offs of every model that is shipped.
    afp_window_days : int or None
        AFP counts this long before the operation. Ours, no source. None: the window of the model.
    specimen_window_days : int
        How long after the index operation a finding still counts as one of its specimen. Ours.
    unstated_specimen_days : int
        The same for a finding that does not say whether it is of imaging or specimen. Ours.
    complication_days_without_encounter : int
        How long after the operation a complication counts if the record has no encounter. Ours.
    staged_window_days : int
        Two resections closer than this, with no HCC event between, are a question. From the issue.
    recent_days : int
        Imaging or AFP done within this time is recent. Ours; the shortest interval of the
        surveillance that was read is two months.
    none_recorded_means_absent : frozenset of str
        Quantities for which an answered search that finds nothing means "absent".
    narrative_narrows : bool
        Whether a finding read from text may narrow an input.
    time_zone : tzinfo or None
        Zone in which an instant is turned into a day; None takes the day as sent.
    """

    afp_factor_ng_per_iu: Decimal = Decimal("1.21")
    afp_other_factors_ng_per_iu: tuple[Decimal, ...] = (Decimal("1.21"), Decimal("1.28"))
    afp_cuts_ng_ml: tuple[Decimal, ...] = (
        Decimal(10),
        Decimal(25),
        Decimal(100),
        Decimal(400),
        Decimal(1000),
    )
    afp_window_days: int | None = 90
    specimen_window_days: int = 90
    unstated_specimen_days: int = 30
    complication_days_without_encounter: int = 30
    staged_window_days: int = 90
    recent_days: int = 60
    none_recorded_means_absent: frozenset[str] = NONE_RECORDED_MEANS_ABSENT
    narrative_narrows: bool = False
    time_zone: tzinfo | None = None


DEFAULT_SETTINGS = MappingSettings()
