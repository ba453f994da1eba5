"""Reads everything that is logged while the tests run and fails the run if it finds what must not be there.

A pytest plugin, loaded by tests/conftest.py in every process (those of xdist too). It takes each record
where it leaves its logger, after the logger's own filters and whatever handlers a test sets up or
removes, with the libraries' loggers at DEBUG at the start of every test. What the servers write that
tests start as processes of their own (tests/servers.py) is read from their output.

It looks for the planted words, for what identifies any synthetic patient and for the shapes of secrets
(tests/canaries.py), and for what this run itself gave the service: the secrets of its settings; of
every request answered in this process the token, cookies, long query values, names, ids and comments; of
what the service fetched the names, ids and tokens; and the cookies that it set.

A test that leaks to prove something says so: `@pytest.mark.leaks_on_purpose("the.logger")`. Then that
logger has to leak in it, else the run fails as well.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import request as current_request
from flask import request_finished, request_started
from sqlalchemy.engine import make_url

__all__ = ["SCAN", "Scan"]

# Those of libraries are set by name: some set a level of their own when they are imported.
_LOUD = (
    *("", "cds_service", "fhir_mapping", "models", "flask", "joserfc", "alembic", "oauthlib"),
    *("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "psycopg", "urllib3", "requests"),
    *("werkzeug", "gunicorn", "gunicorn.error", "gunicorn.access", "cds_service.app"),
)
# pytest names folders after tests: that is no log of the service.
_FOLDER_OF_A_TEST = re.compile(r"pytest-of-\w+/pytest-\d+/[^/\s'\"]+")
_SHORTEST_SECRET = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One record, or one line of a server's output."""

    test: str
    logger: str
    text: str


