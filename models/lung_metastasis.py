"""Lung metastasis of an HCC: criteria of retrospective studies, worded "consider discussing".

Child-Pugh A; early or controlled intrahepatic disease (early: extent within BCLC 0 or A;
controlled: only where a report states it); few foci (up to 3; 4-5 in some studies); no vascular
invasion; the running therapy as a point for discussion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.forms.checklist import flag_item
from models.inputs import Input, unknown
from models.model import Anchor, Criterion, judge_applicability
from models.outcome import Checklist, ChecklistItem, ItemState, NotApplicable, Outcome
from models.population import outside_intended_use
from models.quantities import ABSENT, PRESENT, quantity
from models.rule_set import RuleSet, load_rules
from models.score_model import ScoreModel, needs_of
from models.staging import extent_stages

__all__ = ["LungMetastasis", "lung_metastasis"]

_EARLY = frozenset({"0", "A"})


@dataclass(frozen=True)
class LungMetastasis(ScoreModel):
    """The criteria, with the stage rule that says what "early" is."""

    stage_rules: RuleSet

    @property
    def population(self) -> tuple[Criterion, ...]:
        """Only HCC with a lung metastasis on record, in whom the service may be used at all."""
        return (
            Criterion(
                quantity("hcc"), "no hepatocellular carcinoma on record", frozenset({ABSENT})
            ),
            Criterion(
                quantity("lung_metastasis"), "no lung metastasis on record", frozenset({ABSENT})
            ),
            *outside_intended_use(),
        )

    def evaluate(self, inputs: Mapping[str, Input]) -> Outcome:
        """Return each criterion as met, met in some studies, not met, shown, or unknown.

        Shown is the therapy while none is running: there is nothing to judge yet.
        """
        judged = judge_applicability(self.population, inputs)
        if judged.excluded:
            return NotApplicable(self.provenance, judged.excluded)
        items = tuple(self._item(flag.key, inputs) for flag in self.rules.flags)
        return Checklist(self.provenance, items, self.rules.limits, judged.unchecked)

    def _item(self, key: str, inputs: Mapping[str, Input]) -> ChecklistItem:
        flag = next(flag for flag in self.rules.flags if flag.key == key)
        item = flag_item(flag, self.rules, inputs)
        if key == "extent":
            extent = ("tumour_size_cm", "tumour_number", "intrahepatic_control")
            return replace(item, state=self._extent(inputs), input_names=extent, is_judged=True)
        if key == "therapy":
            names = ("immune_checkpoint_inhibitor", "kinase_inhibitor")
            return replace(item, state=_therapy(inputs, names), input_names=names, is_judged=True)
        return item

    def _extent(self, inputs: Mapping[str, Input]) -> ItemState:
        """Judge the intrahepatic disease: met if it is early for sure, or stated as controlled."""
        stages = extent_stages(self.stage_rules, inputs)
        controlled = inputs.get("intrahepatic_control") or unknown(quantity("intrahepatic_control"))
        if stages <= _EARLY or controlled.value == PRESENT:
            return ItemState.PRESENT
        is_beyond = not stages & _EARLY
        return ItemState.ABSENT if is_beyond and controlled.value == ABSENT else ItemState.UNKNOWN


def _therapy(inputs: Mapping[str, Input], names: tuple[str, ...]) -> ItemState:
    """Judge the running therapy: a combination, a single agent (not met), none, or unknown."""
    known = [inputs.get(name) or unknown(quantity(name)) for name in names]
    if not all(one.is_known for one in known):
        return ItemState.UNKNOWN
    running = [one.value == PRESENT for one in known]
    if not any(running):
        return ItemState.SHOWN
    return ItemState.PRESENT if all(running) else ItemState.ABSENT


def lung_metastasis(
    rules: RuleSet | None = None, stage_rules: RuleSet | None = None
) -> LungMetastasis:
    """Return the model.

    >>> from models.inputs import exactly
    >>> known = {"hcc": "present", "lung_metastasis": "present", "lung_foci": 4,
    ...          "tumour_size_cm": 2.5, "tumour_number": 3}
    >>> answer = lung_metastasis().evaluate(
    ...     {name: exactly(quantity(name), str(value)) for name, value in known.items()})
    >>> {item.label: str(item.state) for item in answer.items}["Lung foci"]
    'in some studies'
    """
    used = rules or load_rules("lung_metastasis")
    names = (
        *("hcc", "lung_metastasis", "child_pugh_class", "tumour_size_cm", "tumour_number"),
        *(
            "intrahepatic_control",
            "lung_foci",
            "macrovascular_invasion",
            "immune_checkpoint_inhibitor",
            "kinase_inhibitor",
        ),
    )
    needs = needs_of(*names, anchor=Anchor.NOW)
    return LungMetastasis(used, needs, stage_rules or load_rules("bclc_2022"))
