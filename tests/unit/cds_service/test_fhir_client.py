"""What is fetched from a FHIR server, in which state it comes back, and what is refused."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
import responses

from cds_service.fhir_base import FhirBase
from cds_service.fhir_client import FhirAccess, FhirClient, FhirLimits, FhirRecordSource
from cds_service.outgoing import Answer, Outgoing, OutgoingFailedError, TimeBudget
from cds_service.prefetch import KeyWanted
from cds_service.request import FhirAuthorization, HookRequest
from fhir_mapping.prefetch_key import PrefetchKey, PrefetchState

BASE = "https://fhir.hospital.example/r4"
QUERY = "Observation?patient=1&code=http://loinc.org|1834-1,http://loinc.org|1920-8"
URL = f"{BASE}/Observation"
TOKEN = "CANARY-token"


@pytest.fixture
def server() -> Iterator[responses.RequestsMock]:
    """Return a sealed fake of the network."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as fake:
        yield fake


@pytest.fixture
def fetch():
    """Return a fetcher of one key's query with limits that a test may change."""
    clients = []

    def fetch_one(query: str = QUERY, *, base: str = BASE, token: str = TOKEN, **limits):
        fhir_base = FhirBase.parse(base)
        outgoing = Outgoing([fhir_base.origin], sleep=lambda _seconds: None)
        clients.append(FhirClient(outgoing, limits=FhirLimits(**limits)))
        access = FhirAccess(fhir_base, token)
        return clients[-1].fetch({"key": query}, access, TimeBudget(5))["key"]

    yield fetch_one
    for client in clients:
        client.close()


def observation(number: int) -> dict[str, object]:
    """Return a small resource."""
    return {"resourceType": "Observation", "id": str(number), "status": "final"}


def bundle(*numbers: int, next_link: str = "", **members: object) -> dict[str, object]:
    """Return one page of a search."""
    entries = [{"resource": observation(number), "search": {"mode": "match"}} for number in numbers]
    page = {"resourceType": "Bundle", "type": "searchset", "entry": entries, **members}
    if next_link:
        page["link"] = [{"relation": "self", "url": URL}, {"relation": "next", "url": next_link}]
    return page


def ids(key: PrefetchKey) -> list[str]:
    """Return the ids of what was read."""
    return [resource["id"] for resource in key.resources]


# --- one page ----------------------------------------------------------------------------------


def test_search_is_complete(fetch, server):
    """E35, F38: a search that was run to its end is complete; every call carries the token."""
    server.get(URL, json=bundle(1, 2, total=2))
    key = fetch()
    assert (key.state, ids(key), key.problem) == (PrefetchState.COMPLETE, ["1", "2"], "")
    sent = server.calls[0].request
    assert sent.headers["Authorization"] == f"Bearer {TOKEN}"
    assert sent.headers["Accept"] == "application/fhir+json"
    assert sent.url.partition("?")[2] == (
        "patient=1&code=http://loinc.org%7C1834-1,http://loinc.org%7C1920-8"
    )


def test_fhir_content_type_is_accepted(fetch, server):
    """F38: application/fhir+json is what FHIR servers send."""
    server.get(URL, json=bundle(1), content_type="application/fhir+json; fhirVersion=4.0")
    assert fetch().state is PrefetchState.COMPLETE


def test_open_server_is_read_without_token(fetch, server):
    """C16: fhirServer may come without fhirAuthorization."""
    server.get(URL, json=bundle(1))
    assert fetch(token="").state is PrefetchState.COMPLETE
    assert "Authorization" not in server.calls[0].request.headers


@pytest.mark.parametrize("page", [bundle(), {"resourceType": "Bundle", "total": 0}])
def test_search_that_finds_nothing_is_empty(fetch, server, page):
    """E31: a Bundle without entries means that nothing is recorded."""
    server.get(URL, json=page)
    assert fetch() == PrefetchKey(PrefetchState.EMPTY)


def test_patient_is_read_by_id(fetch, server):
    """D21: a template may be a read; the answer is that one resource."""
    patient = {"resourceType": "Patient", "id": "p-1.A"}
    server.get(f"{BASE}/Patient/p-1.A", json=patient)
    assert fetch("Patient/p-1.A") == PrefetchKey(PrefetchState.COMPLETE, (patient,))


