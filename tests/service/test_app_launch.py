"""The launch at a site: who may open the app, from what discovery, bound to which state."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cds_service.smart.launch import READS
from tests.service.app_site import LOGGER, PUBLIC_URL, Site, refused
from tests.service.smart_ehr import BASE, ISSUER


def test_launch_asks_for_the_least_with_pkce(site: Site) -> None:
    """The browser is sent to the EHR's own server with everything that binds its answer to us."""
    response = site.launch()
    assert response.status_code == 303
    address, _, _ = response.headers["Location"].partition("?")
    assert address == f"{ISSUER}/authorize"
    site.ehr.authorize(response.headers["Location"])
    asked = site.ehr.asked
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "hcc-cds"
    assert asked["redirect_uri"] == f"{PUBLIC_URL}/app/callback"
    assert asked["aud"] == BASE
    assert asked["launch"] == "launch-1"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == [
        *("launch", "openid", "fhirUser"),
        *(f"patient/{kind}.rs" for kind in READS),
    ]
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert site.called == [f"{BASE}/.well-known/smart-configuration"]


def test_older_server_is_asked_in_its_words(site: Site) -> None:
    """A server without the scopes of SMART 2 gets those of SMART 1."""
    site.ehr.configuration = {"capabilities": ["launch-ehr"]}
    site.ehr.authorize(site.launch().headers["Location"])
    assert "patient/Observation.read" in site.ehr.asked["scope"].split()


def test_scopes_are_those_of_what_is_read(site: Site) -> None:
    """Nothing is asked for that the page does not read."""
    site.open()
    fetched = {url.removeprefix(f"{BASE}/").partition("/")[0] for url in site.called if BASE in url}
    assert fetched - {".well-known"} == set(READS)


@pytest.mark.parametrize(
    "iss",
    [
        "https://evil.example/r4",
        f"{BASE}.evil.example",
        BASE.replace("https", "http"),
        f"{BASE}/../other",
        BASE.replace("//", "//user@"),
        f"{BASE}&iss=https://evil.example/r4",
        "",
    ],
)
def test_foreign_iss_is_refused_and_nothing_is_fetched(site: Site, iss: str) -> None:
    """Only a listed FHIR base opens the app; no other address is even asked."""
    response = site.launch(iss)
    assert response.status_code == 403
    assert "not registered" in response.get_data(as_text=True)
    assert site.called == []


