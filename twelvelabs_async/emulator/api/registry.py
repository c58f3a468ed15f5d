"""Which function handles which operation, and which one runs which kind of job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Self

from .call import Call, Response

if TYPE_CHECKING:
    from aiohttp import web

    from ..services import Services
    from ..state.store import Job

Handler = Callable[[Call], Awaitable["Response | web.StreamResponse"]]
JobFunction = Callable[["Services", "Job"], Awaitable[None]]


class Registry:
    """The handlers of operations, and the functions of jobs.

    A module makes a registry of its own and fills it with the decorators; `Registry.merged` joins them.

    Attributes:
        handlers: Handlers by operationId.
        jobs: Functions by kind of job.
    """

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.jobs: dict[str, JobFunction] = {}

    @classmethod
    def merged(cls, parts: Iterable[Registry]) -> Self:
        """All registries as one.

        Raises:
            ValueError: An operation or a kind of job is registered twice.
        """
        merged = cls()
        for part in parts:
            for identifier, handler in part.handlers.items():
                merged.operation(identifier)(handler)
            for kind, function in part.jobs.items():
                merged.job(kind)(function)
        return merged

    def operation(self, identifier: str) -> Callable[[Handler], Handler]:
        """Registers the handler of the operation with an operationId."""

        def register(handler: Handler) -> Handler:
            if identifier in self.handlers:
                raise ValueError(f"the operation {identifier} is registered twice")
            self.handlers[identifier] = handler
            return handler

        return register

    def job(self, kind: str) -> Callable[[JobFunction], JobFunction]:
        """Registers the function that runs jobs of a kind."""

        def register(function: JobFunction) -> JobFunction:
            if kind in self.jobs:
                raise ValueError(f"the job {kind} is registered twice")
            self.jobs[kind] = function
            return function

        return register
