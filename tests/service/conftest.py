"""A service with a fake advice, a frozen clock in a zone that is not UTC, and a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses
from flask import Flask
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.conformance import check_response
from cds_service.settings import Settings
from cds_service.store.store import Store, open_store
from tests.service.app_site import Site, SiteMaker, open_site, site_environment
from tests.service.fakes import FakeAdvice
from tests.service.openapi_file import response_violations
from tests.service.smart_ehr import BASE, trust_table

ZONE = "Asia/Shanghai"


@dataclass
class FrozenClock:
    """Stands still until a test moves it."""

    now: datetime = datetime(2026, 3, 4, 7, 30, tzinfo=ZoneInfo(ZONE))

    def __call__(self) -> datetime:
        """Return the moment it stands at."""
        return self.now

    def advance(self, **amount: float) -> None:
        """Move on."""
        self.now += timedelta(**amount)


@dataclass
class Service:
    """A running service; every answer is held against openapi.yaml and the conformance rules."""

    app: Flask
    advice: FakeAdvice
    clock: FrozenClock
    store: Store
    settings: Settings

    def post(self, service: str, body: object, **options: Any) -> TestResponse:
        """Call a service; bytes go out as they are, anything else as JSON."""
        sent = {"data": body} if isinstance(body, bytes) else {"json": body}
        response = self.app.test_client().post(f"/cds-services/{service}", **sent, **options)
        path = "/cds-services/{service_id}" + ("/feedback" if service.endswith("/feedback") else "")
        assert response_violations(path, "post", response) == []
        if response.status_code == 200 and not service.endswith("/feedback"):
            assert check_response(response.get_json()) == ()
        return response

    def cards(self, service: str, body: object) -> list[dict[str, Any]]:
        """Call a service that must answer with cards."""
        response = self.post(service, body)
        assert response.status_code == 200, response.get_data(as_text=True)
        cards: list[dict[str, Any]] = response.get_json()["cards"]
        return cards

    def get(self, path: str, **options: Any) -> TestResponse:
        """Get a page."""
        return self.app.test_client().get(path, **options)


ServiceMaker = Callable[..., Service]


@pytest.fixture
def make_service(tmp_path: Path) -> Iterator[ServiceMaker]:
    """Return a maker of services that share one store, as replicas do."""
    stores: list[Store] = []

    def make(advice: FakeAdvice | None = None, **parts: Any) -> Service:
        environment = {
            "HCC_CDS_STATE": str(tmp_path),
            "HCC_CDS_TIME_ZONE": ZONE,
            **parts.pop("environment", {}),
        }
        demo = parts.pop("demo", True)
        settings = Settings.from_environment(environment, demo=demo)
        store = parts.pop("store", None) or open_store(settings)
        stores.append(store)
        clock = parts.pop("clock", None) or FrozenClock()
        fake = advice or FakeAdvice()
        app = create_app(settings, advice=(fake,), clock=clock, store=store, **parts)
        return Service(app, fake, clock, store, settings)

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def service(make_service: ServiceMaker) -> Service:
    """Return one service in demo mode."""
    return make_service()


@pytest.fixture
def network() -> Iterator[responses.RequestsMock]:
    """Return the sealed network: nothing is reached but what the EHR answers."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as sealed:
        yield sealed


@pytest.fixture
def make_site(
    make_service: ServiceMaker, network: responses.RequestsMock, tmp_path: Path
) -> SiteMaker:
    """Return a maker of sites with a store of their own."""

    def make(*, smart: str = "", base: str = BASE, **environment: str) -> Site:
        trust = tmp_path / "trust.toml"
        trust.write_text(trust_table(smart=smart).replace(BASE, base))
        clock = FrozenClock()
        service = make_service(
            demo=False, clock=clock, environment={**site_environment(trust), **environment}
        )
        return open_site(service, network)

    return make


@pytest.fixture
def own_site(make_site: SiteMaker) -> Site:
    """Return a site whose store and caches no other test has used."""
    return make_site()


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("app")
    trust = folder / "trust.toml"
    trust.write_text(trust_table())
    settings = Settings.from_environment(
        {**site_environment(trust), "HCC_CDS_STATE": str(folder), "HCC_CDS_TIME_ZONE": ZONE}
    )
    store, clock, advice = open_store(settings), FrozenClock(), FakeAdvice()
    app = create_app(settings, advice=(advice,), clock=clock, store=store)
    yield Service(app, advice, clock, store, settings)
    store.close()


@pytest.fixture
def site(shared: Service, network: responses.RequestsMock) -> Site:
    """Return a site with an EHR and a browser of this test; its service serves the whole module."""
    # A day later for each test: what the service has read of the EHR has grown old.
    shared.clock.advance(days=1)
    return open_site(shared, network)