@pytest.mark.parametrize(
    "resource",
    [{"resourceType": "Patient", "id": "other"}, {"resourceType": "Patient", "id": "p2"}],
)
def test_read_that_brings_somebody_else_is_an_error(fetch, server, resource):
    """F44: a server that answers with another patient (merged, say) has not answered."""
    server.get(f"{BASE}/Patient/p1", json=resource)
    key = fetch("Patient/p1")
    assert key == PrefetchKey(
        PrefetchState.ERROR, problem="the FHIR server answered with another resource"
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 500])
def test_error_status_is_an_error_not_none(fetch, server, status):
    """E36: an error status means unknown, on a read as on a search, even 404 and 410."""
    server.get(URL, status=status, json={"resourceType": "OperationOutcome"})
    server.get(f"{BASE}/Patient/1", status=status)
    expected = PrefetchKey(PrefetchState.ERROR, problem=f"the FHIR server answered {status}")
    assert fetch() == expected
    assert fetch("Patient/1") == expected


@pytest.mark.parametrize(
    ("answer", "state", "problem"),
    [
        (
            {"json": {"resourceType": "OperationOutcome", "issue": [{"code": "forbidden"}]}},
            PrefetchState.ERROR,
            "the server reported: forbidden",
        ),
        (
            {"json": observation(1)},
            PrefetchState.INCOMPLETE,
            "one resource where a Bundle was expected",
        ),
        ({"json": []}, PrefetchState.ERROR, "the FHIR server answered without a JSON object"),
        (
            {"body": "CANARY", "content_type": "application/json"},
            PrefetchState.ERROR,
            "the FHIR server answered without a JSON object",
        ),
        (
            {"body": '{"a":' * 150 + "1" + "}" * 150, "content_type": "application/json"},
            PrefetchState.ERROR,
            "the FHIR server answered without a JSON object",
        ),
        (
            {"body": "<html>", "content_type": "text/html"},
            PrefetchState.ERROR,
            "the FHIR server could not be used (content_type)",
        ),
        ({"status": 302}, PrefetchState.ERROR, "the FHIR server could not be used (redirect)"),
        ({"status": 503}, PrefetchState.ERROR, "the FHIR server is busy"),
    ],
)
def test_other_answers(fetch, server, answer, state, problem):
    """E34: whatever comes instead of a searchset is told in words, without its own text."""
    server.get(URL, **answer)
    key = fetch()
    assert (key.state, key.problem) == (state, problem)


def test_outcome_entry_in_a_search(fetch, server):
    """E34, Epic's warning 4119: a warning beside the entries changes nothing, an error cuts short."""
    page = bundle(1)
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "warning", "code": "processing", "diagnostics": "CANARY"}],
    }
    page["entry"].append({"resource": outcome, "search": {"mode": "outcome"}})
    server.get(URL, json=page)
    assert (fetch().state, ids(fetch())) == (PrefetchState.COMPLETE, ["1"])
    outcome["issue"][0]["severity"] = "error"
    server.replace(responses.GET, URL, json=page)
    key = fetch()
    assert (key.state, ids(key)) == (PrefetchState.INCOMPLETE, ["1"])
    assert "CANARY" not in key.problem


@pytest.mark.parametrize(
    ("issue", "state"),
    [
        ({"severity": "warning", "code": "not-supported"}, PrefetchState.COMPLETE),
        ({"severity": "information", "code": "not-found"}, PrefetchState.COMPLETE),
        ({"severity": "information", "code": "suppressed"}, PrefetchState.INCOMPLETE),
        ({"severity": "warning", "code": "throttled"}, PrefetchState.INCOMPLETE),
        ({"severity": "fatal", "code": "processing"}, PrefetchState.INCOMPLETE),
        ("CANARY", PrefetchState.COMPLETE),
    ],
)
def test_issue_that_tells_of_a_gap_makes_the_key_incomplete(fetch, server, issue, state):
    """E34: issue types that say something was left out count whatever their severity."""
    page = bundle(1)
    outcome = {"resourceType": "OperationOutcome", "issue": [issue]}
    page["entry"].append({"resource": outcome, "search": {"mode": "outcome"}})
    server.get(URL, json=page)
    key = fetch()
    assert (key.state, ids(key)) == (state, ["1"])
    assert "CANARY" not in key.problem


