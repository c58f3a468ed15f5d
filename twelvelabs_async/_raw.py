"""What is behind `with_raw_response`: the methods of the resources, where a call returns the response itself."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from ._request.builder import builder_for
from ._request.secret import hide_options
from ._resource import RawResponse, Resource, load_off_loop, send_form

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from ._request.operation import Operation
    from ._request.options import RequestOptions
    from .pagination import AsyncPager

P = ParamSpec("P")
T = TypeVar("T")
PageT = TypeVar("PageT")


class RawResource(Resource):
    """Base of the resource classes behind `with_raw_response`."""

    def _respond(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        next_query: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> Coroutine[Any, Any, RawResponse[T]]:
        """Carry out an operation and return the response itself."""
        self._warn(operation, body)
        options = hide_options(options)
        return self._receive(operation, path=path, query=query, headers=headers, body=body, options=options)

    if not TYPE_CHECKING:  # its methods are those of another resource, with the types of `RawMethod`
        _call = _paginate = _respond

    async def _receive(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        options: RequestOptions | None,
    ) -> RawResponse[T]:
        builder = builder_for(operation, self._core.config.json)
        if builder.decode is None:
            await load_off_loop(builder)
        if builder.is_form:
            request = await self._build_form(builder, path, query, headers, body, options)
        else:
            request = builder.build(path, query, headers, body, options)
        request.inside_helper = self._core.inside_helper
        transport = self._core.transport
        return RawResponse(await send_form(transport, request), builder, transport.secrets(request))


class RawMethod(Generic[P, T]):
    """The type of a method that returns the response itself. At run time it is a function like any other."""

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: Any = None) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]: ...


def raw_method(method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> RawMethod[P, T]:
    """The method of a resource, as a method of a `RawResource`."""
    return cast("RawMethod[P, T]", _copied(method, "but returns the response itself"))


def raw_page(method: Callable[Concatenate[Any, P], AsyncPager[Any, PageT]]) -> RawMethod[P, PageT]:
    """The method of a resource that returns a pager, as a method of a `RawResource`, which returns one page."""
    return cast("RawMethod[P, PageT]", _copied(method, "but returns the response itself, which holds one page"))


def _copied(method: Any, difference: str) -> FunctionType:
    """The same code under another docstring: a wrapper would be another frame that holds the headers of a call."""
    made = FunctionType(method.__code__, method.__globals__, method.__name__, method.__defaults__, method.__closure__)
    made.__kwdefaults__ = method.__kwdefaults__
    result = str(method.__annotations__["return"])
    page = result.partition(", ")[2].removesuffix("]")
    made.__annotations__ = {**method.__annotations__, "return": f"RawResponse[{page or result}]"}
    made.__dict__.update(method.__dict__)  # marks of `_deprecation`
    made.__qualname__ = f"Raw{method.__qualname__}"
    made.__doc__ = f"Like `{method.__qualname__}`, {difference}."
    return made
