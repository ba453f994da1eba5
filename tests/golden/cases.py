"""Which calls are golden, and how each is made: as an EHR makes it, on a frozen day.

Every case runs through the real application over HTTP. The day is 2026-11-22 in Shanghai while it is
still 2026-11-21 in UTC, so that a wrong time zone shows.
"""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID
from zoneinfo import ZoneInfo

from flask.testing import FlaskClient

from cds_service.app import create_app, store_of
from cds_service.demo.orders import ORDERS, draft_order
from cds_service.demo.patients.catalogue import PATIENTS
from cds_service.prefetch import read_prefetch
from cds_service.settings import Settings
from fhir_mapping.findings import Evidence, Selected
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.orders import OrderKind, read_orders
from fhir_mapping.patient_record import map_record
from models.inputs import Input
from models.registry import MODELS

__all__ = ["CASES", "FOLDER", "TODAY", "Case", "Runner", "as_text", "runner"]

FOLDER = Path(__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)

_SCORES = (
    *("early_recurrence_score", "afp_model", "tumour_burden_score"),
    *("albi", "child_pugh", "bclc_2022"),
)
_MODELS = {
    "resection-risk": ("hpr_preoperative", "distant_metastasis", *_SCORES),
    "after-resection": ("hpr_postoperative", "distant_metastasis", *_SCORES),
    "surveillance": ("distant_metastasis",),
    "immunotherapy-hyperprogression": ("hyperprogressive_disease",),
    "lung-metastasis": ("lung_metastasis",),
}
_BEFORE = ("resection-risk-order-select", "resection")
_SIGNED = ("resection-risk-order-sign", "resection")
_AFTER = (
    ("after-resection-patient-view", ""),
    ("after-resection-order-select", "tace"),
    ("surveillance-patient-view", ""),
)
_CALLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "clearly-low": (_BEFORE, _SIGNED),
    "clearly-high": (_BEFORE, _SIGNED),
    "capsule-not-recorded": (_BEFORE,),
    "afp-in-iu": (_BEFORE,),
    "conflicting-sizes": (_BEFORE,),
    "long-chinese-text": (_BEFORE,),
    "broken-record": (_BEFORE,),
    "mvi-present": _AFTER,
    "mvi-not-recorded": _AFTER,
    "mvi-in-words": _AFTER,
    "surveillance-overdue": _AFTER,
    "recurrence-found": (*_AFTER, _BEFORE),
    "earlier-resection": (_BEFORE,),
    "lung-metastasis": (
        _BEFORE,
        ("lung-metastasis-patient-view", ""),
        ("immunotherapy-hyperprogression-order-select", "nivolumab"),
        ("immunotherapy-hyperprogression-order-sign", "nivolumab"),
        ("after-resection-order-select", "nivolumab"),
    ),
    "immunotherapy-running": (
        ("immunotherapy-hyperprogression-order-select", "ct"),
        ("lung-metastasis-patient-view", ""),
    ),
    "combination-running": (("lung-metastasis-patient-view", ""),),
    "after-transplantation": (_BEFORE,),
    "no-hcc": (_BEFORE,),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One call: a patient, a service and the order that is picked or signed, if any."""

    patient_id: str
    service_id: str
    order: str

    @property
    def folder(self) -> Path:
        """Where the case is kept."""
        return FOLDER / self.patient_id / self.service_id


CASES = tuple(
    Case(patient_id, service_id, order)
    for patient_id in PATIENTS
    for service_id, order in _CALLS[patient_id]
)


def as_text(value: object) -> str:
    """Return JSON as it is kept: readable, in the order it was made, no time or chance in it."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


