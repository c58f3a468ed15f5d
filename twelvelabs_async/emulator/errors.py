"""Errors in the platform's vocabulary: status, code, message, body shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiError(Exception):
    """An error response.

    Attributes:
        status: HTTP status.
        code: Code in the platform's vocabulary.
        message: What a person reads.
        details: Further facts, shown in nested bodies only.
        headers: Further headers of the response.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})
        self.headers: dict[str, str] = dict(headers or {})

    def body(self, *, nested: bool) -> dict[str, Any]:
        """The JSON body in one of the two shapes."""
        if not nested:
            return {"code": self.code, "message": self.message}
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = self.details
        return {"error": error}


def parameter_invalid(name: str, reason: str = "") -> ApiError:
    """A value that the platform does not accept."""
    text = f"The parameter {name} is invalid."
    return ApiError(400, "parameter_invalid", f"{text} {reason}".strip(), details={"parameter": name})


def parameter_missing(name: str, reason: str = "") -> ApiError:
    """A value that is needed and was not sent."""
    text = reason or f"The parameter {name} is required and was not provided."
    return ApiError(400, "parameter_not_provided", text, details={"parameter": name})


def parameter_unknown(name: str) -> ApiError:
    """A parameter that the operation does not have."""
    return ApiError(
        400, "parameter_unknown", f"The request has an unknown parameter: {name}.", details={"parameter": name}
    )


def not_exist(collection: str, identifier: str, *, status: int = 404) -> ApiError:
    """A resource that is not there."""
    return ApiError(
        status,
        "resource_not_exist",
        f"Resource with id {identifier} does not exist in {collection}.",
        details={"resource_id": identifier, "collection_name": collection},
    )


def conflict(code: str, message: str) -> ApiError:
    """A state that does not allow the request."""
    return ApiError(409, code, message)


def bad(code: str, message: str, **details: Any) -> ApiError:
    """A request that cannot be carried out, with a code of its own."""
    return ApiError(400, code, message, details=details)
