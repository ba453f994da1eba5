"""The app at a site: every step of a launch, and each way to attack it, refused."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import responses
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import text
from werkzeug.test import TestResponse

from cds_service.app import create_app, site_of
from cds_service.demo.patients.catalogue import PATIENTS
from cds_service.settings import Settings
from cds_service.smart.launch import READS
from cds_service.store.store import open_store
from cds_service.upkeep import describe
from cds_service.wire import Indicator
from fhir_mapping.findings import TextDecision
from tests.service.app_launch import choices_of, form_token_of
from tests.service.conftest import ZONE, FrozenClock, Service, ServiceMaker
from tests.service.fakes import FakeAdvice, card, proposal
from tests.service.openapi_file import response_violations
from tests.service.smart_ehr import BASE, ISS, ISSUER, SmartEhr, trust_table

PUBLIC_URL = "https://cds.hospital.example"
SESSION = "__Secure-hcc_cds_app"
LOGGER = "cds_service.smart.app"


@dataclass
class Site:
    """One service with the app, the EHR it opens from, and a browser."""

    service: Service
    ehr: SmartEhr
    network: responses.RequestsMock
    browser: FlaskClient

    def get(self, address: str, browser: FlaskClient | None = None) -> TestResponse:
        """Get a page; it keeps what openapi.yaml says."""
        response: TestResponse = (browser or self.browser).get(address, base_url=PUBLIC_URL)
        assert response_violations(address.partition("?")[0], "get", response) == []
        return response

    def launch(self, iss: str = BASE, launch: str = "launch-1") -> TestResponse:
        """Open the app from the EHR."""
        return self.get(f"/app/launch?iss={iss}&launch={launch}")

    def callback(self) -> TestResponse:
        """Go every step up to the callback."""
        return self.get(self.ehr.authorize(self.launch().headers["Location"]))

    def open(self) -> str:
        """Return the page of the patient."""
        assert self.callback().status_code == 303
        shown = self.get("/app")
        assert shown.status_code == 200, shown.get_data(as_text=True)
        return shown.get_data(as_text=True)

    def decide(self, **form: str) -> TestResponse:
        """Send the form."""
        response: TestResponse = self.browser.post(
            "/app/decisions", data=form, base_url=PUBLIC_URL, headers={"Origin": PUBLIC_URL}
        )
        assert response_violations("/app/decisions", "post", response) == []
        return response

    @property
    def called(self) -> list[str]:
        """The addresses that were called, without their queries."""
        return [str(call.request.url).partition("?")[0] for call in self.network.calls]

    @property
    def session(self) -> str:
        """The session that the browser holds, empty if it holds none."""
        cookie = self.browser.get_cookie(SESSION, "cds.hospital.example", "/app")
        return cookie.value if cookie else ""


SiteMaker = Callable[..., Site]


@pytest.fixture
def network() -> Iterator[responses.RequestsMock]:
    """Return the sealed network: nothing is reached but what the EHR answers."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as sealed:
        yield sealed


@pytest.fixture
def make_site(
    make_service: ServiceMaker, network: responses.RequestsMock, tmp_path: Path
) -> SiteMaker:
    """Return a maker of sites with a store of their own."""

    def make(*, smart: str = "", base: str = BASE, **environment: str) -> Site:
        trust = tmp_path / "trust.toml"
        trust.write_text(trust_table(smart=smart).replace(BASE, base))
        clock = FrozenClock()
        service = make_service(
            demo=False, clock=clock, environment={**_environment(trust), **environment}
        )
        return _site(service, network)

    return make


def _environment(trust: Path) -> dict[str, str]:
    return {
        "HCC_CDS_PUBLIC_URL": PUBLIC_URL,
        "HCC_CDS_PSEUDONYM_KEY": "canary-" + "k" * 32,
        "HCC_CDS_TRUST_FILE": str(trust),
    }


def _site(service: Service, network: responses.RequestsMock) -> Site:
    ehr = SmartEhr(service.clock)
    ehr.answer_at(network)
    return Site(service, ehr, network, service.app.test_client())