@dataclass
class Scan:
    """What one process has seen and found."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="hcc-cds-servers-")))
    test: str = "(before the first test)"
    lines: list[Line] = field(default_factory=list)
    outputs: dict[Path, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    seen: int = 0

    def note(self, record: logging.LogRecord) -> None:
        """Keep a record as a careless formatter would print it, with every message of its exception."""
        text = record.getMessage()
        if record.args:
            text += f" {record.args!r}"
        error = record.exc_info[1] if record.exc_info else None
        while error is not None:
            # Without the lines of code, which in a test may quote what they plant.
            text += "".join(traceback.format_exception_only(error))
            error = error.__cause__ or error.__context__
        text += str(getattr(record, "fields", ""))
        self.lines.append(Line(self.test, record.name, text))

    def new_output(self) -> Path:
        """Return a new file for the output of a server that the test under way starts."""
        path = self.folder / f"{len(self.outputs)}.log"
        self.outputs[path] = self.test
        return path

    def keep_secret(self, what: str, text: str) -> None:
        """Look for a text until the end of the run, in the output of servers as well."""
        if len(text) >= _SHORTEST_SECRET:
            self.secrets[text] = what

    def keep_given(self, texts: Iterable[tuple[str, str]]) -> None:
        """Look for what came with a request until its test ends, if it can be told from other text."""
        for what, text in texts:
            if len(text) >= 8 and len(set(text)) >= 5:
                self.given[text] = what

    def end_of_test(self, on_purpose: tuple[str, ...] = ()) -> None:
        """Read what was logged since the last test ended."""
        lines, self.lines = self.lines, []
        self.seen += len(lines)
        leaking = set()
        for line, what in self._leaks(lines):
            leaking.add(line.logger)
            if line.logger not in on_purpose:
                self._say(line, what)
        for logger in set(on_purpose) - leaking:
            self.found.append(f"{self.test}: the deliberate leak through {logger} was not found")
        self.given.clear()

    def end_of_run(self) -> None:
        """Read what is left: records after the last test, and what servers wrote."""
        self.test = "(after the last test)"
        self.end_of_test()
        for path, test in self.outputs.items():
            # A server that was never started wrote nothing.
            text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
            written = [Line(test, "output of a server", line) for line in text.splitlines()]
            self.seen += len(written)
            for line, what in self._leaks(written):
                self._say(line, what)
            path.unlink(missing_ok=True)
        self.folder.rmdir()

    def _say(self, line: Line, what: str) -> None:
        # What was found is not said again: this report is a log, too.
        told = f"{line.test}: {line.logger}: {what}"
        if told not in self.found:
            self.found.append(told)

    def _leaks(self, lines: list[Line]) -> Iterator[tuple[Line, str]]:
        from tests.canaries import SHAPES, needles

        # One statement is logged many times.
        whole = "\n".join({line.text: None for line in lines})
        shapes = [(what, shape) for what, shape in SHAPES.items() if shape.search(whole)]
        texts = [
            (what, re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])"))
            for text, what in {**needles(), **self.given, **self.secrets}.items()
            if text in whole
        ]
        if not shapes and not texts:
            return
        for line in lines:
            text = _FOLDER_OF_A_TEST.sub("", line.text)
            for what, shape in (*shapes, *texts):
                if shape.search(text):
                    yield line, what


SCAN = Scan()


def _follow(kind: type[Any], note: Callable[[Any], None]) -> None:
    """Note every object of a kind that is made."""
    make: Callable[..., None] = kind.__init__

    def make_and_note(self: Any, *values: Any, **named: Any) -> None:
        make(self, *values, **named)
        note(self)

    kind.__init__ = make_and_note


def _note_settings(settings: Any) -> None:
    """Note the secrets of a configuration: its fields that no repr shows."""
    for member in fields(settings):
        if not member.repr and member.name != "database_url":
            SCAN.keep_secret(f"the setting {member.name}", str(getattr(settings, member.name)))
    if "@" in settings.database_url:
        SCAN.keep_secret("a database password", make_url(settings.database_url).password or "")


def _note_answer(answer: Any) -> None:
    """Note what a FHIR or authorization server told the service."""
    _note_body("in a fetched answer", answer.body)


def _note_response(_: object, response: Any, **__: object) -> None:
    """Note the cookies that the service gives, and the queries of where it leads."""
    for cookie in response.headers.getlist("Set-Cookie"):
        SCAN.keep_given([("a cookie of an answer", cookie.partition("=")[2].partition(";")[0])])
    values = parse_qsl(urlsplit(response.headers.get("Location", "")).query)
    SCAN.keep_given(("a query of a redirect", item) for _, item in values if len(item) >= 16)


def _note_request(*_: object, **__: object) -> None:
    """Note what the request under way brings that names somebody or is a secret."""
    token = current_request.headers.get("Authorization", "").partition(" ")[2]
    SCAN.keep_given([("the token of a request", token)])
    SCAN.keep_given(("a cookie of a request", item) for item in current_request.cookies.values())
    SCAN.keep_given(
        ("a query of a request", item) for item in current_request.args.values() if len(item) >= 16
    )
    # Only what a test client sent is read: its bytes are all there, and reading them takes nothing away.
    read = getattr(current_request.environ.get("wsgi.input"), "getvalue", bytes)
    _note_body("in a request", read())


def _note_body(where: str, content: bytes) -> None:
    from tests.canaries import identifying

    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return
    SCAN.keep_given((f"{what} {where}", text) for what, text in identifying(body))
    SCAN.keep_given((f"{what} {where}", text) for what, text in _secrets_in(body))


_SECRET_MEMBERS: Mapping[str, str] = {
    "access_token": "an access token",
    "refresh_token": "a refresh token",
    "id_token": "an identity token",
    "patient": "the id of a patient",
    "userComment": "a comment",
    "patientId": "the id of a patient",
    "userId": "the id of a user",
    "encounterId": "the id of an encounter",
}


def _secrets_in(value: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            yield from _secrets_in(item, depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in _SECRET_MEMBERS and isinstance(item, str):
                yield _SECRET_MEMBERS[name], item
            elif name != "prefetch":
                yield from _secrets_in(item, depth + 1)


def _speak_up(config: pytest.Config) -> None:
    """Set every logger to say all it can, whatever the last test did to logging."""
    shown = config.pluginmanager.get_plugin("logging-plugin")
    # With the loggers at DEBUG, `caplog` and pytest's reports keep the level they had, unless a test asks.
    for handler in (shown.caplog_handler, shown.report_handler, shown.log_file_handler):
        handler.setLevel(logging.WARNING)
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.disabled = False


# The hooks of pytest


def pytest_configure(config: pytest.Config) -> None:
    """Take every record where it leaves its logger."""
    config.addinivalue_line(
        "markers", "leaks_on_purpose(*loggers): these loggers leak in this test, to be found"
    )
    pass_on = logging.Logger.callHandlers

    def note_and_pass_on(logger: logging.Logger, record: logging.LogRecord) -> None:
        SCAN.note(record)
        pass_on(logger, record)

    logging.Logger.callHandlers = note_and_pass_on  # type: ignore[method-assign]
    config.add_cleanup(lambda: setattr(logging.Logger, "callHandlers", pass_on))


def pytest_sessionstart() -> None:
    """Note what the service is given."""
    # Not before: coverage measures the service from here on, and this imports it.
    from cds_service.outgoing import Answer
    from cds_service.settings import Settings

    _follow(Settings, _note_settings)
    _follow(Answer, _note_answer)
    request_started.connect(_note_request)
    request_finished.connect(_note_response)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Listen to one test, its fixtures included."""
    SCAN.test = item.nodeid
    _speak_up(item.config)
    result = yield
    SCAN.end_of_test(tuple(_on_purpose(item)))
    return result


def _on_purpose(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("leaks_on_purpose"):
        yield from mark.args


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Fail the run if anything was found, in this process or in one of its workers."""
    result = yield
    SCAN.end_of_run()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["log_scan"] = (SCAN.seen, SCAN.found)
    elif SCAN.found and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker found."""
    # A worker that broke down has no output, and the run fails for that.
    seen, found = getattr(node, "workeroutput", {}).get("log_scan", (0, []))
    SCAN.seen += seen
    SCAN.found += found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was found and where."""
    for line in SCAN.found:
        terminalreporter.write_line(f"LEAK {line}", red=True)
    terminalreporter.write_line(
        f"log scan: {SCAN.seen} lines, {len(SCAN.found) or 'no'} findings", bold=bool(SCAN.found)
    )
