"""The token and the id_token at a site: each wrong one opens nothing."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.service.app_site import LOGGER, PUBLIC_URL, Site, SiteMaker, refused
from tests.service.smart_ehr import BASE, ISSUER

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
    refused(response, site)
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
    refused(response, site)


def test_id_token_of_another_key_opens_nothing(site: Site) -> None:
    """A signature by a key that is not the server's proves nothing."""
    site.ehr.signing_key = ALIEN
    refused(site.callback(), site)


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "e30.e30.AA", "." * 9000])
def test_id_token_without_form_opens_nothing(site: Site, token: str) -> None:
    """What is no token is refused before anything in it is looked at."""
    site.ehr.token = {"id_token": token}
    refused(site.callback(), site)


def test_keys_that_cannot_be_had_open_nothing(
    own_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the server's keys nobody is signed in."""
    own_site.ehr.raw["key_set"] = (500, {}, "")
    with caplog.at_level(logging.WARNING, LOGGER):
        refused(own_site.callback(), own_site)
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
    refused(response, site, 403)
    assert "clinician" in response.get_data(as_text=True)


def test_relative_user_is_taken(site: Site) -> None:
    """Some servers send the reference without their address."""
    site.ehr.claims = {"fhirUser": "PractitionerRole/r1"}
    assert "PractitionerRole/r1" in site.open()
