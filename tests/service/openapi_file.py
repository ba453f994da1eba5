"""openapi.yaml as the tests use it: which schema a response has to keep."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

FILE = Path(__file__).resolve().parent.parent.parent / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


@cache
def document() -> dict[str, Any]:
    """Return the file."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference of the file."""
    if "$ref" not in node:
        return node
    target: Any = document()
    for name in node["$ref"].removeprefix("#/").split("/"):
        target = target[name]
    return resolved(target)


def violations(value: object, schema: dict[str, Any]) -> list[str]:
    """Return where a value breaks a schema of the file."""
    validator = Draft202012Validator(
        {**schema, "components": document()["components"]}, format_checker=FormatChecker()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def operation(path: str, method: str) -> dict[str, Any]:
    """Return one operation by the path as the file writes it."""
    found: dict[str, Any] = document()["paths"][path][method.lower()]
    return found


def response_violations(path: str, method: str, response: TestResponse) -> list[str]:
    """Return where a response differs from what the file says of this operation."""
    described = operation(path, method)["responses"]
    found = resolved(described.get(str(response.status_code), described.get("default", {})))
    if not found:
        return [f"{response.status_code} is not described"]
    content = found.get("content", {})
    if not content:
        return [] if not response.data else ["a body where none is described"]
    if response.mimetype not in content:
        return [f"{response.mimetype} is not described"]
    schema = content[response.mimetype].get("schema", {})
    body = response.get_json() if "json" in response.mimetype else response.get_data(as_text=True)
    missing = [
        f"header {name} is missing"
        for name in found.get("headers", {})
        if name not in response.headers
    ]
    return missing + violations(body, schema)
