"""Indexes: get an index by its name, or create it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._generated.operations import indexes as generated
from ..errors import APIStatusError, IndexMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal, TypeAlias

    from .._codec.model import UncheckedStr
    from .._generated.models.indexes import IndexesCreateRequestModelsItem, IndexModelsItem, IndexSchema
    from .._generated.params.indexes import IndexesCreateRequestModelsItemParams
    from .._request.options import RequestOptions

    _WantedModel: TypeAlias = IndexesCreateRequestModelsItem | IndexesCreateRequestModelsItemParams
    _Models: TypeAlias = frozenset[tuple[str, frozenset[str]]]

_NAME_IS_TAKEN = "index_name_already_exists"
_PAGE_LIMIT = 50


class IndexesResource(generated.IndexesResource):
    """Operations of `indexes`, and `get_or_create`."""

    async def get_or_create(
        self,
        *,
        index_name: str,
        models: Sequence[IndexesCreateRequestModelsItem | IndexesCreateRequestModelsItemParams],
        addons: Sequence[Literal["thumbnail"] | UncheckedStr] | None = None,
        request_options: RequestOptions | None = None,
    ) -> IndexSchema:
        """Return the index of this name, or create it if there is none: for programs that run more than once.

        Several programs can do this at the same time. Names are unique, so the platform accepts one of them, and the
        others return the index that this one created. If there are several indexes of the name nevertheless, the newest
        one with these models is returned.

        Args:
            index_name: Name of the index; upper and lower case differ.
            models: Models of the index, with their options. Their order is irrelevant.
            addons: Add-ons to enable. An existing index must have them, and may have others.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The index.

        Raises:
            IndexMismatchError: An index of this name exists with other models, or without these add-ons; it names both.
            BadRequestError: The platform does not accept the name, the models or the add-ons.
        """
        request_options = request_options and self._hide(request_options)
        wanted = _models(models)
        finding = self._find(index_name, wanted, addons or (), request_options)
        index = await self._guarded(finding, request_options)
        if index is not None:
            return index
        try:
            created = await self.create(
                index_name=index_name, models=models, addons=addons, request_options=request_options
            )
        except APIStatusError as error:
            if error.code != _NAME_IS_TAKEN:
                raise
            index = await self._find(index_name, wanted, addons or (), request_options)
            if index is None:
                raise
            return index
        return await self.retrieve(created.id, request_options=request_options)

    async def _find(
        self,
        index_name: str,
        wanted: _Models,
        addons: Sequence[str],
        request_options: RequestOptions | None,
    ) -> IndexSchema | None:
        """The newest index of this name that has what is wanted; None if no index has the name."""
        other: IndexSchema | None = None
        pager = self.list(index_name=index_name, page_limit=_PAGE_LIMIT, request_options=request_options)
        async for index in pager:
            # The contract does not say whether the filter compares whole names.
            if index.index_name != index_name:
                continue
            if _models(index.models) == wanted and set(addons) <= set(index.addons or ()):
                return index
            other = other or index
        if other is None:
            return None
        found, needed = _described(_models(other.models), other.addons or ()), _described(wanted, addons)
        raise IndexMismatchError(
            f"the index {index_name!r} (id {other.id}) exists with {found}, but {needed} is wanted;"
            " use another name, or delete the index",
            index=other,
        )


def _models(models: Iterable[IndexModelsItem | _WantedModel] | None) -> _Models:
    """Names and options of models, in a form that can be compared. What is missing is the platform's to report."""
    pairs = (
        (model.get("model_name"), model.get("model_options"))
        if isinstance(model, dict)
        else (model.model_name, model.model_options)
        for model in models or ()
    )
    return frozenset((name or "", frozenset(options or ())) for name, options in pairs)


def _described(models: _Models, addons: Iterable[str]) -> str:
    named = [f"{name} ({', '.join(sorted(options))})" for name, options in sorted(models, key=lambda model: model[0])]
    return " and ".join([*named, *(f"the add-on {addon}" for addon in sorted(addons))]) or "no models"
