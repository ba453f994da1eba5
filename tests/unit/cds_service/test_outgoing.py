"""The guarded way out: what is never sent, what is never taken, and what is never said."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zoneinfo import ZoneInfo

import pytest
import requests
import responses

from cds_service.log_redaction import WITHHELD
from cds_service.origin import Origin, parse_address
from cds_service.outgoing import (
    Outgoing,
    OutgoingFailedError,
    OutgoingLimits,
    OutgoingRefusedError,
    TimeBudget,
)

HOST = "fhir.hospital.example"
URL = f"https://{HOST}/r4/Observation?patient=CANARY-patient"
JSON = ("application/json",)
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


class FakeTime:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Move the time."""
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        """Return the time of day, in a zone that is not UTC."""
        return NOW + timedelta(seconds=self.seconds - 1000.0)


@pytest.fixture
def time() -> FakeTime:
    """Return a clock that stands still."""
    return FakeTime()


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    """Return a sealed fake of the network."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as fake:
        yield fake


@pytest.fixture
def outgoing(time: FakeTime) -> Iterator[Outgoing]:
    """Return a session that may talk to one host."""
    session = Outgoing([Origin("https", HOST, 443)], clock=time, sleep=time.sleep, now=time.now)
    yield session
    session.close()


def get(outgoing: Outgoing, time: FakeTime, url: str = URL, seconds: float = 10, **options):
    """Make one call with a budget on the fake clock."""
    options = {"accept": "application/json", "content_types": JSON, **options}
    return outgoing.get(url, budget=TimeBudget(seconds, time), **options)


def everything_said(error: BaseException | None) -> str:
    """Return all text that hangs on an exception and on what it came from."""
    said = ""
    while error is not None:
        said += "".join(traceback.format_exception_only(error)) + repr(vars(error))
        error = error.__cause__ or error.__context__
    return said


def test_good_answer_is_returned(outgoing, server, time):
    """F38: a listed origin is called with the bearer token and its body returned."""
    server.get(URL, body=b'{"a": 1}', content_type="application/json; charset=utf-8")
    answer = get(outgoing, time, bearer="abc.DEF-123==")
    assert (answer.status, answer.body) == (200, b'{"a": 1}')
    sent = server.calls[0].request
    assert sent.headers["Authorization"] == "Bearer abc.DEF-123=="
    assert sent.headers["Accept"] == "application/json"
    assert "CANARY" not in repr(answer)


def test_no_token_no_header(outgoing, server, time):
    """F39, F41: a token goes with its own call only; without one nothing is sent in its place."""
    server.get(URL, json={})
    get(outgoing, time, bearer="abc")
    get(outgoing, time)
    assert "Authorization" in server.calls[0].request.headers
    assert "Authorization" not in server.calls[1].request.headers


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://evil.example/r4", "origin_not_listed"),
        (f"https://{HOST}.evil.example/r4", "origin_not_listed"),
        (f"http://{HOST}/r4", "origin_not_listed"),
        (f"https://{HOST}:8443/r4", "origin_not_listed"),
        ("https://169.254.169.254/latest/meta-data", "origin_not_listed"),
        (f"https://{HOST}:22/r4", "port"),
        (f"https://{HOST}./r4", "trailing_dot"),
        (f"https://{HOST}@evil.example/", "userinfo"),
        ("https://0x7f.1/", "ip_address"),
        ("https://[::1]/", "ip_address"),
        ("https://fhir.hospıtal.example/r4", "not_ascii"),
        ("file:///etc/passwd", "scheme"),
        (f"https://{HOST}/r4/../admin", "dot_segments"),
    ],
)
def test_other_origins_are_refused_before_anything_is_sent(outgoing, server, time, url, code):
    """F44: only the exact listed origin is called, whatever disguise another one wears."""
    with pytest.raises(OutgoingRefusedError) as caught:
        get(outgoing, time, url)
    assert (caught.value.code, str(caught.value)) == (code, f"outgoing call {code}")
    assert len(server.calls) == 0


@pytest.mark.parametrize(
    "origin",
    [
        Origin("http", "fhir.example", 80),
        Origin("https", "10.0.0.1", 443),
        Origin("http", "10.0.0.1", 80),
    ],
)
def test_plain_http_is_for_sandboxes_only(origin):
    """A1, F44: an origin on plain http or by number is refused at start unless its host is a sandbox."""
    with pytest.raises(OutgoingRefusedError) as caught:
        Outgoing([origin])
    assert caught.value.code == "origin_not_https"
    assert origin.host in str(caught.value)
    Outgoing([origin], sandbox_hosts=[origin.host]).close()


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Evil: 1", "ä", "=a", "a,b"])
def test_token_that_is_none_is_refused(outgoing, server, time, token):
    """F41: what is no bearer token never becomes a header, and is not repeated."""
    with pytest.raises(OutgoingRefusedError) as caught:
        get(outgoing, time, bearer=token)
    assert str(caught.value) == f"outgoing call bad_token ({HOST})"
    assert len(server.calls) == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304])
def test_redirects_are_not_followed(outgoing, server, time, status):
    """F44: a redirect is a failure, wherever it points."""
    server.get(URL, status=status, headers={"Location": f"https://{HOST}/r4/other"})
    with pytest.raises(OutgoingFailedError, match=rf"^outgoing call redirect {status} \({HOST}\)$"):
        get(outgoing, time)
    assert len(server.calls) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500, 502])
def test_other_statuses_are_failures_without_repeat(outgoing, server, time, status):
    """F38: an error status is told by its number; only 429 and 503 are worth a second try."""
    server.get(URL, status=status, json={"issue": "CANARY"})
    with pytest.raises(OutgoingFailedError) as caught:
        get(outgoing, time)
    assert (caught.value.code, caught.value.status) == ("status", status)
    assert len(server.calls) == 1


def test_content_type_is_checked(outgoing, server, time):
    """F38: a login page is not an answer."""
    server.get(URL, body="<html>", content_type="text/html")
    with pytest.raises(OutgoingFailedError, match=rf"^outgoing call content_type \({HOST}\)$"):
        get(outgoing, time)


def test_missing_content_type_is_refused(outgoing, server, time):
    """F38: without a content type nothing says what the body is."""
    server.get(URL, body="{}", content_type=None)
    with pytest.raises(OutgoingFailedError, match=r"content_type"):
        get(outgoing, time)


def test_size_is_limited(outgoing, server, time):
    """F44: a body beyond the limit is not read to its end, whatever length it states."""
    server.get(URL, body=b"x" * 101, content_type="application/json")
    with pytest.raises(OutgoingFailedError, match=r"^outgoing call too_large"):
        get(outgoing, time, max_bytes=100)
    server.replace(responses.GET, URL, body=b"x" * 100, content_type="application/json")
    assert len(get(outgoing, time, max_bytes=100).body) == 100


def test_stated_length_is_checked_before_reading(outgoing, server, time):
    """F44: a Content-Length beyond the limit ends the call at once."""
    server.get(
        URL,
        body=b"x",
        content_type="application/json",
        headers={"Content-Length": "101"},
        auto_calculate_content_length=False,
    )
    with pytest.raises(OutgoingFailedError, match=r"^outgoing call too_large"):
        get(outgoing, time, max_bytes=100)


@pytest.mark.parametrize("status", [429, 503])
def test_busy_server_is_asked_again_with_backoff(outgoing, server, time, status):
    """F38: 429 and 503 are tried again, at most three times, each wait twice the one before."""
    server.get(URL, status=status)
    with pytest.raises(OutgoingFailedError) as caught:
        get(outgoing, time)
    assert (caught.value.code, caught.value.status) == ("busy", status)
    assert (len(server.calls), time.slept) == (3, [0.1, 0.2])


def test_second_try_may_succeed(outgoing, server, time):
    """F38: an answer at the second try is an answer."""
    server.get(URL, status=503, headers={"Retry-After": "2"})
    server.get(URL, json={})
    assert get(outgoing, time).status == 200
    assert time.slept == [2.0]


@pytest.mark.parametrize(
    ("retry_after", "slept"),
    [
        ("3", [3.0]),
        ("Sun, 22 Nov 2026 15:30:04 GMT", [4.0]),
        ("Sun, 22 Nov 2026 15:30:05 -0000", [5.0]),
        ("Sun, 22 Nov 2026 15:29:00 GMT", [0.1]),
        ("soon", [0.1]),
        ("-5", [0.1]),
        ("", [0.1]),
        ("9.9", [0.1]),
        ("10", []),
        ("99999999999999999999999", []),
        ("Sun, 22 Nov 2099 15:30:04 GMT", []),
    ],
)
def test_retry_after_is_honoured_within_the_budget(outgoing, server, time, retry_after, slept):
    """F38, G48: the server's wish is met if time allows; else the call ends at once."""
    server.get(URL, status=429, headers={"Retry-After": retry_after})
    server.get(URL, json={})
    if slept:
        assert get(outgoing, time).status == 200
    else:
        with pytest.raises(OutgoingFailedError, match=r"^outgoing call busy 429"):
            get(outgoing, time)
    assert time.slept == slept


