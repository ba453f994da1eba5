"""Every advice the service offers; a service id is `<advice>-<hook>`."""

from __future__ import annotations

from cds_service.advice.after_resection import AfterResection
from cds_service.advice.consultation import Advice
from cds_service.advice.immunotherapy_hyperprogression import ImmunotherapyHyperprogression
from cds_service.advice.lung_metastasis import LungMetastasis
from cds_service.advice.resection_risk import ResectionRisk
from cds_service.advice.surveillance import Surveillance

__all__ = ["ADVICE"]

ADVICE: tuple[Advice, ...] = (
    ResectionRisk(),
    AfterResection(),
    Surveillance(),
    ImmunotherapyHyperprogression(),
    LungMetastasis(),
)
