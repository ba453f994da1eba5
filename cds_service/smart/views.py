"""The routes of the app, thin: `/app/launch`, `/app/callback`, `/app` and `/app/decisions`."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from cds_service.cards.detail import INTENDED_USE, SYNTHETIC
from cds_service.errors import (
    AppError,
    BodyTooLargeError,
    EhrUnusableError,
    FormRefusedError,
    LaunchFailedError,
    LaunchRefusedError,
    NotLaunchedError,
    ServiceError,
    SessionOverError,
    http_status,
)
from cds_service.pages.language import language_attribute
from cds_service.pages.shell import CONTENT_SECURITY_POLICY, pages_blueprint
from cds_service.smart.app import AGAIN, App, refused
from cds_service.smart.cookies import Cookies
from cds_service.smart.decisions import read_decisions
from cds_service.smart.sessions import LAUNCH_MINUTES, Session

__all__ = ["app_blueprint"]

_FROM_THE_CHART = "Open this app from the patient's chart in the EHR."
_LONGEST_CODE = 4096
_HEADINGS: dict[type[ServiceError], str] = {
    NotLaunchedError: "Not opened from a chart",
    SessionOverError: "The session is over",
    LaunchRefusedError: "Not opened",
    LaunchFailedError: "Not opened",
    FormRefusedError: "Nothing was kept",
    EhrUnusableError: "The EHR could not be read",
}


def app_blueprint(app: App, count_refusal: Callable[[str], None]) -> Blueprint:
    """Return the routes of the app."""
    views = _Views(app, Cookies.of(app.base_url, framed=bool(app.frame_origins)), count_refusal)
    blueprint = pages_blueprint("app", __name__, policy=_policy(app.frame_origins))
    blueprint.add_app_template_filter(language_attribute, "lang")
    blueprint.get("/app/launch")(views.launch)
    blueprint.get("/app/callback")(views.callback)
    blueprint.get("/app")(views.show_chart)
    blueprint.post("/app/decisions")(views.decide)
    blueprint.register_error_handler(ServiceError, views.answer_error)
    blueprint.register_error_handler(
        RequestEntityTooLarge,
        lambda _: views.answer_error(BodyTooLargeError(f"The form is too large. {AGAIN}")),
    )
    return blueprint


@dataclass(frozen=True, slots=True)
class _Views:
    app: App
    cookies: Cookies
    count_refusal: Callable[[str], None]

    def launch(self) -> Response:
        """Send the browser to the authorization server of the EHR that opens the app."""
        if "iss" not in request.args:
            raise NotLaunchedError(_FROM_THE_CHART)
        url, state, pending = self.app.begin(_one("iss"), _one("launch"))
        response = make_response(redirect(url, 303))
        self.cookies.keep_launch(response, state, pending.browser, LAUNCH_MINUTES * 60)
        return response

    def callback(self) -> Response:
        """Take the code, open a session and go on to the chart."""
        state = _one("state")
        # Taken before anything else is looked at: a state is used up, whatever comes of it.
        pending = self.app.sessions.take_launch(state)
        begun = self.cookies.launch(state).encode()
        if pending is None or not hmac.compare_digest(begun, pending.browser.encode()):
            raise refused(
                "state_unknown" if pending is None else "state_of_another_browser",
                LaunchFailedError(
                    f"This launch is unknown, was used already or took too long. {AGAIN}"
                ),
            )
        # RFC 9207: an answer that names another server is of another server.
        if "iss" in request.args and _one("iss") != pending.issuer:
            raise refused(
                "callback_iss", LaunchFailedError(f"The answer is of another system. {AGAIN}")
            )
        code = _one("code")
        if not 0 < len(code) <= _LONGEST_CODE or "error" in request.args:
            raise refused(
                "not_authorized", LaunchFailedError(f"The EHR did not authorize the app. {AGAIN}")
            )
        name, seconds, tenant = self.app.finish(pending, code)
        earlier = self.cookies.session()
        if earlier:
            self.app.sessions.close(earlier)
        self.app.note("app-session", "opened", tenant, _request_id())
        response = make_response(redirect(self.cookies.path, 303))
        self.cookies.end_launch(response, state)
        self.cookies.keep_session(response, name, seconds)
        return response

    def show_chart(self) -> Response:
        """Show the patient of the session and what was read from text."""
        session, tenant = self._signed_in()
        chart = self.app.charts.read(session, tenant)
        self.app.note("app-chart", "shown", tenant, _request_id())
        return self._page(
            "app_chart.html",
            chart=chart,
            user=session.user_id,
            form_token=session.form_token,
            action=f"{self.cookies.path}/decisions",
            done=_done(),
        )

    def decide(self) -> Response:
        """Keep what was decided and go back to the chart."""
        session, tenant = self._signed_in()
        sent = request.form.get("form_token", "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(sent, session.form_token.encode()):
            raise FormRefusedError(
                "This form belongs to another session, perhaps of another patient."
                f" Nothing was kept. {AGAIN}"
            )
        read = read_decisions(request.form, self.app.charts.read(session, tenant))
        self.app.charts.decisions.record(
            tenant,
            session.patient_id,
            session.user_id,
            read.decisions,
            self.app.clock(),
            _request_id(),
        )
        return make_response(redirect(f"{self.cookies.path}?{read.summary()}", 303))

    def answer_error(self, error: ServiceError) -> Response:
        """Say in words what went wrong and what to do."""
        g.error_code = error.code
        self.count_refusal(error.code)
        if isinstance(error, AppError):
            self.app.note_stranger(error.code, _request_id())
        status = http_status(error)
        heading = _HEADINGS.get(type(error), "Not now")
        response = self._page("app_message.html", status, heading=heading, text=error.text)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1 asks for a scheme
        return response

    def _signed_in(self) -> tuple[Session, str]:
        """Return the session of this browser and its tenant, or raise the error that says what to do."""
        name = self.cookies.session()
        session = self.app.sessions.find(name)
        registered = self.app.find(session.base) if session else None
        if session is not None and registered is not None:
            return session, registered[0].tenant
        if not name:
            raise NotLaunchedError(_FROM_THE_CHART)
        raise SessionOverError(
            "What was decided before is kept; what was on the page and not yet sent is not."
            f" {AGAIN}"
        )

    def _page(self, template: str, status: int = 200, **values: object) -> Response:
        demo = self.app.demo
        foot = f"{SYNTHETIC} {INTENDED_USE}" if demo else INTENDED_USE
        shown = {"foot": foot, "line": SYNTHETIC if demo else "", **values}
        return make_response(render_template(template, **shown), status)


def _policy(frame_origins: tuple[str, ...]) -> str:
    """Return what the pages may load (no script at all) and who may show them in a frame."""
    policy = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'none'")
    if not frame_origins:
        return policy
    return policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(frame_origins)}")


def _one(name: str) -> str:
    """Return a parameter that stands once, empty if it does not: of two nobody knows which counts."""
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 else ""


def _request_id() -> str:
    return str(g.get("request_id", ""))


def _done() -> str:
    """Say in words what the last form did; only small numbers are taken from the address."""
    counts = {name: _count(_one(name)) for name in ("confirmed", "refused", "gone")}
    parts = [f"{counts[name]} {name}" for name in ("confirmed", "refused") if counts[name]]
    words = [f"{', '.join(parts)}. This counts from the next card on."] if parts else []
    if counts["gone"]:
        words.append(f"{counts['gone']} not kept: the record has changed meanwhile.")
    return " ".join(words)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
