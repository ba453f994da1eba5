"""AFP, hepatitis B serology and the Child-Pugh class."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from fhir_mapping.amounts import Amount, UnusableValueError, as_input, read_amount
from fhir_mapping.findings import Finding, Rejected
from fhir_mapping.intake import Entry, Intake
from fhir_mapping.mapping_settings import MappingSettings
from fhir_mapping.observed import Observed
from fhir_mapping.topics.readers import (
    NO_LONGER_ACTIVE,
    ConditionReader,
    ObservationReader,
    Read,
    answer,
    diagnosis,
    is_over,
    never,
    problem_with,
    stated,
)
from fhir_mapping.units import KINDS, UnknownUnitError, factor_of, plain_number
from models.inputs import Input, exactly, one_of
from models.quantities import ABSENT, PRESENT, quantity

__all__ = ["CONDITIONS", "OBSERVATIONS"]

_AFP = quantity("afp_ng_ml")
_CHILD_PUGH = quantity("child_pugh_class")
_MASS = KINDS["mass concentration"]
_ARBITRARY = KINDS["arbitrary concentration"]


def _read_afp(observed: Observed, intake: Intake) -> Read:
    try:
        amount = read_amount(observed.node)
        if "afp-mass-concentration" in observed.concepts:
            value, conversion = _from_mass(amount, "a mass concentration")
        elif "afp-arbitrary-concentration" in observed.concepts:
            value, conversion = _from_units(amount, intake.settings, "an arbitrary concentration")
        else:
            value, conversion = _from_either(amount, intake.settings)
    except UnusableValueError as error:
        yield observed.rejection("afp_ng_ml", str(error), "afp-unit")
    else:
        yield observed.finding(
            "afp_ng_ml", value, conversion, "afp-conversion" if conversion else "afp-unit"
        )


def _from_either(amount: Amount, settings: MappingSettings) -> tuple[Input, str]:
    try:
        return _from_mass(amount, "AFP")
    except UnusableValueError:
        return _from_units(amount, settings, "AFP")


def _from_mass(amount: Amount, meaning: str) -> tuple[Input, str]:
    factor, unit = _factor(amount, _MASS.name, meaning)
    converted = amount.times(factor)
    words = ""
    if factor != 1:
        words = f"{amount} {unit} x {plain_number(factor)} = {converted} ng/mL"
    return as_input(_AFP, converted), words


def _factor(amount: Amount, kind: str, meaning: str) -> tuple[Decimal, str]:
    try:
        return factor_of(KINDS[kind], amount.unit_code, amount.unit)
    except UnknownUnitError as error:
        other = _ARBITRARY if kind == _MASS.name else _MASS
        try:
            factor_of(other, amount.unit_code, amount.unit)
        except UnknownUnitError:
            raise UnusableValueError(str(error)) from None
        raise UnusableValueError(
            f"its unit ({amount.unit_code or amount.unit}) contradicts its code ({meaning})"
        ) from None


def _from_units(amount: Amount, settings: MappingSettings, meaning: str) -> tuple[Input, str]:
    """Convert international units by the site's factor, which no authority fixes.

    Where a cut-off lies between what the lowest and the highest known factor give, the value
    becomes that interval, so that the category is unknown.
    """
    to_iu_ml, unit = _factor(amount, _ARBITRARY.name, meaning)
    in_iu_ml = amount.times(to_iu_ml)
    site = settings.afp_factor_ng_per_iu
    every = (site, *settings.afp_other_factors_ng_per_iu)
    lowest, highest = min(every), max(every)
    widest = in_iu_ml.times(lowest, highest)
    if amount.number is None:
        # An open end stays with the factor that leaves more values possible.
        words = f"{amount} {unit} x {lowest} to {highest} = {widest} ng/mL"
        return as_input(_AFP, widest), words
    if any(_splits(widest, cut) for cut in settings.afp_cuts_ng_ml):
        words = (
            f"{amount} {unit} x {lowest} to {highest} = {widest} ng/mL "
            "(the factor decides on which side of a cut-off it lies)"
        )
        reason = (
            f"{amount} {unit}: the conversion factor decides on which side of a cut-off it lies"
        )
        return replace(as_input(_AFP, widest), reason=reason), words
    converted = in_iu_ml.times(site)
    return as_input(_AFP, converted), f"{amount} {unit} x {site} = {converted} ng/mL"


def _splits(widest: Amount, cut: Decimal) -> bool:
    """Tell whether the cut-off lies between the ends, or on one: a model may count it either way."""
    return (
        widest.lower is not None
        and widest.upper is not None
        and widest.lower <= cut <= widest.upper
        and widest.lower < widest.upper
    )


def _read_hbv_dna(observed: Observed, intake: Intake) -> Read:
    """Read a viral load: any number above zero is detected, "<20" leaves it open."""
    try:
        amount = read_amount(observed.node)
    except UnusableValueError as error:
        if "valueQuantity" not in observed.node:
            yield from answer("hbv", rule="hbv")(observed, intake)
        else:
            yield observed.rejection("hbv", str(error), "hbv")
        return
    if amount.lower is not None and amount.lower > 0:
        yield observed.finding("hbv", exactly(quantity("hbv"), PRESENT), rule="hbv")
    else:
        yield observed.rejection("hbv", "a low HBV DNA does not rule hepatitis B out", "hbv")


def _hbv_dna(observed: Observed, intake: Intake) -> Read:
    for item in _read_hbv_dna(observed, intake):
        if isinstance(item, Finding) and item.value.value == ABSENT:
            # HBV DNA is undetectable under treatment; HBsAg decides.
            yield observed.rejection(
                "hbv", "HBV DNA not detected does not rule hepatitis B out", "hbv"
            )
        else:
            yield item


_CLASSES = {
    "child-pugh-class-a": "A",
    "child-pugh-class-b": "B",
    "child-pugh-class-c": "C",
}
_CLASS_WORDS = {
    **{letter.lower(): letter for letter in "ABC"},
    **{f"child-pugh {letter.lower()}": letter for letter in "ABC"},
    **{f"child-pugh class {letter.lower()}": letter for letter in "ABC"},
}
# Child-Pugh: A 5-6, B 7-9, C 10-15 points.
_POINTS = (("A", 5, 6), ("B", 7, 9), ("C", 10, 15))


def _read_child_pugh_score(observed: Observed, intake: Intake) -> Read:
    del intake
    try:
        amount = read_amount(observed.node)
    except UnusableValueError as error:
        yield observed.rejection("child_pugh_class", str(error))
        return
    low = amount.lower if amount.lower is not None else Decimal(5)
    high = amount.upper if amount.upper is not None else Decimal(15)
    classes = [name for name, first, last in _POINTS if low <= last and high >= first]
    whole = amount.number is None or amount.number == amount.number.to_integral_value()
    if low < 5 or high > 15 or not classes or not whole:
        yield observed.rejection("child_pugh_class", "a Child-Pugh score is from 5 to 15 points")
    else:
        value = one_of(_CHILD_PUGH, classes, f"score recorded as {amount}")
        yield observed.finding("child_pugh_class", value, f"{amount} points", "child-pugh-score")


OBSERVATIONS: dict[str, ObservationReader] = {
    "afp": _read_afp,
    "afp-unusable": never(
        "afp_ng_ml", "this AFP code is not of a concentration by mass or IU", "afp-unit"
    ),
    "hbsag": answer("hbv", rule="hbv"),
    "hbv-dna": _hbv_dna,
    "hbv-positive": answer("hbv", rule="hbv"),
    "hbv-negative": stated("hbv-negative", exactly(quantity("hbv"), ABSENT), rule="hbv"),
    "child-pugh-class": answer("child_pugh_class", _CLASSES, _CLASS_WORDS),
    **{
        concept: stated(concept, exactly(_CHILD_PUGH, letter))
        for concept, letter in _CLASSES.items()
    },
    "child-pugh-score": _read_child_pugh_score,
}


def _diagnosed_hbv(entry: Entry, intake: Intake) -> Read:
    """Read hepatitis B as present unless it is over: one that was cured says nothing of HBsAg now."""
    if is_over(entry, intake) and not problem_with(entry):
        yield Rejected("hbv", entry.evidence(rule="over"), NO_LONGER_ACTIVE)
    else:
        yield from diagnosis("hbv", rule="hbv")(entry, intake)


CONDITIONS: dict[str, ConditionReader] = {
    "hbv-positive": _diagnosed_hbv,
    "hbv-negative": diagnosis("hbv", ABSENT, rule="hbv"),
}