@pytest.fixture
def own_site(make_site: SiteMaker) -> Site:
    """Return a site whose store and caches no other test has used."""
    return make_site()


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("app")
    trust = folder / "trust.toml"
    trust.write_text(trust_table())
    settings = Settings.from_environment(
        {**_environment(trust), "HCC_CDS_STATE": str(folder), "HCC_CDS_TIME_ZONE": ZONE}
    )
    store, clock, advice = open_store(settings), FrozenClock(), FakeAdvice()
    app = create_app(settings, advice=(advice,), clock=clock, store=store)
    yield Service(app, advice, clock, store, settings)
    store.close()


@pytest.fixture
def site(shared: Service, network: responses.RequestsMock) -> Site:
    """Return a site with an EHR and a browser of this test; its service serves the whole module."""
    # A day later for each test: what the service has read of the EHR has grown old.
    shared.clock.advance(days=1)
    return _site(shared, network)


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


def test_page_shows_what_was_read_from_text(site: Site) -> None:
    """Patient, exact words, where from, and that it does not count yet."""
    page = site.open()
    assert "<h1><span>Synthetic, Nora</span></h1>" in page
    assert "4 findings to check" in page
    assert "<blockquote>Microvascular invasion present, grade M2</blockquote>" in page
    assert "DiagnosticReport/mvi-in-words-histopathology" in page
    assert "Counts only if you confirm it." in page
    assert "Coded value 6.8 cm" not in page or "the text says the same" in page
    assert "Practitioner/surgeon-1" in page
    assert "Synthetic patients" not in page
    assert "Not a medical device" in page
    assert site.ehr.bearers == {f"Bearer {site.ehr.access_token}"}


def test_confirmed_finding_counts_for_the_calls_of_the_same_tenant(own_site: Site) -> None:
    """What is confirmed is found under the name of the CDS client's tenant, and nowhere else."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    response = own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    assert response.headers["Location"] == "/app?confirmed=1&refused=0&gone=0"
    (row,) = own_site.service.store.confirmations.all()
    assert row.finding == choice.removeprefix("finding-")
    make = own_site.service.store.pseudonyms.of
    assert row.tenant == make("tenant", ISS)
    assert row.user == make("user", ISS, "Practitioner/surgeon-1")
    assert row.patient == make("patient", ISS, "mvi-in-words")
    assert (row.concept, row.decision) == ("microvascular_invasion", TextDecision.CONFIRMED)
    shown = own_site.get(response.headers["Location"]).get_data(as_text=True)
    assert "1 confirmed. This counts from the next card on." in shown
    assert 'Decided on <span class="keep">2026-03-04</span>.' in shown
    assert "3 findings to check" in shown


def test_decision_can_be_changed_and_is_not_repeated(own_site: Site) -> None:
    """The last decision counts; sending the same page again writes nothing."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    token = form_token_of(page)
    for chosen in ("confirmed", "confirmed", "refused", "", "perhaps"):
        own_site.decide(form_token=token, **{choice: chosen})
    kept = [row.decision.value for row in own_site.service.store.confirmations.all()]
    assert kept == ["confirmed", "refused"]
    assert "Does not count: refused." in own_site.get("/app").get_data(as_text=True)


