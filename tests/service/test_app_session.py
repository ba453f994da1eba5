"""The session at a site: its cookie, its end, its forms, its audit, and the app switched off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.service.app_launch import choices_of, form_token_of
from tests.service.app_site import PUBLIC_URL, SESSION, Site, SiteMaker
from tests.service.conftest import ServiceMaker
from tests.service.smart_ehr import trust_table


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
