"""What a decision on a text must never change: a coded value, another finding, anybody's else record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mapping.findings import Certainty, DecidedText, Finding, TextDecision
from fhir_mapping.mapping_settings import MappingSettings
from models.inputs import Input
from tests.mapping_records import Resource, full_resources, mapped, resection
from tests.property.test_mapping_invariance import EXPECTED, inputs_of

_FEW = settings(max_examples=40, deadline=None)
_DAY = date(2026, 11, 20)
_WORDS = (
    "MVI: M2. Ki-67 70 %. Margin 2 mm. Capsule incomplete. Satellite nodules: present."
    " Three tumours, the largest 9 x 8 cm. Tumour thrombus in the portal vein. Ruptured tumour."
)
# Of these every input of the full record is coded.
_READ = (
    "capsule",
    "ki67_percent",
    "macrovascular_invasion",
    "margin_cm",
    "microvascular_invasion",
    "rupture",
    "satellites",
    "tumour_number",
    "tumour_size_cm",
)
_DECISIONS = st.dictionaries(st.sampled_from(_READ), st.sampled_from(TextDecision))
_SITE = st.builds(MappingSettings, narrative_narrows=st.booleans())


def _report(words: str, day: str, section: str) -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": "words",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "category": [{"coding": [{"code": section}]}],
        "effectiveDateTime": day,
        "conclusion": words,
    }


class _Decided:
    """Decides by the quantity of a finding."""

    def __init__(self, decisions: Mapping[str, TextDecision]) -> None:
        self._decisions = decisions

    def __call__(self, finding: Finding) -> DecidedText | None:
        decision = self._decisions.get(finding.name)
        return DecidedText(decision, _DAY) if decision else None


def test_the_words_are_read() -> None:
    """Every quantity below is read from the report, so that a change would be seen."""
    record = mapped(_report(_WORDS, "2026-10-05", "SP"))
    read = {item.name for item in record.findings if item.certainty is Certainty.READ_FROM_TEXT}
    assert read == set(_READ)


@_FEW
@given(_DECISIONS, _SITE, st.sampled_from(["SP", "RAD"]))
def test_a_decision_on_what_is_coded_changes_no_input(
    decisions: dict[str, TextDecision], site: MappingSettings, section: str
) -> None:
    """A coded value wins, whatever was decided of the words beside it."""
    day = "2026-10-05" if section == "SP" else "2026-09-15"
    record = mapped(
        *full_resources(),
        _report(_WORDS, day, section),
        settings=site,
        decided=_Decided(decisions),
    )
    assert inputs_of(record) == EXPECTED


@_FEW
@given(_DECISIONS, _DECISIONS, _SITE)
def test_a_decision_changes_the_inputs_of_its_own_quantity_only(
    decisions: dict[str, TextDecision], more: dict[str, TextDecision], site: MappingSettings
) -> None:
    """What is known of one quantity does not move with decisions on others."""
    resources = (resection("2026-10-01"), _report(_WORDS, "2026-10-05", "SP"))

    def known(decided: Mapping[str, TextDecision]) -> dict[object, Input]:
        return inputs_of(mapped(*resources, settings=site, decided=_Decided(decided)))

    same = {name for name in _READ if decisions.get(name) == more.get(name)}
    before, after = known(decisions), known(more)
    for key, value in before.items():
        name = key if isinstance(key, str) else key[0]  # type: ignore[index]  # a key is a name or begins with one
        if name not in _READ or name in same:
            assert after[key] == value


@_FEW
@given(_DECISIONS, _SITE)
def test_a_decision_only_chooses_between_what_is_read_and_nothing(
    decisions: dict[str, TextDecision], site: MappingSettings
) -> None:
    """Confirmed, an input is what the words say; refused, it is what it is without the words."""
    operated, words = resection("2026-10-01"), _report(_WORDS, "2026-10-05", "SP")
    without = inputs_of(mapped(operated, _report("", "2026-10-05", "SP")))
    counted = inputs_of(mapped(operated, words, settings=MappingSettings(narrative_narrows=True)))
    decided = inputs_of(mapped(operated, words, settings=site, decided=_Decided(decisions)))
    for key, value in decided.items():
        name = key if isinstance(key, str) else key[0]
        expected = counted if decisions.get(name) is TextDecision.CONFIRMED else without
        if name in decisions:
            assert (value.numbers, value.categories) == (
                expected[key].numbers,
                expected[key].categories,
            )
