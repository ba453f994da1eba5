"""The checklist of CDS Hooks 2.0.1 for a service, line by line, and what became of each.

docs/conformance.md is rendered from this. Each line that is held names the tests that fail if it is not;
`tests/service/test_checklist.py` fails if one of them does not exist or its docstring does not name the
line. Line numbers are those of our reading of the specification at tag v2.0.1; S2.1 to S2.12 are what real
clients do, in the order of that reading.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cds_service.conformance import RULES

__all__ = [
    "BALLOT",
    "CLIENT",
    "EXTRA",
    "HELD",
    "KIT",
    "NOT_HELD",
    "NOT_USED",
    "REAL_CLIENTS",
    "Line",
    "lines_by_test",
    "rendered",
]


@dataclass(frozen=True, slots=True)
class Line:
    """What a line asks of us, and the tests that prove it."""

    says: str
    proofs: tuple[str, ...]


def _line(says: str, *proofs: str) -> Line:
    return Line(says, tuple(f"test_{name}" for name in proofs))


HELD: Mapping[str, Line] = {
    "A1": _line(
        "JSON over HTTPS: TLS ends at the proxy; production does not start without an https public address",
        "serve_refuses_to_start_without",
        "answers_are_json",
        "plain_http_is_for_sandboxes_only",
    ),
    "A2": _line(
        "no member is null",
        "no_answer_has_a_null_or_an_empty_member",
        "optional_members_without_a_value_are_left_out",
    ),
    "A3": _line(
        "no member is empty, but `cards: []` and `services: []`",
        "no_answer_has_a_null_or_an_empty_member",
        "nothing_to_say_is_an_empty_list",
        "without_an_advice_the_list_is_empty",
        "advice_that_needs_no_data_has_no_prefetch",
    ),
    "A4": _line(
        "optional members without a value are left out",
        "optional_members_without_a_value_are_left_out",
        "serialised_card_has_the_specifications_names_and_no_null",
    ),
    "B5": _line(
        "discovery answers at `/cds-services`",
        _DISCOVERED := "discovery_lists_one_service_per_advice_and_hook",
    ),
    "B6": _line("its body holds the array `services`", _DISCOVERED),
    "B7": _line(
        "no service on offer is an empty array and 200", "all_services_off_is_an_empty_list"
    ),
    "B8": _line("each entry has hook, id and description", _DISCOVERED),
    "B9": _line("each entry has a title", _DISCOVERED),
    "B10": _line(
        "each entry has its prefetch templates",
        _DISCOVERED,
        "discovery_serves_the_templates",
    ),
    "B11": _line("discovery that succeeds is a 200", _DISCOVERED),
    "B13": _line(
        "an id is stable and safe in a URL",
        "final_ids_are_offered",
        "every_listed_service_answers_at_its_id",
    ),
    "C14": _line(
        "a service is called by POST at its id, with JSON",
        "every_listed_service_answers_at_its_id",
        "unknown_service_gets_404",
    ),
    "C16": _line(
        "`fhirServer` is needed as soon as a token is used, and may come without one",
        "nothing_is_fetched_without_server_or_need",
        "open_server_needs_no_authorization",
    ),
    "C19": _line(
        "a hook that is not the id's is a 400 with an OperationOutcome",
        "unusable_request_gets_400_that_names_the_member",
    ),
    "D20": _line(
        "one template per key, in discovery; the key is how data come back",
        "discovery_serves_the_templates",
        "data_come_back_under_the_keys_of_discovery",
    ),
    "D21": _line(
        "a template is a FHIR read or search relative to the client's base",
        _SUBSET := "template_stays_in_the_query_subset",
    ),
    "D22": _line("a token is the path of a context field", _SUBSET),
    "D23": _line("a context token is spelled `context.<field>`", _SUBSET),
    "D24": _line("only first-level fields with a primitive value that may be tokens", _SUBSET),
    "D25": _line("the restricted query subset, each parameter once", _SUBSET),
    "D26": _line("one template serves all patients", _SUBSET, "what_is_still_to_fetch"),
    "E27": _line(
        "data come by prefetch or from the client's FHIR server",
        "keys_that_did_not_come_are_fetched",
        "complete_prefetch_needs_no_other_server",
    ),
    "E34": _line(
        "prefetch is searched for OperationOutcomes", "state_of_a_searched_key", "other_answers"
    ),
    "E35": _line(
        "what is needed and did not come is fetched",
        "keys_that_did_not_come_are_fetched",
        "what_is_still_to_fetch",
    ),
    "E36": _line(
        "required data that cannot be had are a 412",
        "missing_required_data_get_412_that_names_the_keys",
        "what_cannot_be_fetched_is_a_412",
    ),
    "F37": _line(
        "more may be fetched with the client's token", "signed_call_without_prefetch_is_answered"
    ),
    "F38": _line(
        "every FHIR call carries the token",
        "signed_call_without_prefetch_is_answered",
        "next_page_is_followed_on_the_configured_base",
    ),
    "F41": _line(
        "the token is never kept or logged",
        "token_is_written_nowhere",
        "log_lines_hold_nothing_of_a_request",
        "token_is_neither_logged_nor_shown",
    ),
    "F44": _line(
        "only the issuer's own FHIR servers, no foreign next link, no other patient's data",
        "fhir_server_of_somebody_else_is_not_called",
        "next_page_elsewhere_is_not_followed",
        "another_patient_from_the_server_is_refused",
        "unusable_request_gets_400_that_names_the_member",
        "what_was_not_used_is_on_the_card_with_its_reason",
    ),
    "G45": _line(
        "a 200 holds `cards`, and `systemActions` where a site turned them on",
        "nothing_to_say_is_an_empty_list",
        "system_actions_hold_the_referral_alone",
    ),
    "G46": _line("nothing to say is `cards: []`", "nothing_to_say_is_an_empty_list"),
    "G47": _line(
        "errors have their statuses",
        "missing_required_data_get_412_that_names_the_keys",
        "every_error_has_a_status_and_stands_in_the_drawing",
        "own_bug_gets_500_without_details",
    ),
    "G48": _line(
        "an answer waits for nothing without a limit (no test asserts a time; bench/ measures it):"
        " FHIR reads run in parallel within a budget, the store is asked a fixed number of times",
        "keys_are_fetched_in_parallel_and_cut_at_the_budget",
        "nothing_is_sent_when_time_is_up",
        "call_asks_the_store_a_fixed_number_of_times",
    ),
    "H49": _line("each card has a uuid", "cards_and_suggestions_get_uuids"),
    "H50": _line(
        "a summary has fewer than 140 characters",
        "longest_summary_has_139_characters",
        _CARD := "card_keeps_its_rules",
    ),
    "H51": _line("a detail is GitHub-Flavored Markdown", "details_are_markdown"),
    "H52": _line("an indicator is info, warning or critical", _CARD),
    "H53": _line("each card has a source", _CARD),
    "H54": _line(
        "suggestions come with a selectionBehavior", _CARD, "cards_offer_any_of_their_suggestions"
    ),
    "H55": _line(
        "selectionBehavior is at-most-one or any", _CARD, "cards_offer_any_of_their_suggestions"
    ),
    "H56": _line(
        "override reasons have code, system and display",
        "cards_offer_standard_reasons",
        _BREACH := "each_breach_is_found_where_it_is",
    ),
    "H57": _line("links are an array", "links_are_absolute_and_lead_to_papers", _BREACH),
    "I58": _line("a source has a short label", "cards_say_what_they_rest_on"),
    "I59": _line(
        "a source's url is absolute and about the data, not the patient",
        "cards_say_what_they_rest_on",
    ),
    "I60": _line("an icon would be an absolute url", "cards_say_what_they_rest_on", _BREACH),
    "I61": _line("a source has a topic with code and system", _CARD, "cards_say_what_they_rest_on"),
    "J62": _line("a suggestion has a label and a uuid", "cards_and_suggestions_get_uuids", _BREACH),
    "J63": _line(
        "at most one suggestion is recommended where one may be taken",
        "only_one_suggestion_is_recommended_if_one_may_be_taken",
    ),
    "J64": _line("actions of a suggestion are one whole", "cards_offer_any_of_their_suggestions"),
    "K65": _line("an action has type and description", "action_names_what_it_changes"),
    "K66": _line(
        "a create carries a new resource",
        "action_names_what_it_changes",
        "drafts_are_new_resources_of_r4",
    ),
    "L69": _line(
        "a link has label, url and type", "link_keeps_its_rules", "app_of_the_site_is_linked_twice"
    ),
    "L70": _line(
        "a link's type is absolute or smart",
        "link_keeps_its_rules",
        "app_of_the_site_is_linked_twice",
    ),
    "L71": _line("a link may lead deep", "links_are_absolute_and_lead_to_papers"),
    "L72": _line(
        "appContext goes with smart links only",
        "app_context_goes_with_smart_links_only",
        "app_of_the_site_is_linked_twice",
    ),
    "M74": _line(
        "systemActions have the shape of actions, and are off by default",
        "system_actions_are_off_by_default",
        "system_actions_hold_the_referral_alone",
        "referral_becomes_one_system_action",
    ),
    "N75": _line("feedback is taken at `/feedback`", "feedback_on_a_shown_card_is_kept"),
    "N76": _line(
        "feedback is append-only and idempotent",
        "same_report_twice_is_one",
        "later_report_on_the_same_card_is_added",
    ),
    "N78": _line(
        "an accepted card names the suggestions taken", "feedback_on_a_shown_card_is_kept"
    ),
    "N79": _line(
        "an override may come without a reason",
        _OVERRIDE := "override_may_come_without_reason_or_display",
    ),
    "N80": _line("a reason may come without display", _OVERRIDE),
    "N82": _line(
        "feedback is authenticated like a call",
        "every_endpoint_asks_who_calls",
        "audience_is_the_endpoint_called",
    ),
    "O83": _line("discovery and services are on TLS", "serve_refuses_to_start_without"),
    "O84": _line(
        "mutual TLS in addition to the token, if a site wants it",
        "certificate_is_taken_from_a_listed_proxy",
        "certificate_headers_prove_nothing_by_themselves",
        "certificate_does_not_replace_the_token",
    ),
    "O85": _line(
        "production answers trusted callers only",
        "service_outside_the_demo_needs_trust",
        "every_endpoint_asks_who_calls",
    ),
    "O86": _line(
        "every call carries a token, discovery and feedback included",
        "every_endpoint_asks_who_calls",
        "call_without_token_is_refused",
    ),
    "O87": _line(
        "header of a token: asymmetric alg, kid, typ",
        "typ_must_be_jwt",
        "kid_is_required",
        "signature_must_fit_the_content",
    ),
    "O88": _line(
        "claims of a token: iss, aud, exp, iat, jti",
        "issuer_off_the_list_is_refused",
        "times_are_required",
        "jti_is_required",
    ),
    "O89": _line(
        "aud is the endpoint called, feedback included",
        "audience_of_another_endpoint_is_refused",
        "audience_is_the_endpoint_called",
    ),
    "O90": _line(
        "keys come from a JWK Set, fixed or by jku",
        "keys_are_fetched_once_and_kept",
        "unknown_kid_is_refused",
        "inline_keys_are_read",
    ),
    "O91": _line(
        "issuers and their jku are on a list",
        "jku_off_the_list_is_refused",
        "issuer_off_the_list_is_refused",
    ),
    "O92": _line("alg none is refused", "alg_none_is_refused"),
    "O93": _line(
        "symmetric algorithms are refused", "symmetric_algorithm_with_the_public_key_is_refused"
    ),
    "O94": _line(
        "ES384 and RS384 first",
        "recommended_algorithms_are_let_in",
        "further_algorithms_only_where_configured",
    ),
    "O95": _line(
        "expiry, replay and tenant are checked, in the advised order; a failure is a bare 401; no token is logged",
        "checks_run_in_the_advised_order",
        "expired_token_is_refused",
        "replayed_token_is_refused",
        "tenant_off_the_list_is_refused",
        "refused_call_gets_a_bare_401",
        "stranger_gets_a_bare_401",
        "nothing_of_a_token_reaches_a_log",
    ),
    "P96": _line(
        "CORS for listed origins, errors included",
        "preflight_is_answered",
        "errors_carry_cors_headers",
        "refusal_can_be_read_by_a_browser",
        "other_origins_are_not_let_in",
    ),
    "R99": _line("`extension` may stand anywhere", "extensions_break_no_call"),
    "R100": _line("we send no extension", "we_send_no_extension"),
    "R101": _line("an unknown extension breaks no call", "extensions_break_no_call"),
    "S102": _line("a Coding has code and system", "codings_have_code_and_system"),
    "S103": _line("resources are of one FHIR version, R4", "drafts_are_new_resources_of_r4"),
    "S104": _line(
        "no hook of our own: the hooks on offer are the published ones",
        "hooks_are_the_published_ones",
    ),
}

REAL_CLIENTS: Mapping[str, Line] = {
    "S2.1": _line(
        "a browser preflights every call, without Authorization, and reads errors",
        "preflight_is_answered",
        "preflight_needs_no_token",
        "errors_carry_cors_headers",
        "refusal_can_be_read_by_a_browser",
    ),
    "S2.2": _line(
        "tokens live five minutes, may be rounded up and be used for several bodies; the reference sandbox's"
        " key is public",
        "recommended_algorithms_are_let_in",
        "clock_skew_is_tolerated_within_the_leeway",
        "replay_policy_per_endpoint_and_body",
        "issuer_whose_private_key_is_public_is_for_the_demo_only",
    ),
    "S2.3": _line(
        "`aud` is the public address, whatever the proxy sends on",
        "audience_does_not_come_from_the_request",
    ),
    "S2.4": _line(
        "bodies are loose",
        "loose_order_is_read_as_what_it_is",
        "call_without_orders_has_nothing_to_say",
        "odd_request_is_answered",
        "address_with_doubled_or_trailing_slash_is_found",
        "unreadable_resource_costs_itself_alone",
    ),
    "S2.5": _line(
        "order-select comes in bursts",
        "burst_of_order_select_is_answered_each_time",
        "same_call_again_gets_the_same_cards",
    ),
    "S2.6": _line(
        "prefetch comes short, empty, paged or as an error; templates use each parameter once and the sure token",
        "state_of_a_searched_key",
        _SUBSET,
    ),
    "S2.7": _line("the reference client overwrites an id that repeats", "no_id_appears_twice"),
    "S2.8": _line("some clients render raw HTML of a detail", "a_hostile_record_stays_text"),
    "S2.9": _line(
        "feedback comes without reason or display, and twice",
        "cards_and_suggestions_get_uuids",
        _OVERRIDE,
        "same_report_twice_is_one",
    ),
    "S2.10": _line(
        "SMART buttons may be dead, recommendation and behaviour be ignored",
        "app_of_the_site_is_linked_twice",
        "cards_do_not_lean_on_what_clients_ignore",
    ),
    "S2.11": _line(
        "appContext may not reach the app: our app reads none, and an absolute link leads there without",
        "app_link_comes_with_an_absolute_one",
    ),
    "S2.12": _line(
        "searches go out as POST with a GET fallback, also to the demo's endpoint; next links name another host",
        "read_and_search",
        "server_without_post_search_is_asked_by_get",
        "next_page_is_followed_on_the_configured_base",
    ),
}

_LEAVES = "no_breach_leaves_the_service"
_EACH_ANSWER = "broken_card_is_replaced_by_a_fixed_one"

KIT: Mapping[str, Line] = {
    "D2": _line("`GET /cds-services` is a 200 with JSON", _DISCOVERED),
    "D3": _line(
        "`services` is an array; each entry has hook, id and description",
        "discovery_names_what_is_missing",
        _DISCOVERED,
    ),
    "C2": _line(
        "the kit's checks of a request pass on our own requests", "our_requests_pass_the_kit"
    ),
    **{
        name: _line(text, _BREACH, _LEAVES, _EACH_ANSWER)
        for name, text in RULES.items()
        if re.fullmatch(r"R\d+", name)
    },
    "T1": _line(
        "external reference: a card all of whose links are absolute (until a site links the app)",
        "a_card_follows_the_conformance_kit",
    ),
    "T5": _line("additional orders: a card that only creates orders", "cards_are_of_these_types"),
}

_RULE_PROOFS: Mapping[str, tuple[str, ...]] = {
    "X-recommended": ("only_one_suggestion_is_recommended_if_one_may_be_taken",),
    "X-uuid": (_BREACH, "cards_and_suggestions_get_uuids"),
    "X-null": (_BREACH, "no_answer_has_a_null_or_an_empty_member"),
    "X-empty": (_BREACH, "no_answer_has_a_null_or_an_empty_member"),
    "X-html": (_BREACH, "a_hostile_record_stays_text"),
    "X-link": (_BREACH, "link_that_leads_elsewhere_is_dropped"),
}

EXTRA: Mapping[str, Line] = {
    **{
        name: _line(text, *_RULE_PROOFS.get(name, (_BREACH, _LEAVES)))
        for name, text in RULES.items()
        if name.startswith("X-")
    },
    "X-valid": _line(
        "every proposed resource is valid FHIR (fhir.resources R4B) within the elements of 4.0.1",
        "proposal_is_valid_fhir",
        "every_template_is_a_valid_draft_request",
        "drafts_are_new_resources_of_r4",
    ),
    "X-invariants": _line(
        "cds-resp-1 to 7 of the 3.0 ballot",
        _BREACH,
        "only_one_suggestion_is_recommended_if_one_may_be_taken",
    ),
    "X-tokens": _line(
        "none, HS256, wrong aud, expired, replayed, unknown kid, jku off the list and wrong iss are refused",
        "alg_none_is_refused",
        "symmetric_algorithm_with_the_public_key_is_refused",
        "audience_of_another_endpoint_is_refused",
        "expired_token_is_refused",
        "replayed_token_is_refused",
        "unknown_kid_is_refused",
        "jku_off_the_list_is_refused",
        "issuer_off_the_list_is_refused",
    ),
    "X-prefetch": _line(
        "a request without prefetch, with null, an OperationOutcome, a paged Bundle, another patient",
        "prefetch_in_every_state_is_answered",
        "prefetch_and_authorization_may_be_missing",
        "unusable_request_gets_400_that_names_the_member",
    ),
}

BALLOT: Mapping[str, Line] = {
    "Z2": _line(
        "version and hookVersion in discovery, if a site switches them on",
        "version_members_are_behind_a_switch",
        "version_members_are_not_there_by_default",
    ),
    "Z5": _line(
        "every error but the bare 401 carries an OperationOutcome",
        "outcome_names_what_is_wrong",
        "unusable_request_gets_400_that_names_the_member",
        "errors_of_the_framework_are_told_in_our_words",
    ),
    "Z10": _line("no raw HTML reaches a detail (X-html)", "a_hostile_record_stays_text", _BREACH),
    "Z12": _line(
        "systemActions only where a site agreed on them", "system_actions_are_off_by_default"
    ),
    "Z14": _line(
        "override reasons of the standard value set", "override_reasons_are_of_the_standard"
    ),
    "Z15": _line(
        "keys by jku are kept, fetched again for an unknown kid, and end when withdrawn",
        "rotated_key_is_found_by_one_refetch",
        "withdrawn_key_stops_working",
    ),
    "Z18": _line("the invariants of an answer (X-invariants)", _BREACH),
}

CLIENT: Mapping[str, Line] = {
    "C15": _line(
        "body has hook, hookInstance, context (what is not needed may be missing)",
        "odd_request_is_answered",
        "unusable_request_gets_400_that_names_the_member",
    ),
    "C17": _line(
        "fhirAuthorization and prefetch are optional", "prefetch_and_authorization_may_be_missing"
    ),
    "C18": _line(
        "hookInstance is hard to guess; nothing of ours rests on it",
        "known_hook_instance_opens_nothing",
    ),
    "E28": _line(
        "the client may honour some templates or none",
        "keys_that_did_not_come_are_fetched",
        "prefetch_and_authorization_may_be_missing",
    ),
    "E29": _line(
        "prefetched data equal those of the query; keys of others are not looked at",
        "key_that_was_not_sent_is_absent",
    ),
    "E30": _line(
        "a key that is not served is left out",
        "key_that_was_not_sent_is_absent",
        "missing_required_data_get_412_that_names_the_keys",
    ),
    "E31": _line(
        "no data: null or an empty Bundle",
        "state_of_a_searched_key",
        "no_conditions_recorded_is_an_answer",
    ),
    "E32": _line(
        "an error in prefetch is an OperationOutcome",
        "state_of_a_searched_key",
        "missing_required_data_get_412_that_names_the_keys",
    ),
    "E33": _line(
        "searches may be paged",
        "state_of_a_searched_key",
        "next_page_is_followed_on_the_configured_base",
    ),
    "F39": _line(
        "the token is limited to this service and user: it is used for its own call only",
        "no_token_no_header",
    ),
    "F40": _line(
        "members of fhirAuthorization",
        "refused_access_is_an_error_of_the_keys",
        "odd_request_is_answered",
    ),
    "F42": _line(
        "the token lives briefly: nothing is sent once the answer is due",
        "nothing_is_sent_when_time_is_up",
    ),
    "N77": _line(
        "members of a feedback item",
        "feedback_on_a_shown_card_is_kept",
        "unreadable_reports_are_named_and_the_others_kept",
    ),
    "N81": _line(
        "ignored cards are not reported: no report is needed for a card",
        "unreadable_reports_are_named_and_the_others_kept",
    ),
}

NOT_USED: Mapping[str, str] = {
    "B12": "one id with several hooks: the reference client overwrites it, so each hook has its own id",
    "F43": "registration with the client's authorization server is done by the site, not in code",
    "K67": "no suggestion updates a resource",
    "K68": "no suggestion deletes a resource",
    "L73": "no card launches an app by itself",
    "Q97": "no earlier card is replaced: each hook has its own id",
    "Q98": "which hooks are needed is agreed at onboarding (docs/onboarding.md)",
    "T2": "no card of an advice is without links: each leads to the papers it rests on",
    "T3": "no card has SMART links alone: an absolute one stands beside each (S2.10)",
    "T4": "no card proposes an alternate order: nothing is updated or deleted",
}

NOT_HELD: Mapping[str, str] = {
    "R13": "systemActions on every order-sign is a payer's rule; empty it would break line A3",
    "T6": "form completion is not what this service does",
    "T7": "it does not touch Coverage",
    "T8": "coverage information is a payer's",
    "C1": (
        "every body gets a 200: the kit reuses one token for several bodies, which an issuer whose"
        " replay policy is `refuse` does not allow; `per-endpoint-and-body` does"
    ),
    "D1": "TLS 1.2 or later is the proxy's to offer; the service itself speaks HTTP (A1)",
    "Z1": "how FHIR is written inside a message: plain JSON is all we write, and all we read (A1)",
    "Z3": "what a client supports is not asked: nothing is sent that needs it",
    "Z4": "no actionSelectionBehavior: each suggestion has one action",
    "Z6": "the looser words on prefetch ask nothing more of us: every state is read anyway (E28 to E36)",
    "Z7": "no `_maxresults`: it is not in the subset of 2.0.1",
    "Z8": "no FHIRPath in tokens: a client of 2.0.1 would not fill them",
    "Z9": "scopes are the site's to agree on with its authorization server; those of a call are not read",
    "Z11": "an action without description: ours always have one (R12); no suggestion updates anything",
    "Z13": "no SMART launch as a Task: a link does it, with an absolute one beside it (S2.10)",
    "Z16": "when cards are discarded is the client's",
    "Z17": "no extension is sent, and any is read past (R99 to R101); Bundles need no type (S2.4)",
}

_LINE = re.compile(r"(?<![\w.-])(S2\.\d{1,2}|[A-T]\d{1,3}|Z\d{1,2}|X-[a-z]+)\b(?!\.\d)")
_RANGE = re.compile(r"\b([A-S])(\d{1,3})(?:-| to )\1(\d{1,3})\b")
_ROOT = Path(__file__).resolve().parent


@cache
def lines_by_test() -> Mapping[str, tuple[frozenset[str], ...]]:
    """Return the lines that the docstring of a test names; one set for each test of that name."""
    found: dict[str, list[frozenset[str]]] = {}
    for file in sorted(_ROOT.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                lines = frozenset(_lines(ast.get_docstring(node) or ""))
                found.setdefault(node.name, []).append(lines)
    return {name: tuple(lines) for name, lines in found.items()}


def _lines(text: str) -> Iterator[str]:
    yield from _LINE.findall(text)
    for letter, first, last in _RANGE.findall(text):
        yield from (f"{letter}{number}" for number in range(int(first), int(last) + 1))


def rendered() -> dict[Path, str]:
    """Return docs/conformance.md by its path from the root."""
    parts = [
        "# Conformance\n",
        "Rendered from `tests/checklist.py`; change it there and run `make docs`. Each line names the tests",
        "that fail if it does not hold; their docstrings name the line. CDS Hooks 2.0.1; the rules R1 to R13,",
        "D, T and C are those of a public conformance kit (inferno-framework/davinci-crd-test-kit 0.13.0).\n",
        "## Held\n",
        _table(HELD),
        "## Held: what real clients do\n",
        _table(REAL_CLIENTS),
        "## Held: rules of the conformance kit, R1 to R12 on every response\n",
        _table(KIT),
        "## Held: further rules of ours\n",
        _table(EXTRA),
        "## Held of the 3.0 ballot\n",
        _table(BALLOT),
        "## Duties of the client that the service relies on or tolerates\n",
        _table(CLIENT),
        "## Optional, and not used\n",
        _list(NOT_USED),
        "## Not held\n",
        _list(NOT_HELD),
    ]
    return {Path("docs/conformance.md"): "\n".join(parts)}


def _table(lines: Mapping[str, Line]) -> str:
    rows = [
        f"| {name} | {line.says} | {', '.join(f'`{proof}`' for proof in line.proofs)} |"
        for name, line in lines.items()
    ]
    return "\n".join(["| line | what holds | proved by |", "|---|---|---|", *rows, ""])


def _list(lines: Mapping[str, str]) -> str:
    return "\n".join([*(f"- **{name}**: {text}" for name, text in lines.items()), ""])
