"""The models by id: fitted ones with their parameter file (shipped or a site's), rules with theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from models.distant_metastasis import distant_metastasis
from models.early_recurrence_score import early_recurrence_score
from models.hyper_progression_recurrence import hpr_postoperative, hpr_preoperative
from models.hyperprogressive_disease import hyperprogressive_disease
from models.liver_function import albi, child_pugh
from models.lung_metastasis import lung_metastasis
from models.model import Model
from models.parameter_set import (
    PARAMETERS_FOLDER,
    ParameterFileError,
    ParameterSet,
    load_parameters,
)
from models.rule_set import RuleSet, load_rules
from models.staging import bclc_2022
from models.tumour_burden import afp_model, tumour_burden_score

__all__ = [
    "BUILDERS",
    "MODELS",
    "PARAMETERS",
    "RULES",
    "RULE_BUILDERS",
    "load_models",
    "load_parameter_sets",
]

BUILDERS: Mapping[str, Callable[[ParameterSet], Model]] = MappingProxyType(
    {
        "hpr_preoperative": hpr_preoperative,
        "hpr_postoperative": hpr_postoperative,
        "distant_metastasis": distant_metastasis,
    }
)

# Published tables and checklists: nothing in them is fitted, so a site has no file for them.
RULE_BUILDERS: Mapping[str, Callable[[RuleSet], Model]] = MappingProxyType(
    {
        "hyperprogressive_disease": hyperprogressive_disease,
        "lung_metastasis": lung_metastasis,
        "early_recurrence_score": early_recurrence_score,
        "afp_model": afp_model,
        "tumour_burden_score": tumour_burden_score,
        "albi": albi,
        "child_pugh": child_pugh,
        "bclc_2022": bclc_2022,
    }
)
RULES: Mapping[str, RuleSet] = MappingProxyType(
    {model_id: load_rules(model_id) for model_id in RULE_BUILDERS}
)


def load_parameter_sets(site_files: Mapping[str, Path] | None = None) -> dict[str, ParameterSet]:
    """Return the parameters of every model: a site's file where it has one, else the shipped one.

    Raises
    ------
    ParameterFileError
        If a file cannot be used, is for another model, or names a model that does not exist.
    """
    files = dict(site_files or {})
    for model_id in sorted(files.keys() - BUILDERS.keys()):
        raise ParameterFileError(str(files[model_id]), (("model_id", f"no model '{model_id}'"),))
    result = {}
    for model_id in BUILDERS:
        path = files.get(model_id, PARAMETERS_FOLDER / f"{model_id}.json")
        parameters = load_parameters(path)
        if parameters.model_id != model_id:
            raise ParameterFileError(str(path), (("model_id", f"expected '{model_id}'"),))
        result[model_id] = parameters
    return result


def load_models(
    parameters: Mapping[str, ParameterSet], rules: Mapping[str, RuleSet] = RULES
) -> Mapping[str, Model]:
    """Return every model: the fitted ones on these parameters, the others on their rules."""
    fitted = {name: BUILDERS[name](item) for name, item in parameters.items()}
    return MappingProxyType(
        {**fitted, **{name: RULE_BUILDERS[name](item) for name, item in rules.items()}}
    )


PARAMETERS: Mapping[str, ParameterSet] = MappingProxyType(load_parameter_sets())
MODELS: Mapping[str, Model] = load_models(PARAMETERS)