def test_app_opened_by_hand_says_what_to_do(site: Site) -> None:
    """Without a launch or a session there is a plain page and a 401."""
    for address in ("/app", "/app/launch"):
        response = site.get(address)
        assert response.status_code == 401
        assert "Open this app from the patient&#39;s chart" in response.get_data(as_text=True)
    assert site.decide().status_code == 401


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address",
    ["https://evil.example/x", "http://login.hospital.example/x", None, 7, "javascript:x"],
)
def test_endpoint_on_a_foreign_origin_is_refused(
    site: Site, name: str, address: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the EHR's document names has to lie on a listed origin, over https."""
    site.ehr.configuration = {name: address}
    with caplog.at_level(logging.WARNING, LOGGER):
        response = site.launch()
    assert response.status_code == 502
    assert f"discovery_{name}" in caplog.text
    assert site.called == [f"{BASE}/.well-known/smart-configuration"]


@pytest.mark.parametrize(
    ("changes", "raw", "code"),
    [
        ({"code_challenge_methods_supported": ["plain"]}, None, "discovery_no_s256"),
        ({"code_challenge_methods_supported": None}, None, "discovery_no_s256"),
        ({"issuer": None}, None, "discovery_no_issuer"),
        ({}, (200, {"Content-Type": "application/json"}, "[]"), "discovery_not_an_object"),
        ({}, (200, {"Content-Type": "application/json"}, "{"), "discovery_not_json"),
        ({}, (200, {"Content-Type": "text/html"}, "{}"), "discovery_content_type"),
        ({}, (302, {"Location": "https://evil.example"}, ""), "discovery_redirect"),
        ({}, (404, {}, ""), "discovery_status"),
    ],
)
def test_unusable_discovery_is_refused(
    site: Site, changes: dict[str, Any], raw: Any, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Garbage, redirects and servers without PKCE end the launch before the browser goes anywhere."""
    site.ehr.configuration = changes
    site.ehr.raw = {"configuration": raw} if raw else {}
    with caplog.at_level(logging.WARNING, LOGGER):
        response = site.launch()
    assert response.status_code == 502
    assert caplog.messages == [f"app launch refused: {code}"]


def test_document_of_the_ehr_is_read_once_in_a_while(site: Site) -> None:
    """However many launches somebody begins, the EHR is asked once in five minutes."""
    for _ in range(3):
        assert site.launch().status_code == 303
    assert len(site.called) == 1
    site.service.clock.advance(minutes=5)
    site.launch()
    assert len(site.called) == 2


def test_document_that_failed_is_asked_for_again_after_a_pause(site: Site) -> None:
    """An EHR that was down is not asked at a stranger's will, and is found again seconds later."""
    site.ehr.raw["configuration"] = (503, {"Retry-After": "3600"}, "")
    assert [site.launch().status_code for _ in range(2)] == [502, 502]
    assert len(site.called) == 1
    del site.ehr.raw["configuration"]
    site.service.clock.advance(seconds=5)
    assert site.launch().status_code == 303


@pytest.mark.parametrize("query", ["", "code=code-1", "code=code-1&state=guessed", "state=&code=x"])
def test_callback_without_its_state_is_refused(site: Site, query: str) -> None:
    """A code that nobody asked for is not redeemed."""
    site.launch()
    refused(site.get(f"/app/callback?{query}"), site)
    assert site.ehr.sent == []


def test_state_counts_once(site: Site) -> None:
    """The same answer a second time finds nothing."""
    address = site.ehr.authorize(site.launch().headers["Location"])
    assert site.get(address).status_code == 303
    assert site.get(address).status_code == 400
    assert len(site.ehr.sent) == 1


def test_launch_is_finished_in_the_browser_that_began_it(site: Site) -> None:
    """Nobody can be signed in to somebody else's launch (login CSRF); the state is then used up."""
    address = site.ehr.authorize(site.launch().headers["Location"])
    stranger = site.service.app.test_client()
    assert site.get(address, stranger).status_code == 400
    refused(site.get(address), site)
    assert site.ehr.sent == []


def test_launch_takes_minutes_at_most(site: Site) -> None:
    """A state that comes back late is not taken."""
    address = site.ehr.authorize(site.launch().headers["Location"])
    site.service.clock.advance(minutes=10, seconds=1)
    refused(site.get(address), site)
    assert site.ehr.sent == []


def test_two_charts_can_be_opened_at_once(site: Site) -> None:
    """A second launch in the same browser does not undo the first."""
    first = site.launch().headers["Location"]
    site.launch()
    assert site.get(site.ehr.authorize(first)).status_code == 303


@pytest.mark.parametrize(
    "more", ["&error=access_denied", "&iss=https://evil.example", "&code=code-2", "&state=other"]
)
def test_answer_of_another_kind_or_server_is_refused(site: Site, more: str) -> None:
    """An error, another issuer (RFC 9207) or a parameter that stands twice redeems nothing."""
    refused(site.get(site.ehr.authorize(site.launch().headers["Location"]) + more), site)
    assert site.ehr.sent == []


def test_answer_that_names_its_own_issuer_is_taken(site: Site) -> None:
    """A server that follows RFC 9207 is understood."""
    address = site.ehr.authorize(site.launch().headers["Location"])
    assert site.get(f"{address}&iss={ISSUER}").status_code == 303


def test_callback_leads_to_the_chart_and_nowhere_else(site: Site) -> None:
    """No parameter changes where the browser goes (open redirect)."""
    address = site.ehr.authorize(site.launch().headers["Location"])
    response = site.get(f"{address}&redirect_uri=https://evil.example&next=//evil.example")
    assert response.headers["Location"] == "/app"