def test_finding_that_is_gone_is_not_kept(own_site: Site) -> None:
    """A report that was changed meanwhile asks again: the old decision fits nothing."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    own_site.ehr.resources["DiagnosticReport"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
    }
    response = own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    shown = own_site.get(response.headers["Location"]).get_data(as_text=True)
    assert "1 not kept: the record has changed meanwhile." in shown
    assert "Nothing was read from text" in shown
    assert own_site.service.store.confirmations.all() == ()


def test_coded_value_that_outweighs_a_text_is_shown(site: Site) -> None:
    """The text stays in sight with the coded value that counts in its place."""
    found = PATIENTS["mvi-present"].resources(site.service.clock().date())
    coded = next(item for item in found if item["id"] == "mvi-present-specimen-mvi")
    shown = PATIENTS["mvi-in-words"].resources(site.service.clock().date())
    observations = [item for item in shown if item["resourceType"] == "Observation"]
    graded = json.loads(json.dumps({**coded, "subject": observations[0]["subject"]}))
    graded["valueCodeableConcept"] = {
        "coding": [{"system": "http://snomed.info/sct", "code": "2667000", "display": "Absent"}]
    }
    graded["specimen"] = next(item["specimen"] for item in observations if "specimen" in item)
    site.ehr.resources["Observation"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in (*observations, graded)],
    }
    assert "Coded value absent counts; the text says present." in site.open()


def test_missing_part_of_the_record_is_said(site: Site) -> None:
    """A search that failed is named: there may be more to confirm."""
    site.ehr.raw["DiagnosticReport"] = (500, {}, "")
    page = site.open()
    assert "Not everything could be read from the EHR." in page
    assert "reports: the FHIR server answered 500" in page


def test_page_says_what_the_cards_say(own_site: Site) -> None:
    """Cards that opening the chart would show stand on the page in one line each; shadow hides here too."""
    warning = card("Metastasis 215 points, high", indicator=Indicator.WARNING)
    own_site.service.advice.proposals = (
        proposal("cleared", warning, model_hashes=()),
        proposal("not-approved", card("Of a model in shadow"), model_hashes=("hash-1",)),
    )
    page = own_site.open()
    assert "What the cards say now" in page
    assert "<b>Warning.</b> <strong>Metastasis 215 points, high</strong>" in page
    assert "Fake advice; hcc-cds, re-estimated on Li 2014" in page
    assert "Of a model in shadow" not in page
    (asked,) = own_site.service.advice.asked
    assert (asked.hook, asked.patient_id) == ("patient-view", "mvi-in-words")
    assert asked.user_id == "Practitioner/surgeon-1"


def test_page_says_nothing_of_what_lacks_its_data(own_site: Site) -> None:
    """A service that would answer 412 for want of the problems has no line."""
    own_site.service.advice.proposals = (proposal("cleared", model_hashes=()),)
    own_site.ehr.raw["Condition"] = (500, {}, "")
    page = own_site.open()
    assert "What the cards say now" not in page
    assert own_site.service.advice.asked == []


def test_whole_service_in_shadow_says_nothing(make_site: SiteMaker) -> None:
    """In shadow the page shows what was read, and no advice."""
    site = make_site(HCC_CDS_SHADOW="1")
    site.service.advice.proposals = (proposal("cleared", model_hashes=()),)
    assert "What the cards say now" not in site.open()


# --- who may open it -------------------------------------------------------------------------


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


# --- state: login CSRF, reuse, mix-up ----------------------------------------------------------


def _refused(response: TestResponse, site: Site, status: int = 400) -> None:
    assert response.status_code == status, response.get_data(as_text=True)
    assert site.session == ""
    assert site.get("/app").status_code == 401


@pytest.mark.parametrize("query", ["", "code=code-1", "code=code-1&state=guessed", "state=&code=x"])
def test_callback_without_its_state_is_refused(site: Site, query: str) -> None:
    """A code that nobody asked for is not redeemed."""
    site.launch()
    _refused(site.get(f"/app/callback?{query}"), site)
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
    _refused(site.get(address), site)
    assert site.ehr.sent == []


def test_launch_takes_minutes_at_most(site: Site) -> None:
    """A state that comes back late is not taken."""
    address = site.ehr.authorize(site.launch().headers["Location"])
    site.service.clock.advance(minutes=10, seconds=1)
    _refused(site.get(address), site)
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
    _refused(site.get(site.ehr.authorize(site.launch().headers["Location"]) + more), site)
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


# --- the token ---------------------------------------------------------------------------------


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("changes", "raw", "code"),
    [
        ({}, (200, JSON, "nonsense"), "token_not_json"),
        ({}, (200, JSON, "[]"), "token_not_an_object"),
        ({}, (200, JSON, '{"patient":"a","patient":"b"}'), "token_duplicate_member"),
        ({}, (200, {"Content-Type": "text/html"}, "{}"), "token_content_type"),
        ({}, (302, {"Location": "https://evil.example"}, ""), "token_redirect302"),
        ({}, (400, JSON, '{"error":"invalid_grant"}'), "token_status400"),
        ({}, (503, JSON, "{}"), "token_busy503"),
        ({"token_type": "mac"}, None, "token_type"),
        ({"token_type": None}, None, "token_type"),
        ({"access_token": None}, None, "token_access_token"),
        ({"access_token": "a b\r\nX: y"}, None, "token_access_token"),
        ({"patient": None}, None, "token_patient"),
        ({"patient": "a/../b"}, None, "token_patient"),
        ({"patient": "a,b"}, None, "token_patient"),
        ({"id_token": None}, None, "token_id_token"),
        ({"expires_in": 0}, None, "token_expires_in"),
        ({"expires_in": "600"}, None, "token_expires_in"),
        ({"expires_in": True}, None, "token_expires_in"),
    ],
)
def test_unusable_token_answer_opens_nothing(
    site: Site, changes: dict[str, Any], raw: Any, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each wrong answer is refused; the code was sent once and is not sent again."""
    site.ehr.token = changes
    site.ehr.raw = {"token": raw} if raw else {}
    with caplog.at_level(logging.WARNING, LOGGER):
        response = site.callback()
    assert f"app launch refused: {code}" in caplog.messages
    _refused(response, site)
    assert len(site.ehr.sent) == 1


