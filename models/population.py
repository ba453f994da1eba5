"""To whom the models of resected HCC do not apply, and who stands at the edge of their data.

The papers behind the models are about a first, curative (R0) resection of HCC in adults (Wang 2025:
no earlier treatment either; Qi 2025: R0). Whoever is not such a patient gets the reason and no
number. Every reason completes "Model not applicable: ...".
"""

from __future__ import annotations

from decimal import Decimal

from models.inputs import Interval
from models.model import Criterion
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["RUPTURE_WARNING", "outside_intended_use", "resected_hcc"]

_ADULT_FROM_YEARS = Decimal(18)
# The 1st and 99th percentile of the ages in the cohort of the HPR models.
_AGE_EDGE_YEARS = (Decimal(22), Decimal(74))


def _present(name: str, reason: str, *, after_operation: bool = False) -> Criterion:
    return Criterion(quantity(name), reason, frozenset({PRESENT}), after_operation=after_operation)


def outside_intended_use() -> tuple[Criterion, ...]:
    """Return whom no part of the service is meant for: children, and patients with a transplant.

    Another or mixed liver cancer is outside too: every source is about HCC.
    """
    return (
        Criterion(
            quantity("age_years"),
            "under 18 years",
            intervals=(Interval(Decimal(0), _ADULT_FROM_YEARS, upper_open=True),),
        ),
        _present("liver_transplantation", "liver transplantation"),
        _present("other_liver_cancer", "another or mixed liver cancer"),
    )


def resected_hcc(
    horizon_months: int, *, only_after_operation: bool = False, ages_known: bool = True
) -> tuple[Criterion, ...]:
    """Return the criteria of a model whose prediction ends so many months after the operation.

    Parameters
    ----------
    horizon_months : int
        [mo] Completed months after which nothing is left to predict.
    only_after_operation : bool
        The model needs the specimen, so it does not apply while the operation is only planned.
    ages_known : bool
        The source's ages were read, so an age beyond them can be said to be beyond them.
    """
    age = quantity("age_years")
    months = quantity("months_since_resection")
    plausible_months = months.upper or Decimal("Infinity")
    oldest = age.upper or Decimal("Infinity")
    passed = (
        f"horizon passed: the index operation was {horizon_months} or more completed months ago"
    )
    age_warning = "age outside 22 to 74 years: " + (
        "beyond the 1st to 99th percentile of the source's patients"
        if ages_known
        else "the ages of the source's patients were not read"
    )
    not_done = (
        Criterion(quantity("resection"), "the resection is not done yet", frozenset({"planned"})),
    )
    return (
        Criterion(
            quantity("hcc"), "no hepatocellular carcinoma on the problem list", frozenset({ABSENT})
        ),
        *outside_intended_use(),
        Criterion(
            quantity("residual_tumour"),
            "R1 or R2 resection",
            frozenset({"R1", "R2"}),
            after_operation=True,
        ),
        _present("extrahepatic_disease", "extrahepatic disease"),
        _present(
            "recurrence", "recurrence recorded after the index operation", after_operation=True
        ),
        _present("earlier_resection", "repeat resection: an earlier HCC resection is on record"),
        _present("earlier_treatment", "earlier HCC treatment is on record"),
        Criterion(quantity("resection"), "no resection planned or done", frozenset({"none"})),
        *(not_done if only_after_operation else ()),
        Criterion(
            months,
            passed,
            intervals=(Interval(Decimal(horizon_months), plausible_months),),
            after_operation=True,
        ),
        Criterion(
            quantity("child_pugh_class"),
            "Child-Pugh B: no figures for such patients were read, so use the estimate with caution",
            frozenset({"B"}),
            warns=True,
        ),
        Criterion(
            quantity("child_pugh_class"),
            "Child-Pugh C: outside every source, so use the estimate with great caution",
            frozenset({"C"}),
            warns=True,
        ),
        Criterion(
            age,
            age_warning,
            intervals=(
                Interval(_ADULT_FROM_YEARS, _AGE_EDGE_YEARS[0], upper_open=True),
                Interval(_AGE_EDGE_YEARS[1], oldest, lower_open=True),
            ),
            warns=True,
        ),
        Criterion(
            quantity("hbv"),
            "no hepatitis B: most of the source's patients had it",
            frozenset({ABSENT}),
            warns=True,
        ),
    )


RUPTURE_WARNING = Criterion(
    quantity("rupture"),
    "tumour rupture: the source studied it only where promptly controlled and without peritoneal "
    "seeding",
    frozenset({PRESENT}),
    warns=True,
)
