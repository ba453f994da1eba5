"""The demo in Chromium: cards pop up at order entry, are accepted and overridden, by mouse and by keys.

Screenshots of every state are written to the folder named by DEMO_SCREENSHOTS, else to the test's
own temporary folder; they are there to be looked at.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from werkzeug.serving import make_server

from cds_service.app import create_app, store_of
from cds_service.settings import Settings
from cds_service.store.feedback import Report
from tests.browser_setup import CHROMIUM_FLAGS, WHAT_TO_DO, find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = ((400, 800), (1280, 800), (1920, 1080))


@dataclass(frozen=True, slots=True)
class Demo:
    """The running demo: where it answers, and what it has stored."""

    url: str
    app: Flask

    @property
    def reports(self) -> list[Report]:
        """Every feedback that arrived, in order."""
        return [item.report for item in store_of(self.app).feedback.all()]


@dataclass(slots=True)
class Visit:
    """One visitor: the page, what its console said and whom it called."""

    page: Page
    demo: Demo
    console: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def open(self, patient_id: str = "") -> Page:
        """Open a chart and wait until the page has asked the service."""
        self.page.goto(f"{self.demo.url}/demo" + (f"?patient={patient_id}" if patient_id else ""))
        self.page.wait_for_selector("html[data-ready=yes]", state="attached")
        return self.page

    def pick(self, order: str) -> None:
        """Tick an order and wait for the answer."""
        self.page.get_by_role("checkbox", name=order).check()
        self.settle()

    def settle(self) -> None:
        """Wait until no answer is awaited."""
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)


@pytest.fixture(name="demo", scope="module")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    app = create_app(Settings(demo=True, state_folder=folder, guideline_profile="CNLC"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Demo(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join()
    server.server_close()
    store_of(app).close()


@pytest.fixture(name="browser", scope="module")
def _browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(WHAT_TO_DO)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(name="new_visit")
def _new_visit(browser: Browser, demo: Demo) -> Iterator[Callable[..., Visit]]:
    """Make visitors; at the end none of them may have seen an error or called another host."""
    visits: list[Visit] = []

    def make(width: int = 1280, height: int = 800, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(10_000)
        visit = Visit(context.new_page(), demo)
        visit.page.on("console", lambda message: visit.console.append(message.text))
        visit.page.on("pageerror", lambda error: visit.console.append(str(error)))
        visit.page.on("request", lambda request: visit.hosts.add("/".join(request.url.split("/")[:3])))  # fmt: skip
        visits.append(visit)
        return visit

    yield make
    for visit in visits:
        visit.page.context.close()
        assert visit.console == []
        assert visit.hosts <= {demo.url}


@pytest.fixture(name="visit")
def _visit(new_visit: Callable[..., Visit]) -> Visit:
    return new_visit()


@pytest.fixture(name="pictures")
def _pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("DEMO_SCREENSHOTS") or tmp_path)  # noqa: TID251 - a test's option
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _dialog_is_open(page: Page) -> bool:
    return page.locator("dialog#cards").evaluate("dialog => dialog.open")  # type: ignore[no-any-return]  # JSON


def _with_a_third_card(route: Route) -> None:
    """Answer as the service does, with its card a second time as an information."""
    answer = route.fetch()
    body = answer.json()
    again = {**body["cards"][0], "uuid": "00000000-0000-4000-8000-000000000003"}
    body["cards"].append({**again, "indicator": "info"})
    route.fulfill(response=answer, json=body)


def test_a_card_pops_up_is_unfolded_and_accepted(visit: Visit) -> None:
    """Picking a resection pops up a warning; accepting drafts a referral, and the store has it."""
    page = visit.open("clearly-high")
    before = len(visit.demo.reports)
    visit.pick("Liver resection")
    card = page.locator("dialog[open] .card")
    expect(card).to_have_count(1)
    expect(card.locator(".kind")).to_contain_text("Warning")
    expect(card.locator("h3")).to_contain_text("Early recurrence (4 mo)")
    inputs = card.get_by_role("table").first
    expect(inputs).to_be_hidden()
    card.get_by_text("Inputs, evidence and limits").click()
    expect(inputs).to_be_visible()
    suggestion = card.get_by_role("button", name="Draft tumour-board referral")
    suggestion.click()
    expect(card.get_by_role("status").first).to_contain_text("Added to the draft orders")
    expect(suggestion).to_be_focused()
    page.keyboard.press("Enter")
    (report,) = visit.demo.reports[before:]
    assert report.service == "resection-risk-order-select"
    assert report.outcome == "accepted"
    assert report.card == card.get_attribute("data-card")
    assert len(report.accepted_suggestions) == 1
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#accepted-list li")).to_have_count(1)
    expect(page.get_by_role("button", name="Sign 2 orders")).to_be_enabled()


def test_a_card_is_overridden_with_a_reason(visit: Visit) -> None:
    """Overriding sends the reason's code to the service and says so on the card."""
    page = visit.open("capsule-not-recorded")
    before = len(visit.demo.reports)
    visit.pick("Liver resection")
    card = page.locator("dialog[open] .card")
    card.get_by_text("Override with a reason").click()
    reason = card.get_by_role("radio").first
    name = card.locator(".override li span").first.inner_text()
    reason.check()
    card.get_by_role("button", name="Send override").click()
    expect(card.get_by_role("status").first).to_have_text(f"Overridden: {name}.")
    expect(card.locator(".actions")).to_be_hidden()
    (report,) = visit.demo.reports[before:]
    assert report.outcome == "overridden"
    assert report.reason_code
    assert report.reason_system.startswith("http")


