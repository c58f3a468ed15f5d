"""Methods of generated models. The OpenAPI document names the class that a model extends (`x-mixin`)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .vectors import Vector


class _Embedding(Protocol):
    @property
    def embedding(self) -> Vector: ...

    @property
    def embedding_option(self) -> str | None: ...

    @property
    def embedding_scope(self) -> str | None: ...


class _Text(Protocol):
    @property
    def data(self) -> str | None: ...


class _Result(Protocol):
    @property
    def result(self) -> _Text | None: ...


class _Embeddings(Protocol):
    # Of `_Embedding`; but pyright finds that no class matches a protocol if a field of it has a converter.
    @property
    def data(self) -> Sequence[Any] | None: ...


class HasText:
    """A response with generated text."""

    __slots__ = ()

    @property
    def text(self: _Text) -> str:
        """The generated text.

        Raises:
            LookupError: There is none; `error` says why, where the platform does.
        """
        return _text(self.data)


class HasResultText:
    """A task whose result has generated text."""

    __slots__ = ()

    @property
    def text(self: _Result) -> str:
        """The generated text of the result.

        Raises:
            LookupError: There is none: the task is not ready, or it failed.
        """
        return _text(None if self.result is None else self.result.data)


def _text(data: str | None) -> str:
    if data is None:
        raise LookupError("the response has no text (a task has it once its status is 'ready')")
    return data


class PicksVector:
    """A response with embeddings."""

    __slots__ = ()

    def vector(self: _Embeddings, *, scope: str | None = None, option: str | None = None) -> Vector:
        """The vector of the one embedding that matches.

        Args:
            scope: Extent of the embedding: `clip`, `asset` (the whole input) and others. Default: any.
            option: Content it was made from: `visual`, `audio`, `transcription`, `text`, `fused`. Default: any.

        Returns:
            The vector.

        Raises:
            LookupError: None or several match; the message says what there is.
        """
        embeddings: Sequence[_Embedding] = self.data or ()
        found = [
            item
            for item in embeddings
            if scope in {None, item.embedding_scope} and option in {None, item.embedding_option}
        ]
        if len(found) == 1:
            return found[0].embedding
        wanted = ", ".join(f"{name}={value!r}" for name, value in (("scope", scope), ("option", option)) if value)
        number = f"{len(found)} embeddings match" if found else "no embedding matches"
        raise LookupError(f"{number} {wanted or 'vector()'}; there {_counted(embeddings)}")


def _counted(embeddings: Sequence[_Embedding]) -> str:
    """How many embeddings of each kind there are, in words."""
    if not embeddings:
        return "are none: the response has no embeddings (a task has them once its status is 'ready')"
    kinds = Counter((item.embedding_scope, item.embedding_option) for item in embeddings)
    listed = [f"{count} with scope={scope!r}, option={option!r}" for (scope, option), count in kinds.items()]
    return f"{'is' if len(embeddings) == 1 else 'are'} {'; '.join(listed)}"
