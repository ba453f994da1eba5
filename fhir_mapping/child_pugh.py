"""The Child-Pugh class computed from its five items, for a record that does not state it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fhir_mapping.findings import Evidence, Finding, Selected
from models.inputs import one_of
from models.model import InputNeed
from models.outcome import Score
from models.registry import MODELS

__all__ = ["computed_class"]

_MODEL = MODELS["child_pugh"]


def computed_class(
    need: InputNeed, select: Callable[[InputNeed], Selected], recorded: Selected
) -> Selected:
    """Return the classes that the items leave possible; what was recorded if no item is known."""
    items = {item.quantity.name: select(replace(item, anchor=need.anchor)) for item in _MODEL.needs}
    used = [finding for item in items.values() for finding in item.used]
    score = _MODEL.evaluate({name: item.value for name, item in items.items()})
    if not used or not isinstance(score, Score) or score.value is None:
        return recorded
    low, high = f"{score.value.lower:g}", f"{score.value.upper:g}"
    points = f"{low} points" if low == high else f"{low} to {high} points"
    open_items = f", {' and '.join(score.missing)} not known" if score.missing else ""
    value = one_of(
        need.quantity, score.possible_categories, f"computed from its items: {points}{open_items}"
    )
    read = ", ".join(f"{item.value.quantity.label} {_said(item)}" for item in used)
    evidence = Evidence(
        ", ".join(dict.fromkeys(finding.evidence.reference for finding in used)),
        max(finding.evidence.date for finding in used),
        display="Child-Pugh class, computed from its items",
        value=" or ".join(score.possible_categories),
        conversion=f"computed, {points}{open_items}: {read}",
        rule="child-pugh-computed",
    )
    days = [finding for finding in used if finding.latest is not None]
    earliest = min((item.earliest for item in days if item.earliest), default=None)
    latest = max((item.latest for item in days if item.latest), default=None)
    finding = Finding(need.quantity.name, value, evidence, earliest, latest)
    return Selected(value, (finding,), recorded.rejected)


def _said(finding: Finding) -> str:
    """Return a number as sent, and a sign by its grade: the answer may have come as a bare code."""
    if finding.value.quantity.is_number:
        return finding.evidence.value
    named = [item for item in finding.value.quantity.categories if item in finding.value.categories]
    return " or ".join(named)
