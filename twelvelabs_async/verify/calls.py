"""Makes the calls of a verification: counted, checked, and recorded."""

from __future__ import annotations

import asyncio
import json as json_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..errors import APIConnectionError, APIStatusError, AuthenticationError, DecodeError
from .budget import Budget, BudgetError
from .exchange import Exchange
from .findings import DIFFERS, NEW, Findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ..client import AsyncTwelveLabs
    from .contract import Contract

_ATTEMPTS: Final = 3
"""How often a request is sent that receives 429."""

_LONGEST_PAUSE: Final = 65.0

_OF_THE_ACCOUNT: Final = frozenset(
    {
        "api_allowed_for_paid_plan",
        "api_not_allowed",
        "api_upgrade_required",
        "insufficient_funds",
        "region_not_allowed",
        "token_limit_exceeded",
        "usage_limit_exceeded",
    }
)
"""Codes that say what the account may do, and nothing about the request."""


NOT_FOUND: Final = frozenset({"not_found", "parameter_invalid", "resource_not_exist"})
"""Codes for an id that nothing has."""

INVALID: Final = frozenset({"parameter_invalid", "parameter_not_provided", "parameter_unknown", "VALIDATION_ERROR"})
"""Codes for an invalid request."""


class StepError(Exception):
    """A step cannot go on; why is among the findings."""


class KeyRejectedError(Exception):
    """The first response says that the key is not accepted."""


class UnreachableError(Exception):
    """There was no response at all."""


class Calls:
    """Makes calls.

    Attributes:
        budget: What may be spent, and what was.
        findings: What was found out.
        contract: The document.
    """

    def __init__(
        self, client: AsyncTwelveLabs, contract: Contract, budget: Budget, record: Callable[[Exchange], None] | None
    ) -> None:
        self._client = client.with_raw_response
        self.contract = contract
        self.budget = budget
        self.findings: Findings = Findings()
        self._record = record

    async def call(
        self,
        identifier: str,
        path: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, Path] | None = None,
        seconds: float = 0.0,
        rejected: str | None = None,
        codes: frozenset[str] = INVALID,
        either: bool = False,
        reserved: bool = False,
        removes: bool = False,
    ) -> Exchange:
        """Make a call and compare its response with the document.

        Args:
            identifier: operationId.
            path: Path parameters.
            query: Query parameters.
            json: JSON body.
            form: Fields of a form.
            files: Fields of a form that are files.
            seconds: Seconds of video that the service processes for it.
            rejected: Why the document has the service reject it; None for a valid request.
            codes: Error codes with which it may reject it.
            either: Whether the document leaves open if the service rejects it.
            reserved: Whether it may use what is kept back for the removal of what was made.
            removes: Whether it removes something, which may be in use, or gone.

        Raises:
            BudgetError: The budget does not allow it.
            StepError: There is no response, or a valid request was rejected.
        """
        operation = self.contract.operation(identifier)
        segments = [
            (path or {})[part[1:-1]] if part.startswith("{") else part for part in operation.path.strip("/").split("/")
        ]
        arguments: dict[str, Any] = {"query": query or None, "rate_limit_group": operation.rate_limit_group}
        content = {"json": json, "form": form, "files": files}
        arguments |= {name: value for name, value in content.items() if value is not None}
        again = _ATTEMPTS - 1
        while True:
            self.budget.take(seconds=seconds, reserved=reserved or removes)
            status, headers, body = await self._send(identifier, operation.method, segments, arguments)
            exchange = Exchange(
                identifier,
                operation.method,
                f"/{'/'.join(segments)}",
                dict(query or {}),
                json if json is not None else form,
                tuple(files or ()),
                status,
                headers,
                body,
            )
            self._check(exchange)
            pause = _pause(exchange)
            if pause is None or again == 0 or not self.budget.allows():
                break
            await asyncio.sleep(pause)
            again, seconds = again - 1, 0.0  # a request that receives 429 has no video processed
        if not (removes and exchange.status in {404, 409}):
            self._judge(exchange, rejected, codes, either=either)
        return exchange

    async def remove(
        self, identifier: str, path: Mapping[str, str], *, query: Mapping[str, Any] | None = None
    ) -> Exchange:
        """Make a call that removes something; that it is refused, because something uses it, is no difference.

        Raises:
            BudgetError: No request is left at all.
            StepError: There is no response, or an error that says nothing about the request.
        """
        return await self.call(identifier, path, query=query, removes=True)

    async def _send(
        self, identifier: str, method: str, segments: list[str], arguments: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        path = "/" + "/".join(quote(segment, safe=":") for segment in segments)
        try:
            response = await getattr(self._client, method.lower())(path, **arguments)
        except APIStatusError as error:
            if isinstance(error, AuthenticationError) and not self.findings.seen:
                raise KeyRejectedError from None
            body = b"" if error.body is None else json_module.dumps(error.body).encode()
            if isinstance(error.body, str):
                body = error.body.encode()
            return error.status, dict(error.headers), body
        except DecodeError:
            self.findings.add(identifier, DIFFERS, "body", "the response cannot be read")
            raise StepError from None
        except APIConnectionError as error:
            self.findings.skip(identifier, f"there was no response ({type(error).__name__})")
            raise StepError from None
        return response.status, {name.lower(): value for name, value in response.headers.items()}, response.body

    def _check(self, exchange: Exchange) -> None:
        self.findings.respond(exchange.operation, exchange.status)
        for kind, where, what in self.contract.problems(exchange):
            self.findings.add(exchange.operation, kind, where, what)
        if self._record is not None:
            self._record(exchange)

    def _judge(self, exchange: Exchange, rejected: str | None, codes: frozenset[str], *, either: bool) -> None:
        """Compare the outcome with what the document lets expect."""
        name, status = exchange.operation, exchange.status
        if exchange.ok:
            if rejected is not None:
                self.findings.add(name, DIFFERS, "request", f"{rejected} is accepted with {status}")
            return
        if status == 429 or status >= 500:
            self.findings.skip(name, f"it responded {status}")
        elif either:
            return
        elif rejected is not None:
            if self.contract.known(exchange.code) and exchange.code not in codes:
                self.findings.add(name, NEW, "code", f"it is {exchange.code} for {rejected.rstrip(',')}")
            return
        elif status in {401, 402, 403} or exchange.code in _OF_THE_ACCOUNT:
            self.findings.skip(name, f"the account may not use it ({status})")
        else:
            known = self.contract.show(exchange.code)
            self.findings.add(name, DIFFERS, "request", f"a valid request is rejected with {status} {known}".rstrip())
        if rejected is None:
            raise StepError


def _pause(exchange: Exchange) -> float | None:
    """Seconds until a request may be sent again; None if it must not be."""
    if exchange.status != 429:
        return None
    try:
        pause = float(exchange.headers.get("retry-after", "1"))
    except ValueError:
        return None
    return min(max(pause, 0.0), _LONGEST_PAUSE) if pause == pause else None  # noqa: PLR0124 - not a number


__all__ = ["INVALID", "NOT_FOUND", "BudgetError", "Calls", "KeyRejectedError", "StepError", "UnreachableError"]
