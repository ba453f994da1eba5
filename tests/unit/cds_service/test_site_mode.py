"""Outside the demo: what check says, what serve refuses, who is answered, what purge removes."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from cds_service.app import create_app, site_of, store_of
from cds_service.cli import main
from cds_service.errors import ConfigurationError
from cds_service.settings import Settings
from cds_service.store.audit import AuditEvent
from cds_service.store.feedback import Report
from cds_service.store.store import open_store
from cds_service.upkeep import note_start
from models.registry import MODELS
from tests.servers import started_server
from tests.unit.cds_service.approval_tables import approval_table
from tests.unit.cds_service.security.conftest import ISS, FakeEhr
from tests.unit.cds_service.test_cli import free_port, state

__all__ = ["free_port", "state"]

PUBLIC_URL = "https://cds.hospital.example/liver"


@pytest.fixture
def site(state: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the process the environment of a site that trusts one client."""
    ehr_keys = state / "keys.json"
    trust = state / "trust.toml"
    trust.write_text(
        f"""[[issuer]]
iss = "{ISS}"
tenants = ["north"]
fhir_base_urls = ["https://fhir.hospital.example/r4"]
keys = {{ file = "{ehr_keys.name}" }}
"""
    )
    ehr_keys.write_text(json.dumps(EHR.key_set()))
    monkeypatch.setenv("HCC_CDS_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("HCC_CDS_PSEUDONYM_KEY", "canary-" + "k" * 32)
    monkeypatch.setenv("HCC_CDS_TRUST_FILE", str(trust))
    return state


EHR = FakeEhr()


@pytest.mark.usefixtures("site")
def test_check_says_who_is_trusted_and_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`hcc-cds check` names the clients and, for each model, whether and why its cards are sent."""
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "Mode: site." in out
    assert (
        f"Trusted CDS client: {ISS}, 1 tenants, keys fixed (2), FHIR servers:"
        " https://fhir.hospital.example/r4, a token used twice: refuse.\n"
    ) in out
    hpr, albi = (MODELS[name].provenance for name in ("hpr_preoperative", "albi"))
    assert (
        f"Model hpr_preoperative {hpr.version} (re-estimated): in shadow, not approved;"
        f" content hash {hpr.content_hash}.\n"
    ) in out
    assert (
        f"Model albi {albi.version} (published): shown, needs no approval;"
        f" content hash {albi.content_hash}.\n"
    ) in out
    assert "Switched off: nothing.\n" in out
    assert "canary" not in out


def test_check_says_why_a_model_is_shown_or_not(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An approval is named; one of another version has ended; a setting has the last word."""
    rows = []
    for name, content_hash in (
        ("hpr_preoperative", MODELS["hpr_preoperative"].provenance.content_hash),
        ("hpr_postoperative", "0" * 64),
        ("distant_metastasis", MODELS["distant_metastasis"].provenance.content_hash),
    ):
        rows.append(approval_table(site, name, content_hash, day="2026-01-02"))
    (site / "approvals.toml").write_text("".join(rows))
    monkeypatch.setenv("HCC_CDS_APPROVALS", str(site / "approvals.toml"))
    monkeypatch.setenv("HCC_CDS_SHADOW_MODELS", "distant_metastasis")
    monkeypatch.setenv("HCC_CDS_OFF", "surveillance-patient-view")
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "shown, approved by Dr Example, head of liver surgery on 2026-01-02;" in out
    assert "(re-estimated): in shadow, its approval is of another version;" in out
    assert "(reconstructed): in shadow, by a setting;" in out
    assert "Switched off: surveillance-patient-view.\n" in out


@pytest.mark.usefixtures("site")
def test_discovery_is_printed_as_it_is_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For an EHR that does not read it: the same services, without those that are switched off."""
    monkeypatch.setenv("HCC_CDS_OFF", "surveillance-patient-view")
    monkeypatch.setenv("HCC_CDS_HOOKS_3", "1")
    assert main(["discovery"]) == 0
    printed = json.loads(capsys.readouterr().out)
    app = create_app(Settings.from_environment())
    now = int(time.time())
    claims = EHR.claims(aud=f"{PUBLIC_URL}/cds-services", iat=now, exp=now + 300, tenant="north")
    headers = {"Authorization": f"Bearer {EHR.sign(EHR.header(), claims)}"}
    assert printed == app.test_client().get("/cds-services", headers=headers).get_json()
    assert "surveillance-patient-view" not in {item["id"] for item in printed["services"]}
    store_of(app).close()


@pytest.mark.usefixtures("state")
def test_demo_shows_every_model(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the demo no model needs an approval."""
    monkeypatch.setenv("HCC_CDS_DEMO", "1")
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "Model hpr_preoperative" in out
    assert "in shadow" not in out


def test_check_names_what_is_wrong_in_every_file(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Problems of the trust file, the approvals and the settings that name things come in one go."""
    (site / "trust.toml").write_text('[[issuer]]\niss = "https://a.example"\n')
    (site / "approvals.toml").write_text("[[approval]]\n")
    monkeypatch.setenv("HCC_CDS_APPROVALS", str(site / "approvals.toml"))
    monkeypatch.setenv("HCC_CDS_OFF", "nothing-of-ours")
    assert main(["check"]) == 2
    err = capsys.readouterr().err
    assert "keys must have exactly one of jku, file, inline" in err
    assert "approval 1: model must be one of" in err
    assert "HCC_CDS_OFF: nothing-of-ours is not known" in err
    assert not (site / "hcc-cds.sqlite3").exists()


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HCC_CDS_PUBLIC_URL", "http://cds.example", "must be set and start with https://"),
        ("HCC_CDS_PUBLIC_URL", "", "must be set and start with https://"),
        ("HCC_CDS_TRUST_FILE", "", "set HCC_CDS_TRUST_FILE to the file that lists them"),
    ],
)
def test_serve_refuses_to_start_without(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    free_port: int,
    variable: str,
    value: str,
    says: str,
) -> None:
    """Production needs an https public base URL and a trust file (A1, O83, O85)."""
    monkeypatch.setenv("HCC_CDS_PORT", str(free_port))
    monkeypatch.setenv(variable, value)
    # First what starts nothing: a service that did not refuse would run on for ever.
    for command in ("check", "serve"):
        assert main([command]) == 2
        assert says in capsys.readouterr().err


def _status(address: str, path: str, token: str = "") -> int:
    request = urllib.request.Request(address + path)  # noqa: S310 - our own loopback address
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own loopback address
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.usefixtures("site")
def test_serve_answers_whom_the_trust_file_names(free_port: int) -> None:
    """A signed call of a listed client is answered once, by either worker; strangers get a 401 (O86)."""
    environment = {
        "PATH": os.defpath,
        **{name: os.environ[name] for name in os.environ if name.startswith("HCC_CDS_")},  # noqa: TID251 - passed on
        "HCC_CDS_PORT": str(free_port),
    }
    now = int(time.time())
    claims = EHR.claims(
        aud=f"{PUBLIC_URL}/cds-services", iat=now, exp=now + 300, tenant="north", jti="once"
    )
    token = EHR.sign(EHR.header(), claims)
    command = [sys.executable, "-m", "cds_service.cli", "serve"]
    with started_server(command, environment, ready=f"Serving {PUBLIC_URL}/cds-services\n"):
        address = f"http://127.0.0.1:{free_port}"
        assert _status(address, "/cds-services") == 401
        statuses = [_status(address, "/cds-services", token) for _ in range(6)]
        assert statuses == [200, 401, 401, 401, 401, 401]
        assert _status(address, "/insights") == 401
        assert _status(address, "/demo") == 404
    store = open_store(Settings.from_environment())
    start = store.audit.all()[0]
    store.close()
    assert (start.event, start.outcome) == ("start", "site")
    assert start.details["models"] == {
        name: model.provenance.content_hash for name, model in MODELS.items()
    }


@pytest.mark.usefixtures("site")
def test_purge_says_what_it_removes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run says what would go; the purge says what went, and the trail has it."""
    monkeypatch.setenv("HCC_CDS_KEEP_AUDIT_DAYS", "30")
    monkeypatch.setenv("HCC_CDS_KEEP_FEEDBACK_DAYS", "0")
    store = open_store(Settings.from_environment())
    now = datetime.now(UTC)
    for days in (29, 31):
        store.audit.record(AuditEvent(now - timedelta(days=days), "call", "answered"))
    assert main(["purge", "--dry-run"]) == 0
    assert capsys.readouterr().out == (
        "cards_shown: 0 rows would be removed (older than 730 days)\n"
        "feedback: 0 rows would be removed (kept for ever)\n"
        "audit: 1 rows would be removed (older than 30 days)\n"
        "text_decisions: 0 rows would be removed (older than 730 days)\n"
        "replay: 0 rows would be removed (expired)\n"
        "launch_sessions: 0 rows would be removed (expired)\n"
    )
    assert len(store.audit.all()) == 2
    assert main(["purge"]) == 0
    assert "audit: 1 rows removed (older than 30 days)\n" in capsys.readouterr().out
    left, purge = store.audit.all()
    assert left.at == now - timedelta(days=29)
    assert (purge.event, purge.outcome) == ("purge", "done")
    assert purge.details == {
        "cards_shown": 0,
        "audit": 1,
        "text_decisions": 0,
        "replay": 0,
        "launch_sessions": 0,
    }
    store.close()


@pytest.mark.usefixtures("site")
def test_purge_that_fails_removes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A database that cannot be used is said in words."""
    store = open_store(Settings.from_environment())
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE replay")
    store.close()
    assert main(["purge"]) == 2
    assert "hcc-cds: nothing was removed: OperationalError" in capsys.readouterr().err


@pytest.mark.usefixtures("site")
def test_comments_are_read_with_their_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`hcc-cds comments` prints what the key opens, one a line, and says what it does not open."""
    assert main(["comments"]) == 0
    assert capsys.readouterr().out == "No comment was kept.\n"
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("HCC_CDS_COMMENT_KEY", key)
    store = open_store(Settings.from_environment())
    at = datetime(2026, 3, 4, 12, tzinfo=UTC)
    other = Fernet(Fernet.generate_key()).encrypt(b"x").decode()
    sealed = ["", store.comments.seal("does not fit\nthis patient"), other]
    reports = [Report("s", str(place), "overridden", comment=it) for place, it in enumerate(sealed)]
    store.feedback.append(reports, known=frozenset(), received_at=at)
    store.close()
    assert main(["comments"]) == 0
    assert capsys.readouterr().out == (
        "2026-03-04T12:00:00+00:00 s 1 does not fit this patient\n"
        "2026-03-04T12:00:00+00:00 s 2 (sealed with another key)\n"
    )


@pytest.mark.usefixtures("site")
def test_call_whose_token_cannot_be_noted_is_refused() -> None:
    """If uses of tokens cannot be recorded a trusted caller gets a 503, and no card."""
    app = create_app(Settings.from_environment())
    store = store_of(app)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE replay")
    now = int(time.time())
    claims = EHR.claims(
        aud=f"{PUBLIC_URL}/cds-services", iat=now, exp=now + 300, tenant="north", jti="1"
    )
    token = EHR.sign(EHR.header(), claims)
    answer = app.test_client().get("/cds-services", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 503
    issue = answer.get_json()["issue"][0]
    assert issue["details"]["coding"][0]["code"] == "store-unavailable"
    (event,) = store.audit.all()
    assert (event.event, event.outcome, event.tenant) == ("discovery", "store-unavailable", "")
    store.close()


@pytest.mark.usefixtures("site")
def test_trail_names_the_issuer_and_the_proven_tenant_of_a_refusal() -> None:
    """A listed issuer is named as claimed; its tenant only once the signature is proven; others never."""
    app = create_app(Settings.from_environment())
    store = store_of(app)
    now = int(time.time())
    good = EHR.claims(
        aud=f"{PUBLIC_URL}/cds-services", iat=now, exp=now + 300, tenant="north", jti="1"
    )
    signed = EHR.sign(EHR.header(), good)
    tokens = [
        signed,
        signed,
        EHR.sign(EHR.header(), {**good, "iss": "https://CANARY.example"}),
        EHR.sign(EHR.header(), {**good, "tenant": "CANARY"}),
        signed[:-8] + "AAAAAAAA",
    ]
    for token in tokens:
        app.test_client().get("/cds-services", headers={"Authorization": f"Bearer {token}"})
    north = store.pseudonyms.of("tenant", f"{ISS} north")
    assert [(item.outcome, item.tenant, dict(item.details)) for item in store.audit.all()] == [
        ("not-trusted", north, {"reason": "replayed", "issuer": ISS}),
        ("not-trusted", "", {"reason": "issuer_not_listed"}),
        ("not-trusted", "", {"reason": "tenant", "issuer": ISS}),
        ("not-trusted", "", {"reason": "signature", "issuer": ISS}),
    ]
    store.close()


@pytest.mark.usefixtures("state")
def test_start_that_cannot_be_noted_is_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the models cannot be written down nothing else could be either."""
    monkeypatch.setenv("HCC_CDS_DEMO", "1")
    settings = Settings.from_environment()
    app = create_app(settings)
    store = store_of(app)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE models_seen")
    with pytest.raises(ConfigurationError, match="the database cannot be written"):
        note_start(settings, site_of(app), store)
    store.close()
