"""Every setting of the service, read from the environment once and nowhere else.

Each field carries its variable, its meaning and its default as data, so that `hcc-cds check` and
docs/configuration.md (`settings_doc.py`) say what the code does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from zoneinfo import ZoneInfo

from cds_service import setting_readers as read
from cds_service.errors import ConfigurationError
from cds_service.guideline_profile import (
    DEFAULT_PROFILE,
    PROFILE_NAMES,
    UNREAD_PROFILES,
)
from fhir_mapping.mapping_settings import NONE_RECORDED_MEANS_ABSENT

__all__ = ["PREFIX", "Described", "Settings", "described_settings"]

PREFIX = "HCC_CDS_"

DEMO_PROFILE = "CNLC"


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as the documentation shows it."""

    variable: str
    meaning: str
    default: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """The environment variable of one setting: how its text is read and what it means."""

    name: str
    parse: Callable[[str], Any]
    meaning: str
    default: str = ""
    is_secret: bool = False


_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one running service; made once at start-up."""

    demo: Annotated[
        bool,
        Variable(
            "DEMO",
            read.switch,
            "1 starts the demo: synthetic patients, no check of who calls, cards of models that no"
            " site has approved. Never with real patients.",
            "`0`; `hcc-cds demo` sets it",
        ),
    ] = False
    demo_public: Annotated[
        bool,
        Variable(
            "DEMO_PUBLIC",
            read.switch,
            "1 lets the demo listen on an address that other machines reach. It has no access"
            " control.",
            "`0`",
        ),
    ] = False
    host: Annotated[str, Variable("HOST", str, "Address the service listens on.")] = "127.0.0.1"
    port: Annotated[int, Variable("PORT", read.port, "Port the service listens on.")] = 8000
    public_url: Annotated[
        str,
        Variable(
            "PUBLIC_URL",
            read.base_url,
            "Address under which clients see the service, without /cds-services; links on cards"
            " start with it. Outside the demo it is required and starts with https.",
            "in the demo `http://<host>:<port>`",
        ),
    ] = ""
    state_folder: Annotated[
        Path,
        Variable(
            "STATE",
            Path,
            "Folder of the database and, in the demo, of the generated key.",
            "`var`, in the demo `var/demo`, below the current folder",
        ),
    ] = Path("var")
    database_url: Annotated[
        str,
        Variable(
            "DATABASE_URL",
            str,
            "SQLAlchemy URL of the database, such as"
            " `postgresql+psycopg://user:password@host/name`.",
            "SQLite, `hcc-cds.sqlite3` in the state folder",
            is_secret=True,
        ),
    ] = field(default="", repr=False)
    pseudonym_key: Annotated[
        str,
        Variable(
            "PSEUDONYM_KEY",
            read.secret_key,
            "Key of the pseudonyms: users, patients and what a card rests on are stored only as"
            " hashes with this key. Required outside the demo; the same in all replicas; with a new"
            " key the service forgets what it showed.",
            "in the demo generated and kept in the state folder",
            is_secret=True,
        ),
    ] = field(default="", repr=False)
    trust_file: Annotated[
        Path | None,
        Variable(
            "TRUST_FILE",
            Path,
            "TOML file of the CDS clients that may call, with their keys, tenants and FHIR servers"
            " (`cds_service/security/trust.py` shows one). Required outside the demo.",
            "none",
        ),
    ] = None
    fhir_seconds: Annotated[
        float,
        Variable(
            "FHIR_SECONDS",
            read.seconds,
            "Time budget in seconds of everything one call fetches from its FHIR server. Our own"
            " choice.",
        ),
    ] = 3.0
    ca_bundle: Annotated[
        Path | None,
        Variable(
            "CA_BUNDLE",
            Path,
            "PEM file of the certificate authorities that outgoing HTTPS trusts.",
            "those that come with the HTTP library",
        ),
    ] = None
    guideline_profile: Annotated[
        str,
        Variable(
            "GUIDELINE_PROFILE",
            read.profile,
            f"Guideline profile ({', '.join(PROFILE_NAMES)}): wording and suggestions of the cards,"
            f" never a risk. {' and '.join(UNREAD_PROFILES)} are refused: no statement of theirs was"
            " read.",
            f"`{DEFAULT_PROFILE}`, in the demo `{DEMO_PROFILE}`",
        ),
    ] = DEFAULT_PROFILE
    afp_ng_ml_per_iu_ml: Annotated[
        Decimal,
        Variable(
            "AFP_NG_ML_PER_IU_ML",
            read.conversion_factor,
            "Factor from AFP in IU/mL to ng/mL. There is no authoritative one: 1.21 is in common"
            " use, about 1.28 follows from a 1980 standardisation study.",
        ),
    ] = Decimal("1.21")
    afp_window_days: Annotated[
        int,
        Variable(
            "AFP_WINDOW_DAYS",
            read.positive,
            "How many days before the operation an AFP still counts. No source was read for a"
            " number; this one is ours.",
        ),
    ] = 90
    text_narrows: Annotated[
        bool,
        Variable(
            "TEXT_NARROWS",
            read.switch,
            "1 lets what was read from a report in words narrow an input before anybody confirmed it."
            " How well texts are read stands in docs/narrative.md.",
            "`0`",
        ),
    ] = False
    none_recorded_is_absent: Annotated[
        frozenset[str],
        Variable(
            "NONE_RECORDED_IS_ABSENT",
            read.none_recorded,
            "Inputs of which an answered search that finds nothing means absent, separated by commas,"
            " or `none`; every other input then stays unknown. docs/mapping.md gives the reason for"
            " each.",
            f"`{','.join(sorted(NONE_RECORDED_MEANS_ABSENT))}`",
        ),
    ] = NONE_RECORDED_MEANS_ABSENT
    codes_folder: Annotated[
        Path | None,
        Variable(
            "CODES",
            Path,
            "Folder of FHIR ConceptMap and ValueSet files (*.json) with the site's own codes; a wrong"
            " file is refused at start.",
            "none",
        ),
    ] = None
    parameters_folder: Annotated[
        Path | None,
        Variable(
            "PARAMETERS",
            Path,
            "Folder of parameter files named after a fitted model (`hpr_preoperative.json` ...) that"
            " take the place of the shipped ones; see docs/parameters.md.",
            "none",
        ),
    ] = None
    time_zone: Annotated[
        ZoneInfo,
        Variable("TIME_ZONE", read.time_zone, "Time zone of the hospital: decides what day it is."),
    ] = _UTC
    hpd_early_imaging_weeks: Annotated[
        int | None,
        Variable(
            "HPD_EARLY_IMAGING_WEEKS",
            read.positive,
            "How many weeks after the first dose of an immune checkpoint inhibitor this site images"
            " early for hyperprogressive disease (HPD). No interval was read, so there is no default:"
            " only where it is set does the card offer an early CT as a draft.",
            "none",
        ),
    ] = None
    session_hours: Annotated[
        int,
        Variable(
            "SESSION_HOURS",
            read.positive,
            "For how many hours order-select and order-sign count as one session, in which they do"
            " not repeat each other. Our own choice, without a source.",
        ),
    ] = 12
    snooze_days: Annotated[
        int,
        Variable(
            "SNOOZE_DAYS",
            read.days,
            "For how many days a card that a clinician overrode stays away from that clinician and"
            " patient while its inputs and models are unchanged; 0 switches it off. Our own choice,"
            " without a source.",
        ),
    ] = 30
    shadow: Annotated[
        bool,
        Variable(
            "SHADOW",
            read.switch,
            "1 runs the whole service in shadow: everything is computed and recorded, no card is"
            " sent.",
            "`0`",
        ),
    ] = False
    shadow_models: Annotated[
        tuple[str, ...],
        Variable(
            "SHADOW_MODELS",
            read.names,
            "Ids of models that run in shadow although approved, separated by commas.",
            "none",
        ),
    ] = ()
    approvals_file: Annotated[
        Path | None,
        Variable(
            "APPROVALS",
            Path,
            "TOML file of the models the site has approved, each with its content hash, validation"
            " report and approver (`cds_service/approvals.py` shows one). Outside the demo a model"
            " that is not published as it stands runs in shadow until it is approved.",
            "none",
        ),
    ] = None
    off: Annotated[
        tuple[str, ...],
        Variable(
            "OFF",
            read.names,
            "Services (by id), kinds of cards and the `app` that are switched off, separated by commas."
            " A service that is off is not in discovery and answers 404.",
            "none",
        ),
    ] = ()
    keep_cards_days: Annotated[
        int,
        Variable(
            "KEEP_CARDS_DAYS",
            read.days,
            "For how many days `hcc-cds purge` leaves what was shown; 0 is for ever. At least as"
            " long as a snooze. Our own choice.",
        ),
    ] = 730
    keep_feedback_days: Annotated[
        int,
        Variable(
            "KEEP_FEEDBACK_DAYS",
            read.days,
            "For how many days `hcc-cds purge` leaves feedback; 0 is for ever. At least as long as a"
            " snooze. Our own choice.",
        ),
    ] = 730
    keep_audit_days: Annotated[
        int,
        Variable(
            "KEEP_AUDIT_DAYS",
            read.days,
            "For how many days `hcc-cds purge` leaves the audit trail; 0 is for ever. Our own choice.",
        ),
    ] = 730
    keep_decisions_days: Annotated[
        int,
        Variable(
            "KEEP_DECISIONS_DAYS",
            read.days,
            "For how many days `hcc-cds purge` leaves what clinicians confirmed or refused of what was"
            " read from text; 0 is for ever. Afterwards it is to be confirmed again. Our own choice.",
        ),
    ] = 730
    comment_key: Annotated[
        str,
        Variable(
            "COMMENT_KEY",
            read.comment_key,
            "Fernet key with which users' comments on cards are kept encrypted. Comments may hold"
            " patient data: without a key they are discarded unread.",
            "none",
            is_secret=True,
        ),
    ] = field(default="", repr=False)
    smallest_count: Annotated[
        int,
        Variable(
            "SMALLEST_COUNT",
            read.positive,
            "Smallest count that `/insights` states; smaller ones (not 0) are withheld, because they"
            " may point at a person. Our own choice.",
        ),
    ] = 5
    people_proxy_peers: Annotated[
        tuple[str, ...],
        Variable(
            "PEOPLE_PROXY_PEERS",
            read.networks,
            "Addresses or networks of the signing-in proxy, separated by commas. Only from there the"
            " role header opens the pages for people (`/insights`, `/metrics`); the proxy must remove"
            " that header from what comes from outside.",
            "none: nobody",
        ),
    ] = ()
    people_role_header: Annotated[
        str,
        Variable(
            "PEOPLE_ROLE_HEADER",
            read.header_name,
            "Header in which the signing-in proxy names the roles of who asks, separated by commas.",
        ),
    ] = "X-Hcc-Cds-Roles"
    people_roles: Annotated[
        tuple[str, ...],
        Variable(
            "PEOPLE_ROLES",
            read.names,
            "Roles that open the pages for people; one is enough.",
            "`hcc-cds-staff`",
        ),
    ] = ("hcc-cds-staff",)
    people_port: Annotated[
        int,
        Variable(
            "PEOPLE_PORT",
            read.port,
            "A second port, on 127.0.0.1 only, on which the pages for people are open to whoever is"
            " on this machine; for a scraper of `/metrics` beside the service.",
            "none",
        ),
    ] = 0
    calls_per_minute: Annotated[
        int,
        Variable(
            "CALLS_PER_MINUTE",
            read.days,
            "Calls per minute that one issuer may make of one worker process, in bursts of as many;"
            " more get a 429. With several workers the whole is up to that many times more. 0 is no"
            " limit.",
        ),
    ] = 0
    hooks_3: Annotated[
        bool,
        Variable(
            "HOOKS_3",
            read.switch,
            "1 adds `version` and `hookVersion` of the CDS Hooks 3.0 ballot to discovery.",
            "`0`",
        ),
    ] = False
    smart_launch_url: Annotated[
        str,
        Variable(
            "SMART_LAUNCH_URL",
            read.base_url,
            "Launch address of a SMART app that opens from a card; each card then has a SMART link"
            " and, for clients that cannot launch, an absolute link to the same address.",
            "`<public address>/app/launch` where the app is on, else none",
        ),
    ] = ""
    app_frame_origins: Annotated[
        tuple[str, ...],
        Variable(
            "APP_FRAME_ORIGINS",
            read.origins,
            "Origins of the EHR's pages that may show the app in a frame, separated by commas. Its"
            " cookies then come along inside such a frame, and only there.",
            "none: the app opens in a window of its own",
        ),
    ] = ()
    system_actions: Annotated[
        bool,
        Variable(
            "SYSTEM_ACTIONS",
            read.switch,
            "1 sends the draft of a tumour-board referral as a systemAction, which a client may apply"
            " without asking the user, instead of as a suggestion. Only where it was agreed with the"
            " client beforehand.",
            "`0`",
        ),
    ] = False
    body_limit_mb: Annotated[
        int,
        Variable(
            "BODY_LIMIT_MB",
            read.positive,
            "Largest request body in MB (1 MB = 1,000,000 bytes); a larger one gets a 413. Our own"
            " choice: 2,000 laboratory results take about 1.5 MB.",
        ),
    ] = 16
    cors_origins: Annotated[
        tuple[str, ...],
        Variable(
            "CORS_ORIGINS",
            read.origins,
            "Origins of browser-based clients that may call the service, separated by commas.",
            "none",
        ),
    ] = ()
    workers: Annotated[
        int, Variable("WORKERS", read.positive, "Worker processes of `hcc-cds serve`.")
    ] = 2
    threads: Annotated[
        int,
        Variable(
            "THREADS",
            read.positive,
            "Threads of each worker process. While one waits for a FHIR server another answers; where"
            " clients send the whole record as prefetch, 1 answers soonest (bench/README.md).",
        ),
    ] = 4
    log_level: Annotated[
        str,
        Variable(
            "LOG_LEVEL",
            read.log_level,
            "What is logged: DEBUG, INFO, WARNING or ERROR.",
            "`INFO`, in the demo `WARNING`",
        ),
    ] = "INFO"

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, demo: bool = False
    ) -> Settings:
        """Return the settings of this environment (the process's own if none is given).

        Raises
        ------
        ConfigurationError
            With everything that is wrong at once.
        """
        settings, problems = cls.read(environment, demo=demo)
        if problems:
            raise ConfigurationError(*problems)
        return settings

    @classmethod
    def read(
        cls, environment: Mapping[str, str] | None = None, *, demo: bool = False
    ) -> tuple[Settings, list[str]]:
        """Return the settings as far as they can be read, and in words everything wrong with them."""
        variables = os.environ if environment is None else environment  # noqa: TID251 - the one place
        ours = {name: text for name, text in variables.items() if name.startswith(PREFIX)}
        problems = _unknown_variables(ours)
        values: dict[str, Any] = {}
        for name, variable in _variables().items():
            text = ours.get(PREFIX + variable.name, "").strip()
            if not text:
                continue
            try:
                values[name] = variable.parse(text)
            except ValueError as error:
                problems.append(f"{PREFIX}{variable.name} {error}")
        if demo:
            values["demo"] = True
        settings = cls(**_with_demo_defaults(values))
        return settings, [*problems, *settings.problems()]

    @property
    def base_url(self) -> str:
        """The address clients see, without a slash at its end."""
        return self.public_url or f"http://{_in_url(self.host)}:{self.port}"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.state_folder / 'hcc-cds.sqlite3'}"

    def problems(self) -> list[str]:
        """Return in words what does not go together."""
        found: list[str] = []
        if self.demo and not self.demo_public and not _is_loopback(self.host):
            found.append(
                f"{PREFIX}HOST is not a loopback address: the demo has no access control and other"
                f" machines would reach it; set {PREFIX}DEMO_PUBLIC=1 if that is meant"
            )
        if not self.demo and not self.public_url.startswith("https://"):
            found.append(f"{PREFIX}PUBLIC_URL must be set and start with https:// outside the demo")
        if not self.demo and not self.pseudonym_key:
            found.append(
                f"{PREFIX}PSEUDONYM_KEY must be set outside the demo"
                f" ({read.SHORTEST_KEY} characters or more, kept secret)"
            )
        if not self.demo and self.smart_launch_url.startswith("http://"):
            found.append(f"{PREFIX}SMART_LAUNCH_URL must start with https:// outside the demo")
        if self.people_port and self.people_port == self.port:
            found.append(f"{PREFIX}PEOPLE_PORT must differ from {PREFIX}PORT")
        for name, kept in (
            ("KEEP_CARDS_DAYS", self.keep_cards_days),
            ("KEEP_FEEDBACK_DAYS", self.keep_feedback_days),
        ):
            if 0 < kept < self.snooze_days:
                found.append(f"{PREFIX}{name} must be 0 or at least {PREFIX}SNOOZE_DAYS")
        return found

    @property
    def retention_days(self) -> dict[str, int]:
        """For how many days each table keeps its rows; 0 is for ever."""
        return {
            "cards_shown": self.keep_cards_days,
            "feedback": self.keep_feedback_days,
            "audit": self.keep_audit_days,
            "text_decisions": self.keep_decisions_days,
        }


def described_settings() -> tuple[Described, ...]:
    """Return every setting with its meaning and default, in the order of the fields."""
    defaults = {item.name: item.default for item in fields(Settings)}
    return tuple(
        Described(
            variable=PREFIX + variable.name,
            meaning=variable.meaning,
            default=variable.default or f"`{defaults[name]}`",
            is_secret=variable.is_secret,
        )
        for name, variable in _variables().items()
    )


def _variables() -> dict[str, Variable]:
    """Return the variable of each field, by the field's name."""
    hints = get_type_hints(Settings, include_extras=True)
    return {item.name: hints[item.name].__metadata__[0] for item in fields(Settings)}


def _with_demo_defaults(values: dict[str, Any]) -> dict[str, Any]:
    if not values.get("demo"):
        return values
    return {
        "state_folder": Path("var/demo"),
        "guideline_profile": DEMO_PROFILE,
        "log_level": "WARNING",
        **values,
    }


def _unknown_variables(ours: Mapping[str, str]) -> list[str]:
    """Name variables that are no setting: a slip in a name must not pass for a setting."""
    known = [variable.name for variable in _variables().values()]
    found: list[str] = []
    for name in sorted(item.removeprefix(PREFIX) for item in ours):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; is {PREFIX}{near[0]} meant?" if near else ""
            found.append(f"{PREFIX}{name} is not a setting{hint}")
    return found


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound: a browser cannot open it
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