def test_broken_connection_is_tried_again(outgoing, server, time):
    """F38: a pooled connection that the server had closed costs one more try, not the answer."""
    server.get(URL, body=requests.ConnectionError("CANARY"))
    server.get(URL, json={})
    assert get(outgoing, time).status == 200
    assert time.slept == [0.1]


@pytest.mark.parametrize(
    ("failure", "code", "tries"),
    [
        (requests.ReadTimeout("CANARY"), "timeout", 1),
        (requests.ConnectTimeout("CANARY"), "timeout", 1),
        (requests.exceptions.SSLError("CANARY"), "tls", 1),
        (requests.exceptions.ConnectionError("CANARY"), "connection", 3),
        (requests.exceptions.InvalidHeader("CANARY"), "request", 1),
    ],
)
def test_failures_have_a_code_and_say_nothing_else(outgoing, server, time, failure, code, tries):
    """F41: an error of the library, which may quote URL and token, leaves nothing behind."""
    server.get(URL, body=failure)
    with pytest.raises(OutgoingFailedError) as caught:
        get(outgoing, time, bearer="CANARY-token")
    assert str(caught.value) == f"outgoing call {code} ({HOST})"
    assert "CANARY" not in everything_said(caught.value)
    assert len(server.calls) == tries


def test_nothing_is_sent_when_time_is_up(outgoing, server, time):
    """G48, F42: without time left the call is not made."""
    with pytest.raises(OutgoingFailedError, match=r"^outgoing call out_of_time"):
        get(outgoing, time, seconds=0)
    assert len(server.calls) == 0


