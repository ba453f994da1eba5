"""The settings: read once, all problems at once, no secret shown."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cds_service.errors import ConfigurationError
from cds_service.settings import Settings, described_settings
from cds_service.settings_doc import rendered

ROOT = Path(__file__).resolve().parents[3]
SITE = {
    "HCC_CDS_PUBLIC_URL": "https://cds.hospital.example/",
    "HCC_CDS_PSEUDONYM_KEY": "canary-key-of-thirty-two-characters",
}


def problems(environment: dict[str, str], *, demo: bool = False) -> tuple[str, ...]:
    """Return what is wrong with an environment."""
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment(environment, demo=demo)
    return caught.value.problems


def test_demo_has_defaults_of_its_own() -> None:
    """The demo runs the CNLC profile on loopback, with its state in var/demo."""
    settings = Settings.from_environment({}, demo=True)
    assert (settings.demo, settings.host, settings.port) == (True, "127.0.0.1", 8000)
    assert settings.guideline_profile == "CNLC"
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database == "sqlite:///var/demo/hcc-cds.sqlite3"
    assert settings.log_level == "WARNING"


def test_site_has_careful_defaults() -> None:
    """Outside the demo the profile is local, and no browser is let in."""
    settings = Settings.from_environment(SITE)
    assert settings.demo is False
    assert settings.guideline_profile == "local"
    assert settings.base_url == "https://cds.hospital.example"
    assert settings.database == "sqlite:///var/hcc-cds.sqlite3"
    assert settings.afp_ng_ml_per_iu_ml == Decimal("1.21")
    assert settings.cors_origins == ()


def test_every_variable_is_read() -> None:
    """Each variable reaches its field with its type."""
    settings = Settings.from_environment(
        {
            **SITE,
            "HCC_CDS_HOST": "::1",
            "HCC_CDS_PORT": "9000",
            "HCC_CDS_STATE": "/var/lib/hcc-cds",
            "HCC_CDS_DATABASE_URL": "postgresql+psycopg://u:p@db/h",
            "HCC_CDS_GUIDELINE_PROFILE": "AASLD",
            "HCC_CDS_AFP_NG_ML_PER_IU_ML": "1.28",
            "HCC_CDS_AFP_WINDOW_DAYS": "60",
            "HCC_CDS_TEXT_NARROWS": "1",
            "HCC_CDS_NONE_RECORDED_IS_ABSENT": "none",
            "HCC_CDS_TIME_ZONE": "Asia/Shanghai",
            "HCC_CDS_SESSION_HOURS": "8",
            "HCC_CDS_BODY_LIMIT_MB": "4",
            "HCC_CDS_CORS_ORIGINS": "https://a.example, http://localhost:8080/",
            "HCC_CDS_WORKERS": "3",
            "HCC_CDS_THREADS": "5",
            "HCC_CDS_LOG_LEVEL": "DEBUG",
            "HCC_CDS_TRUST_FILE": "/etc/hcc-cds/trust.toml",
            "HCC_CDS_FHIR_SECONDS": "1.5",
            "HCC_CDS_CA_BUNDLE": "/etc/ssl/hospital.pem",
            "HCC_CDS_SNOOZE_DAYS": "14",
            "HCC_CDS_SHADOW": "1",
            "HCC_CDS_SHADOW_MODELS": "albi, child_pugh, albi,",
            "HCC_CDS_APPROVALS": "/etc/hcc-cds/approvals.toml",
            "HCC_CDS_OFF": "surveillance",
            "HCC_CDS_KEEP_CARDS_DAYS": "100",
            "HCC_CDS_KEEP_FEEDBACK_DAYS": "0",
            "HCC_CDS_KEEP_AUDIT_DAYS": "1",
            "HCC_CDS_KEEP_DECISIONS_DAYS": "2",
            "HCC_CDS_COMMENT_KEY": "A" * 43 + "=",
            "HCC_CDS_SMALLEST_COUNT": "10",
        }
    )
    assert settings.trust_file == Path("/etc/hcc-cds/trust.toml")
    assert settings.ca_bundle == Path("/etc/ssl/hospital.pem")
    assert settings.approvals_file == Path("/etc/hcc-cds/approvals.toml")
    assert (settings.fhir_seconds, settings.snooze_days, settings.smallest_count) == (1.5, 14, 10)
    assert (settings.shadow, settings.shadow_models) == (True, ("albi", "child_pugh"))
    assert settings.off == ("surveillance",)
    assert settings.retention_days == {
        "cards_shown": 100,
        "feedback": 0,
        "audit": 1,
        "text_decisions": 2,
    }
    assert settings.comment_key == "A" * 43 + "="
    assert settings.state_folder == Path("/var/lib/hcc-cds")
    assert settings.database == "postgresql+psycopg://u:p@db/h"
    assert settings.guideline_profile == "AASLD"
    assert settings.afp_ng_ml_per_iu_ml == Decimal("1.28")
    assert settings.time_zone == ZoneInfo("Asia/Shanghai")
    assert settings.cors_origins == ("https://a.example", "http://localhost:8080")
    assert (settings.afp_window_days, settings.session_hours, settings.body_limit_mb) == (60, 8, 4)
    assert (settings.text_narrows, settings.none_recorded_is_absent) == (True, frozenset())
    assert (settings.workers, settings.threads, settings.log_level) == (3, 5, "DEBUG")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HCC_CDS_DEMO", "yes", "must be 0 or 1"),
        ("HCC_CDS_PORT", "0", "must be a port from 1 to 65535"),
        ("HCC_CDS_PORT", "http", "must be a whole number"),
        ("HCC_CDS_PORT", "９", "must be a whole number"),
        ("HCC_CDS_WORKERS", "0", "must be 1 or more"),
        ("HCC_CDS_NONE_RECORDED_IS_ABSENT", "hcc, mvi", "must be none, or some of complication"),
        ("HCC_CDS_AFP_NG_ML_PER_IU_ML", "12.1", "must be a decimal number from 0.5 to 5"),
        ("HCC_CDS_AFP_NG_ML_PER_IU_ML", "NaN", "must be a decimal number from 0.5 to 5"),
        ("HCC_CDS_AFP_NG_ML_PER_IU_ML", "x", "must be a decimal number from 0.5 to 5"),
        ("HCC_CDS_TIME_ZONE", "Beijing time", "must be a time zone name such as Asia/Shanghai"),
        ("HCC_CDS_TIME_ZONE", "../../etc/passwd", "must be a time zone name such as Asia/Shanghai"),
        ("HCC_CDS_PUBLIC_URL", "cds", "must be an address such as https://cds.hospital.example"),
        (
            "HCC_CDS_CORS_ORIGINS",
            "https://a.example/path",
            "must be origins such as https://ehr.example, separated by commas",
        ),
        ("HCC_CDS_CORS_ORIGINS", "*", "must be origins such as https://ehr.example"),
        ("HCC_CDS_GUIDELINE_PROFILE", "NCCN", "cannot be used: no statement of NCCN was read; use"),
        ("HCC_CDS_GUIDELINE_PROFILE", "cnlc", "must be one of local, CNLC, AASLD"),
        ("HCC_CDS_PSEUDONYM_KEY", "short", "must have 32 characters or more"),
        ("HCC_CDS_LOG_LEVEL", "LOUD", "must be DEBUG, INFO, WARNING or ERROR"),
        ("HCC_CDS_FHIR_SECONDS", "0", "must be a number of seconds from 0.1 to 60"),
        ("HCC_CDS_FHIR_SECONDS", "nan", "must be a number of seconds from 0.1 to 60"),
        ("HCC_CDS_FHIR_SECONDS", "x", "must be a number of seconds from 0.1 to 60"),
        ("HCC_CDS_SNOOZE_DAYS", "-1", "must be a whole number"),
        ("HCC_CDS_KEEP_AUDIT_DAYS", "36501", "must be 36500 or less"),
        ("HCC_CDS_COMMENT_KEY", "canary", "must be a Fernet key: 32 random bytes"),
    ],
)
def test_wrong_value_is_refused_in_words(variable: str, value: str, says: str) -> None:
    """A value that cannot be used is named with what it should be."""
    (problem,) = problems({**SITE, "HCC_CDS_DEMO": "1", variable: value})[:1]
    assert problem.startswith(variable)
    assert says in problem


def test_slip_in_a_name_does_not_pass() -> None:
    """A variable that is no setting is refused, with the one that was probably meant."""
    assert problems({"HCC_CDS_PROT": "1"}, demo=True) == (
        "HCC_CDS_PROT is not a setting; is HCC_CDS_PORT meant?",
    )
    assert problems({"HCC_CDS_QQQ": "1"}, demo=True) == ("HCC_CDS_QQQ is not a setting",)


def test_all_problems_are_told_at_once() -> None:
    """A site sees everything that is wrong in one go."""
    assert len(problems({"HCC_CDS_PORT": "x", "HCC_CDS_WORKERS": "x"})) == 4


def test_empty_variable_counts_as_not_set() -> None:
    """An empty variable, as compose files produce them, is the default."""
    assert Settings.from_environment({"HCC_CDS_PORT": " "}, demo=True).port == 8000


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "ehr"])  # noqa: S104 - refused
def test_demo_stays_on_loopback(host: str) -> None:
    """The demo listens for other machines only if that is said twice."""
    (problem,) = problems({"HCC_CDS_HOST": host}, demo=True)
    assert problem.startswith("HCC_CDS_HOST is not a loopback address")
    environment = {"HCC_CDS_HOST": host, "HCC_CDS_DEMO_PUBLIC": "1"}
    assert Settings.from_environment(environment, demo=True).host == host


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "http://localhost:8000"),
        ("::1", "http://[::1]:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - compared
    ],
)
def test_address_can_be_opened(host: str, address: str) -> None:
    """The address that is printed is one a browser can open."""
    assert Settings(demo=True, host=host).base_url == address


def test_site_needs_https_and_a_key() -> None:
    """Outside the demo a public https address and a key are required."""
    assert problems({"HCC_CDS_PUBLIC_URL": "http://cds.example"}) == (
        "HCC_CDS_PUBLIC_URL must be set and start with https:// outside the demo",
        "HCC_CDS_PSEUDONYM_KEY must be set outside the demo (32 characters or more, kept secret)",
    )


def test_site_opens_its_app_by_https() -> None:
    """A launch carries what opens a record: outside the demo not over plain http."""
    launch = {"HCC_CDS_SMART_LAUNCH_URL": "http://app.example/launch"}
    assert problems({**SITE, **launch}) == (
        "HCC_CDS_SMART_LAUNCH_URL must start with https:// outside the demo",
    )
    Settings.from_environment(launch, demo=True)


def test_memory_lasts_as_long_as_a_snooze() -> None:
    """What a snooze rests on must not be purged before it ends."""
    wrong = {"HCC_CDS_KEEP_CARDS_DAYS": "29", "HCC_CDS_KEEP_FEEDBACK_DAYS": "1"}
    assert problems(wrong, demo=True) == (
        "HCC_CDS_KEEP_CARDS_DAYS must be 0 or at least HCC_CDS_SNOOZE_DAYS",
        "HCC_CDS_KEEP_FEEDBACK_DAYS must be 0 or at least HCC_CDS_SNOOZE_DAYS",
    )
    Settings.from_environment({**wrong, "HCC_CDS_SNOOZE_DAYS": "1"}, demo=True)


def test_no_secret_is_shown() -> None:
    """Neither the key nor the database's password stands in what is printed of the settings."""
    settings = Settings.from_environment(
        {
            **SITE,
            "HCC_CDS_DATABASE_URL": "postgresql://u:canary-password@db/h",
            "HCC_CDS_COMMENT_KEY": "canary" + "A" * 37 + "=",
        }
    )
    assert "canary" not in repr(settings)
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_environment({"HCC_CDS_PSEUDONYM_KEY": "canary"})
    assert "canary" not in str(caught.value)


def test_every_setting_is_documented() -> None:
    """docs/configuration.md is current and names every setting with a meaning and a default."""
    ((path, text),) = rendered().items()
    assert (ROOT / path).read_text(encoding="utf-8") == text
    for item in described_settings():
        assert f"| `{item.variable}` | {item.default} | {item.meaning}" in text
        assert item.meaning.endswith(".")
        assert item.default
