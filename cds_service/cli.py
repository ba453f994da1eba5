"""The command line, `hcc-cds demo | serve | check` and so on, and what other packages add.

Commands of the entry-point group `hcc_cds.commands` (validate, recalibrate, refit, columns) are listed
by name and imported only when they are asked for: they need the extra `science`, which the running
service never imports.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, entry_points, version

from cds_service.advice.catalogue import ADVICE
from cds_service.app import create_app, site_of, store_of
from cds_service.errors import ConfigurationError
from cds_service.hooks.services import discovery
from cds_service.operations.logs import log_to
from cds_service.operations.metrics import Metrics
from cds_service.server import Server
from cds_service.settings import PREFIX, Settings
from cds_service.site import read_site
from cds_service.store.database import database_problems
from cds_service.store.store import open_store
from cds_service.upkeep import describe, note_start, read_comments
from cds_service.upkeep import purge as purge_store
from cds_service.wire import to_json

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 a check failed, 2 cannot be done."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    plugged = {item.name: item for item in entry_points(group="hcc_cds.commands")}
    if given and given[0] in plugged:
        return _run_plugged(plugged[given[0]], given[1:])
    parser = argparse.ArgumentParser(
        prog="hcc-cds",
        description="CDS Hooks service for surgery of HCC.",
        epilog=f"On a cohort of your own: {', '.join(sorted(plugged))} (each with --help).",
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, meaning in _COMMANDS:
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.set_defaults(run=run)
        if run is purge:
            command.add_argument("--dry-run", action="store_true", help="count, remove nothing")
    chosen = vars(parser.parse_args(given))
    run_chosen: Callable[..., int] = chosen.pop("run")
    try:
        return run_chosen(**chosen)
    except ConfigurationError as error:
        # Whatever the start stumbled over first, a person is told of everything else as well.
        others = _every_problem(demo=run_chosen is demo) if run_chosen in _STARTED else ()
        problems = dict.fromkeys((*others, *error.problems))
        sys.stderr.writelines(f"hcc-cds: {problem}\n" for problem in problems)
        return 2


def _run_plugged(command: EntryPoint, arguments: Sequence[str]) -> int:
    try:
        run: Callable[[Sequence[str]], int] = command.load()
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"hcc-cds: {command.name} needs {error.name}: install hcc-cds with the extra science\n"
        )
        return 2
    return run(arguments)


def demo() -> int:
    """Start the service with synthetic patients and say which address to open."""
    settings = Settings.from_environment(demo=True)
    address = f"{settings.base_url}/demo"
    return _run(
        settings,
        when_ready=lambda: _say(
            f"Synthetic patients. Not for clinical use.\nOpen {address}\n(Ctrl-C stops it.)\n"
        ),
    )


def serve() -> int:
    """Start the service for the clients it trusts."""
    settings = Settings.from_environment()
    return _run(settings, when_ready=lambda: _say(f"Serving {settings.base_url}/cds-services\n"))


def check() -> int:
    """Read the whole configuration and say in words what is wrong."""
    settings = Settings.from_environment()
    app = create_app(settings)
    with closing(store_of(app)) as store:
        _say(describe(settings, site_of(app), store))
    return 0


def show_discovery() -> int:
    """Print what discovery answers, for an EHR whose team enters it by hand."""
    settings = Settings.from_environment()
    site = read_site(settings, ADVICE, today=datetime.now(UTC).date(), needs_trust=False)
    answer = to_json(discovery(site.services, hooks_3=settings.hooks_3))
    _say(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    return 0


def purge(*, dry_run: bool) -> int:
    """Remove what is older than the settings keep it and say how much that was."""
    settings = Settings.from_environment()
    with closing(open_store(settings)) as store:
        _say(purge_store(settings, store, dry_run=dry_run))
    return 0


def comments() -> int:
    """Print the comments that were kept encrypted."""
    with closing(open_store(Settings.from_environment())) as store:
        _say(read_comments(store))
    return 0


def show_version() -> int:
    """Print the version."""
    _say(f"hcc-cds {version('hcc-cds')}\n")
    return 0


def _every_problem(*, demo: bool) -> tuple[str, ...]:
    """Return what is wrong in the settings, in the files they name and with the database."""
    settings, problems = Settings.read(demo=demo)
    try:
        read_site(settings, ADVICE, today=datetime.now(UTC).date(), needs_trust=not settings.demo)
    except ConfigurationError as error:
        problems += error.problems
    return (*problems, *database_problems(settings.database))


def _run(settings: Settings, *, when_ready: Callable[[], None]) -> int:
    log_to(sys.stderr, settings.log_level)
    _refuse_busy_ports(settings)
    # The workers inherit the folder; each writes into a file of its own.
    app = create_app(settings, metrics=Metrics.across_workers(settings.state_folder / "metrics"))
    note_start(settings, site_of(app), store_of(app))
    Server(app, settings, when_ready=when_ready).run()
    return 0


def _refuse_busy_ports(settings: Settings) -> None:
    """Say what to do about ports in use, before anything is started.

    Raises
    ------
    ConfigurationError
        If an address cannot be listened on.
    """
    wanted = {"PORT": (settings.host, settings.port)}
    if settings.people_port:
        wanted["PEOPLE_PORT"] = ("127.0.0.1", settings.people_port)
    problems: list[str] = []
    for name, (host, port) in wanted.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                problems.append(
                    f"cannot listen on {host} port {port} ({error.strerror}):"
                    f" choose another port, such as {PREFIX}{name}={_free_port(host, family)}"
                )
    if problems:
        raise ConfigurationError(*problems)


def _free_port(host: str, family: socket.AddressFamily) -> int:
    with socket.socket(family) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return 8001
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("demo", demo, "start the service with synthetic patients"),
    ("serve", serve, "start the service for the clients it trusts"),
    ("check", check, "read the whole configuration and say what is wrong"),
    ("discovery", show_discovery, "print the services, hooks and prefetch templates"),
    ("purge", purge, "remove what is older than the settings keep it"),
    ("comments", comments, "print users' comments on cards, for whoever holds the key"),
    ("version", show_version, "print the version"),
)

# What reads the whole configuration.
_STARTED = (demo, serve, check)


if __name__ == "__main__":
    sys.exit(main())
