"""A site adds its own codes, and a wrong file is refused with file, path and reason."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fhir_mapping.codes import HCC_CDS_SYSTEM, SNOMED, Codes
from fhir_mapping.site_codes import SiteCodesError, refuse_contradictions, with_site_codes

LOCAL = "https://hospital.example.org/codes"


def _value_set(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "ValueSet",
        "id": "liver-resection",
        "compose": {
            "include": [{"system": LOCAL, "concept": [{"code": "OP-1", "display": "肝切除术"}]}]
        },
        **changes,
    }


def _concept_map(target: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    aim = target or {"code": "capsule-absent", "equivalence": "equivalent"}
    return {
        "resourceType": "ConceptMap",
        "group": [
            {
                "source": LOCAL,
                "target": f"{HCC_CDS_SYSTEM}|0.1.0",
                "element": [{"code": "CAPS-0", "target": [aim]}],
            }
        ],
        **changes,
    }


def _loaded(folder: Path, *resources: Any) -> Codes:
    for number, resource in enumerate(resources):
        text = resource if isinstance(resource, str) else json.dumps(resource)
        (folder / f"{number}.json").write_text(text, encoding="utf-8")
    return with_site_codes(Codes.shipped(), folder)


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    """A site without own codes has the shipped ones."""
    assert _loaded(tmp_path) == Codes.shipped()


def test_a_value_set_adds_its_codes(tmp_path: Path) -> None:
    """By the id or the url of a shipped value set; the shipped codes stay, and are not changed."""
    by_url = _value_set(
        id="mine", url="https://hcc-cds.example.org/fhir/ValueSet/liver-resection|1"
    )
    for resource in (_value_set(), by_url):
        codes = _loaded(tmp_path, resource)
        assert codes.matches("liver-resection", {"system": LOCAL, "code": "OP-1"})
        assert codes.matches("liver-resection", {"system": SNOMED, "code": "71273005"})
    assert not Codes.shipped().matches("liver-resection", {"system": LOCAL, "code": "OP-1"})


def test_a_value_set_may_exclude(tmp_path: Path) -> None:
    """A site can say that one of the shipped codes means something else to it."""
    exclude = [{"system": SNOMED, "concept": [{"code": "107963000"}]}]
    codes = _loaded(tmp_path, _value_set(compose={"exclude": exclude}))
    assert not codes.matches("liver-resection", {"system": SNOMED, "code": "107963000"})


@pytest.mark.parametrize(
    "target",
    [
        {"code": "capsule-absent", "equivalence": "equivalent"},
        {"code": "capsule-absent", "equivalence": "wider"},
        {"code": "capsule-absent", "relationship": "source-is-narrower-than-target"},
        {"code": "capsule-absent"},
    ],
)
def test_a_concept_map_gives_a_code_the_meaning_of_ours(
    tmp_path: Path, target: dict[str, Any]
) -> None:
    """R4 and R5, as long as the site's code means the same or something narrower."""
    codes = _loaded(tmp_path, _concept_map(target))
    assert codes.concepts_of({"system": LOCAL, "code": "CAPS-0"}) == {"capsule-absent"}


def test_a_code_mapped_to_nothing_means_nothing(tmp_path: Path) -> None:
    """An explicit "unmatched" is respected."""
    codes = _loaded(tmp_path, _concept_map({"equivalence": "unmatched"}))
    assert codes.concepts_of({"system": LOCAL, "code": "CAPS-0"}) == frozenset()


_GROUP = _concept_map()["group"][0]


