"""What every page shares: the stylesheet's route, the shell, and headers that allow nothing foreign."""

from __future__ import annotations

from flask import Blueprint, Response, request

__all__ = ["CONTENT_SECURITY_POLICY", "pages_blueprint", "wants_page"]

# Nothing inline and nothing from another address: no text on a page can bring a script or a style along.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def pages_blueprint(
    name: str,
    import_name: str,
    *,
    with_static: bool = False,
    policy: str = CONTENT_SECURITY_POLICY,
) -> Blueprint:
    """Return a blueprint whose pages stand in the shell; one of them serves the shared files."""
    blueprint = Blueprint(
        name,
        import_name,
        static_folder="static" if with_static else None,
        static_url_path="/static" if with_static else None,
        template_folder="templates",
    )

    @blueprint.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return blueprint


def wants_page() -> bool:
    """Tell whether a browser asks: JSON for everybody else."""
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html" and request.accept_mimetypes.accept_html
