"""The early recurrence score (ERS): recurrence within two years of resection, a published point table.

AFP below 10 / 10-100 / above 100 ng/mL = 0 / 2 / 3; largest nodule 40 mm or more 1; multifocal 2;
satellite nodules 2; vascular invasion 2; R1 margin 2. Level boundaries were not read: the sum only.
"""

from __future__ import annotations

from models.rule_set import RuleSet, load_rules
from models.score_model import ScoreTable, needs_of

__all__ = ["early_recurrence_score"]


def early_recurrence_score(rules: RuleSet | None = None) -> ScoreTable:
    """Return the model.

    >>> from models.inputs import exactly
    >>> from models.quantities import quantity
    >>> known = {
    ...     "afp_ng_ml": 150, "tumour_size_cm": 5, "tumour_number": 1, "satellites": "absent",
    ...     "macrovascular_invasion": "absent", "microvascular_invasion": "present",
    ...     "residual_tumour": "R0",
    ... }
    >>> score = early_recurrence_score().evaluate(
    ...     {name: exactly(quantity(name), value) for name, value in known.items()})
    >>> score.value
    Span(lower=6.0, upper=6.0)
    """
    used = rules or load_rules("early_recurrence_score")
    names = [name for item in used.items for name in item.inputs]
    return ScoreTable(used, needs_of(*names))
