"""The only caller of FHIR servers: fetches the prefetch keys that are missing, in parallel.

What is fetched is judged as if the client had sent it (`prefetch.read_key`): complete, empty, incomplete
(pages, time or a limit cut it short, or the server said so) or error. A 404 on a read is an error, not
"none": unknown is not no. The bearer token lives in `FhirAccess` for one call; it is never stored,
logged or put in a message. CDS Hooks 2.0.1, "FHIR Resource Access"; checklist lines 33 to 44.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from cds_service.errors import NotAJsonObjectError
from cds_service.fhir_base import FhirBase
from cds_service.outgoing import Outgoing, OutgoingError, TimeBudget
from cds_service.prefetch import KeyWanted, next_link, read_key
from cds_service.request import DEEPEST_NESTING, HookRequest, nesting_depth, parse_object
from fhir_mapping.prefetch_key import JsonObject, PrefetchKey, PrefetchState

__all__ = ["FhirAccess", "FhirClient", "FhirLimits", "FhirRecordSource"]

_log = logging.getLogger(__name__)

_ACCEPT = "application/fhir+json"
# The generic type is taken as well (ours): what counts is whether the body is FHIR JSON.
_CONTENT_TYPES = ("application/fhir+json", "application/json")
_LOGICAL_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_QUERY = re.compile(r"(?P<type>[A-Z][A-Za-z]{1,63})(/(?P<id>[A-Za-z0-9.-]{1,64})|\?(?P<query>\S+))")
# Statuses by which a server says that it has no POST _search: the search is repeated as a GET.
_NO_POST_SEARCH = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """Where one request may read, and with which token; no token means an open server."""

    base: FhirBase
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FhirLimits:
    """Bounds of one fetch; all are ours.

    A search whose URL would be longer than `max_query_url_characters` goes out as POST _search: some
    servers refuse a query above 2 kB (microsoft/fhir-server#2250, seen with its own `next` links).
    """

    max_pages_per_key: int = 10
    max_resources_per_key: int = 2000
    max_query_url_characters: int = 1900
    parallel_calls: int = 8


class FhirClient:
    """Reads and searches on configured FHIR bases only; safe to share between threads."""

    def __init__(self, outgoing: Outgoing, *, limits: FhirLimits | None = None) -> None:
        self._outgoing = outgoing
        self._limits = limits or FhirLimits()
        # Threads start at the first fetch, so an application loaded before a fork is safe.
        self._pool = ThreadPoolExecutor(self._limits.parallel_calls, thread_name_prefix="fhir")

    def close(self) -> None:
        """Stop the threads; what is under way ends by its own time-outs."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def fetch(
        self, queries: Mapping[str, str], access: FhirAccess, budget: TimeBudget
    ) -> dict[str, PrefetchKey]:
        """Return each key of `queries` (templates already filled) in the state it could be brought to."""
        fetches = {
            key: _KeyFetch(query, access, budget, self._outgoing, self._limits)
            for key, query in queries.items()
        }
        futures = [self._pool.submit(fetch.run) for fetch in fetches.values()]
        done, late = wait(futures, timeout=budget.remaining_seconds())
        for future in late:
            future.cancel()
        for future in done:
            future.result()  # a bug of ours in a thread is raised here, never swallowed
        return {key: fetch.read_so_far() for key, fetch in fetches.items()}


