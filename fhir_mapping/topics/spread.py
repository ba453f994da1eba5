"""How far the HCC has spread: foci in the lungs, organs with metastasis, control within the liver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from fhir_mapping.findings import Evidence, Finding, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.topics.readers import ObservationReader, answer, is_over, number, problem_with
from models.inputs import Input, between, exactly
from models.quantities import ABSENT, quantity

__all__ = ["OBSERVATIONS", "implied_by_none", "read_sites"]

_SITES = quantity("metastatic_sites")
# Organs that the problem list tells apart. Lymph nodes are left out, as the source of the flag does
# not say whether they count: what is counted is the least there is.
_ORGANS = {
    "lung-metastasis": "lung",
    "bone-metastasis": "bone",
    "brain-metastasis": "brain",
    "adrenal-metastasis": "adrenal gland",
    "peritoneal-metastasis": "peritoneum",
}
_IMPLIED = {
    "extrahepatic_disease": ("lung_metastasis", "lymph_node_metastasis"),
    "macrovascular_invasion": ("pvtt",),
}

OBSERVATIONS: dict[str, ObservationReader] = {
    "lung-metastasis-number": number("lung_foci", "count", rule="lung-foci"),
    "metastatic-site-number": number("metastatic_sites", "count", rule="metastatic-sites"),
    "intrahepatic-disease-controlled": answer("intrahepatic_control", rule="intrahepatic-control"),
}


def read_sites(intake: Intake) -> Iterator[Finding]:
    """Read the organs on the problem list as the least number of metastatic sites."""
    by_organ: dict[str, Entry] = {}
    for entry in intake.of("Condition"):
        if problem_with(entry) or is_over(entry, intake):
            continue
        for concept, organ in _ORGANS.items():
            if concept in entry.concepts:
                by_organ.setdefault(organ, entry)
    if not by_organ:
        return
    organs = [organ for organ in _ORGANS.values() if organ in by_organ]
    # The last one of them tells since when there have been so many.
    last = max(by_organ.values(), key=lambda entry: str(entry.days.latest or ""))
    references = dict.fromkeys(by_organ[organ].reference for organ in organs)
    value = between(
        _SITES, Decimal(len(organs)), reason=f"at least {len(organs)} on the problem list"
    )
    evidence = Evidence(
        ", ".join(references), last.days.as_sent, value=", ".join(organs), rule="metastatic-sites"
    )
    yield Finding(_SITES.name, value, evidence, last.days.earliest, last.days.latest)


def implied_by_none(read: Iterable[Finding | Rejected]) -> Iterator[Finding]:
    """Yield what a "none" says of its parts: of lungs and lymph nodes, of the portal vein."""
    found = [item for item in read if isinstance(item, Finding)]
    has_sites = any(item.name == _SITES.name for item in found)
    for item in found:
        if item.value.value != ABSENT:
            continue
        for name in _IMPLIED.get(item.name, ()):
            yield _with(item, exactly(quantity(name), ABSENT))
        if item.name == "extrahepatic_disease" and not has_sites:
            yield _with(item, exactly(_SITES, 0))


def _with(item: Finding, value: Input) -> Finding:
    return replace(item, name=value.quantity.name, value=value)
