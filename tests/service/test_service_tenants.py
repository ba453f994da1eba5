"""`/insights` of a hospital group: all tenants, or one, by the names of the trust file."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest

from cds_service.security.trust import stored_tenant
from cds_service.store.cards_shown import ShownCard
from cds_service.store.feedback import Report
from tests.service.conftest import Service, ServiceMaker
from tests.service.openapi_file import response_violations
from tests.unit.cds_service.security.conftest import ISS, FakeEhr

NORTH, SOUTH, OTHER = (
    stored_tenant(ISS, "north"),
    stored_tenant(ISS, "south"),
    "https://clinic.example",
)
STAFF = {"X-Hcc-Cds-Roles": "hcc-cds-staff"}


@pytest.fixture
def group(make_service: ServiceMaker, tmp_path: Path) -> Service:
    """Return a site whose trust file lists three tenants of two issuers."""
    (tmp_path / "keys.json").write_text(json.dumps(FakeEhr().key_set()))
    (tmp_path / "trust.toml").write_text(
        f'[[issuer]]\niss = "{ISS}"\ntenants = ["south", "north"]\nkeys.file = "keys.json"\n'
        f'[[issuer]]\niss = "{OTHER}"\nkeys.file = "keys.json"\n'
    )
    return make_service(
        demo=False,
        environment={
            "HCC_CDS_PUBLIC_URL": "https://cds.hospital.example",
            "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
            "HCC_CDS_TRUST_FILE": str(tmp_path / "trust.toml"),
            "HCC_CDS_PEOPLE_PROXY_PEERS": "127.0.0.1",
        },
    )


def show(service: Service, tenant: str, number: int, *, overridden: int = 0) -> None:
    """Record cards as shown to a tenant, some of them overridden."""
    pseudonym = service.store.pseudonyms.of("tenant", tenant)
    cards = [
        ShownCard(
            card=str(UUID(int=len(service.store.cards_shown.all()) + place)),
            shown_at=service.clock(),
            service="fake-order-select",
            advice="fake",
            hook="order-select",
            kind="risk",
            indicator="info",
            tenant=pseudonym,
            user="u",
            patient=f"p{place}",
            hook_instance="h",
            basis="b",
            model_hashes=(),
            suggestions=(),
        )
        for place in range(number)
    ]
    service.store.cards_shown.record(cards)
    service.store.feedback.append(
        [
            Report(card.service, card.card, "overridden", tenant=pseudonym)
            for card in cards[:overridden]
        ],
        known=frozenset(card.card for card in cards),
        received_at=service.clock(),
    )


def figures(service: Service, tenant: str = "") -> dict[str, object]:
    """Return the figures as JSON; they are as openapi.yaml says."""
    query = f"?{urlencode({'weeks': 1, 'tenant': tenant})}"
    response = service.get(f"/insights{query}", headers=STAFF)
    assert response_violations("/insights", "get", response) == []
    assert response.status_code == 200
    body: dict[str, object] = response.get_json()
    return body


def counts(service: Service, tenant: str = "") -> list[tuple[object, ...]]:
    """Return shown, overridden and snoozed now of each card."""
    cards = figures(service, tenant)["cards"]
    assert isinstance(cards, list)
    return [(card["shown"], card["overridden"], card["snoozedNow"]) for card in cards]


def test_tenants_are_told_apart_and_summed(group: Service) -> None:
    """Each is asked for by issuer and name; all counts everybody; who was shown nothing has no card."""
    show(group, NORTH, 10, overridden=6)
    show(group, SOUTH, 7)
    assert figures(group)["tenants"] == [NORTH, SOUTH, OTHER]
    assert "tenant" not in figures(group)
    assert figures(group, SOUTH)["tenant"] == SOUTH
    assert counts(group) == [(17, 6, 6)]
    assert counts(group, NORTH) == [(10, 6, 6)]
    assert counts(group, SOUTH) == [(7, 0, 0)]
    assert counts(group, OTHER) == []


def test_all_but_one_tenant_is_a_count_as_well(group: Service) -> None:
    """With two cards at another tenant, what north was shown would tell them; with six it may stand."""
    show(group, NORTH, 10)
    show(group, SOUTH, 2)
    assert counts(group) == [(12, 0, 0)]
    assert counts(group, NORTH) == counts(group, SOUTH) == [(None, 0, 0)]
    show(group, SOUTH, 4)
    assert counts(group, NORTH) == [(10, 0, 0)]


def test_tenant_that_left_the_trust_file_is_in_the_sum_only(group: Service) -> None:
    """Nobody can ask for it, and its small count is not to be found either."""
    show(group, "https://closed.example", 2)
    show(group, NORTH, 10)
    show(group, SOUTH, 20)
    assert counts(group) == [(32, 0, 0)]
    assert counts(group, NORTH) == [(None, 0, 0)]
    assert counts(group, SOUTH) == [(20, 0, 0)]
    response = group.get("/insights?tenant=https://closed.example", headers=STAFF)
    assert response.status_code == 404


def test_page_offers_the_tenants(group: Service) -> None:
    """The page names whose figures it shows and leads to those of the others, the weeks kept."""
    show(group, SOUTH, 7)
    response = group.get(
        f"/insights?{urlencode({'weeks': 3, 'tenant': SOUTH})}",
        headers={**STAFF, "Accept": "text/html"},
    )
    text = response.get_data(as_text=True)
    assert f"Every answer counts, for one tenant: {SOUTH}." in text
    assert f"<strong>{SOUTH}</strong>" in text
    assert '<a href="?weeks=3">all</a>' in text
    assert '<a href="?weeks=3&amp;tenant=https%3A//ehr.hospital.example%20north">' in text
    assert "from the figures of the other tenants" in text


def test_name_of_no_tenant_gets_a_404(group: Service) -> None:
    """Nothing of what was asked is repeated."""
    response = group.get("/insights?tenant=canary", headers=STAFF)
    assert response.status_code == 404
    issue = response.get_json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == "unknown-tenant"
    assert "canary" not in response.get_data(as_text=True)


def test_one_tenant_is_no_choice(service: Service) -> None:
    """Without a second one there is nothing to tell apart: the demo offers none."""
    assert service.get("/insights").get_json()["tenants"] == []
    assert "Tenants:" not in service.get("/insights", headers={"Accept": "text/html"}).text