class FhirRecordSource:
    """Fetches what a hook request did not bring, from the FHIR server it names (a `RecordSource`).

    `find_base` returns the configured base that a `fhirServer` names for the caller of this request, or
    None: any other server is refused. `seconds` is the time budget of all keys together.
    """

    def __init__(
        self,
        client: FhirClient,
        find_base: Callable[[str], FhirBase | None],
        *,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._find_base = find_base
        self._seconds = seconds
        self._clock = clock

    def __call__(
        self, request: HookRequest, wanted: tuple[KeyWanted, ...]
    ) -> Mapping[str, PrefetchKey]:
        """Return the keys that could be brought further than they came."""
        if not wanted or not request.fhir_server:
            return {}
        base = self._find_base(request.fhir_server)
        refusal = ""
        if base is None:
            refusal = "fhirServer is not a server registered for this client"
        elif not _LOGICAL_ID.fullmatch(request.patient_id):
            # It would be put into the query: what is not a FHIR id could change the question.
            refusal = "context.patientId is not a FHIR id, so nothing can be fetched"
        elif request.authorization and request.authorization.token_type.lower() != "bearer":
            refusal = "fhirAuthorization.token_type is not Bearer"
        if base is None or refusal:
            _log.warning("FHIR fetch refused: %s", refusal)
            fetched = {want.key: _error(refusal) for want in wanted}
        else:
            token = request.authorization.access_token if request.authorization else ""
            fetched = self._client.fetch(
                {want.key: want.query for want in wanted},
                FhirAccess(base, token),
                TimeBudget(self._seconds, self._clock),
            )
        return {
            want.key: fetched[want.key]
            for want in wanted
            if _is_better(fetched[want.key], than=want.received)
        }


class _KeyFetch:
    """One key under way; what was read so far can be taken at any time from another thread."""

    def __init__(
        self,
        query: str,
        access: FhirAccess,
        budget: TimeBudget,
        outgoing: Outgoing,
        limits: FhirLimits,
    ) -> None:
        self._query = query
        self._access = access
        self._budget = budget
        self._outgoing = outgoing
        self._limits = limits
        self._pages: tuple[JsonObject, ...] = ()
        self._result: PrefetchKey | None = None

    def run(self) -> None:
        parts = _QUERY.fullmatch(self._query)
        try:
            if parts is None or not self._query.isascii():
                self._result = _error("its query is not a FHIR read or search")
            elif parts["id"]:
                self._result = self._read(parts["type"], parts["id"])
            else:
                self._result = self._search(parts["type"], parts["query"])
        except OutgoingError as failure:
            self._result = self._cut_short(_explain(failure))
        except NotAJsonObjectError:
            self._result = self._cut_short("the FHIR server answered without a JSON object")

    def read_so_far(self) -> PrefetchKey:
        return self._result or self._cut_short("no answer in time")

    def _read(self, resource_type: str, resource_id: str) -> PrefetchKey:
        resource = self._get(f"{self._access.base}/{resource_type}/{resource_id}")
        key = read_key(resource, is_read=resource_type == "Patient")
        # A server may answer with another resource, such as the one a patient was merged into.
        if key.resources and resource.get("id") != resource_id:
            return _error("the FHIR server answered with another resource")
        return key

    def _search(self, resource_type: str, query: str) -> PrefetchKey:
        url = f"{self._access.base}/{resource_type}?" + quote(query, safe="=&,:/%+$!*()'-._~")
        page = self._first_page(url)
        if page.get("resourceType") != "Bundle":
            return read_key(page)
        seen = {url}
        while True:
            self._pages = (*self._pages, page)
            link = next_link(page)
            if not link:
                return read_key(_join(self._pages))
            url = self._access.base.own_page(link, url)
            reason = self._reason_to_stop(url, seen)
            if reason:
                return self._cut_short(reason)
            seen.add(url)
            page = self._get(url)
            if page.get("resourceType") != "Bundle":
                return self._cut_short("a page was not a Bundle")

    def _reason_to_stop(self, url: str, seen: set[str]) -> str:
        limits = self._limits
        if not url:
            return "the next page is not on the FHIR server's base"
        if url in seen:
            return "the next page is one that was read already"
        if len(self._pages) >= limits.max_pages_per_key:
            return f"more than {limits.max_pages_per_key} pages"
        if len(_entries(self._pages)) >= limits.max_resources_per_key:
            return f"{limits.max_resources_per_key} resources or more, with more to come"
        return ""

    def _cut_short(self, reason: str) -> PrefetchKey:
        if not self._pages:
            return _error(reason)
        so_far = read_key(_join(self._pages))
        return PrefetchKey(PrefetchState.INCOMPLETE, so_far.resources, reason)

    def _first_page(self, url: str) -> JsonObject:
        if len(url) <= self._limits.max_query_url_characters:
            return self._get(url)
        path, _, form = url.partition("?")
        try:
            return self._get(f"{path}/_search", form=form)
        except OutgoingError as failure:
            if failure.status not in _NO_POST_SEARCH:
                raise
        return self._get(url)

    def _get(self, url: str, form: str | None = None) -> JsonObject:
        answer = self._outgoing.get(
            url,
            accept=_ACCEPT,
            content_types=_CONTENT_TYPES,
            budget=self._budget,
            bearer=self._access.token,
            form=form,
        )
        content = parse_object(answer.body)
        if nesting_depth(content) > DEEPEST_NESTING:
            raise NotAJsonObjectError("nested too deeply")
        return content


# What the codes of outgoing.py mean to the reader of a card or a log.
_REASONS = {
    "busy": "the FHIR server is busy",
    "out_of_time": "no answer in time",
    "timeout": "no answer in time",
    "too_large": "the FHIR server's answer is too large",
    "connection": "the FHIR server cannot be reached",
    "tls": "the FHIR server's certificate is not trusted",
}


def _explain(failure: OutgoingError) -> str:
    if failure.code == "status":
        return f"the FHIR server answered {failure.status}"
    return _REASONS.get(failure.code, f"the FHIR server could not be used ({failure.code})")


def _error(problem: str) -> PrefetchKey:
    return PrefetchKey(PrefetchState.ERROR, problem=problem)


def _is_better(fetched: PrefetchKey, *, than: PrefetchKey) -> bool:
    """Whether to use what was fetched: a failed or shorter fetch never replaces what was sent."""
    if fetched.was_answered or not than.resources:
        return True
    return len(fetched.resources) > len(than.resources)


def _join(pages: tuple[JsonObject, ...]) -> dict[str, Any]:
    """Return the pages as the one Bundle they are parts of, with the links of the last."""
    bundle: dict[str, Any] = {"resourceType": "Bundle", "entry": _entries(pages)}
    totals = [page["total"] for page in pages if type(page.get("total")) is int]
    if totals:
        bundle["total"] = max(totals)
    if "link" in pages[-1]:
        bundle["link"] = pages[-1]["link"]
    return bundle


def _entries(pages: tuple[JsonObject, ...]) -> list[Any]:
    entries: list[Any] = []
    for page in pages:
        found = page.get("entry", [])
        # What is not a list stands as one entry that cannot be read, so the key becomes incomplete.
        entries.extend(found if isinstance(found, list) else [None])
    return entries
