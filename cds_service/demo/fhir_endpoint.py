"""A small FHIR R4 server over the synthetic patients: read, and search by patient and code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from cds_service.demo.patients.catalogue import PATIENTS
from cds_service.demo.patients.chart import Resource

__all__ = ["add_fhir_routes", "matches_code", "searchset"]

_SEARCHED_BY = frozenset({"patient", "code"})


def matches_code(resource: Mapping[str, Any], token_list: str) -> bool:
    """Whether a coding of the resource is one of `system|code,system|code`."""
    wanted = {tuple(token.rpartition("|")[::2]) for token in token_list.split(",")}
    codings = resource.get("code", {}).get("coding", [])
    return any((item.get("system", ""), item.get("code", "")) in wanted for item in codings)


def searchset(base: str, kind: str, parameters: Mapping[str, str], on: date) -> Resource:
    """Return the Bundle of a search; without a patient it is empty."""
    record = PATIENTS.get(parameters.get("patient", "").removeprefix("Patient/"))
    found = [
        resource
        for resource in (record.resources(on) if record else ())
        if resource["resourceType"] == kind
        and ("code" not in parameters or matches_code(resource, parameters["code"]))
    ]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        **(
            {
                "entry": [
                    {
                        "fullUrl": f"{base}/{kind}/{resource['id']}",
                        "resource": resource,
                        "search": {"mode": "match"},
                    }
                    for resource in found
                ]
            }
            if found
            else {}
        ),
    }


def _fhir(body: Resource, status: int = 200) -> Response:
    return Response(
        json.dumps(body, ensure_ascii=False, indent=1), status, mimetype="application/fhir+json"
    )


def _outcome(status: int, code: str, text: str) -> Response:
    issue = {"severity": "error", "code": code, "details": {"text": text}}
    return _fhir({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def add_fhir_routes(blueprint: Blueprint, base_path: str, today: Callable[[], date]) -> None:
    """Add the read and search routes under `base_path` of the blueprint."""

    @blueprint.get(f"{base_path}/<kind>/<resource_id>")
    def read(kind: str, resource_id: str) -> Response:
        on = today()
        for patient in PATIENTS.values():
            for resource in patient.resources(on):
                if (resource["resourceType"], resource["id"]) == (kind, resource_id):
                    return _fhir(resource)
        return _outcome(404, "not-found", "No synthetic patient has this resource.")

    @blueprint.get(f"{base_path}/<kind>")
    @blueprint.post(f"{base_path}/<kind>/_search")
    def search(kind: str) -> Response:
        parameters = request.values.to_dict()
        unknown = sorted(set(parameters) - _SEARCHED_BY)
        if unknown:
            return _outcome(
                400, "not-supported", "This server searches by patient and code and nothing else."
            )
        base = request.url.split("?")[0].removesuffix("/_search").rpartition("/")[0]
        return _fhir(searchset(base, kind, parameters, today()))