@dataclass(slots=True)
class _Uuids:
    """UUIDs in a row."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self) -> UUID:
        return UUID(int=(4 << 76) | (2 << 62) | next(self.numbers))

    def restart(self, case: Case) -> None:
        """Count on from a number of the case's own, so that no two cases share a card's UUID."""
        name = f"{case.patient_id}/{case.service_id}"
        self.numbers = itertools.count(zlib.crc32(name.encode()) << 16)


@dataclass(frozen=True, slots=True)
class Runner:
    """The application on the frozen day, and the EHR in front of it."""

    client: FlaskClient
    uuids: _Uuids
    services: Mapping[str, Mapping[str, Any]]

    def request(self, case: Case) -> dict[str, Any]:
        """Return the request of a case, its prefetch read from the demo's FHIR endpoint."""
        service = self.services[case.service_id]
        # A user of its own, so that no case is quiet because of another one.
        user = f"Practitioner/golden-{case.patient_id}-{case.service_id}"
        context: dict[str, Any] = {"userId": user, "patientId": case.patient_id}
        if case.order:
            draft = draft_order(ORDERS[case.order], case.patient_id, "draft-1", user)
            if service["hook"] == "order-select":
                context["selections"] = [f"{draft['resourceType']}/draft-1"]
            context["draftOrders"] = {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": draft}],
            }
        return {
            "hook": service["hook"],
            "hookInstance": "00000000-0000-4000-8000-00000000cafe",
            "context": context,
            "prefetch": {
                key: self._query(template.replace("{{context.patientId}}", case.patient_id))
                for key, template in service["prefetch"].items()
            },
        }

    def _query(self, resolved: str) -> Any:
        path, _, parameters = resolved.partition("?")
        if not parameters:
            return self.client.get(f"/demo/fhir/{path}").get_json()
        form = dict(parse_qsl(parameters))
        return self.client.post(f"/demo/fhir/{path}/_search", data=form).get_json()

    def response(self, case: Case, request: Mapping[str, Any]) -> Any:
        """Return what the service answers."""
        self.uuids.restart(case)
        answer = self.client.post(f"/cds-services/{case.service_id}", json=request)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def inputs(self, case: Case, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the mapping reads from a request for each model of the service."""
        service = self.services[case.service_id]
        context = request["context"]
        orders = read_orders(context.get("draftOrders"), context.get("selections"))
        record = map_record(
            read_prefetch(request["prefetch"], service["prefetch"]),
            patient_id=case.patient_id,
            on=TODAY,
            resection_ordered=any(item.kind is OrderKind.RESECTION for item in orders.orders),
            settings=MappingSettings(time_zone=ZONE),
        )
        advice = case.service_id.removesuffix(f"-{service['hook']}")
        read = {name: record.inputs_for(MODELS[name].needs) for name in _MODELS[advice]}
        return {
            "has_hcc": record.has_hcc,
            "index_operation": {
                "phase": record.index_operation.phase,
                "date": record.index_operation.date_as_sent,
            },
            "situation": _described(record.situation()),
            "models": {name: _described(selected) for name, selected in read.items()},
            "rejected": [f"{_where(item.evidence)}: {item.reason}" for item in record.rejected],
        }


def _described(selected: Mapping[str, Selected]) -> dict[str, Any]:
    return {
        name: {
            "known": item.value.knowledge.value,
            "value": _value(item.value),
            **({"reason": item.value.reason} if item.value.reason else {}),
            **({"from": [_where(one.evidence) for one in item.used]} if item.used else {}),
        }
        for name, item in sorted(selected.items())
    }


def _value(known: Input) -> str:
    if known.categories:
        return " or ".join(sorted(known.categories))
    parts = []
    for part in known.numbers:
        if part.lower == part.upper:
            parts.append(f"{part.lower}")
        else:
            left, right = "(" if part.lower_open else "[", ")" if part.upper_open else "]"
            parts.append(f"{left}{part.lower}, {part.upper}{right}")
    return " or ".join(parts)


def _where(evidence: Evidence) -> str:
    said = evidence.conversion or evidence.value
    return ", ".join(part for part in (evidence.reference, evidence.date, said) if part)


@contextmanager
def runner(state_folder: Path) -> Iterator[Runner]:
    """Start the application on the frozen day, with a store in this folder."""
    uuids = _Uuids()
    settings = Settings(
        demo=True,
        guideline_profile="CNLC",
        state_folder=state_folder,
        time_zone=ZONE,
        pseudonym_key="golden-cases-need-no-secret-but-a-fixed-one",
    )
    app = create_app(settings, clock=lambda: NOW, new_uuid=uuids)
    client = app.test_client()
    services = client.get("/cds-services").get_json()["services"]
    yield Runner(client, uuids, {item["id"]: item for item in services})
    store_of(app).close()
