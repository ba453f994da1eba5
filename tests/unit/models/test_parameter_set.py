"""Parameter files: what is refused, with which words, and what the hash covers."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models.parameter_set import (
    PARAMETERS_FOLDER,
    ParameterFileError,
    content_hash,
    load_parameters,
    parse_parameters,
)
from models.registry import BUILDERS, load_models, load_parameter_sets

Change = Callable[[dict[str, Any]], object]


def _document(model_id: str = "hpr_preoperative") -> dict[str, Any]:
    text = (PARAMETERS_FOLDER / f"{model_id}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _refusal(document: object, text: str | None = None) -> str:
    with pytest.raises(ParameterFileError) as caught:
        parse_parameters(text if text is not None else json.dumps(document), "site.json")
    assert caught.value.file == "site.json"
    return str(caught.value)


def _drop(*path: str | int) -> Change:
    def change(document: dict[str, Any]) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        del part[path[-1]]

    return change


def _set(value: object, *path: str | int) -> Change:
    def change(document: dict[str, Any]) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_drop("terms", 0, "coefficient", "status"), "terms.0.linear.coefficient.status: Field required"),
        (_drop("terms", 1, "coefficient", "source"), "terms.1.above.coefficient.source: Field required"),
        (_set("0.5", "form", "intercept", "value"), "form.logistic.intercept.value: Value error, must be a number"),
        (_set(True, "form", "intercept", "value"), "form.logistic.intercept.value: Value error, must be a number"),
        (_set("guessed", "status"), "status: Input should be 'published', 'reconstructed', 're-estimated' or 'local'"),
        (_set(1, "surprise"), "surprise: Extra inputs are not permitted"),
        (_set("", "purpose"), "purpose: String should have at least 1 character"),
        (_set("nowhere", "terms", 0, "coefficient", "source"), "no citation 'nowhere'"),
        (_set("tumour_size_cm", "terms", 1, "input"), "two terms on tumour_size_cm"),
        (_set("shoe_size", "terms", 1, "input"), "no quantity 'shoe_size'"),
        (_set("capsule", "terms", 1, "input"), "capsule cannot be a term of kind above"),
        (_drop("terms", 5, "levels", "incomplete"), "capsule needs a level for each of complete, incomplete, present, absent"),
        (_drop("draws"), "neither draws nor no_interval_because"),
        (_set(["intercept"], "draws", "columns"), "draws need the columns intercept, age_years, afp_ng_ml"),
        (_set([[1.0]] * 100, "draws", "rows"), "a row of draws is too short or too long"),
        (_set([], "draws", "rows"), "draws.rows: Tuple should have at least 100 items"),
        (_set(["a"], "classes", "tree", "categories"), "a fork has either a cut or categories"),
        (_set("rupture", "classes", "tree", "on"), "a fork on rupture, which is the input of no term"),
        (_set("capsule", "classes", "tree", "on"), "a fork on capsule needs its categories"),
        (_set("0" * 64, "content_hash"), "content_hash: is computed, never written"),
    ],
)  # fmt: skip
def test_a_refused_file_says_where_and_why(change: Change, message: str) -> None:
    """Every refusal names the file, the member and the reason."""
    document = _document()
    change(document)
    refusal = _refusal(document)
    assert refusal.startswith("parameter file site.json: ")
    assert message in refusal


def test_every_problem_is_named_at_once() -> None:
    """Two mistakes give two reasons, not one after the other."""
    document = _document()
    _set("nowhere", "terms", 0, "coefficient", "source")(document)
    _set("tumour_size_cm", "terms", 1, "input")(document)
    refusal = _refusal(document)
    assert "no citation 'nowhere'" in refusal
    assert "two terms on tumour_size_cm" in refusal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "(file): not JSON: "),
        ("[]", "(file): not a JSON object"),
        ('{"a": NaN}', "(file): not JSON: NaN is not a number"),
    ],
)
def test_what_is_not_json_is_refused(text: str, message: str) -> None:
    """A file that is not one JSON object of real numbers is refused."""
    assert message in _refusal(None, text)


def test_a_fork_by_categories_is_checked() -> None:
    """A fork on the score needs a cut, one on an input needs that input's own categories."""
    document = _document()
    fork = {"on": "score", "categories": ["a"], "below": {"risk_class": "low"}, "above": {"risk_class": "high"}}  # fmt: skip
    document["classes"]["tree"] = fork
    assert "a fork on score needs a cut" in _refusal(document)
    fork["on"] = "capsule"
    assert "a fork on capsule needs its categories" in _refusal(document)
    fork["on"] = "tumour_size_cm"
    assert "a fork on tumour_size_cm needs a cut" in _refusal(document)
    fork.update(on="capsule", categories=["absent"])
    assert parse_parameters(json.dumps(document), "site.json").classes.tree.model_dump()["on"] == (
        "capsule"
    )


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """A missing file is a parameter-file error that names it."""
    missing = tmp_path / "hpr.json"
    with pytest.raises(ParameterFileError, match="cannot be read"):
        load_parameters(missing)