def test_entry_without_resource_and_total_above_what_came(fetch, server):
    """E29: what is missing from the page makes the key incomplete."""
    page = bundle(1)
    page["entry"].append({"fullUrl": "urn:x"})
    server.get(URL, json=page)
    assert fetch().state is PrefetchState.INCOMPLETE
    server.replace(responses.GET, URL, json=bundle(1, total=2))
    assert fetch().state is PrefetchState.INCOMPLETE
    server.replace(responses.GET, URL, json=bundle(entry={"resource": observation(1)}))
    assert fetch().state is PrefetchState.ERROR


@pytest.mark.parametrize(
    "query",
    [
        "",
        "Observation",
        "https://evil.example/Observation?patient=1",
        "//evil.example/Observation?patient=1",
        "../admin?x=1",
        "Patient/../admin",
        "Patient/1/$everything",
        "Patient/1?_summary=true",
        "observation?patient=1",
        "Observation?patient=1\n",
        "Observation?patient=ä",
        "Observation?patient=1 2",
    ],
)
def test_query_that_is_no_read_or_search_is_not_sent(fetch, server, query):
    """D21, F44: only a read or a type-level search below the base goes out."""
    assert fetch(query).problem == "its query is not a FHIR read or search"
    assert len(server.calls) == 0


def test_unfilled_template_is_not_sent(fetch, server):
    """D22: a token that nobody filled never becomes a query of its own."""
    server.get(URL, json=bundle())
    fetch("Observation?patient={{context.patientId}}")
    assert server.calls[0].request.url.endswith("patient=%7B%7Bcontext.patientId%7D%7D")


# --- long queries --------------------------------------------------------------------------------


def test_long_query_goes_out_as_post_search(fetch, server):
    """D25: a query that would make the URL too long is posted to _search."""
    server.post(f"{URL}/_search", json=bundle(1))
    key = fetch(max_query_url_characters=80)
    assert (key.state, ids(key)) == (PrefetchState.COMPLETE, ["1"])
    sent = server.calls[0].request
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(sent.body) == {
        "patient": ["1"],
        "code": ["http://loinc.org|1834-1,http://loinc.org|1920-8"],
    }


@pytest.mark.parametrize("status", [404, 405, 501])
def test_server_without_post_search_is_asked_by_get(fetch, server, status):
    """D25, S2.12: a server that has no POST _search is asked by GET after all."""
    server.post(f"{URL}/_search", status=status)
    server.get(URL, json=bundle(1))
    assert fetch(max_query_url_characters=80).state is PrefetchState.COMPLETE


def test_other_failures_of_post_search_stand(fetch, server):
    """E36: a refusal is a refusal, by whichever method."""
    server.post(f"{URL}/_search", status=403)
    assert fetch(max_query_url_characters=80).problem == "the FHIR server answered 403"


