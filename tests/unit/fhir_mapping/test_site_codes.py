"""A site adds its own codes, and a wrong file is refused with file, path and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fhir_mapping.codes import HCC_CDS_SYSTEM, SNOMED, Codes
from fhir_mapping.site_codes import SiteCodesError, with_site_codes

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