def test_token_request_carries_code_verifier_and_client(site: Site) -> None:
    """A public client names itself and proves that it began the launch; it has no secret."""
    site.open()
    (form,) = site.ehr.sent
    assert form["grant_type"] == "authorization_code"
    assert form["client_id"] == "hcc-cds"
    assert form["redirect_uri"] == f"{PUBLIC_URL}/app/callback"
    assert 43 <= len(form["code_verifier"]) <= 128
    assert "client_assertion" not in form


def test_client_with_a_key_proves_who_it_is(make_site: SiteMaker, tmp_path: Path) -> None:
    """The token request then carries a statement signed for this very endpoint."""
    key = ECKey.generate_key("P-384", {"kid": "app-1"}, private=True)
    (tmp_path / "app-key.json").write_text(json.dumps(key.as_dict(private=True)))
    site = make_site(smart='private_key_file = "app-key.json"')
    site.open()
    (form,) = site.ehr.sent
    assert form["client_assertion_type"].endswith(":jwt-bearer")
    stated = jwt.decode(form["client_assertion"], key, algorithms=["ES384"]).claims
    assert (stated["iss"], stated["sub"], stated["aud"]) == (
        "hcc-cds",
        "hcc-cds",
        f"{ISSUER}/token",
    )


ALIEN = ECKey.generate_key("P-384", {"kid": "login-1"})


