"""Everything that can go wrong with a call, as one tree, and the only map from it to HTTP.

    ServiceError
    ├── BadRequestError                    400
    │   ├── NotAJsonObjectError                not-a-json-object
    │   ├── HookMismatchError                  hook-mismatch
    │   ├── ContextNotAnObjectError            context-not-an-object
    │   ├── PatientIdUnusableError             patient-id-unusable
    │   ├── PrefetchNotAnObjectError           prefetch-not-an-object
    │   ├── FhirAuthorizationNotAnObjectError  fhir-authorization-not-an-object
    │   ├── OtherPatientError                  other-patient
    │   ├── FeedbackUnusableError              feedback-unusable
    │   └── QueryUnusableError                 query-unusable
    ├── NotTrustedError                    401 (bare: no body, no reason)
    ├── NotFoundError                      404
    │   ├── UnknownServiceError                unknown-service
    │   ├── UnknownModelError                  unknown-model
    │   ├── UnknownTenantError                 unknown-tenant
    │   └── UnknownRouteError                  unknown-route
    ├── MethodNotAllowedError              405 method-not-allowed
    ├── AppError                           400 app-error (a page in words, for a person)
    │   ├── NotLaunchedError                   401 not-launched
    │   ├── SessionOverError                   401 session-over
    │   ├── LaunchRefusedError                 403 launch-refused
    │   ├── FormRefusedError                   403 form-refused
    │   ├── LaunchFailedError                  400 launch-failed
    │   └── EhrUnusableError                   502 ehr-unusable
    ├── MissingDataError                   412 missing-data
    ├── BodyTooLargeError                  413 body-too-large
    ├── TooManyCallsError                  429 too-many-calls
    ├── OwnBugError                        500 own-bug
    └── StoreUnavailableError              503 store-unavailable
    ConfigurationError                never on the wire: the service does not start

Codes are stable: a client may rely on them. No message holds a value from a record; a message says
which member is wrong, never what it held.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "ERROR_SYSTEM",
    "HTTP_STATUS",
    "AppError",
    "BadRequestError",
    "BodyTooLargeError",
    "ConfigurationError",
    "ContextNotAnObjectError",
    "EhrUnusableError",
    "FeedbackUnusableError",
    "FhirAuthorizationNotAnObjectError",
    "FormRefusedError",
    "HookMismatchError",
    "LaunchFailedError",
    "LaunchRefusedError",
    "MethodNotAllowedError",
    "MissingDataError",
    "NotAJsonObjectError",
    "NotFoundError",
    "NotLaunchedError",
    "NotTrustedError",
    "OtherPatientError",
    "OwnBugError",
    "PatientIdUnusableError",
    "PrefetchNotAnObjectError",
    "QueryUnusableError",
    "ServiceError",
    "SessionOverError",
    "StoreUnavailableError",
    "TooManyCallsError",
    "UnknownModelError",
    "UnknownRouteError",
    "UnknownServiceError",
    "UnknownTenantError",
    "http_status",
    "operation_outcome",
]

ERROR_SYSTEM = "https://hcc-cds.example.org/fhir/CodeSystem/error"


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` says in words what to change."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class ServiceError(Exception):
    """A call that is answered with an error.

    `text` is for a person, `diagnostics` for whoever repairs the client, `expressions` name the
    members concerned.
    """

    code: ClassVar[str] = "service-error"
    issue_type: ClassVar[str] = "processing"

    def __init__(
        self, text: str, *, diagnostics: str = "", expressions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(text)
        self.text = text
        self.diagnostics = diagnostics
        self.expressions = expressions


class BadRequestError(ServiceError):
    """The request cannot be read as a call of this service."""

    code = "bad-request"
    issue_type = "invalid"


class NotAJsonObjectError(BadRequestError):
    """The body is not a JSON object."""

    code = "not-a-json-object"
    issue_type = "structure"


class HookMismatchError(BadRequestError):
    """`hook` is missing or is not the hook of this id."""

    code = "hook-mismatch"


class ContextNotAnObjectError(BadRequestError):
    """`context` is not an object."""

    code = "context-not-an-object"
    issue_type = "structure"


class PatientIdUnusableError(BadRequestError):
    """`context.patientId` is missing or not a string."""

    code = "patient-id-unusable"


class PrefetchNotAnObjectError(BadRequestError):
    """`prefetch` is not an object."""

    code = "prefetch-not-an-object"
    issue_type = "structure"


class FhirAuthorizationNotAnObjectError(BadRequestError):
    """`fhirAuthorization` is not an object."""

    code = "fhir-authorization-not-an-object"
    issue_type = "structure"


class OtherPatientError(BadRequestError):
    """The Patient resource or the authorization is of another patient than the context."""

    code = "other-patient"


class FeedbackUnusableError(BadRequestError):
    """`feedback` is not a list, or nothing in it can be read."""

    code = "feedback-unusable"


class QueryUnusableError(BadRequestError):
    """A parameter of the query has a value that cannot be used."""

    code = "query-unusable"


class NotTrustedError(ServiceError):
    """The caller did not prove who it is; the answer never says why."""

    code = "not-trusted"
    issue_type = "security"


class NotFoundError(ServiceError):
    """There is nothing at this address."""

    code = "not-found"
    issue_type = "not-found"


class UnknownServiceError(NotFoundError):
    """No service has this id."""

    code = "unknown-service"


class UnknownModelError(NotFoundError):
    """No model has this id."""

    code = "unknown-model"


class UnknownTenantError(NotFoundError):
    """There are no figures of a tenant of this name."""

    code = "unknown-tenant"


class UnknownRouteError(NotFoundError):
    """The service has no such page."""

    code = "unknown-route"


class MethodNotAllowedError(ServiceError):
    """The address exists, the method is not offered there."""

    code = "method-not-allowed"
    issue_type = "not-supported"


class AppError(ServiceError):
    """A page of the app cannot be shown; `text` says to a clinician what to do."""

    code = "app-error"


class NotLaunchedError(AppError):
    """The app was opened without a patient's chart."""

    code = "not-launched"
    issue_type = "login"