def test_an_override_needs_no_reason(visit: Visit) -> None:
    """A card can be overridden without a reason, as CDS Hooks allows."""
    page = visit.open("capsule-not-recorded")
    before = len(visit.demo.reports)
    visit.pick("Liver resection")
    page.get_by_text("Override with a reason").click()
    page.get_by_role("button", name="Send override").click()
    expect(page.locator(".outcome").first).to_have_text("Overridden, no reason given.")
    (report,) = visit.demo.reports[before:]
    assert (report.outcome, report.reason_code) == ("overridden", "")


def test_the_whole_path_by_keyboard(visit: Visit) -> None:
    """With keys alone: to the orders, tick, read the card, Esc, back at the tick, Enter signs."""
    page = visit.open("clearly-high")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Go to the orders")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    resection = page.get_by_role("checkbox", name="Liver resection")
    expect(resection).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#cards-title")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#cards")).to_be_hidden()
    expect(resection).to_be_focused()
    page.keyboard.press("Enter")
    visit.settle()
    if _dialog_is_open(page):
        page.get_by_role("button", name="Sign anyway").focus()
        page.keyboard.press("Enter")
    expect(page.locator("#signed-list li")).to_have_text(["Liver resection"])
    expect(page.locator("#order-note")).to_be_focused()
    expect(page.get_by_role("button", name="No order to sign")).to_be_disabled()


def test_signing_does_not_repeat_what_picking_showed(visit: Visit) -> None:
    """In one session the card of order-select is not shown again at order-sign; a new one sees it."""
    page = visit.open("capsule-not-recorded")
    visit.pick("Liver resection")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sign 1 order").click()
    visit.settle()
    assert not _dialog_is_open(page)
    expect(page.locator("[data-hook=order-sign]")).to_contain_text("No card:")
    user = page.locator("#user").inner_text()
    page.get_by_role("button", name="Start a new session").click()
    visit.settle()
    assert page.locator("#user").inner_text() != user
    visit.pick("Liver resection")
    expect(page.locator("dialog[open]")).to_be_visible()