@pytest.mark.parametrize(
    ("claims", "header", "code"),
    [
        ({"aud": "another-app"}, {}, "id_token_aud"),
        ({"aud": ["another-app"]}, {}, "id_token_aud"),
        ({"aud": ["hcc-cds", "another-app"]}, {}, "id_token_azp"),
        ({"azp": "another-app"}, {}, "id_token_azp"),
        ({"iss": "https://evil.example"}, {}, "id_token_iss"),
        ({"iss": f"{ISSUER}/"}, {}, "id_token_iss"),
        ({"nonce": "of-another-launch"}, {}, "id_token_nonce"),
        ({"nonce": None}, {}, "id_token_nonce"),
        ({"exp": 1_000_000_000}, {}, "id_token_expired"),
        ({"exp": None}, {}, "id_token_time_claims"),
        ({"exp": True}, {}, "id_token_time_claims"),
        ({"iat": 9_000_000_000}, {}, "id_token_issued"),
        ({}, {"alg": "none"}, "id_token_header"),
        ({}, {"alg": "HS256"}, "id_token_header"),
        ({}, {"jku": "https://evil.example/jwks"}, "id_token_header"),
        ({}, {"kid": "other"}, "id_token_unknown_kid"),
        ({}, {"kid": None}, "id_token_kid"),
        ({}, {"alg": "ES256"}, "id_token_signature"),
    ],
)
def test_wrong_id_token_opens_nothing(
    site: Site,
    claims: dict[str, Any],
    header: dict[str, Any],
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An id_token of another app, server, launch or time, or without a proof, signs nobody in."""
    site.ehr.claims, site.ehr.header = claims, header
    with caplog.at_level(logging.WARNING, LOGGER):
        response = site.callback()
    assert f"app launch refused: {code}" in caplog.messages
    _refused(response, site)


def test_id_token_of_another_key_opens_nothing(site: Site) -> None:
    """A signature by a key that is not the server's proves nothing."""
    site.ehr.signing_key = ALIEN
    _refused(site.callback(), site)


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "e30.e30.AA", "." * 9000])
def test_id_token_without_form_opens_nothing(site: Site, token: str) -> None:
    """What is no token is refused before anything in it is looked at."""
    site.ehr.token = {"id_token": token}
    _refused(site.callback(), site)


def test_keys_that_cannot_be_had_open_nothing(
    own_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the server's keys nobody is signed in."""
    own_site.ehr.raw["key_set"] = (500, {}, "")
    with caplog.at_level(logging.WARNING, LOGGER):
        _refused(own_site.callback(), own_site)
    assert "app launch refused: id_token_keys_unavailable" in caplog.messages


@pytest.mark.parametrize(
    "user",
    [
        None,
        f"{BASE}/Patient/mvi-in-words",
        f"{BASE}/RelatedPerson/1",
        "https://evil.example/r4/Practitioner/1",
        f"{BASE}/Practitioner/../Patient/1",
        7,
    ],
)
def test_only_a_clinician_of_this_server_is_signed_in(site: Site, user: Any) -> None:
    """Patients, relatives and users of other servers confirm nothing."""
    site.ehr.claims = {"fhirUser": user}
    response = site.callback()
    _refused(response, site, 403)
    assert "clinician" in response.get_data(as_text=True)


def test_relative_user_is_taken(site: Site) -> None:
    """Some servers send the reference without their address."""
    site.ehr.claims = {"fhirUser": "PractitionerRole/r1"}
    assert "PractitionerRole/r1" in site.open()


# --- the session -------------------------------------------------------------------------------


def test_session_is_a_random_name_in_a_closed_cookie(site: Site) -> None:
    """No script reads it, plain http does not carry it, other sites' forms do not send it."""
    response = site.callback()
    (cookie,) = (
        item for item in response.headers.getlist("Set-Cookie") if item.startswith(f"{SESSION}=")
    )
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie.split("=", 1)[1].partition(";")[0])
    members = {member.strip() for member in cookie.split(";")[1:]}
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/app", "Max-Age=600"} <= members


def test_session_of_before_is_not_kept(site: Site) -> None:
    """A launch always gets a new name, whatever the browser brings along (session fixation)."""
    site.browser.set_cookie(
        SESSION, "planted", domain="cds.hospital.example", path="/app", secure=True
    )
    site.open()
    first = site.session
    assert first != "planted"
    site.open()
    assert site.session != first
    stranger = site.service.app.test_client()
    stranger.set_cookie(SESSION, first, domain="cds.hospital.example", path="/app")
    assert site.get("/app", stranger).status_code == 401


def test_session_ends_with_its_token(own_site: Site) -> None:
    """Afterwards the page says what was kept and what to do, and nothing is read or written."""
    page = own_site.open()
    choice = next(iter(choices_of(page).values()))
    own_site.service.clock.advance(seconds=601)
    called = len(own_site.called)
    for response in (
        own_site.get("/app"),
        own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"}),
    ):
        assert response.status_code == 401
        assert "The session is over" in response.get_data(as_text=True)
        assert "Open the app again" in response.get_data(as_text=True)
    assert len(own_site.called) == called
    assert own_site.service.store.confirmations.all() == ()