class SessionOverError(AppError):
    """The session has expired or is unknown."""

    code = "session-over"
    issue_type = "expired"


class LaunchRefusedError(AppError):
    """The app is not to be opened from there, or not by this person."""

    code = "launch-refused"
    issue_type = "forbidden"


class FormRefusedError(AppError):
    """The form was not made for this session."""

    code = "form-refused"
    issue_type = "forbidden"


class LaunchFailedError(AppError):
    """The launch cannot be brought to its end."""

    code = "launch-failed"


class EhrUnusableError(AppError):
    """The EHR gave nothing that can be used."""

    code = "ehr-unusable"
    issue_type = "transient"


class MissingDataError(ServiceError):
    """Required data came neither by prefetch nor from the FHIR server."""

    code = "missing-data"
    issue_type = "required"


class BodyTooLargeError(ServiceError):
    """The body is larger than the limit."""

    code = "body-too-large"
    issue_type = "too-long"


class TooManyCallsError(ServiceError):
    """The issuer made more calls than the site allows."""

    code = "too-many-calls"
    issue_type = "throttled"


class OwnBugError(ServiceError):
    """Something of ours failed; the answer carries no details."""

    code = "own-bug"
    issue_type = "exception"


class StoreUnavailableError(ServiceError):
    """The store could not take what must not be lost; the same call may be sent again."""

    code = "store-unavailable"
    issue_type = "transient"


HTTP_STATUS: dict[type[ServiceError], int] = {
    BadRequestError: 400,
    AppError: 400,
    NotLaunchedError: 401,
    SessionOverError: 401,
    LaunchRefusedError: 403,
    FormRefusedError: 403,
    EhrUnusableError: 502,
    NotTrustedError: 401,
    NotFoundError: 404,
    MethodNotAllowedError: 405,
    MissingDataError: 412,
    BodyTooLargeError: 413,
    TooManyCallsError: 429,
    OwnBugError: 500,
    StoreUnavailableError: 503,
}


def http_status(error: ServiceError) -> int:
    """Return the HTTP status of an error: that of its nearest ancestor in the map."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def operation_outcome(error: ServiceError) -> dict[str, Any]:
    """Return the OperationOutcome that tells the client what went wrong (3.0 ballot, Z5)."""
    issue: dict[str, Any] = {
        "severity": "error",
        "code": error.issue_type,
        "details": {
            "coding": [{"system": ERROR_SYSTEM, "code": error.code}],
            "text": error.text,
        },
    }
    if error.diagnostics:
        issue["diagnostics"] = error.diagnostics
    if error.expressions:
        issue["expression"] = list(error.expressions)
    return {"resourceType": "OperationOutcome", "issue": [issue]}