def test_time_outs_never_exceed_the_budget(outgoing, server, time, monkeypatch):
    """G48: connect and read time-outs are cut to what is left."""
    seen = []
    request = outgoing._session.request

    def spy(*args, **options):
        seen.append(options["timeout"])
        return request(*args, **options)

    server.get(URL, json={})
    monkeypatch.setattr(outgoing._session, "request", spy)
    get(outgoing, time, seconds=1.5)
    get(outgoing, time, seconds=60)
    assert seen == [(1.5, 1.5), (2.0, 5.0)]


def test_environment_is_not_used(outgoing, monkeypatch):
    """F44: no proxy, netrc or certificate bundle from the environment."""
    session = outgoing._session
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    merged = session.merge_environment_settings(URL, {}, stream=True, verify=None, cert=None)
    assert (merged["proxies"], merged["verify"]) == ({}, True)
    assert session.trust_env is False


def test_cookies_are_not_kept(outgoing, server, time):
    """F41: nothing of one call travels with the next."""
    server.get(URL, json={}, headers={"Set-Cookie": "session=CANARY; Path=/"})
    get(outgoing, time)
    get(outgoing, time)
    assert "Cookie" not in server.calls[1].request.headers


def test_ca_bundle_can_be_set(tmp_path):
    """A1: a hospital's own certificate authority is given as a file."""
    outgoing = Outgoing([], ca_bundle=tmp_path / "ca.pem")
    assert outgoing._session.verify == str(tmp_path / "ca.pem")
    outgoing.close()


