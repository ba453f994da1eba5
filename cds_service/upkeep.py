"""What a person does to the service between calls: see whether all is well, note a start, purge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from cds_service.errors import ConfigurationError
from cds_service.settings import Settings
from cds_service.site import Site
from cds_service.store.audit import AuditEvent
from cds_service.store.database import is_current
from cds_service.store.models_seen import SeenModel
from cds_service.store.retention import purge as purge_tables
from cds_service.store.store import Store

__all__ = ["describe", "note_start", "purge", "read_comments"]

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def describe(settings: Settings, site: Site, store: Store) -> str:
    """Return in words how the service would run; nothing secret is in it."""
    schema = "current" if is_current(store.engine) else "not current"
    lines = [
        f"Settings: readable. Mode: {'demo' if settings.demo else 'site'}.",
        f"Address: {settings.base_url}",
        f"Database: {store.engine.dialect.name}, schema {schema}.",
        f"Guideline profile: {settings.guideline_profile}.",
        *_trusted(site),
        "Services: " + (", ".join(site.services) or "none, all are switched off") + ".",
        "Switched off: " + (", ".join(settings.off) or "nothing") + ".",
    ]
    for name, standing in site.standings(demo=settings.demo).items():
        provenance = site.models[name].provenance
        lines.append(
            f"Model {name} {provenance.version} ({provenance.status.value}): {standing};"
            f" content hash {provenance.content_hash}."
        )
    return "\n".join([*lines, "Nothing is wrong.", ""])


def _trusted(site: Site) -> list[str]:
    if site.trust is None:
        return ["Trusted CDS clients: not checked in the demo."]
    clients = [
        f"Trusted CDS client: {issuer.iss}, {len(issuer.tenants) or 'no'} tenants,"
        f" keys {'from its jku' if issuer.jku else f'fixed ({len(issuer.keys)})'},"
        f" FHIR servers: {', '.join(map(str, issuer.fhir_bases)) or 'none'},"
        f" a token used twice: {issuer.replay.value}."
        for issuer in site.trust.issuers
    ]
    apps = [
        f"The app opens from {', '.join(map(str, client.fhir_bases))} as client {client.client_id}"
        f" ({'with a signing key' if client.signing_key else 'public, with PKCE'})."
        for client in site.trust.smart_clients
    ]
    return [*clients, *(apps or ["The app is registered nowhere."])]


def note_start(settings: Settings, site: Site, store: Store, *, clock: Clock = _now) -> None:
    """Write down that the service started, and which models run.

    Raises
    ------
    ConfigurationError
        If that cannot be written: nothing else could be either.
    """
    now = clock()
    models = [model.provenance for model in site.models.values()]
    try:
        store.models_seen.record(
            [
                SeenModel(item.content_hash, item.model_id, item.version, item.status.value)
                for item in models
            ],
            now,
        )
    except SQLAlchemyError as error:
        raise ConfigurationError(
            f"the database cannot be written: {type(error).__name__}"
        ) from None
    store.audit.record(
        AuditEvent(
            at=now,
            event="start",
            outcome="demo" if settings.demo else "site",
            details={"models": {item.model_id: item.content_hash for item in models}},
        )
    )


def read_comments(store: Store) -> str:
    """Return the comments that were kept, one a line, for whoever holds the site's key."""
    lines = []
    for item in store.feedback.all():
        if item.report.comment:
            text = store.comments.open(item.report.comment)
            said = "(sealed with another key)" if text is None else " ".join(text.split())
            moment = item.received_at.isoformat(timespec="seconds")
            lines.append(f"{moment} {item.report.service} {item.report.card} {said}\n")
    return "".join(lines) or "No comment was kept.\n"


def purge(settings: Settings, store: Store, *, dry_run: bool, clock: Clock = _now) -> str:
    """Remove what is older than the settings keep it; return the counts in words.

    Raises
    ------
    ConfigurationError
        If the database cannot be used; then nothing was removed.
    """
    now = clock()
    try:
        counts = purge_tables(store.engine, settings.retention_days, now=now, dry_run=dry_run)
    except SQLAlchemyError as error:
        raise ConfigurationError(f"nothing was removed: {type(error).__name__}") from None
    if not dry_run:
        store.audit.record(AuditEvent(at=now, event="purge", outcome="done", details=counts))
    lines = []
    expiring = {"replay": None, "launch_sessions": None}
    for table, days in {**settings.retention_days, **expiring}.items():
        kept = "expired" if days is None else f"older than {days} days" if days else "kept for ever"
        verb = "would be removed" if dry_run else "removed"
        lines.append(f"{table}: {counts.get(table, 0)} rows {verb} ({kept})\n")
    return "".join(lines)
