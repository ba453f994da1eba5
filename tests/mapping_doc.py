"""Renders docs/mapping.md from the reading rules, the settings and the value sets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fhir_mapping.codes import HCC_CDS_SYSTEM, OPS, CodeEntry, Codes, Concept, shipped_folder
from fhir_mapping.intake import QUANTITY_OF_CONCEPT
from fhir_mapping.mapping_settings import DEFAULT_SETTINGS
from fhir_mapping.none_recorded import NONE_RECORDED
from fhir_mapping.patient_record import EVER_PRESENT
from fhir_mapping.prefetch_tokens import OBSERVATION_CONCEPTS
from fhir_mapping.reading_rules import READING_RULES
from fhir_mapping.select import SPECIMEN_ONLY
from fhir_mapping.units import KINDS
from models.model import InputNeed
from models.quantities import QUANTITIES, Quantity
from models.registry import MODELS

__all__ = ["ALSO_READ_FROM", "rendered"]

PATH = Path("docs/mapping.md")
_SYSTEM_NAMES = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10 (WHO)",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl": "NCIT",
    "http://terminology.hl7.org/CodeSystem/icd-o-3": "ICD-O-3",
    "http://www.whocc.no/atc": "ATC",
    OPS: "OPS",
    HCC_CDS_SYSTEM: "hcc-cds",
}


# Inputs whose codes are listed under another input too: one code says both.
ALSO_READ_FROM: dict[str, tuple[str, ...]] = {
    "pvtt": ("portal-vein-tumour-thrombus", "pvtt-type", "pvtt-absent"),
    "lung_metastasis": ("lung-metastasis",),
    "lymph_node_metastasis": ("lymph-node-metastasis",),
    "immune_checkpoint_inhibitor": ("immune-checkpoint-inhibitor",),
    "earlier_resection": ("liver-resection", "staged-hepatectomy"),
    "metastatic_sites": ("lung-metastasis",),
}


def rendered() -> dict[Path, str]:
    """Return the text of docs/mapping.md."""
    return {PATH: "\n".join(_page()).rstrip() + "\n"}


def _page() -> Iterator[str]:
    yield "# How the record is read"
    yield ""
    yield "Rendered by `make docs` from the code and the value sets; do not edit."
    yield ""
    yield (
        "FHIR resources come in by prefetch key, each key in one of six states (absent, null, error, "
        "empty, complete, incomplete). Every value that is used carries its evidence: resource, "
        "date, code and value as sent, conversion, rule. Everything that is not used carries the "
        "reason. What is missing or unclear stays as the set of values it may have."
    )
    yield ""
    yield from _inputs()
    yield from _selection()
    yield from _rules()
    yield from _none_recorded()
    yield from _units()
    yield from _settings()
    yield from _concepts(Codes.shipped())
    yield from _not_shipped()
    yield from _code_system()


def _inputs() -> Iterator[str]:
    yield "## Inputs"
    yield ""
    yield (
        "| input | unit | plausible | value sets | when it counts | of several | none recorded "
        "| meaning |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    sets: dict[str, list[str]] = {}
    for concept, name in QUANTITY_OF_CONCEPT.items():
        sets.setdefault(name, []).append(concept)
    for name, concepts in ALSO_READ_FROM.items():
        sets.setdefault(name, []).extend(concepts)
    for item in QUANTITIES.values():
        if item.name in sets or item.name in ("age_years", "sex", "months_since_resection"):
            links = ", ".join(f"[{name}](#{name})" for name in sets.get(item.name, []))
            yield (
                f"| {item.label} (`{item.name}`) | {item.unit or '-'} | {_plausible(item)} "
                f"| {links or 'Patient, index operation'} | {_when(item.name)} | {_of_several(item)} "
                f"| {_if_none(item.name)} | {item.meaning} |"
            )
    yield ""
    yield (
        "The plausible ranges are ours: a value outside is not used, and an unknown value may be "
        "anything inside."
    )
    yield ""


def _plausible(item: Quantity) -> str:
    return f"{item.lower} to {item.upper}" if item.is_number else ", ".join(item.categories)


def _when(name: str) -> str:
    if name in SPECIMEN_ONLY:
        return "specimen and course of the index operation"
    needs: list[InputNeed] = [
        need for model in MODELS.values() for need in model.needs if need.quantity.name == name
    ]
    phrases = dict.fromkeys(
        " ".join(
            filter(
                None,
                (
                    need.anchor.value.replace("-", " "),
                    "" if need.preference.value == "none" else f"({need.preference.value})",
                    f"within {need.window_days} days" if need.window_days else "",
                ),
            )
        )
        for need in needs
    )
    return "; ".join(phrases) or "today"


def _of_several(item: Quantity) -> str:
    """Return what counts if several resources say it: the tie-break, in the words of the selection."""
    if item.name in ("age_years", "sex"):
        return "one Patient"
    if item.name in ("resection", "months_since_resection"):
        return "the [index operation](#rule-index-operation)"
    latest = "latest day; of one day "
    if item.name == "tumour_size_cm":
        return f"{latest}the largest over lesions that are told apart, else a conflict"
    tie = "what they agree on, else a conflict"
    if item.name in EVER_PRESENT:
        return f"present once, present; else {latest}{tie}"
    return f"{latest}{tie}"


def _if_none(name: str) -> str:
    """Return what an answered search that finds nothing means."""
    if name == "resection":
        return "none, or planned where one is being ordered"
    decision = NONE_RECORDED.get(name)
    if name == "complication":
        return "absent after discharge, else unknown"
    return "unknown" if decision is None or not decision.means_absent else "absent"


def _selection() -> Iterator[str]:
    yield "## Which value counts"
    yield ""
    for line in (
        "Resources of another patient, entered in error, cancelled or registered, or with an unknown modifierExtension are never used.",
        "A coded value that counts stands before one read from text. A clinician confirms or refuses in the app what was read from text: confirmed, it counts where no coded value does; refused, never. Undecided it counts only if the site allows it, and after what is confirmed. Other words, another value or another date in the report ask again.",
        "Origin: for models that ask for imaging, what is of the specimen is passed over; for those that prefer the specimen, imaging counts only if the specimen says nothing. The origin is told by specimen, method, category, ImagingStudy or the report; a finding that says nothing is of the specimen from the day of the operation on for a set number of days, else of imaging.",
        "Window: before the operation (its day included), of the specimen (from the day of the operation on), or until today. A date too coarse to say does not count alone, but it competes.",
        "Final, amended and corrected results stand before preliminary ones, whatever their dates.",
        "The latest day counts. With partial dates every finding that may be the latest counts.",
        "Findings that are left and agree narrow each other; findings that exclude each other leave everything that either allows, and the input says \"conflict\" with the values. Sizes of different lesions of that day give the largest.",
        "What excludes a patient (transplantation, other cancer, spread, recurrence, earlier resection or treatment) counts once it is present, however old.",
        "If the list of observations was cut short, what rests on the latest or the largest becomes unknown, and a size or number of the specimen a lower bound.",
    ):  # fmt: skip
        yield f"1. {line}"
    yield ""


def _rules() -> Iterator[str]:
    yield "## Reading rules"
    yield ""
    yield "Each has a test on both sides in `tests/spec/test_mapping_*.py`."
    yield ""
    for anchor, text in READING_RULES.items():
        yield f'- <a id="rule-{anchor}"></a>**{anchor}**: {text}'
    yield ""


def _none_recorded() -> Iterator[str]:
    yield "## None recorded"
    yield ""
    yield (
        'An answered search that finds nothing is "none recorded". What that means is decided per '
        "input; a site changes it with `HCC_CDS_NONE_RECORDED_IS_ABSENT`. An input that is not listed "
        "stays unknown."
    )
    yield ""
    yield "| input | searched | means | because |"
    yield "|---|---|---|---|"
    for name, item in NONE_RECORDED.items():
        keys = ", ".join((*item.keys, *(f"{key} (if asked for)" for key in item.if_asked)))
        means = "absent" if item.means_absent else "unknown"
        yield f"| `{name}` | {keys} | {means} | {item.because} |"
    yield ""


def _units() -> Iterator[str]:
    yield "## Units"
    yield ""
    yield (
        "An unknown unit is a reason, never a guess. Spellings outside UCUM are read from this "
        "reviewed table; other UCUM units go through the UCUM library where a dimension is given, "
        "and must have it."
    )
    yield ""
    yield "| kind | canonical | read exactly | other spellings | other UCUM units |"
    yield "|---|---|---|---|---|"
    for kind in KINDS.values():
        factors = ", ".join(f"{unit} (x {factor})" for unit, factor in kind.factors.items())
        spellings = ", ".join(kind.spellings)
        yield (
            f"| {kind.name} | {kind.canonical} | {factors} | {spellings} "
            f"| {'yes' if kind.dimension else 'no'} |"
        )
    yield ""


def _settings() -> Iterator[str]:
    values = DEFAULT_SETTINGS
    yield "## Settings of the mapping"
    yield ""
    yield "| setting | default | whose choice |"
    yield "|---|---|---|"
    others = ", ".join(str(factor) for factor in values.afp_other_factors_ng_per_iu)
    cuts = ", ".join(str(cut) for cut in values.afp_cuts_ng_ml)
    for name, default, source in (
        ("afp_factor_ng_per_iu", values.afp_factor_ng_per_iu, "in common use; there is no authoritative factor"),
        ("afp_other_factors_ng_per_iu", others, "1.21 in common use, 1.28 from a 1980 standardisation study"),
        ("afp_cuts_ng_ml", cuts, "the cut-offs of the models"),
        ("afp_window_days", values.afp_window_days, "ours, no source"),
        ("specimen_window_days", values.specimen_window_days, "ours"),
        ("unstated_specimen_days", values.unstated_specimen_days, "ours"),
        ("complication_days_without_encounter", values.complication_days_without_encounter, "ours"),
        ("staged_window_days", values.staged_window_days, "ours"),
        ("recent_days", values.recent_days, "ours; the shortest interval of the surveillance that was read is two months"),
        ("narrative_narrows", values.narrative_narrows, "ours: text is confirmed first; `HCC_CDS_TEXT_NARROWS`"),
        ("time_zone", "as sent", "ours; set it where records are written in more than one zone"),
    ):  # fmt: skip
        yield f"| `{name}` | {default} | {source} |"
    yield ""


def _concepts(codes: Codes) -> Iterator[str]:
    yield "## Value sets"
    yield ""
    yield (
        "One FHIR ValueSet per concept in `fhir_mapping/value_sets/`. Each code was seen with its "
        "display in the source named; that is no release check, so a site validates against its own "
        "terminology server. CPT is licensed and not shipped: a site adds it."
    )
    yield ""
    yield f"The prefetch key `observations` asks for {len(OBSERVATION_CONCEPTS)} of them."
    yield ""
    for concept in codes.concepts.values():
        yield from _concept(concept)


def _concept(concept: Concept) -> Iterator[str]:
    yield f"### {concept.name}"
    yield ""
    yield f"{concept.title}. {concept.description}".strip()
    yield ""
    yield "| system | code | display | source |"
    yield "|---|---|---|---|"
    for entry in concept.include:
        yield _entry(entry, "")
    for entry in concept.exclude:
        yield _entry(entry, "never: ")
    yield ""


def _entry(entry: CodeEntry, prefix: str) -> str:
    source = entry.source.replace("|", "/") or "our own"
    system = _SYSTEM_NAMES[entry.system]
    display = entry.display.replace("|", "/") or "-"
    return f"| {system} | {prefix}`{entry.code}` | {display} | {source} |"


def _not_shipped() -> Iterator[str]:
    yield "## Codes that were seen and are not shipped"
    yield ""
    yield "| codes | why |"
    yield "|---|---|"
    for codes, why in (
        ("CPT", "licensed; a site adds its own"),
        ("ICD-11 MMS", "no authoritative system URI was found"),
        ("RxNorm Extension", "of OMOP only, no RxCUI"),
        ("LOINC parts (LP...)", "no code of a result"),
    ):  # fmt: skip
        yield f"| {codes} | {why} |"
    yield ""


def _code_system() -> Iterator[str]:
    path = shipped_folder() / "codesystem-hcc-cds.json"
    resource = json.loads(path.read_text(encoding="utf-8"))
    yield "## Our own CodeSystem"
    yield ""
    yield f"`{resource['url']}`: {resource['description']}"
    yield ""
    yield "| code | display | definition |"
    yield "|---|---|---|"
    for item in resource["concept"]:
        yield f"| `{item['code']}` | {item['display']} | {item.get('definition', '')} |"
    yield ""