# --- pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "link", "followed"),
    [
        (BASE, f"{BASE}?_getpages=x", f"{BASE}?_getpages=x"),
        (BASE, "https://fhir.hospital.example:443/r4?_getpages=x", f"{BASE}?_getpages=x"),
        (BASE, "http://internal:8080/r4/Observation?page=2", f"{URL}?page=2"),
        (BASE, "/r4/Observation?page=2", f"{URL}?page=2"),
        (BASE, "Observation?page=2", f"{URL}?page=2"),
        (BASE, "?page=2", f"{URL}?page=2"),
        (
            "https://fhir.hospital.example",
            "http://internal/x?p=2",
            "https://fhir.hospital.example/x?p=2",
        ),
    ],
)
def test_next_page_is_followed_on_the_configured_base(fetch, server, base, link, followed):
    """E33, F38, S2.12, Z6: pages are read from the configured base, wherever the link points."""
    first = f"{base}/Observation"
    server.get(
        first,
        json=bundle(1, next_link=link),
        match=[
            responses.matchers.query_param_matcher(
                {"patient": "1", "code": "http://loinc.org|1834-1,http://loinc.org|1920-8"}
            )
        ],
    )
    path, _, query = followed.partition("?")
    name, _, value = query.partition("=")
    server.get(path, json=bundle(2), match=[responses.matchers.query_param_matcher({name: value})])
    key = fetch(base=base)
    assert (key.state, ids(key)) == (PrefetchState.COMPLETE, ["1", "2"])
    assert server.calls[1].request.url == followed
    assert server.calls[1].request.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/other/Observation?page=2",
        "https://fhir.hospital.example/r4x/Observation?page=2",
        "https://fhir.hospital.example/admin",
        "https://fhir.hospital.example:443:443/r4?_getpages=x",
        "https://user:pass@fhir.hospital.example/r4?p=2",
        "https://fhir.hospital.example/r4/../admin",
        "javascript:alert(1)",
    ],
)
def test_next_page_elsewhere_is_not_followed(fetch, server, link):
    """E33, F44: a next link that does not belong to the base is not followed: incomplete."""
    server.get(URL, json=bundle(1, next_link=link))
    key = fetch()
    assert (key.state, ids(key)) == (PrefetchState.INCOMPLETE, ["1"])
    assert key.problem == "the next page is not on the FHIR server's base"
    assert len(server.calls) == 1


@pytest.mark.parametrize("url", [None, 5, ""])
def test_next_link_that_cannot_be_read_still_says_there_is_more(fetch, server, url):
    """E33: "next" without a usable address never passes for the last page."""
    server.get(URL, json=bundle(1) | {"link": [{"relation": "next", "url": url}]})
    key = fetch()
    assert (key.state, ids(key)) == (PrefetchState.INCOMPLETE, ["1"])


def test_page_limit(fetch, server):
    """E33: a search is cut short after the most pages allowed."""
    for number in range(1, 5):
        server.get(URL, json=bundle(number, next_link=f"{URL}?page={number + 1}"))
    key = fetch(max_pages_per_key=3)
    assert (key.state, ids(key)) == (PrefetchState.INCOMPLETE, ["1", "2", "3"])
    assert key.problem == "more than 3 pages"


def test_resource_limit(fetch, server):
    """E33: a search is cut short after the most resources allowed."""
    server.get(URL, json=bundle(1, 2, next_link=f"{URL}?page=2"))
    key = fetch(max_resources_per_key=2)
    assert (key.state, ids(key)) == (PrefetchState.INCOMPLETE, ["1", "2"])
    assert key.problem == "2 resources or more, with more to come"


def test_circle_of_pages(fetch, server):
    """E33: a page that was read already ends the search: incomplete."""
    server.get(URL, json=bundle(1, next_link=f"{URL}?page=2"))
    server.get(URL, json=bundle(2, next_link=f"{URL}?page=2"))
    key = fetch()
    assert (key.state, ids(key)) == (PrefetchState.INCOMPLETE, ["1", "2"])
    assert key.problem == "the next page is one that was read already"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"status": 500}, "the FHIR server answered 500"),
        (
            {"body": "x", "content_type": "application/json"},
            "the FHIR server answered without a JSON object",
        ),
        ({"json": {"resourceType": "OperationOutcome"}}, "a page was not a Bundle"),
    ],
)
def test_later_page_that_fails_leaves_what_was_read(fetch, server, answer, problem):
    """E33: what the first pages brought is kept, and known to be cut short."""
    server.get(URL, json=bundle(1, next_link=f"{URL}?page=2"))
    server.get(URL, **answer)
    key = fetch()
    assert (key.state, ids(key), key.problem) == (PrefetchState.INCOMPLETE, ["1"], problem)


def test_total_counts_over_all_pages(fetch, server):
    """E29: the server's total is compared with all pages together, includes not counted."""
    second = bundle(2, total=2)
    second["entry"].append({"resource": observation(9), "search": {"mode": "include"}})
    server.get(URL, json=bundle(1, total=2, next_link=f"{URL}?page=2"))
    server.get(URL, json=second)
    key = fetch()
    assert (key.state, ids(key)) == (PrefetchState.COMPLETE, ["1", "2", "9"])
    server.reset()
    server.get(URL, json=bundle(1, total=3, next_link=f"{URL}?page=2"))
    server.get(URL, json=bundle(2, total=3))
    assert fetch().state is PrefetchState.INCOMPLETE


