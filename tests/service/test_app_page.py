"""The page at a site: what it shows, and what is decided on it."""

from __future__ import annotations

import json

from cds_service.app import site_of
from cds_service.demo.patients.catalogue import PATIENTS
from cds_service.upkeep import describe
from cds_service.wire import Indicator
from fhir_mapping.findings import TextDecision
from tests.service.app_launch import choices_of, form_token_of
from tests.service.app_site import PUBLIC_URL, Site, SiteMaker
from tests.service.fakes import card, proposal
from tests.service.smart_ehr import BASE, ISS


def test_page_shows_what_was_read_from_text(site: Site) -> None:
    """Patient, exact words, where from, and that it does not count yet."""
    page = site.open()
    assert "<h1><span>Synthetic, Nora</span></h1>" in page
    assert "4 findings to check" in page
    assert "<blockquote>Microvascular invasion present, grade M2</blockquote>" in page
    assert "DiagnosticReport/mvi-in-words-histopathology" in page
    assert "Counts only if you confirm it." in page
    assert "Coded value 6.8 cm" not in page or "the text says the same" in page
    assert "Practitioner/surgeon-1" in page
    assert "Synthetic patients" not in page
    assert "Not a medical device" in page
    assert site.ehr.bearers == {f"Bearer {site.ehr.access_token}"}


def test_confirmed_finding_counts_for_the_calls_of_the_same_tenant(own_site: Site) -> None:
    """What is confirmed is found under the name of the CDS client's tenant, and nowhere else."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    response = own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    assert response.headers["Location"] == "/app?confirmed=1&refused=0&gone=0"
    (row,) = own_site.service.store.confirmations.all()
    assert row.finding == choice.removeprefix("finding-")
    make = own_site.service.store.pseudonyms.of
    assert row.tenant == make("tenant", ISS)
    assert row.user == make("user", ISS, "Practitioner/surgeon-1")
    assert row.patient == make("patient", ISS, "mvi-in-words")
    assert (row.concept, row.decision) == ("microvascular_invasion", TextDecision.CONFIRMED)
    shown = own_site.get(response.headers["Location"]).get_data(as_text=True)
    assert "1 confirmed. This counts from the next card on." in shown
    assert 'Decided on <span class="keep">2026-03-04</span>.' in shown
    assert "3 findings to check" in shown


def test_decision_can_be_changed_and_is_not_repeated(own_site: Site) -> None:
    """The last decision counts; sending the same page again writes nothing."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    token = form_token_of(page)
    for chosen in ("confirmed", "confirmed", "refused", "", "perhaps"):
        own_site.decide(form_token=token, **{choice: chosen})
    kept = [row.decision.value for row in own_site.service.store.confirmations.all()]
    assert kept == ["confirmed", "refused"]
    assert "Does not count: refused." in own_site.get("/app").get_data(as_text=True)


def test_finding_that_is_gone_is_not_kept(own_site: Site) -> None:
    """A report that was changed meanwhile asks again: the old decision fits nothing."""
    page = own_site.open()
    choice = choices_of(page)["Microvascular invasion present, grade M2"]
    own_site.ehr.resources["DiagnosticReport"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
    }
    response = own_site.decide(form_token=form_token_of(page), **{choice: "confirmed"})
    shown = own_site.get(response.headers["Location"]).get_data(as_text=True)
    assert "1 not kept: the record has changed meanwhile." in shown
    assert "Nothing was read from text" in shown
    assert own_site.service.store.confirmations.all() == ()


def test_coded_value_that_outweighs_a_text_is_shown(site: Site) -> None:
    """The text stays in sight with the coded value that counts in its place."""
    found = PATIENTS["mvi-present"].resources(site.service.clock().date())
    coded = next(item for item in found if item["id"] == "mvi-present-specimen-mvi")
    shown = PATIENTS["mvi-in-words"].resources(site.service.clock().date())
    observations = [item for item in shown if item["resourceType"] == "Observation"]
    graded = json.loads(json.dumps({**coded, "subject": observations[0]["subject"]}))
    graded["valueCodeableConcept"] = {
        "coding": [{"system": "http://snomed.info/sct", "code": "2667000", "display": "Absent"}]
    }
    graded["specimen"] = next(item["specimen"] for item in observations if "specimen" in item)
    site.ehr.resources["Observation"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in (*observations, graded)],
    }
    assert "Coded value absent counts; the text says present." in site.open()


def test_missing_part_of_the_record_is_said(site: Site) -> None:
    """A search that failed is named: there may be more to confirm."""
    site.ehr.raw["DiagnosticReport"] = (500, {}, "")
    page = site.open()
    assert "Not everything could be read from the EHR." in page
    assert "reports: the FHIR server answered 500" in page


