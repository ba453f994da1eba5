"""`GET /models` and `/models/{id}`: the model cards, as JSON and as a page, from the models' own files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from cds_service.cards.detail import INTENDED_USE, SYNTHETIC
from cds_service.errors import UnknownModelError
from cds_service.pages.shell import pages_blueprint, wants_page
from fhir_mapping.codes import Codes
from fhir_mapping.intake import QUANTITY_OF_CONCEPT
from models.model import InputNeed, Model
from models.model_card import ModelCard, model_card
from models.parameter_set import ParameterSet
from models.rule_set import RuleSet

__all__ = ["as_json", "model_cards_blueprint"]

_MOST_CODES = 6


def model_cards_blueprint(
    models: Mapping[str, Model],
    files: Mapping[str, ParameterSet | RuleSet],
    codes: Codes,
    *,
    demo: bool,
) -> Blueprint:
    """Return the routes of the model cards and of the files that every page shares."""
    cards = {name: model_card(models[name], file) for name, file in files.items()}
    described = {name: as_json(card, codes) for name, card in cards.items()}
    foot = f"{SYNTHETIC} {INTENDED_USE}" if demo else INTENDED_USE
    line = SYNTHETIC if demo else ""
    blueprint = pages_blueprint("pages", __name__, with_static=True)

    @blueprint.get("/models")
    def list_models() -> Response | str:
        entries = [_entry(card) for card in cards.values()]
        if wants_page():
            return render_template("models.html", entries=entries, foot=foot, line=line)
        return jsonify({"models": entries, "intendedUse": foot})

    @blueprint.get("/models/<model_id>")
    def show_model(model_id: str) -> Response | str:
        if model_id not in described:
            raise UnknownModelError(
                f"There is no model '{model_id}'.", diagnostics="path: model id"
            )
        if wants_page():
            return render_template("model.html", card=described[model_id], foot=foot, line=line)
        return jsonify({**described[model_id], "intendedUse": foot})

    return blueprint


def as_json(card: ModelCard, codes: Codes) -> dict[str, Any]:
    """Return a model card as plain data, each input with its unit and codes."""
    plain = {
        **_entry(card),
        "equation": card.equation,
        "inputs": [_input(need, codes) for need in card.needs],
        "coefficients": [asdict(line) for line in card.coefficients],
        "performance": [
            {
                "measure": entry.measure,
                "value": str(entry.value),
                "interval": "" if entry.lower is None else f"{entry.lower} to {entry.upper}",
                "data": entry.data,
                "method": entry.method,
                "status": entry.status.value,
            }
            for entry in card.performance
        ],
        "groups": list(card.groups),
        "limits": list(card.limits),
        "citations": [
            {"text": item.text, "url": item.url, "read": item.read} for item in card.citations
        ],
        "sourceAttributes": [asdict(entry) for entry in card.attributes],
    }
    return {name: _without_blanks(value) for name, value in plain.items() if value not in ([], "")}


def _entry(card: ModelCard) -> dict[str, str]:
    return {
        "id": card.model_id,
        "title": card.title,
        "version": card.version,
        "contentHash": card.content_hash,
        "status": card.status,
        "statusLine": card.status_line,
        "purpose": card.purpose,
        "population": card.population,
    }


def _input(need: InputNeed, codes: Codes) -> dict[str, Any]:
    quantity = need.quantity
    tokens = [
        f"{entry.system}|{entry.code}"
        for concept, name in QUANTITY_OF_CONCEPT.items()
        if name == quantity.name
        for entry in codes.concepts[concept].include
    ]
    plausible = f"{quantity.lower} to {quantity.upper}" if quantity.is_number else ""
    return {
        "name": quantity.name,
        "label": quantity.label,
        "unit": quantity.unit,
        "plausible": plausible or ", ".join(quantity.categories),
        "meaning": quantity.meaning,
        "anchor": need.anchor.value,
        "windowDays": need.window_days,
        "codes": list(dict.fromkeys(tokens)),
    }


def _without_blanks(value: Any) -> Any:
    """Leave out members without a value, as in everything this service sends."""
    if isinstance(value, dict):
        return {
            name: _without_blanks(item)
            for name, item in value.items()
            if item not in ("", None, [], {})
        }
    if isinstance(value, list):
        return [_without_blanks(item) for item in value]
    return value
