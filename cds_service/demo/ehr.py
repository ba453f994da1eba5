"""The demo as its own EHR: where the app is registered, and calls that never leave the process."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import requests
from flask import Flask
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from cds_service.fhir_base import FhirBase
from cds_service.fhir_client import FhirClient
from cds_service.outgoing import Outgoing
from cds_service.security.key_cache import KeyCache
from cds_service.security.trust import SmartClient

__all__ = ["CLIENT_ID", "DemoEhr"]

CLIENT_ID = "hcc-cds-demo"


class DemoEhr:
    """The embedded FHIR server as the app's only EHR; `answer_with` names the application it is."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.fhir_base = FhirBase.parse(f"{base_url}/demo/fhir")
        self.smart_clients = (SmartClient(CLIENT_ID, (self.fhir_base,)),)
        origin = self.fhir_base.origin
        self._transport = _InProcess()
        self.outgoing = Outgoing((origin,), sandbox_hosts=(origin.host,), transport=self._transport)
        self.key_cache = KeyCache(self.outgoing)
        self.fhir_client = FhirClient(self.outgoing)

    def answer_with(self, application: Flask) -> None:
        """Let the calls be answered by this application."""
        self._transport.application = application


class _InProcess(BaseAdapter):
    """Hands a request to an application without the network.

    A worker that called its own port would wait for a free thread that it holds itself.
    """

    application: Flask | None = None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the base class's signature
        timeout: object = None,  # noqa: ARG002
        verify: object = True,  # noqa: ARG002
        cert: object = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Return the application's answer as `requests` would."""
        if self.application is None:
            raise requests.ConnectionError("no application answers")
        headers: dict[str, Any] = {**request.headers}
        answer = self.application.test_client(use_cookies=False).open(
            request.url, method=request.method, headers=headers, data=request.body, buffered=True
        )
        raw = HTTPResponse(
            body=BytesIO(answer.get_data()),
            headers=dict(answer.headers),
            status=answer.status_code,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Close nothing: nothing was opened."""
