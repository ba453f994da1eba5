"""How key sets are fetched, kept and fetched again."""

from __future__ import annotations

import json
import logging
import threading

import pytest
import responses
from joserfc.jwk import ECKey

from cds_service.outgoing import Answer, OutgoingError
from cds_service.security.client_token import ClientRefusedError
from cds_service.security.key_cache import KeyCache, KeysUnavailableError

JKU = "https://ehr.hospital.example/jwks.json"


@pytest.fixture
def server():
    """Return a sealed fake of the network."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as fake:
        yield fake


@pytest.fixture
def service(make_service):
    """Return a service whose issuer publishes its keys at its jku."""
    return make_service(keys={}, jku=JKU, accepted_jku=JKU)


def fetch_count(server):
    """Return how many calls went out."""
    return len(server.calls)


def test_keys_are_fetched_once_and_kept(ehr, service, server, clock):
    """O90, O95: the first token fetches the key set, later ones use what is kept."""
    server.get(JKU, json=ehr.key_set())
    for number in range(3):
        clock.time += 100
        token = ehr.token(jti=str(number), iat=int(clock.time), exp=int(clock.time) + 300)
        assert service.call(token).jti == str(number)
    assert fetch_count(server) == 1
    assert "Authorization" not in server.calls[0].request.headers


def test_token_may_name_the_jku_or_leave_it_out(ehr, service, server):
    """O87, O90: jku in the header is optional."""
    server.get(JKU, json=ehr.key_set(), content_type="application/jwk-set+json")
    assert service.call(ehr.sign(ehr.header(jku=JKU), ehr.claims(jti="1"))).jti == "1"
    assert service.call(ehr.sign(ehr.header(), ehr.claims(jti="2"))).jti == "2"


def test_rotated_key_is_found_by_one_refetch(ehr, service, server, clock):
    """Z15: an unknown kid fetches the key set once more, so rotation needs no restart."""
    new = ECKey.generate_key("P-384", {"kid": "ec-2"})
    server.get(JKU, json=ehr.key_set())
    assert service.call(ehr.token(jti="1")).jti == "1"
    server.replace(responses.GET, JKU, json={"keys": [new.as_dict(private=False)]})
    clock.time += 60
    token = ehr.sign(ehr.header(kid="ec-2"), ehr.claims(jti="2"), new)
    assert service.call(token).jti == "2"
    with pytest.raises(ClientRefusedError, match=r"^unknown_kid$"):
        service.call(ehr.token(jti="3"))
    assert fetch_count(server) == 2


def test_unknown_kids_cannot_make_us_fetch_at_will(ehr, service, server, clock):
    """O95, Z15: whatever kids are named, one key set is fetched at most once a minute."""
    server.get(JKU, json=ehr.key_set())
    for number in range(50):
        with pytest.raises(ClientRefusedError, match=r"^unknown_kid$"):
            service.call(ehr.sign(ehr.header(kid=f"k{number}"), ehr.claims()))
    assert fetch_count(server) == 1
    clock.time += 60
    with pytest.raises(ClientRefusedError, match=r"^unknown_kid$"):
        service.call(ehr.sign(ehr.header(kid="k"), ehr.claims()))
    assert fetch_count(server) == 2


def test_withdrawn_key_stops_working(ehr, service, server, clock):
    """Z15: once the kept keys are no longer fresh, a key that was withdrawn is refused."""
    server.get(JKU, json=ehr.key_set())
    assert service.call(ehr.token(jti="1")).jti == "1"
    other = ehr.key_set()
    other["keys"] = other["keys"][1:]
    server.replace(responses.GET, JKU, json=other)
    clock.time += 600
    with pytest.raises(ClientRefusedError, match=r"^unknown_kid$"):
        service.call(ehr.token(jti="2", iat=int(clock.time), exp=int(clock.time) + 300))


def test_short_outage_refuses_nobody_and_a_long_one_everybody(ehr, service, server, clock, caplog):
    """O95: kept keys outlive a failed fetch for an hour, no longer."""
    server.get(JKU, json=ehr.key_set())
    issuer = service.trust.issuers[0]
    assert service.key_cache.find_key(issuer, "ec-1") is not None
    server.replace(responses.GET, JKU, status=500)
    clock.time += 3599
    assert service.key_cache.find_key(issuer, "ec-1") is not None
    clock.time += 1
    with pytest.raises(KeysUnavailableError):
        service.key_cache.find_key(issuer, "ec-1")
    assert "key set not fetched: outgoing call status 500 (ehr.hospital.example)" in caplog.text


def test_failed_fetch_is_tried_again_soon(ehr, service, server, clock):
    """O90: a client whose key server was down at the first call waits seconds, not a minute."""
    server.get(JKU, status=503)
    for seconds in (0, 4.9):
        clock.time += seconds
        with pytest.raises(ClientRefusedError, match=r"^keys_unavailable$"):
            service.call(ehr.token())
    tries_of_one_fetch = 3
    assert fetch_count(server) == tries_of_one_fetch
    server.replace(responses.GET, JKU, json=ehr.key_set())
    clock.time += 0.1
    assert service.call(ehr.token()).issuer.jku == JKU


@pytest.mark.parametrize(
    ("answer", "logged"),
    [
        ({"status": 302, "headers": {"Location": "https://evil.example/"}}, "redirect 302"),
        ({"body": "{}", "content_type": "text/html"}, "content_type"),
        ({"body": b"x" * 300_000, "content_type": "application/json"}, "too_large"),
        ({"json": {"keys": []}}, "the key set has no list of keys"),
    ],
)
def test_unusable_key_set_refuses_the_token(ehr, service, server, caplog, answer, logged):
    """O90: a redirect, a page, a flood or an empty set is no key set."""
    server.get(JKU, **answer)
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(ClientRefusedError, match=r"^keys_unavailable$"),
    ):
        service.call(ehr.token())
    assert logged in caplog.text
    assert "jwks.json" not in caplog.text


def test_key_set_is_fetched_from_listed_origins_only(make_service, server):
    """O91: the cache cannot reach further than the guarded session lets it."""
    service = make_service(keys={}, jku=JKU, accepted_jku=JKU)
    with pytest.raises(OutgoingError, match=r"^outgoing call origin_not_listed$"):
        service.key_cache.fetch("https://evil.example/jwks.json")
    assert fetch_count(server) == 0


class SlowServer:
    """Stands in for `Outgoing`: the second fetch waits until it is let go."""

    def __init__(self, key_set: dict[str, object]) -> None:
        self.body = json.dumps(key_set).encode()
        self.calls = 0
        self.is_asked_again = threading.Event()
        self.go_on = threading.Event()

    def get(self, _url: str, **_options: object) -> Answer:
        """Answer with the key set."""
        self.calls += 1
        if self.calls == 2:
            self.is_asked_again.set()
            assert self.go_on.wait(10)
        return Answer(200, self.body)


def test_nobody_waits_for_another_callers_unknown_kid(ehr, service, clock):
    """O95: while a made-up kid is looked for, a known key is found at once; both cost one fetch."""
    slow = SlowServer(ehr.key_set())
    cache = KeyCache(slow, clock=clock)
    issuer = service.trust.issuers[0]
    assert cache.find_key(issuer, "ec-1") is not None
    clock.time += 60
    found = []
    strangers = [
        threading.Thread(target=lambda: found.append(cache.find_key(issuer, "k"))) for _ in range(4)
    ]
    for stranger in strangers:
        stranger.start()
    assert slow.is_asked_again.wait(10)
    assert cache.find_key(issuer, "ec-1") is not None
    slow.go_on.set()
    for stranger in strangers:
        stranger.join()
    assert (found, slow.calls) == ([None] * 4, 2)
