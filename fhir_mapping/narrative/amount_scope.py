"""Sentences whose numbers are of no tumour: criteria, keys, what treatment has left behind."""

from __future__ import annotations

from fhir_mapping.narrative.rules import Rule, any_of, search

__all__ = ["void_amounts"]

_VOID: tuple[Rule, ...] = (
    any_of(
        "criteria",
        r"(?:米兰|ucsf|up-to-7|判读|分级|评估|评分|纳入|入组|手术|切除|消融|移植|诊断)标准(?:[:为]|是|要求|指|规定)|规范[:指]|定义[:为]|(?:切缘|肝癌|结节)(?:是|系)?指|ajcc|uicc|第\s?\d\s?版",
        r"代码|编码|图例|标准\([^()]{0,16}[≤<>]|(?:^|[:;,])\s?m ?[012]\s?[:为]?\s?[=≤<>≥]|(?:^|[:;,])\s?p?t[1-4][ab]?\s?[:=]\s?(?:单|肿瘤|任|>|≤)|(?:^|[:;,])\s?\d\s?=\s?[单多一-鿿]",
        r"^\W{0,3}如(?!下|上|图|鸡)|如(?:随访|复查|发现|再)",
        r"\br[0-2] ?= ?|\b(?:is|are) (?:considered|regarded as|called|classified as) r[0-2]\b|\bp?t[1-4][ab]?(?: \(m\))? ?= ?|\b(?:key|legend|codes?) only\b|\bthreshold(?! growth)|\bminimum size|\b(?:ct|mri?|us|ultrasound|imaging|scan) had (?:shown|revealed|demonstrated)|\b(?:patients?|he|she|family|wife|husband) (?:was|were|is|are) (?:informed|told|counselled|advised) that\b|\b(?:reduces?|increases?) (?:the )?(?:risk|recurrence)|\b(?:respond|survive)\b",
        r"\b(?:milan|ucsf|up-to-(?:7|seven)|inclusion|exclusion|eligibility|staging|size|treatment) criteri\w{1,3}(?: |:|,)(?!(?:is|are|was|were)? ?(?:met|fulfilled|satisfied|exceeded))|\bcriteria (?:are|include|require|allow)|\b(?:is|are) defined (?:as|by)|\bup to (?:three|3) (?:lesions|tumou?rs|nodules) each",
        does="criteria, keys of codes and what may come: none of their numbers is of the tumour",
    ),
    any_of(
        "no-live-tumour",
        r"^(?![^。]{0,200}(?:仍|部分|尚|余|另)[^,;。]{0,8}(?:活性|存活|强化|残[存留]))[^。]{0,200}?(?:未见(?:明[确显])?(?:的)?(?:活性|存活)|(?:均|已|皆|,|改变[^,;。]{0,20}|lr-tr\s?)无(?:肿瘤)?(?:活性|存活)|无存活|均?呈?完全(?:性)?坏死|碘油沉积(?:致密|良好|完整)|坏死完全)",
        does="nothing in a treated lesion is alive: its numbers are of no tumour",
    ),
)


def void_amounts(text: str) -> str:
    """Return the rule for which no count or length of a sentence is read, empty if none holds."""
    return search(_VOID, text)
