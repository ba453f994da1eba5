"""The published example resources under tests/examples, each as a record of its own patient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fhir_mapping.prefetch_key import PrefetchKey
from fhir_mapping.resources import reference_as_type_and_id
from tests.mapping_records import prefetch_of

__all__ = ["EXAMPLES", "patient_of", "record_of"]

Resource = dict[str, Any]

_FOLDER = Path(__file__).parent / "examples"

EXAMPLES: dict[str, Resource] = {
    f"{path.parent.name}/{path.stem}": json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(_FOLDER.glob("*/*.json"))
}


def patient_of(resource: Resource) -> str:
    """Return the id of the patient whom a resource is about."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    return reference_as_type_and_id(resource.get("subject")).removeprefix("Patient/")


def record_of(*resources: Resource) -> dict[str, PrefetchKey]:
    """Return the resources by prefetch key, every key answered."""
    return prefetch_of(resources)
