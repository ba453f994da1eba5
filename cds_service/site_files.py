"""What a site adds to what is shipped: its own codes and its own parameter files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cds_service.errors import ConfigurationError
from fhir_mapping.codes import Codes
from fhir_mapping.site_codes import SiteCodesError, with_site_codes
from models.parameter_set import ParameterFileError, ParameterSet
from models.registry import load_parameter_sets

__all__ = ["site_codes", "site_parameters"]


def site_codes(folder: Path | None) -> Codes:
    """Return the shipped codes with those of the site's folder of ConceptMap and ValueSet files.

    Raises
    ------
    ConfigurationError
        With file, path and reason if a file cannot be used.
    """
    if folder is None:
        return Codes.shipped()
    try:
        return with_site_codes(Codes.shipped(), folder)
    except SiteCodesError as error:
        raise ConfigurationError(f"site codes: {error}") from error


def site_parameters(folder: Path | None) -> Mapping[str, ParameterSet]:
    """Return the parameters of the fitted models; a file `<model id>.json` of the site takes its place.

    Raises
    ------
    ConfigurationError
        With file, path and reason if a file cannot be used.
    """
    if folder is None:
        return load_parameter_sets()
    if not folder.is_dir():
        raise ConfigurationError(f"site parameters: {folder.name} is not a folder")
    files = {path.stem: path for path in sorted(folder.glob("*.json"))}
    try:
        return load_parameter_sets(files)
    except ParameterFileError as error:
        raise ConfigurationError(f"site parameters: {error}") from error