# --- in parallel, within the budget -----------------------------------------------------------------


class SlowServer:
    """Stands in for `Outgoing`: answers at once, or only when the test ends."""

    def __init__(self) -> None:
        self.end = threading.Event()
        self.held = threading.Semaphore(0)
        self.together = threading.Barrier(3)
        self.calls: list[str] = []

    def get(self, url: str, **_options: object) -> Answer:
        """Answer as the path says."""
        self.calls.append(url)
        if "Patient" in url or "page=2" in url:
            self.held.release()
            if not self.end.wait(10):
                raise AssertionError("the call was waited for, beyond its budget")
            raise OutgoingFailedError("timeout", "fhir.hospital.example")
        if "Condition" in url:
            return Answer(200, b'{"resourceType": "Bundle"}')
        if "Encounter" in url:
            raise ZeroDivisionError("a bug of ours")
        if "Procedure" in url or "Observation" in url or "Medication" in url:
            self.together.wait(10)
        link = b'{"relation": "next", "url": "?page=2"}'
        entry = b'{"resource": {"resourceType": "Observation", "id": "1"}}'
        return Answer(200, b'{"resourceType":"Bundle","entry":[%s],"link":[%s]}' % (entry, link))


class BudgetThatEnds:
    """A budget that is up once the server holds a number of calls, however slow the machine is."""

    def __init__(self, slow: SlowServer, held: int) -> None:
        self._slow = slow
        self._held = held

    def remaining_seconds(self) -> float:
        """Wait for the calls to be held, then leave a moment for those that are answered."""
        for _ in range(self._held):
            assert self._slow.held.acquire(timeout=10)
        return 0.3


@pytest.fixture
def slow() -> Iterator[SlowServer]:
    """Return a server that lets go when the test ends."""
    slow = SlowServer()
    yield slow
    slow.end.set()


def test_keys_are_fetched_in_parallel_and_cut_at_the_budget(slow):
    """E35, G48: a slow key costs the others nothing, and keeps the pages it has when time is up."""
    client = FhirClient(slow, limits=FhirLimits(parallel_calls=5))
    queries = {
        "patient": "Patient/1",
        "conditions": "Condition?patient=1",
        "procedures": "Procedure?patient=1",
        "observations": "Observation?patient=1",
        "medications": "MedicationRequest?patient=1",
    }
    keys = client.fetch(queries, FhirAccess(FhirBase.parse(BASE)), BudgetThatEnds(slow, held=4))
    client.close()
    assert keys["patient"] == PrefetchKey(PrefetchState.ERROR, problem="no answer in time")
    assert keys["conditions"] == PrefetchKey(PrefetchState.EMPTY)
    for name in ("procedures", "observations", "medications"):
        assert keys[name].state is PrefetchState.INCOMPLETE
        assert (ids(keys[name]), keys[name].problem) == (["1"], "no answer in time")


def test_key_that_never_started_is_an_error(slow):
    """G48: with all threads busy, a key that had no turn is unknown."""
    client = FhirClient(slow, limits=FhirLimits(parallel_calls=1))
    queries = {"patient": "Patient/1", "conditions": "Condition?patient=1"}
    keys = client.fetch(queries, FhirAccess(FhirBase.parse(BASE)), BudgetThatEnds(slow, held=1))
    client.close()
    assert keys["conditions"] == PrefetchKey(PrefetchState.ERROR, problem="no answer in time")
    assert len(slow.calls) == 1


def test_bug_in_a_thread_is_not_swallowed(slow):
    """A bug of ours is an error of the call, never a missing key."""
    client = FhirClient(slow)
    with pytest.raises(ZeroDivisionError, match=r"^a bug of ours$"):
        client.fetch(
            {"encounters": "Encounter?patient=1"}, FhirAccess(FhirBase.parse(BASE)), TimeBudget(5)
        )
    client.close()