def test_token_that_the_ehr_takes_back_ends_the_session(site: Site) -> None:
    """A 401 of the FHIR server is said as what it means."""
    site.open()
    site.ehr.raw["Patient"] = (401, {}, "")
    response = site.get("/app")
    assert response.status_code == 401
    assert "does not accept the session any more" in response.get_data(as_text=True)


def test_longest_session_is_an_hour(site: Site) -> None:
    """A token that lives longer does not make the session longer."""
    site.ehr.token = {"expires_in": 10**9}
    site.open()
    site.service.clock.advance(seconds=3601)
    assert site.get("/app").status_code == 401


def test_another_patient_is_not_shown(site: Site) -> None:
    """A server that answers with somebody else ends it: nothing is shown, nothing can be decided."""
    page = site.open()
    site.ehr.resources["Patient"] = {
        "resourceType": "Patient",
        "id": "somebody-else",
        "name": [{"text": "CANARY somebody else"}],
    }
    for response in (site.get("/app"), site.decide(form_token=form_token_of(page))):
        assert response.status_code == 502
        assert "CANARY" not in response.get_data(as_text=True)


@pytest.mark.parametrize("token", ["", "guessed", "\ud800"])
def test_form_without_its_token_is_refused(own_site: Site, token: str) -> None:
    """Another site cannot decide in the name of who is signed in (CSRF)."""
    choice = next(iter(choices_of(own_site.open()).values()))
    response = own_site.decide(
        form_token=token.encode("utf-8", "replace").decode(), **{choice: "confirmed"}
    )
    assert response.status_code == 403
    assert "Nothing was kept" in response.get_data(as_text=True)
    assert own_site.service.store.confirmations.all() == ()


def test_form_of_another_session_is_refused(own_site: Site) -> None:
    """A page left open for one patient decides nothing for the next."""
    page = own_site.open()
    choice = next(iter(choices_of(page).values()))
    own_site.open()
    response = own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    assert response.status_code == 403
    assert own_site.service.store.confirmations.all() == ()


def test_registration_that_is_gone_ends_the_session(make_site: SiteMaker) -> None:
    """After the trust file lost the server, no session on it counts."""
    before = make_site()
    before.open()
    after = make_site(base="https://fhir2.hospital.example/r4")
    after.browser.set_cookie(SESSION, before.session, domain="cds.hospital.example", path="/app")
    assert after.get("/app").status_code == 401


def test_sealed_rows_hold_nothing_readable(own_site: Site) -> None:
    """Token, patient, user and quotes are in no table, neither during a launch nor after a decision."""
    own_site.launch()
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    with own_site.service.store.engine.connect() as connection:
        rows = [
            str(row)
            for table in ("launch_sessions", "text_decisions", "audit")
            for row in connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - ours
        ]
    assert len(rows) >= 4
    for secret in (
        own_site.ehr.access_token,
        "mvi-in-words",
        "surgeon-1",
        "grade M2",
        own_site.session,
    ):
        assert not any(secret in row for row in rows)


