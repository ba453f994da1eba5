"""The registry: every model that ships, each with its file."""

from __future__ import annotations

from models.outcome import Status
from models.parameter_set import PARAMETERS_FOLDER
from models.registry import BUILDERS, MODELS, PARAMETERS, RULE_BUILDERS, RULES, load_models
from models.rule_set import RULES_FOLDER


def test_every_shipped_file_has_its_model_and_every_model_its_file() -> None:
    """No parameter or rule file lies about without a model, and no model is without a file."""
    assert {path.stem for path in PARAMETERS_FOLDER.glob("*.json")} == set(BUILDERS)
    assert {path.stem for path in RULES_FOLDER.glob("*.json")} == set(RULE_BUILDERS) == set(RULES)
    assert set(MODELS) == set(BUILDERS) | set(RULE_BUILDERS)


def test_a_model_is_found_under_its_own_id_with_the_hash_of_its_file() -> None:
    """Id, version and hash of a model are those of its file."""
    for name, model in MODELS.items():
        file = PARAMETERS.get(name) or RULES[name]
        assert model.provenance.model_id == name
        assert model.provenance.version == file.version
        assert model.provenance.content_hash == file.content_hash


def test_published_tables_come_along_with_a_sites_parameters() -> None:
    """Models built on a site's parameters are still all models, the tables as published."""
    models = load_models(PARAMETERS)
    assert set(models) == set(MODELS)
    assert {models[name].provenance.status for name in RULES} == {Status.PUBLISHED}


def test_every_need_is_declared_once() -> None:
    """A model asks for each input at one moment only."""
    for model in MODELS.values():
        names = [need.quantity.name for need in model.needs]
        assert len(names) == len(set(names))
