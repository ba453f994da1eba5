"""The app in Chromium: opened from the demo's chart, it confirms, and the next card is narrower.

Screenshots of every state are written to the folder named by DEMO_SCREENSHOTS, else to the test's
own temporary folder; they are there to be looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from cds_service.app import create_app, store_of
from cds_service.settings import Settings
from tests.integration.test_demo_page import WIDTHS, _browser, _pictures

__all__ = ["_browser", "_pictures"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Moment:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Return now, or later."""
        return datetime.now(UTC) + self.ahead


class Demo:
    """The running demo, at the address it knows itself by."""

    def __init__(self, folder: Path) -> None:
        self.clock = Moment()
        self._server = make_server("127.0.0.1", 0, Flask("nothing yet"), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        settings = Settings(
            demo=True, state_folder=folder, guideline_profile="CNLC", public_url=self.url
        )
        self.app = create_app(settings, clock=self.clock)
        self._server.app = self.app
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        """End the server and its store."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        store_of(self.app).close()


@pytest.fixture(name="demo")
def _demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    demo.stop()


@pytest.fixture(name="new_context")
def _new_context(browser: Browser, demo: Demo) -> Iterator[Callable[..., BrowserContext]]:
    """Make browsers; at the end none may have seen an error or called another host."""
    contexts: list[BrowserContext] = []
    console: list[str] = []
    hosts: set[str] = set()

    def watch(page: Page) -> None:
        page.on("console", lambda message: console.append(message.text))
        page.on("pageerror", lambda error: console.append(str(error)))

    def make(width: int = 1280, height: int = 800, **options: Any) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(10_000)
        context.on("page", watch)
        context.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    # A page that says 401 is told to the console by Chromium itself.
    assert [line for line in console if "401" not in line] == []
    assert hosts <= {demo.url}


def _chart(context: BrowserContext, demo: Demo, patient_id: str) -> Page:
    page = context.new_page()
    page.goto(f"{demo.url}/demo?patient={patient_id}")
    page.wait_for_selector("html[data-ready=yes]", state="attached")
    return page


def _open_app(context: BrowserContext, page: Page) -> Page:
    with context.expect_page() as opened:
        page.get_by_role("link", name="Open in the app").click()
    app = opened.value
    app.wait_for_url("**/app")
    return app


def _take(page: Page, pictures: Path, name: str, width: int) -> None:
    page.screenshot(path=pictures / f"app-{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_app_confirms_and_the_next_card_is_narrower(
    new_context: Callable[..., BrowserContext], demo: Demo, javascript: bool
) -> None:
    """From the chart to the app, four findings confirmed by keyboard, back to a settled class."""
    context = new_context()
    page = _chart(context, demo, "mvi-in-words")
    cards = page.locator("dialog[open] .card h3")
    expect(cards.filter(has_text="Early recurrence: 6-32 %; class low to high")).to_have_count(1)
    page.keyboard.press("Escape")
    if javascript:
        app = _open_app(context, page)
    else:
        address = page.get_by_role("link", name="Open in the app").get_attribute("href")
        app = new_context(java_script_enabled=False).new_page()
        app.goto(str(address))
    expect(app.get_by_role("heading", name="4 findings to check")).to_be_visible()
    says = app.get_by_role("region", name="What the cards say now")
    expect(says).to_contain_text("Early recurrence: 6-32 %; class low to high")
    for words in ("MVI", "Satellite nodules", "Ki67", "Capsule"):
        section = app.get_by_role("region", name=words, exact=True).first
        section.get_by_role("radio", name="Undecided").focus()
        for _ in range(2):
            app.keyboard.press("ArrowUp")
        expect(section.get_by_role("radio", name="Confirm")).to_be_checked()
    app.get_by_role("button", name="Keep these decisions").press("Enter")
    expect(app.get_by_role("status")).to_have_text(
        "4 confirmed. This counts from the next card on."
    )
    expect(app.get_by_role("heading", name="Everything is decided")).to_be_visible()
    expect(says).to_contain_text("Metastasis 215 points, high")
    page = _chart(context, demo, "mvi-in-words")
    narrower = "early recurrence: 10 % (95 % CI 5-16 %); intermediate class"
    expect(page.locator("dialog[open] .card h3").filter(has_text=narrower)).to_have_count(1)
    expect(
        page.locator("dialog[open] .card h3").filter(has_text="215 points, high").first
    ).to_be_visible()


def test_link_on_a_card_opens_the_app(
    new_context: Callable[..., BrowserContext], demo: Demo
) -> None:
    """The SMART link of a card opens the app for the patient of the chart."""
    context = new_context()
    page = _chart(context, demo, "mvi-in-words")
    with context.expect_page() as opened:
        page.locator("dialog[open] .card a.launch").first.click()
    opened.value.wait_for_url("**/app")
    expect(opened.value.get_by_role("heading", name="Synthetic, Nora")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_every_state_fits_and_can_be_read(
    new_context: Callable[..., BrowserContext],
    demo: Demo,
    pictures: Path,
    width: int,
    height: int,
) -> None:
    """Each state at three widths: nothing is cut off sideways, and axe finds nothing to object to."""
    context = new_context(width, height)
    page = context.new_page()

    def look(name: str) -> None:
        _take(page, pictures, name, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        found = Axe().run(page).response["violations"]
        assert found == [], (name, [(item["id"], item["nodes"]) for item in found])

    def launch(patient_id: str) -> None:
        page.goto(f"{demo.url}/app/launch?iss={demo.url}/demo/fhir&launch={patient_id}")

    page.goto(f"{demo.url}/app")
    expect(page.get_by_role("heading", name="Not opened from a chart")).to_be_visible()
    look("not-launched")
    launch("mvi-in-words")
    look("findings")
    section = page.get_by_role("region", name="MVI", exact=True)
    section.get_by_role("radio", name="Not so").check()
    page.get_by_role("radio", name="Confirm").nth(1).check()
    page.get_by_role("button", name="Keep these decisions").click()
    look("some-decided")
    launch("long-chinese-text")
    expect(page.get_by_role("heading", name="Nothing to check")).to_be_visible()
    look("chinese")
    launch("no-hcc")
    look("no-hcc")
    demo.clock.ahead = timedelta(hours=2)
    page.goto(f"{demo.url}/app")
    expect(page.get_by_role("heading", name="The session is over")).to_be_visible()
    look("session-over")


def test_page_prints_without_its_buttons(
    new_context: Callable[..., BrowserContext], demo: Demo
) -> None:
    """On paper stand the findings and the decisions, not the way to take them."""
    page = new_context().new_page()
    page.goto(f"{demo.url}/app/launch?iss={demo.url}/demo/fhir&launch=mvi-in-words")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Keep these decisions")).to_be_hidden()
    expect(page.get_by_text("Microvascular invasion present, grade M2")).to_be_visible()