def test_page_says_what_the_cards_say(own_site: Site) -> None:
    """Cards that opening the chart would show stand on the page in one line each; shadow hides here too."""
    warning = card("Metastasis 215 points, high", indicator=Indicator.WARNING)
    own_site.service.advice.proposals = (
        proposal("cleared", warning, model_hashes=()),
        proposal("not-approved", card("Of a model in shadow"), model_hashes=("hash-1",)),
    )
    page = own_site.open()
    assert "What the cards say now" in page
    assert "<b>Warning.</b> <strong>Metastasis 215 points, high</strong>" in page
    assert "Fake advice; hcc-cds, re-estimated on Li 2014" in page
    assert "Of a model in shadow" not in page
    (asked,) = own_site.service.advice.asked
    assert (asked.hook, asked.patient_id) == ("patient-view", "mvi-in-words")
    assert asked.user_id == "Practitioner/surgeon-1"


def test_page_says_nothing_of_what_lacks_its_data(own_site: Site) -> None:
    """A service that would answer 412 for want of the problems has no line."""
    own_site.service.advice.proposals = (proposal("cleared", model_hashes=()),)
    own_site.ehr.raw["Condition"] = (500, {}, "")
    page = own_site.open()
    assert "What the cards say now" not in page
    assert own_site.service.advice.asked == []


def test_whole_service_in_shadow_says_nothing(make_site: SiteMaker) -> None:
    """In shadow the page shows what was read, and no advice."""
    site = make_site(HCC_CDS_SHADOW="1")
    site.service.advice.proposals = (proposal("cleared", model_hashes=()),)
    assert "What the cards say now" not in site.open()


def test_text_of_a_report_stays_text(site: Site) -> None:
    """Markup in a report is shown as its characters, and no script may run anyway (XSS)."""
    hostile = "MVI grade M2 <script>alert(1)</script><img src=x onerror=alert(1)>"
    found = PATIENTS["mvi-in-words"].resources(site.service.clock().date())
    reports = [dict(item) for item in found if item["resourceType"] == "DiagnosticReport"]
    for report in reports:
        report["conclusion"] = hostile
        report["code"] = {"text": "<b>report</b>"}
    site.ehr.resources["DiagnosticReport"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in reports],
    }
    site.ehr.resources["Patient"] = {
        "resourceType": "Patient",
        "id": "mvi-in-words",
        "name": [{"text": "<i>Nora</i>"}],
    }
    page = site.open()
    assert "&lt;i&gt;Nora&lt;/i&gt;" in page
    assert "&lt;b&gt;report&lt;/b&gt;" in page
    for markup in ("<script", "<img", "<b>report", "<i>"):
        assert markup not in page


def test_chinese_words_are_marked_as_chinese(site: Site) -> None:
    """A quote in another language says so to fonts and voices."""
    found = PATIENTS["mvi-in-words"].resources(site.service.clock().date())
    reports = [dict(item) for item in found if item["resourceType"] == "DiagnosticReport"]
    for report in reports:
        report["conclusion"] = "微血管侵犯(M2级)。"
    site.ehr.resources["DiagnosticReport"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": item} for item in reports],
    }
    assert '<blockquote lang="zh">微血管侵犯' in site.open()


def test_pages_allow_no_script_and_no_frame(site: Site) -> None:
    """Nothing runs, nothing foreign loads, nobody frames it (clickjacking), nothing is cached."""
    site.open()
    for address in ("/app", "/app/callback?state=x"):
        headers = site.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_listed_sites_may_frame_it(make_site: SiteMaker) -> None:
    """An EHR that shows apps in a frame is listed; only then do the cookies come along in frames."""
    site = make_site(HCC_CDS_APP_FRAME_ORIGINS="https://ehr.hospital.example")
    response = site.callback()
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors https://ehr.hospital.example" in policy
    for cookie in response.headers.getlist("Set-Cookie"):
        assert "SameSite=None" in cookie
        assert "Secure" in cookie
        assert "Partitioned" in cookie


def test_app_below_a_path_keeps_to_it(make_site: SiteMaker) -> None:
    """Behind a proxy that serves us below a path, cookies and addresses stay below it."""
    site = make_site(HCC_CDS_PUBLIC_URL=f"{PUBLIC_URL}/liver")
    response = site.launch()
    assert all("Path=/liver/app" in item for item in response.headers.getlist("Set-Cookie"))
    site.ehr.authorize(response.headers["Location"])
    assert site.ehr.asked["redirect_uri"] == f"{PUBLIC_URL}/liver/app/callback"


def test_check_names_the_registration(site: Site) -> None:
    """`hcc-cds check` says from where the app opens, and how it proves who it is."""
    service = site.service
    said = describe(service.settings, site_of(service.app), service.store)
    assert f"The app opens from {BASE} as client hcc-cds (public, with PKCE).\n" in said
