"""The diagnosis itself: HCC, its near misses, recurrence and spread."""

from __future__ import annotations

import re
from dataclasses import replace

from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.observed import Observed
from fhir_mapping.resources import as_object, as_text, objects_in, read_days, status_code
from fhir_mapping.topics.readers import (
    NO_LONGER_ACTIVE,
    ConditionReader,
    ObservationReader,
    Read,
    answer,
    diagnosis,
    is_over,
    never,
    never_diagnosed,
    problem_with,
)
from models.inputs import exactly
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["CONDITIONS", "OBSERVATIONS"]

_OVER = frozenset({"inactive", "resolved"})
_BACK = frozenset({"recurrence", "relapse"})


def _read_hcc(entry: Entry, intake: Intake) -> Read:
    """Read HCC; a resolved or remitted one counts, for a resected HCC is often recorded so."""
    yield from diagnosis("hcc", rule="hcc")(entry, intake)
    if not problem_with(entry) and status_code(entry.resource.get("clinicalStatus")) in _BACK:
        yield from _recurrence(entry)


def _recurrence(entry: Entry) -> Read:
    value = exactly(quantity("recurrence"), PRESENT)
    # The onset is the first tumour's; when it came back is not said.
    yield Finding("recurrence", value, entry.evidence("clinical status: recurrence", "recurrence"))


def _read_recurrence(entry: Entry, intake: Intake) -> Read:
    """Read a recurrence as of the time up to its record: its onset may be the first tumour's."""
    recorded = read_days(entry.resource.get("recordedDate"), intake.settings.time_zone).latest
    for item in diagnosis("recurrence", rule="recurrence")(entry, intake):
        if isinstance(item, Finding) and item.latest and recorded and recorded > item.latest:
            yield replace(item, latest=recorded)
        else:
            yield item


def _read_unspecified(entry: Entry, intake: Intake) -> Read:
    """Read "liver cancer" as HCC only with the morphology of HCC beside it."""
    if _has_hcc_morphology(entry, intake):
        yield from _read_hcc(entry, intake)
    elif not entry.concepts & {"hcc", "hcc-morphology"}:
        yield from _of_no_type(entry, intake)


_of_no_type = never_diagnosed("hcc", "it does not say which liver cancer", "hcc")


def _has_hcc_morphology(entry: Entry, intake: Intake) -> bool:
    """Tell whether mCODE's histology extension, or any other, holds a morphology of HCC."""
    return any(
        "hcc-morphology" in intake.codes.concepts_of(as_object(item).get("valueCodeableConcept"))
        for item in objects_in(entry.resource.get("extension"))
    )


def _read_mixed(entry: Entry, intake: Intake) -> Read:
    """Read combined carcinoma as HCC and as a mixed liver cancer."""
    yield from diagnosis("hcc", rule="hcc")(entry, intake)
    yield from diagnosis("other_liver_cancer", rule="hcc")(entry, intake)


_SITES = {
    "lung-metastasis": "lung_metastasis",
    "lymph-node-metastasis": "lymph_node_metastasis",
}


def _spread(entry: Entry, intake: Intake) -> Read:
    if is_over(entry, intake, _OVER) and not problem_with(entry):
        evidence = entry.evidence(rule="over")
        yield Rejected("extrahepatic_disease", evidence, NO_LONGER_ACTIVE)
        return
    yield from diagnosis("extrahepatic_disease", rule="spread")(entry, intake)
    for concept, name in _SITES.items():
        if concept in entry.concepts:
            yield from diagnosis(name, rule="spread")(entry, intake)


def _unclear(name: str, reason: str) -> ConditionReader:
    return never_diagnosed(name, reason, "spread" if name == "extrahepatic_disease" else "hcc")


def _read_m_category(observed: Observed, intake: Intake) -> Read:
    """Read TNM's M1 as extrahepatic; M0 is no proof of none, for nodes are not in it."""
    del intake
    coded = as_object(observed.node.get("valueCodeableConcept"))
    texts = [coded.get("text"), observed.node.get("valueString")]
    for coding in objects_in(coded.get("coding")):
        texts += [coding.get("code"), coding.get("display")]
    categories = {
        match[1] for text in texts for match in _M_CATEGORY.finditer(as_text(text).lower())
    }
    if categories == {"1"}:
        value = exactly(quantity("extrahepatic_disease"), PRESENT)
        yield observed.finding("extrahepatic_disease", value, rule="spread")
    else:
        reason = "M0 says nothing of lymph nodes" if categories == {"0"} else "not M0 or M1"
        yield observed.rejection("extrahepatic_disease", reason, "spread")


def _read_organ(observed: Observed, intake: Intake) -> Read:
    """Read metastasis in one organ: present is spread, absent says nothing of the other organs."""
    for concept, name in _SITES.items():
        if concept in observed.concepts:
            yield from answer(name, rule="spread")(observed, intake)
    for item in answer("extrahepatic_disease", rule="spread")(observed, intake):
        if isinstance(item, Finding) and item.value.value == ABSENT:
            reason = "none in one organ says nothing of the others"
            yield observed.rejection("extrahepatic_disease", reason, "spread")
        else:
            yield item


# Alone, or in the words of the staging manual: "American Joint Committee on Cancer cM1".
_M_CATEGORY = re.compile(r"\b[acpry]*m([01])[a-e]?\b")

OBSERVATIONS: dict[str, ObservationReader] = {
    "extrahepatic-disease": answer("extrahepatic_disease", rule="spread"),
    "hcc-recurrence": answer("recurrence", rule="recurrence"),
    "m-category": _read_m_category,
    **dict.fromkeys(("lung-metastasis", "lymph-node-metastasis", "other-metastasis"), _read_organ),
    "metastasis-unspecified": never(
        "extrahepatic_disease", "it does not say where the metastasis is", "spread"
    ),
}
CONDITIONS: dict[str, ConditionReader] = {
    "hcc": _read_hcc,
    "hcc-morphology": _read_hcc,
    "liver-cancer-unspecified": _read_unspecified,
    "mixed-liver-cancer": _read_mixed,
    "other-liver-cancer": diagnosis("other_liver_cancer", rule="hcc"),
    "secondary-liver-cancer": _unclear(
        "other_liver_cancer", "it does not say of which tumour: it may be of the HCC itself"
    ),
    "history-of-liver-cancer": _unclear("hcc", "a history of liver cancer of no stated type"),
    "hcc-recurrence": _read_recurrence,
    "lung-metastasis": _spread,
    "lymph-node-metastasis": _spread,
    "other-metastasis": _spread,
    "metastasis-unspecified": _unclear(
        "extrahepatic_disease", "it does not say where the metastasis is"
    ),
    "extrahepatic-disease": _spread,
}