# --- against a real server on this machine ---------------------------------------------------------


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        getattr(self, "answer_" + self.path.partition("?")[0].strip("/"))()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send([(b"%d" % len(body))])

    def log_message(self, *_args: object) -> None:
        pass

    def send(self, parts: list[bytes], **headers: str) -> None:
        self.send_response(200)
        headers = {"Content_Type": "application/json", **headers}
        headers.setdefault("Content_Length", str(sum(map(len, parts))))
        for name, value in headers.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        for part in parts:
            self.wfile.write(part)

    def answer_plain(self) -> None:
        self.send([b"[1]"])

    def answer_zipped(self) -> None:
        self.send([gzip.compress(b" " * 70_000 + b"[1]")], Content_Encoding="gzip")

    def answer_bomb(self) -> None:
        self.send([gzip.compress(b" " * 50_000_000)], Content_Encoding="gzip")

    def answer_spoilt(self) -> None:
        self.send([b"no gzip"], Content_Encoding="gzip")

    def answer_chunked(self) -> None:
        self.send([], Transfer_Encoding="chunked", Content_Length="")
        for _ in range(3):
            self.wfile.write(b"2\r\n[]\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def answer_truncated(self) -> None:
        self.send([b"[1"], Content_Length="10")
        self.close_connection = True

    def answer_cut_chunks(self) -> None:
        self.send([], Transfer_Encoding="chunked", Content_Length="")
        self.wfile.write(b"2\r\n[]\r\n")
        self.close_connection = True

    def answer_drip(self) -> None:
        self.send([], Content_Length="1000")
        stop: threading.Event = self.server.stop_dripping
        while not stop.wait(0.02):
            try:
                self.wfile.write(b" ")
                self.wfile.flush()
            except OSError:
                break
        self.close_connection = True

    def answer_odd_header(self) -> None:
        self.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            b"no colon here\r\n\r\n[]"
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stop_dripping = threading.Event()

    def handle_error(self, *_args: object) -> None:
        """Stay silent when a client hangs up: that is what many of these tests make it do."""


@pytest.fixture(scope="module")
def real_server() -> Iterator[_Server]:
    """Return a server of this machine that answers well and badly."""
    with _Server() as real:
        thread = threading.Thread(target=real.serve_forever)
        thread.start()
        yield real
        real.stop_dripping.set()
        real.shutdown()
        thread.join()


@pytest.fixture
def call(real_server):
    """Return a caller of one path of the real server, on the real clock."""
    url = f"http://127.0.0.1:{real_server.server_port}"
    outgoing = Outgoing(
        [parse_address(url).origin],
        sandbox_hosts=["127.0.0.1"],
        limits=OutgoingLimits(read_seconds=2.0, max_bytes=100_000, first_backoff_seconds=0.0),
    )

    def get_path(path: str, seconds: float = 5.0, **options):
        return outgoing.get(
            f"{url}/{path}",
            accept="application/json",
            content_types=JSON,
            budget=TimeBudget(seconds),
            **options,
        )

    yield get_path
    outgoing.close()


def test_bodies_are_read_whole(call):
    """F38: plain, chunked and compressed bodies arrive to the last byte."""
    assert call("plain").body == b"[1]"
    assert call("chunked").body == b"[][][]"
    assert call("zipped").body == b" " * 70_000 + b"[1]"


def test_form_goes_out_as_post(call):
    """D25: a search can be posted, so that a long query needs no long URL."""
    assert call("search", form="code=1%2C2").body == b"10"


def test_compressed_bomb_meets_the_size_limit(call):
    """F44: what counts is the size after decompression."""
    with pytest.raises(OutgoingFailedError, match=r"^outgoing call too_large"):
        call("bomb")


@pytest.mark.parametrize("path", ["truncated", "cut_chunks", "spoilt"])
def test_broken_off_body_is_no_answer(call, path):
    """E29: half a body is never taken for the whole."""
    with pytest.raises(OutgoingFailedError, match=r"^outgoing call broken_off"):
        call(path)


def test_dripping_server_meets_the_clock(call):
    """G48: a server that sends a byte now and then does not hold the call beyond its budget."""
    with pytest.raises(OutgoingFailedError, match=r"^outgoing call out_of_time"):
        call("drip", seconds=1.0)


def test_server_that_is_not_there():
    """F38: a port where nobody listens is a failed connection, not a bug."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        outgoing = Outgoing([parse_address(url).origin], sandbox_hosts=["127.0.0.1"])
        with pytest.raises(
            OutgoingFailedError, match=r"^outgoing call connection \(127\.0\.0\.1\)$"
        ):
            outgoing.get(url, accept="*/*", content_types=JSON, budget=TimeBudget(1))
        outgoing.close()


def test_nothing_of_a_call_reaches_a_log(call, caplog):
    """F41: with every logger at DEBUG, neither query nor token is written, in good calls and bad."""
    with caplog.at_level(logging.DEBUG):
        for path in ("plain", "odd_header"):
            call(f"{path}?patient=CANARY-patient", bearer="CANARY-token")
        for path in ("truncated", "bomb"):
            with pytest.raises(OutgoingFailedError) as caught:
                call(f"{path}?patient=CANARY-patient", bearer="CANARY-token")
            assert "CANARY" not in everything_said(caught.value)
    assert WITHHELD in caplog.text
    assert "CANARY" not in caplog.text
    assert "plain" not in caplog.text


@pytest.mark.leaks_on_purpose("urllib3.connectionpool")
def test_withholding_is_what_keeps_the_log_clean(call, caplog):
    """F41: without our filter the library would write the query, so the test above can fail."""
    logger = logging.getLogger("urllib3.connectionpool")
    filters, logger.filters = logger.filters, []
    # Whatever another test did to logging, this logger speaks here.
    disabled, logger.disabled = logger.disabled, False
    try:
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger=logger.name):
            call("plain?patient=CANARY-patient")
    finally:
        logger.filters, logger.disabled = filters, disabled
    assert "CANARY-patient" in caplog.text


def test_budget_runs_out_at_zero(time):
    """G48: a budget counts down and stays at zero."""
    budget = TimeBudget(2.0, time)
    time.seconds += 1.5
    assert budget.remaining_seconds() == 0.5
    time.seconds += 1.5
    assert budget.remaining_seconds() == 0.0
    assert NOW.astimezone(UTC).hour == 15