@pytest.mark.parametrize(
    ("resource", "path", "reason"),
    [
        ("{", "(file)", "it is not JSON in UTF-8: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ([], "(file)", "it is not a JSON object"),
        ({"resourceType": "CodeSystem"}, "resourceType", "it is neither a ConceptMap nor a ValueSet"),
        (_value_set(id="my-own"), "id", "no shipped value set has this id or url"),
        (_value_set(compose=3), "compose", "it must be an object"),
        (_value_set(compose={}), "compose", "it lists no code"),
        (_value_set(compose={"include": [{"system": LOCAL, "filter": []}]}), "compose.include[0].filter", "only codes listed one by one are read"),
        (_value_set(compose={"include": [{"concept": []}]}), "compose.include[0].system", "it must be a text that is not empty"),
        (_value_set(compose={"include": [{"system": LOCAL, "concept": [{"code": " "}]}]}), "compose.include[0].concept[0].code", "it must be a text that is not empty"),
        (_value_set(compose={"include": {}}), "compose.include", "it must be a list of objects"),
        (_concept_map(group=None), "group", "it must be a list of objects"),
        (_concept_map(group=[{**_GROUP, "source": None}]), "group[0].source", "it must be a text that is not empty"),
        ("[" * 100_000, "(file)", "it is nested too deeply"),
        (_value_set(status="retired"), "status", "it is retired"),
        (_concept_map(group=[]), "group", "it maps no code"),
        (_concept_map(group=[{**_GROUP, "element": []}]), "group", "it maps no code"),
        (_concept_map(group=[{**_GROUP, "unmapped": {"mode": "fixed", "code": "capsule-absent"}}]), "group[0].unmapped", "only codes mapped one by one are read"),
        (_concept_map(group=[{**_GROUP, "element": [{"code": "CAPS-0"}]}]), "group[0].element[0].target", "it names no target, and not that there is none"),
        (_concept_map(group=[{**_GROUP, "element": [{**_GROUP["element"][0], "noMap": True}]}]), "group[0].element[0].noMap", "it has a target, and says that it has none"),
        (_concept_map({"code": "capsule-absent", "dependsOn": [{"property": "x", "value": "y"}]}), "group[0].element[0].target[0].dependsOn", "a mapping that depends on more than the code is not read"),
        (_concept_map({"code": "capsule-absent", "product": [{"property": "x", "value": "y"}]}), "group[0].element[0].target[0].product", "a mapping that depends on more than the code is not read"),
        (_concept_map(group=[{**_GROUP, "element": [{"code": "C", "target": [{"code": "mvi-m0"}, {"code": "mvi-m1"}]}]}]), f"code {LOCAL}|C", "it would mean mvi-absent and mvi-present at once"),
        (_concept_map(group=[{**_GROUP, "source": SNOMED, "element": [{"code": "52101004", "target": [{"code": "mvi-m0"}]}]}]), f"code {SNOMED}|52101004", "it would mean answer-present and mvi-absent at once"),
        (_concept_map({"code": "no-such-code"}), "group[0].element[0].target[0].code", "no shipped value set holds this code"),
        (_concept_map({"code": "capsule-absent", "equivalence": "narrower"}), "group[0].element[0].target[0].equivalence", "the site's code must mean the same as ours or something narrower"),
        (_concept_map({"code": "capsule-absent", "relationship": "related-to"}), "group[0].element[0].target[0].relationship", "the site's code must mean the same as ours or something narrower"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(tmp_path: Path, resource: Any, path: str, reason: str) -> None:
    """The error names the file, the place in it and the reason."""
    with pytest.raises(SiteCodesError) as caught:
        _loaded(tmp_path, resource)
    assert (caught.value.file, caught.value.path, caught.value.reason) == ("0.json", path, reason)
    assert str(caught.value) == f"0.json: {path}: {reason}"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A folder named in the settings must exist."""
    with pytest.raises(SiteCodesError, match=r"^nowhere: \(folder\): it is not a folder$"):
        with_site_codes(Codes.shipped(), tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["codes.xml", "codes.JSON", "codes.csv", "more"])
def test_a_file_that_would_be_passed_over_is_refused(tmp_path: Path, name: str) -> None:
    """A site that drops XML, or a folder, must not believe that its codes are loaded."""
    if "." in name:
        (tmp_path / name).write_text("<ConceptMap/>", encoding="utf-8")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(SiteCodesError) as caught:
        _loaded(tmp_path, _value_set())
    assert (
        str(caught.value) == f"{name}: (file): only FHIR resources in files named *.json are read"
    )


def test_a_readme_and_hidden_files_may_lie_beside(tmp_path: Path) -> None:
    """A mounted folder has hidden links of its own; a README says whose the codes are."""
    (tmp_path / "README.md").write_text("Ours.", encoding="utf-8")
    (tmp_path / ".data").mkdir()
    codes = _loaded(tmp_path, _value_set())
    assert codes.concepts_of({"system": LOCAL, "code": "OP-1"}) == {"liver-resection"}


def test_a_code_that_is_said_to_have_no_map_means_nothing(tmp_path: Path) -> None:
    """R5's noMap."""
    element = [{"code": "CAPS-0", "noMap": True}]
    codes = _loaded(tmp_path, _concept_map(group=[{**_GROUP, "element": element}]))
    assert codes.concepts_of({"system": LOCAL, "code": "CAPS-0"}) == frozenset()


def test_no_shipped_code_means_two_things_that_exclude_each_other() -> None:
    """What is asked of a site holds for the shipped value sets."""
    shipped = Codes.shipped()
    empty = Codes({name: replace(c, include=()) for name, c in shipped.concepts.items()})
    refuse_contradictions(empty, shipped)
