"""Async Python SDK for the TwelveLabs video-understanding API.

    from twelvelabs_async import AsyncTwelveLabs

    async with AsyncTwelveLabs() as client:                 # key: environment variable TWELVE_LABS_API_KEY
        async for index in client.indexes.list():
            print(index.index_name)

Every model of the API can be imported from here and from `twelvelabs_async.types`; it is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _interrupts, errors  # noqa: F401 - the first one first: it deals with Ctrl-C from here on
from ._codec.json_engine import JsonEngine
from ._codec.model import UNSET, Model, UncheckedStr, UnknownVariant, Unset, get_request_id
from ._codec.serialize import to_dict, to_json
from ._config.hooks import Hooks
from ._config.retry_policy import RetryContext, RetryPolicy
from ._config.timeouts import Timeout, Timeouts
from ._request.options import RequestOptions
from ._resource import RawResponse
from ._version import __version__
from .client import AsyncTwelveLabs
from .errors import *  # noqa: F403 - errors.__all__ is the list
from .vectors import Vector

if TYPE_CHECKING:
    from ._config.events import LimitEvent as LimitEvent
    from ._config.events import RequestEvent as RequestEvent
    from ._config.events import ResponseEvent as ResponseEvent
    from ._config.events import RetryEvent as RetryEvent
    from ._config.limits_state import LimitsState as LimitsState
    from ._generated import index
    from ._generated.index import *  # noqa: F403 - every model, for type checkers and editors
    from ._request.files import FileInput as FileInput
    from ._request.streams import FileStream as FileStream
    from .pagination import AsyncPager as AsyncPager
    from .pagination import Page as Page
    from .resources._bulk import CreateEmbeddingsTaskVideoParams as CreateEmbeddingsTaskVideoParams
    from .resources.knowledge_stores import KnowledgeStoreSearchPager as KnowledgeStoreSearchPager
    from .streaming import AsyncStream as AsyncStream
    from .streaming import StreamResult as StreamResult
    from .streaming import StreamUsage as StreamUsage
    from .structured import Segment as Segment
    from .uploads import UploadProgress as UploadProgress
    from .uploads import UploadResult as UploadResult
    from .uploads import UploadStatus as UploadStatus
    from .waiters import Outcome as Outcome
    from .waiters import Outcomes as Outcomes

__all__ = [
    "UNSET",
    "AsyncPager",
    "AsyncStream",
    "AsyncTwelveLabs",
    "CreateEmbeddingsTaskVideoParams",
    "FileInput",
    "FileStream",
    "Hooks",
    "JsonEngine",
    "KnowledgeStoreSearchPager",
    "LimitEvent",
    "LimitsState",
    "Model",
    "Outcome",
    "Outcomes",
    "Page",
    "RawResponse",
    "RequestEvent",
    "RequestOptions",
    "ResponseEvent",
    "RetryContext",
    "RetryEvent",
    "RetryPolicy",
    "Segment",
    "StreamResult",
    "StreamUsage",
    "Timeout",
    "Timeouts",
    "UncheckedStr",
    "UnknownVariant",
    "Unset",
    "UploadProgress",
    "UploadResult",
    "UploadStatus",
    "Vector",
    "__version__",
    "get_request_id",
    "to_dict",
    "to_json",
]
__all__ += errors.__all__
if TYPE_CHECKING:
    __all__ += index.__all__  # a name that is not in the list cannot be imported from an installed package

_LAZY = {
    "AsyncPager": "pagination",
    "AsyncStream": "streaming",
    "CreateEmbeddingsTaskVideoParams": "resources._bulk",
    "FileInput": "_request.files",
    "FileStream": "_request.streams",
    "KnowledgeStoreSearchPager": "resources.knowledge_stores",
    "LimitEvent": "_config.events",
    "LimitsState": "_config.limits_state",
    "Outcome": "waiters",
    "Outcomes": "waiters",
    "Page": "pagination",
    "RequestEvent": "_config.events",
    "ResponseEvent": "_config.events",
    "RetryEvent": "_config.events",
    "Segment": "structured",
    "StreamResult": "streaming",
    "StreamUsage": "streaming",
    "UploadProgress": "uploads",
    "UploadResult": "uploads",
    "UploadStatus": "uploads",
}
"""Names of the hand-written layer that are loaded on first use, and their modules."""


if not TYPE_CHECKING:  # with this function, type checkers would accept any name

    def __getattr__(name: str) -> Any:
        if not name.startswith("_"):
            from ._lazy import load

            value = load(name, _LAZY)
            globals()[name] = value
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from ._lazy import names

    return sorted({*globals(), *_LAZY, *names()})
