"""Who the patient is, in one line; what is not recorded is said, what is odd breaks nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.smart.heading import heading_of

ON = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("patient", "name", "person"),
    [
        (
            {"name": [{"family": "A", "given": ["B", "C"]}], "gender": "male", "birthDate": "1980-03-05"},
            "A, B C",
            "Man, 45 years, born 1980-03-05",
        ),
        (
            {
                "name": [{"use": "nickname", "text": "N"}, {"use": "official", "text": "O"}],
                "gender": "female",
                "birthDate": "1980-03-04",
            },
            "O",
            "Woman, 46 years, born 1980-03-04",
        ),
        ({"name": [{"family": "A"}], "birthDate": "1980"}, "A", "Sex not recorded, born 1980"),
        ({"name": [{"given": ["B", 7]}]}, "B", "Sex not recorded, date of birth not recorded"),
        ({"name": [{"use": "official"}, "x"], "birthDate": "1980-13-40"}, "Name not recorded", "Sex not recorded, born 1980-13-40"),
        ({"name": "x", "gender": ["male"], "birthDate": 7}, "Name not recorded", "Sex not recorded, date of birth not recorded"),
        ({"birthDate": "2030-01-01"}, "Name not recorded", "Sex not recorded, born 2030-01-01"),
    ],
)  # fmt: skip
def test_heading_says_what_is_recorded(patient: dict[str, Any], name: str, person: str) -> None:
    """Name, sex, age in whole years and birthday as sent."""
    heading = heading_of(patient, ON)
    assert (heading.name, heading.person) == (name, person)
