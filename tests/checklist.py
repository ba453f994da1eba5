"""The checklist of CDS Hooks 2.0.1 for a service, line by line, and what became of each.

docs/conformance.md is rendered from this; `tests/service/test_checklist.py` fails if no test's docstring
names a line that is held. Line numbers are those of our reading of the specification at tag v2.0.1.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from cds_service.conformance import RULES

__all__ = ["CLIENT", "HELD", "KIT", "NOT_HELD", "NOT_USED", "names_by_test", "rendered"]

HELD: dict[str, str] = {
    "A1": "TLS ends at the proxy; production does not start without an https public address",
    "A2": "no member is null",
    "A3": "no member is empty, but `cards: []` and `services: []`",
    "A4": "optional members without a value are left out",
    "B5": "discovery answers at `/cds-services`",
    "B6": "its body holds the array `services`",
    "B7": "no service on offer is an empty array and 200",
    "B8": "each entry has hook, id and description",
    "B9": "each entry has a title",
    "B10": "each entry has its prefetch templates",
    "B11": "discovery that succeeds is a 200",
    "B13": "an id is stable and safe in a URL",
    "C14": "a service is called by POST at its id, with JSON",
    "C16": "`fhirServer` is needed as soon as a token is used",
    "C19": "a hook that is not the id's is a 400 with an OperationOutcome",
    "D20": "one template per key, in discovery",
    "D21": "a template is a FHIR read or search relative to the client's base",
    "D22": "a token is the path of a context field",
    "D23": "a context token is spelled `context.<field>`",
    "D24": "only first-level fields with a primitive value that may be tokens",
    "D25": "the restricted query subset, each parameter once",
    "D26": "one template serves all patients",
    "E27": "data come by prefetch or from the client's FHIR server",
    "E34": "prefetch is searched for OperationOutcomes",
    "E35": "what is needed and did not come is fetched",
    "E36": "required data that cannot be had are a 412",
    "F37": "more may be fetched with the client's token",
    "F38": "every FHIR call carries the token",
    "F41": "the token is never kept or logged",
    "F44": "only the issuer's own FHIR servers, no foreign next link, no other patient's data",
    "G45": "a 200 holds `cards`, and `systemActions` where a site turned them on",
    "G46": "nothing to say is `cards: []`",
    "G47": "errors have their statuses",
    "G48": "an answer comes within the order of 500 ms",
    "H49": "each card has a uuid",
    "H50": "a summary has fewer than 140 characters",
    "H51": "a detail is GitHub-Flavored Markdown",
    "H52": "an indicator is info, warning or critical",
    "H53": "each card has a source",
    "H54": "suggestions come with a selectionBehavior",
    "H55": "selectionBehavior is at-most-one or any",
    "H56": "override reasons have code, system and display",
    "H57": "links are an array",
    "I58": "a source has a short label",
    "I59": "a source's url is absolute and about the data, not the patient",
    "I60": "an icon would be an absolute url",
    "I61": "a source has a topic with code and system",
    "J62": "a suggestion has a label and a uuid",
    "J63": "at most one suggestion is recommended where one may be taken",
    "J64": "actions of a suggestion are one whole",
    "K65": "an action has type and description",
    "K66": "a create carries a new resource",
    "L69": "a link has label, url and type",
    "L70": "a link's type is absolute or smart",
    "L71": "a link may lead deep",
    "L72": "appContext goes with smart links only",
    "M74": "systemActions have the shape of actions, and are off by default",
    "N75": "feedback is taken at `/feedback`",
    "N76": "feedback is append-only and idempotent",
    "N78": "an accepted card names the suggestions taken",
    "N79": "an override may come without a reason",
    "N80": "a reason may come without display",
    "N82": "feedback is authenticated like a call",
    "O83": "discovery and services are on TLS",
    "O84": "mutual TLS in addition to the token, if a site wants it",
    "O85": "production answers trusted callers only",
    "O86": "every call carries a token, discovery and feedback included",
    "O87": "header of a token: asymmetric alg, kid, typ",
    "O88": "claims of a token: iss, aud, exp, iat, jti",
    "O89": "aud is the endpoint called, feedback included",
    "O90": "keys come from a JWK Set, fixed or by jku",
    "O91": "issuers and their jku are on a list",
    "O92": "alg none is refused",
    "O93": "symmetric algorithms are refused",
    "O94": "ES384 and RS384 first",
    "O95": "expiry, replay and tenant are checked; a failure is a bare 401",
    "P96": "CORS for listed origins, errors included",
    "R99": "`extension` may stand anywhere",
    "R100": "we send no extension",
    "R101": "an unknown extension breaks no call",
    "S102": "a Coding has code and system",
    "S103": "resources are of one FHIR version, R4",
    "S104": "no hook of our own: the hooks on offer are the published ones",
}

CLIENT: dict[str, str] = {
    "C15": "body has hook, hookInstance, context (what is not needed may be missing)",
    "C17": "fhirAuthorization and prefetch are optional",
    "C18": "hookInstance is hard to guess",
    "E28": "the client may honour some templates or none",
    "E29": "prefetched data equal those of the query",
    "E30": "a key that is not served is left out",
    "E31": "no data: null or an empty Bundle",
    "E32": "an error in prefetch is an OperationOutcome",
    "E33": "searches may be paged",
    "F39": "the token is limited to this service and user",
    "F40": "members of fhirAuthorization",
    "F42": "the token lives briefly",
    "N77": "members of a feedback item",
    "N81": "ignored cards are not reported",
}

NOT_USED: dict[str, str] = {
    "B12": "one id with several hooks: the reference client overwrites it, so each hook has its own id",
    "F43": "registration with the client's authorization server is done by the site, not in code",
    "K67": "no suggestion updates a resource",
    "K68": "no suggestion deletes a resource",
    "L73": "no card launches an app by itself",
    "Q97": "no earlier card is replaced: each hook has its own id",
    "Q98": "which hooks are needed is agreed at onboarding (docs/onboarding.md)",
}

KIT: dict[str, str] = {name: text for name, text in RULES.items() if re.fullmatch(r"R\d+", name)}

NOT_HELD: dict[str, str] = {
    "R13": "systemActions on every order-sign is a payer's rule; empty it would break line A3",
    "T6": "form completion is not what this service does",
    "T7": "it does not touch Coverage",
    "T8": "coverage information is a payer's",
    "C1": (
        "every body gets a 200: the kit reuses one token for several bodies, which an issuer whose"
        " replay policy is `refuse` does not allow; `per-endpoint-and-body` does"
    ),
    "Z": "of the 3.0 ballot only version and hookVersion (a switch), Z5 and the override reasons",
}

_LINE = re.compile(r"\b([A-S]\d{1,3}|Z\d{1,2})\b")
_RANGE = re.compile(r"\b([A-S])(\d{1,3})(?:-| to )\1(\d{1,3})\b")
_ROOT = Path(__file__).resolve().parent


@cache
def names_by_test() -> dict[str, tuple[str, ...]]:
    """Return the tests whose docstrings name a line, by the line."""
    found: dict[str, list[str]] = {}
    for file in sorted(_ROOT.rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                where = f"{file.relative_to(_ROOT.parent)}::{node.name}"
                for line in set(_lines(ast.get_docstring(node) or "")):
                    found.setdefault(line, []).append(where)
    return {line: tuple(tests) for line, tests in found.items()}


def _lines(text: str) -> Iterator[str]:
    yield from _LINE.findall(text)
    for letter, first, last in _RANGE.findall(text):
        yield from (f"{letter}{number}" for number in range(int(first), int(last) + 1))


def rendered() -> dict[Path, str]:
    """Return docs/conformance.md by its path from the root."""
    tests = names_by_test()
    parts = [
        "# Conformance\n",
        "Rendered from `tests/checklist.py`; change it there and run `make docs`. Held means that a test",
        "whose docstring names the line proves it. CDS Hooks 2.0.1; the rules R1 to R13, T and C1 are those",
        "of a public conformance kit (inferno-framework/davinci-crd-test-kit 0.13.0).\n",
        "## Held\n",
        _table(HELD, tests),
        "## Held: rules of the conformance kit, on every response\n",
        _table(KIT, tests),
        "## Held: further rules of ours, on every response\n",
        "Each has a case in `tests/unit/cds_service/test_conformance.py`.\n",
        _list({name: text for name, text in RULES.items() if name not in KIT}),
        "## Duties of the client that the service relies on or tolerates\n",
        _list(CLIENT),
        "## Optional, and not used\n",
        _list(NOT_USED),
        "## Not held\n",
        _list(NOT_HELD),
    ]
    return {Path("docs/conformance.md"): "\n".join(parts)}


def _table(lines: dict[str, str], tests: dict[str, tuple[str, ...]]) -> str:
    rows = [
        f"| {line} | {text} | `{tests.get(line, ('no test',))[0].rpartition('::')[2]}` |"
        for line, text in lines.items()
    ]
    return "\n".join(["| line | what holds | proved by, for one |", "|---|---|---|", *rows, ""])


def _list(lines: dict[str, str]) -> str:
    return "\n".join([*(f"- **{line}**: {text}" for line, text in lines.items()), ""])
