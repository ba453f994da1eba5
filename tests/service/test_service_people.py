"""Who may open the pages for people: a 401 for everybody else, case by case."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

from tests.service.conftest import Service, ServiceMaker
from tests.service.test_service_self_check import OPEN, SITE

PROXY = {
    **SITE,
    "HCC_CDS_PEOPLE_PROXY_PEERS": "10.0.0.5, 10.1.0.0/24",
    "HCC_CDS_PEOPLE_ROLE_HEADER": "X-Roles",
    "HCC_CDS_PEOPLE_ROLES": "liver-team",
}
ROLE = {"X-Roles": "staff, liver-team"}


def site(make_service: ServiceMaker, **environment: str) -> Service:
    """Return a service outside the demo."""
    return make_service(demo=False, gate=OPEN, environment={**PROXY, **environment})


def people_pages(service: Service) -> list[str]:
    """Return every page that is neither CDS Hooks', nor health, nor about the models alone."""
    open_to_all = re.compile(r"/(cds-services|healthz|readyz|models|static)\b")
    rules = [rule.rule for rule in service.app.url_map.iter_rules()]
    return [rule for rule in rules if not open_to_all.match(rule)]


def test_the_pages_for_people_are_these(make_service: ServiceMaker) -> None:
    """A new page is for people unless it is listed as open: it must be guarded."""
    assert {"/metrics"} <= set(people_pages(site(make_service)))


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("10.0.0.5", {}),
        ("10.0.0.5", {"X-Roles": ""}),
        ("10.0.0.5", {"X-Roles": "visitor"}),
        ("10.0.0.5", {"X-Roles": "liver-team-2"}),
        ("10.0.0.6", ROLE),
        ("127.0.0.1", ROLE),
        ("", ROLE),
        ("127.0.0.1", {**ROLE, "X-Forwarded-For": "10.0.0.5"}),
        ("127.0.0.1", {"Host": "127.0.0.1:9000"}),
    ],
    ids=[
        *("no role", "empty role", "another role", "a longer name"),
        *("another peer", "the machine itself", "no address", "forwarded", "made-up port"),
    ],
)
def test_stranger_gets_a_bare_401_on_every_page(
    make_service: ServiceMaker, peer: str, headers: Any
) -> None:
    """Every page for people answers 401 without a body and without saying why."""
    service = site(make_service, HCC_CDS_PEOPLE_PORT="9000")
    for page in people_pages(service):
        response = service.get(page, headers=headers, environ_base={"REMOTE_ADDR": peer})
        assert (response.status_code, response.data) == (401, b""), page


@pytest.mark.parametrize("peer", ["10.0.0.5", "10.1.0.77"])
def test_role_from_the_proxy_opens_the_pages(make_service: ServiceMaker, peer: str) -> None:
    """One listed role from a listed peer is enough."""
    service = site(make_service)
    for page in people_pages(service):
        response = service.get(page, headers=ROLE, environ_base={"REMOTE_ADDR": peer})
        assert response.status_code == 200, page


def test_nobody_is_let_in_by_default(make_service: ServiceMaker) -> None:
    """Without a proxy and without the second port the pages are closed to all."""
    service = make_service(demo=False, gate=OPEN, environment=SITE)
    response = service.get("/metrics", headers={"X-Hcc-Cds-Roles": "hcc-cds-staff"})
    assert response.status_code == 401


def test_demo_is_open(make_service: ServiceMaker) -> None:
    """With synthetic patients there is nothing to guard."""
    assert make_service().get("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("host", "opened", "status"),
    [
        ("127.0.0.1", True, 200),
        ("localhost", True, 200),
        ("rebound.example", True, 401),
        ("127.0.0.1", False, 401),
    ],
)
def test_second_port_is_open_on_this_machine(
    make_service: ServiceMaker, host: str, opened: bool, status: int
) -> None:
    """The socket says which port was used, and a foreign name for 127.0.0.1 is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        setting = {"HCC_CDS_PEOPLE_PORT": str(port)} if opened else {}
        service = site(make_service, **setting)
        response = service.get(
            "/metrics",
            headers={"Host": f"{host}:{port}"},
            environ_base={"gunicorn.socket": listener},
        )
    assert response.status_code == status


@pytest.mark.parametrize("path", ["/demo", "/demo/fhir/Patient/x", "/demo/static/demo.js"])
def test_demo_does_not_exist_outside_the_demo(make_service: ServiceMaker, path: str) -> None:
    """At a site there is no demo page, with a role or without."""
    response = site(make_service).get(path, headers=ROLE, environ_base={"REMOTE_ADDR": "10.0.0.5"})
    assert response.status_code == 404
