"""A site with the app: the service, the EHR it opens from, and a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import responses
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.service.openapi_file import response_violations
from tests.service.smart_ehr import BASE, SmartEhr

if TYPE_CHECKING:  # conftest imports this file
    from tests.service.conftest import Service

PUBLIC_URL = "https://cds.hospital.example"
SESSION = "__Secure-hcc_cds_app"
LOGGER = "cds_service.smart.app"


@dataclass
class Site:
    """One service with the app, the EHR it opens from, and a browser."""

    service: Service
    ehr: SmartEhr
    network: responses.RequestsMock
    browser: FlaskClient

    def get(self, address: str, browser: FlaskClient | None = None) -> TestResponse:
        """Get a page; it keeps what openapi.yaml says."""
        response: TestResponse = (browser or self.browser).get(address, base_url=PUBLIC_URL)
        assert response_violations(address.partition("?")[0], "get", response) == []
        return response

    def launch(self, iss: str = BASE, launch: str = "launch-1") -> TestResponse:
        """Open the app from the EHR."""
        return self.get(f"/app/launch?iss={iss}&launch={launch}")

    def callback(self) -> TestResponse:
        """Go every step up to the callback."""
        return self.get(self.ehr.authorize(self.launch().headers["Location"]))

    def open(self) -> str:
        """Return the page of the patient."""
        assert self.callback().status_code == 303
        shown = self.get("/app")
        assert shown.status_code == 200, shown.get_data(as_text=True)
        return shown.get_data(as_text=True)

    def decide(self, **form: str) -> TestResponse:
        """Send the form."""
        response: TestResponse = self.browser.post(
            "/app/decisions", data=form, base_url=PUBLIC_URL, headers={"Origin": PUBLIC_URL}
        )
        assert response_violations("/app/decisions", "post", response) == []
        return response

    @property
    def called(self) -> list[str]:
        """The addresses that were called, without their queries."""
        return [str(call.request.url).partition("?")[0] for call in self.network.calls]

    @property
    def session(self) -> str:
        """The session that the browser holds, empty if it holds none."""
        cookie = self.browser.get_cookie(SESSION, "cds.hospital.example", "/app")
        return cookie.value if cookie else ""


SiteMaker = Callable[..., Site]


def site_environment(trust: Path) -> dict[str, str]:
    """Return the settings of a site with this trust file."""
    return {
        "HCC_CDS_PUBLIC_URL": PUBLIC_URL,
        "HCC_CDS_PSEUDONYM_KEY": "canary-" + "k" * 32,
        "HCC_CDS_TRUST_FILE": str(trust),
    }


def open_site(service: Service, network: responses.RequestsMock) -> Site:
    """Return the site of a service, with an EHR and a browser of its own."""
    ehr = SmartEhr(service.clock)
    ehr.answer_at(network)
    return Site(service, ehr, network, service.app.test_client())


def refused(response: TestResponse, site: Site, status: int = 400) -> None:
    """Assert that the answer refuses and that nobody is signed in."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert site.session == ""
    assert site.get("/app").status_code == 401