def test_the_hash_is_of_the_content_not_of_the_layout() -> None:
    """Order, spaces and trailing zeros do not change the hash; a number does."""
    document = _document()
    shipped = load_parameters(PARAMETERS_FOLDER / "hpr_preoperative.json").content_hash
    reordered = json.dumps(dict(reversed(document.items())), indent=7)
    assert parse_parameters(reordered, "site.json").content_hash == shipped
    assert content_hash({"a": Decimal("0.10")}) == content_hash({"a": Decimal("0.1")})
    document["form"]["intercept"]["value"] = -3.4578
    assert parse_parameters(json.dumps(document), "site.json").content_hash != shipped
    assert len(shipped) == 64


def test_every_shipped_number_has_status_and_source() -> None:
    """No figure of a shipped file stands without status and a cited source."""
    for parameters in load_parameter_sets().values():
        figures = list(_figures(parameters.model_dump(exclude={"draws"})))
        assert len(figures) > 10
        assert all(item["status"] and item["source"] in parameters.citations for item in figures)


def _figures(part: object) -> list[dict[str, Any]]:
    if isinstance(part, dict):
        own = [part] if "value" in part and "status" in part else []
        return own + [found for value in part.values() for found in _figures(value)]
    if isinstance(part, list | tuple):
        return [found for value in part for found in _figures(value)]
    return []


def test_a_sites_file_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    """A site's file is used with its own status, version and hash; the others stay."""
    document = _document()
    document.update(status="local", version="2.0.0", source_label="Site A, 2026")
    path = tmp_path / "hpr.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    models = load_models(load_parameter_sets({"hpr_preoperative": path}))
    assert models["hpr_preoperative"].provenance.status == "local"
    assert models["hpr_preoperative"].provenance.source_label == "Site A, 2026"
    shipped = load_parameter_sets()["hpr_preoperative"].content_hash
    assert models["hpr_preoperative"].provenance.content_hash != shipped
    assert models["hpr_postoperative"].provenance.status == "re-estimated"
    assert set(models) >= set(BUILDERS)


def test_a_sites_file_must_be_for_a_model_that_exists(tmp_path: Path) -> None:
    """A file under the wrong name, or for no model, is refused with the name."""
    wrong = PARAMETERS_FOLDER / "distant_metastasis.json"
    with pytest.raises(ParameterFileError, match="model_id: expected 'hpr_preoperative'"):
        load_parameter_sets({"hpr_preoperative": wrong})
    with pytest.raises(ParameterFileError, match="model_id: no model 'hpd_score'"):
        load_parameter_sets({"hpd_score": tmp_path / "x.json"})


def test_a_model_refuses_an_input_it_cannot_have(tmp_path: Path) -> None:
    """Before surgery there is no MVI: a file that asks for it is refused."""
    document = _document("hpr_postoperative")
    document["model_id"] = "hpr_preoperative"
    path = tmp_path / "hpr.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(
        ParameterFileError,
        match=r"terms\.6\.input: hpr_preoperative has no input 'microvascular_invasion'",
    ):
        load_models(load_parameter_sets({"hpr_preoperative": path}))