def test_signing_waits_for_the_answer_to_a_card(visit: Visit) -> None:
    """A card at order-sign holds the signature until the visitor signs anyway or goes back."""
    page = visit.page
    page.route("**/cds-services/*-order-select", lambda route: route.fulfill(json={"cards": []}))
    visit.open("clearly-high")
    visit.pick("Liver resection")
    assert not _dialog_is_open(page)
    page.get_by_role("button", name="Sign 1 order").click()
    expect(page.locator("dialog[open] .card.warning")).to_have_count(1)
    page.get_by_role("button", name="Back to the orders").click()
    expect(page.get_by_role("button", name="Sign 1 order")).to_be_focused()
    expect(page.locator("#signed-list li")).to_have_count(0)
    page.locator("[data-hook=order-sign]").get_by_role("button", name="Show again").click()
    expect(page.locator("dialog[open] .card")).to_have_count(1)
    expect(page.get_by_role("button", name="Sign anyway")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Start a new session").click()
    visit.settle()
    page.get_by_role("button", name="Sign 1 order").click()
    page.get_by_role("button", name="Sign anyway").click()
    expect(page.locator("#signed-list li")).to_have_text(["Liver resection"])
    expect(page.locator("#order-note")).to_have_text("1 order signed.")


def test_a_quiet_answer_is_seen_to_be_one(visit: Visit) -> None:
    """Without HCC the service says nothing, and the page says that it was asked."""
    page = visit.open("no-hcc")
    visit.pick("Liver resection")
    assert not _dialog_is_open(page)
    expect(page.locator("[data-hook=order-select]")).to_contain_text(
        "No card: 3 services were asked and had nothing to add."
    )


def test_immunotherapy_and_lung_metastasis_have_their_cards(visit: Visit) -> None:
    """The chart opens with what to discuss of the lungs; nivolumab shows the flags of HPD, not HPR."""
    page = visit.open("lung-metastasis")
    summary = page.locator("dialog[open] .card h3")
    expect(summary).to_contain_text("consider discussing at the tumour board")
    page.get_by_role("button", name="Close").click()
    visit.pick("Nivolumab")
    expect(summary).to_contain_text(
        "HPD (not HPR): flags present: NLR 5.1 (from 3), LDH above limit"
    )
    expect(page.locator("dialog[open] .card .kind")).not_to_contain_text("Warning")


def test_a_problem_is_told_in_words_and_can_be_tried_again(
    new_visit: Callable[..., Visit],
) -> None:
    """Without the problem list the service answers 412: the page says what, keeps the orders, retries."""
    visit = new_visit()

    def refuse(route: Route) -> None:
        route.fulfill(status=503, content_type="application/fhir+json", body="{}")

    visit.page.route("**/demo/fhir/Condition/_search", refuse)
    page = visit.open("clearly-high")
    visit.pick("Liver resection")
    entry = page.locator("[data-hook=order-select]").first
    expect(entry.get_by_role("alert")).to_contain_text("could not answer")
    expect(entry.get_by_role("alert")).to_contain_text("412")
    expect(entry).to_contain_text("Your draft orders are kept.")
    expect(page.get_by_role("button", name="Sign 1 order")).to_be_enabled()
    page.unroute("**/demo/fhir/Condition/_search")
    entry.get_by_role("button", name="Ask again").click()
    expect(page.locator("dialog[open] .card")).to_have_count(1)
    assert all("status of 503" in line or "status of 412" in line for line in visit.console)
    visit.console.clear()


def test_raw_request_and_response_are_one_click_away(visit: Visit) -> None:
    """The card opens onto the JSON that went out and came back, and onto the call as curl."""
    page = visit.open("clearly-high")
    visit.pick("Liver resection")
    card = page.locator("dialog[open] .card")
    card.get_by_text("Raw request and response").click()
    request, response = (json.loads(text) for text in card.locator("pre.json").all_inner_texts())
    assert request["hook"] == "order-select"
    assert request["context"]["patientId"] == "clearly-high"
    assert request["context"]["selections"] == [
        "ServiceRequest/" + request["context"]["draftOrders"]["entry"][0]["resource"]["id"]
    ]
    assert request["prefetch"]["patient"]["id"] == "clearly-high"
    assert request["prefetch"]["observations"]["type"] == "searchset"
    assert response["cards"][0]["uuid"] == card.get_attribute("data-card")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    card.get_by_role("button", name="Copy as curl").click()
    expect(card.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl -s -X POST '{visit.demo.url}/cds-services/resection-risk")


@pytest.mark.parametrize("state", ["empty", "chart", "card", "unfolded", "override", "error"])
def test_no_serious_barrier(new_visit: Callable[..., Visit], state: str) -> None:
    """In each state axe finds no serious or critical barrier."""
    visit = new_visit()
    if state == "error":
        visit.page.route("**/cds-services/**", lambda route: route.abort())
    page = visit.open("" if state == "empty" else "clearly-high")
    if state not in ("empty", "chart"):
        visit.pick("Liver resection")
    card = page.locator("dialog[open] .card")
    if state == "unfolded":
        card.get_by_text("Inputs, evidence and limits").click()
        card.get_by_text("Raw request and response").click()
    if state == "override":
        page.get_by_text("Override with a reason").click()
    if state == "error":
        visit.console.clear()
    # A panel that is still sliding in is half transparent.
    page.evaluate("Promise.all(document.getAnimations().map(item => item.finished))")
    found = Axe().run(page).response["violations"]
    assert [item["id"] for item in found if item["impact"] in ("serious", "critical")] == []


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_every_state_fits_and_is_pictured(
    new_visit: Callable[..., Visit], pictures: Path, width: int, height: int
) -> None:
    """No state is wider than the window; each is saved as a picture to be looked at."""
    visit = new_visit(width, height, reduced_motion="reduce")
    page = visit.page

    def save(name: str) -> None:
        page.screenshot(path=pictures / f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    visit.open()
    save("empty")
    for patient in ("clearly-high", "capsule-not-recorded", "conflicting-sizes", "long-chinese-text"):  # fmt: skip
        visit.open(patient)
        save(f"{patient}-chart")
        visit.pick("Liver resection")
        save(f"{patient}-card")
    page.get_by_text("Inputs, evidence and limits").first.click()
    save("long-chinese-text-unfolded")
    for patient in ("earlier-resection", "broken-record", "afp-in-iu"):
        visit.open(patient)
        visit.pick("Liver resection")
        save(f"{patient}-card")
    for patient in ("mvi-present", "mvi-not-recorded", "surveillance-overdue", "recurrence-found", "lung-metastasis"):  # fmt: skip
        visit.open(patient)
        save(f"{patient}-view")
    page.get_by_role("button", name="Close").click()
    visit.pick("Nivolumab")
    save("lung-metastasis-nivolumab")
    page.get_by_text("Inputs, evidence and limits").first.click()
    save("lung-metastasis-flags")
    page.route("**/cds-services/surveillance-patient-view", _with_a_third_card)
    visit.open("mvi-present")
    expect(page.locator("dialog[open] .card")).to_have_count(3)
    save("three-cards")
    page.unroute("**/cds-services/surveillance-patient-view")
    visit.open("clearly-high")
    visit.pick("Liver resection")
    page.get_by_text("Override with a reason").click()
    save("override")
    page.get_by_role("button", name="Draft tumour-board referral").click()
    expect(page.locator(".outcome").first).not_to_be_empty()
    page.keyboard.press("Escape")
    save("accepted")
    page.emulate_media(media="print")
    save("print")
    page.emulate_media(media="screen")
    page.route("**/demo/fhir/Condition/_search", lambda route: route.abort())
    visit.open("no-hcc")
    visit.pick("Nivolumab")
    page.locator(".advice").scroll_into_view_if_needed()
    save("error")
    visit.console.clear()
