"""Turns an example for the official SDK into one for this client, by syntax tree: import, `await`, `async for`."""

from __future__ import annotations

import ast
import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from tests.vendor_examples.extract import VendorExample
    from twelvelabs_async import AsyncTwelveLabs

PACKAGE = "twelvelabs_async"


def rewrite(example: VendorExample, values: Mapping[str, Any] | None = None) -> ast.Module:
    """A module with a function `run(client)` that makes the call and returns the answer, or the list of items.

    Args:
        example: The example.
        values: Keyword arguments of the call that get another value, where the example has them.
    """
    call = ast.parse(example["call"], mode="eval").body
    assert isinstance(call, ast.Call)
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg in (values or {}):
            keyword.value = ast.parse(repr((values or {})[keyword.arg]), mode="eval").body
    if example["loop"]:
        body = ast.parse("items = []\nasync for item in CALL:\n    items.append(item)\nreturn items").body
        loop = body[1]
        assert isinstance(loop, ast.AsyncFor)
        loop.iter = call
    else:
        body = [ast.Return(ast.Await(call))]
    function = ast.parse("async def run(client): ...").body[0]
    assert isinstance(function, ast.AsyncFunctionDef)
    function.body = body
    # All models are in the package itself, whichever module of the official SDK they come from.
    imports: list[ast.stmt] = [
        ast.ImportFrom(PACKAGE, [ast.alias(name) for name in names], 0) for names in example["imports"].values()
    ]
    return ast.fix_missing_locations(ast.Module([*imports, function], []))


def runner(
    example: VendorExample, values: Mapping[str, Any] | None = None
) -> Callable[[AsyncTwelveLabs], Coroutine[Any, Any, Any]]:
    """The rewritten example, ready to run."""
    importlib.import_module(PACKAGE)
    namespace: dict[str, Any] = {}
    exec(compile(rewrite(example, values), f"<{example['method']}>", "exec"), namespace)
    run: Callable[[AsyncTwelveLabs], Coroutine[Any, Any, Any]] = namespace["run"]
    return run
