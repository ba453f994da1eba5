"""The models by id, each with its shipped parameter file or a site's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from models.distant_metastasis import distant_metastasis
from models.hyper_progression_recurrence import hpr_postoperative, hpr_preoperative
from models.model import Model
from models.parameter_set import (
    PARAMETERS_FOLDER,
    ParameterFileError,
    ParameterSet,
    load_parameters,
)

__all__ = ["BUILDERS", "MODELS", "PARAMETERS", "load_models", "load_parameter_sets"]

BUILDERS: Mapping[str, Callable[[ParameterSet], Model]] = MappingProxyType(
    {
        "hpr_preoperative": hpr_preoperative,
        "hpr_postoperative": hpr_postoperative,
        "distant_metastasis": distant_metastasis,
    }
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


def load_models(parameters: Mapping[str, ParameterSet]) -> Mapping[str, Model]:
    """Return the models built on these parameters."""
    return MappingProxyType({name: BUILDERS[name](item) for name, item in parameters.items()})


PARAMETERS: Mapping[str, ParameterSet] = MappingProxyType(load_parameter_sets())
MODELS: Mapping[str, Model] = load_models(PARAMETERS)