def test_audit_says_what_was_done_and_not_on_whom(own_site: Site) -> None:
    """Opening, showing, deciding and refusing are written down."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    own_site.launch("https://evil.example/r4")
    events = [(item.event, item.outcome) for item in own_site.service.store.audit.all()]
    assert events == [
        ("app-session", "opened"),
        ("app-chart", "shown"),
        ("text-decision", "taken"),
        ("app", "launch-refused"),
    ]


# --- the page ----------------------------------------------------------------------------------


def test_text_of_a_report_stays_text(site: Site) -> None:
    """Markup in a report is shown as its characters, and no script may run anyway (XSS)."""
    hostile = "MVI grade M2 <script>alert(1)</script><img src=x onerror=alert(1)>"
    found = PATIENTS["mvi-in-words"].resources(site.service.clock().date())
    reports = [dict(item) for item in found if item["resourceType"] == "DiagnosticReport"]
    for report in reports:
        report["conclusion"] = hostile
        report["code"] = {"text": "<b>report</b>"}
    site.ehr.resources["DiagnosticReport"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in reports],
    }
    site.ehr.resources["Patient"] = {
        "resourceType": "Patient",
        "id": "mvi-in-words",
        "name": [{"text": "<i>Nora</i>"}],
    }
    page = site.open()
    assert "&lt;i&gt;Nora&lt;/i&gt;" in page
    assert "&lt;b&gt;report&lt;/b&gt;" in page
    for markup in ("<script", "<img", "<b>report", "<i>"):
        assert markup not in page


def test_chinese_words_are_marked_as_chinese(site: Site) -> None:
    """A quote in another language says so to fonts and voices."""
    found = PATIENTS["mvi-in-words"].resources(site.service.clock().date())
    reports = [dict(item) for item in found if item["resourceType"] == "DiagnosticReport"]
    for report in reports:
        report["conclusion"] = "微血管侵犯(M2级)。"
    site.ehr.resources["DiagnosticReport"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in reports],
    }
    assert '<blockquote lang="zh">微血管侵犯' in site.open()


def test_pages_allow_no_script_and_no_frame(site: Site) -> None:
    """Nothing runs, nothing foreign loads, nobody frames it (clickjacking), nothing is cached."""
    site.open()
    for address in ("/app", "/app/callback?state=x"):
        headers = site.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_listed_sites_may_frame_it(make_site: SiteMaker) -> None:
    """An EHR that shows apps in a frame is listed; only then do the cookies come along in frames."""
    site = make_site(HCC_CDS_APP_FRAME_ORIGINS="https://ehr.hospital.example")
    response = site.callback()
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors https://ehr.hospital.example" in policy
    for cookie in response.headers.getlist("Set-Cookie"):
        assert "SameSite=None" in cookie
        assert "Secure" in cookie
        assert "Partitioned" in cookie


def test_app_below_a_path_keeps_to_it(make_site: SiteMaker) -> None:
    """Behind a proxy that serves us below a path, cookies and addresses stay below it."""
    site = make_site(HCC_CDS_PUBLIC_URL=f"{PUBLIC_URL}/liver")
    response = site.launch()
    assert all("Path=/liver/app" in item for item in response.headers.getlist("Set-Cookie"))
    site.ehr.authorize(response.headers["Location"])
    assert site.ehr.asked["redirect_uri"] == f"{PUBLIC_URL}/liver/app/callback"


def test_check_names_the_registration(site: Site) -> None:
    """`hcc-cds check` says from where the app opens, and how it proves who it is."""
    service = site.service
    said = describe(service.settings, site_of(service.app), service.store)
    assert f"The app opens from {BASE} as client hcc-cds (public, with PKCE).\n" in said


# --- switched off ------------------------------------------------------------------------------


def test_app_can_be_switched_off(make_site: SiteMaker) -> None:
    """Switched off it does not exist, and cards do not lead to it."""
    site = make_site(HCC_CDS_OFF="app")
    assert site.browser.get("/app").status_code == 404
    assert site.browser.get("/app/launch").status_code == 404


def test_app_exists_only_where_it_is_registered(make_service: ServiceMaker, tmp_path: Path) -> None:
    """A trust file without [issuer.smart] has no app."""
    trust = tmp_path / "trust.toml"
    trust.write_text(trust_table().partition("[issuer.smart]")[0])
    service = make_service(
        demo=False,
        environment={
            "HCC_CDS_PUBLIC_URL": PUBLIC_URL,
            "HCC_CDS_PSEUDONYM_KEY": "k" * 32,
            "HCC_CDS_TRUST_FILE": str(trust),
        },
    )
    assert service.get("/app").status_code == 404