def test_token_is_neither_logged_nor_shown(fetch, server, caplog):
    """F41: the token, the query and the bodies stay out of every log, repr and problem text."""
    server.get(URL, json=bundle(1, next_link=f"{URL}?page=2"))
    server.get(URL, status=500, body="CANARY-body")
    with caplog.at_level(logging.DEBUG):
        key = fetch()
    assert key.state is PrefetchState.INCOMPLETE
    shown = repr(FhirAccess(FhirBase.parse(BASE), TOKEN)) + repr(make_request())
    assert "CANARY" not in caplog.text + key.problem + shown


# --- as the record source of a hook request ----------------------------------------------------------

ABSENT = PrefetchKey(PrefetchState.ABSENT, problem="not sent")


def make_request(**changes: object) -> HookRequest:
    """Return a hook request that names a FHIR server and brings a token."""
    members = {
        "hook": "order-sign",
        "hook_instance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "patient_id": "1",
        "user_id": "Practitioner/1",
        "encounter_id": "",
        "draft_orders": None,
        "selections": None,
        "prefetch": {},
        "fhir_server": f"{BASE}/",
        "authorization": FhirAuthorization(access_token=TOKEN),
        **changes,
    }
    return HookRequest(**members)


def want(received: PrefetchKey = ABSENT) -> tuple[KeyWanted, ...]:
    """Return one key to fetch."""
    return (KeyWanted("observations", "Observation?patient=1", received),)


@pytest.fixture
def source():
    """Return a record source that knows one base."""
    base = FhirBase.parse(BASE)
    client = FhirClient(Outgoing([base.origin], sleep=lambda _seconds: None))
    yield FhirRecordSource(client, lambda url: base if base.is_named_by(url) else None, seconds=5)
    client.close()


def test_missing_keys_are_fetched(source, server):
    """E27, E35: what the client did not send is had from its FHIR server, with its token."""
    server.get(URL, json=bundle(1))
    fetched = source(make_request(), want())
    assert ids(fetched["observations"]) == ["1"]
    assert server.calls[0].request.headers["Authorization"] == f"Bearer {TOKEN}"


def test_open_server_needs_no_authorization(source, server):
    """C16: fhirServer without fhirAuthorization is read without a token."""
    server.get(URL, json=bundle(1))
    assert ids(source(make_request(authorization=None), want())["observations"]) == ["1"]


@pytest.mark.parametrize(
    ("request_", "wanted"), [(make_request(fhir_server=""), want()), (make_request(), ())]
)
def test_nothing_is_fetched_without_server_or_need(source, server, request_, wanted):
    """F37, C16: no FHIR server or nothing missing: no call."""
    assert source(request_, wanted) == {}
    assert len(server.calls) == 0


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"fhir_server": "https://evil.example/r4"},
            "fhirServer is not a server registered for this client",
        ),
        (
            {"fhir_server": "http://fhir.hospital.example/r4"},
            "fhirServer is not a server registered for this client",
        ),
        (
            {"patient_id": "1&_include=*"},
            "context.patientId is not a FHIR id, so nothing can be fetched",
        ),
        (
            {"authorization": FhirAuthorization(TOKEN, token_type="MAC")},
            "fhirAuthorization.token_type is not Bearer",
        ),
    ],
)
def test_refused_access_is_an_error_of_the_keys(source, server, caplog, changes, problem):
    """F40, F44: another server, a patient id that is a query, another token type: nothing is sent."""
    fetched = source(make_request(**changes), want())
    assert fetched == {"observations": PrefetchKey(PrefetchState.ERROR, problem=problem)}
    assert len(server.calls) == 0
    assert caplog.messages == [f"FHIR fetch refused: {problem}"]


def test_failed_or_shorter_fetch_does_not_replace_what_was_sent(source, server):
    """E35: pages that came with the request are kept unless the fetch brings more."""
    sent = PrefetchKey(PrefetchState.INCOMPLETE, (observation(1), observation(2)), "cut")
    server.get(URL, status=500)
    server.get(URL, json=bundle(1, next_link="https://evil.example/"))
    server.get(URL, json=bundle(1, 2, 3, next_link="https://evil.example/"))
    server.get(URL, json=bundle(1))
    assert source(make_request(), want(sent)) == {}
    assert source(make_request(), want(sent)) == {}
    assert ids(source(make_request(), want(sent))["observations"]) == ["1", "2", "3"]
    assert ids(source(make_request(), want(sent))["observations"]) == ["1"]
