"""Rewrites what else differs in asynchronous code, and notes what a person must decide."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from .bindings import FUNCTIONS
from .names import OFFICIAL, PAGED, STREAMS, SYNC_CLIENT, SYNCHRONOUS, UNPAGED
from .values import CLIENT_CLASSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from .bindings import Bindings, Use
    from .locate import Locator
    from .notes import Notes
    from .source import Source
    from .values import Value, Values

DEFAULT_URL: Final = "https://api.twelvelabs.io/v1.3"
"""The only member of the enumeration of environments."""

_DUMPS: Final = {
    "dict": ("to_dict", ""),
    "model_dump": ("to_dict", ""),
    "json": ("to_json", ".decode()"),
    "model_dump_json": ("to_json", ".decode()"),
}
"""Methods of pydantic models, the function that replaces them, and what turns its result into the same type."""

_COPIES: Final = frozenset({"copy", "model_copy"})

_LOADS: Final = frozenset({"find_spec", "import_module", "importorskip", "require_package", "version", "__import__"})
"""Functions that get the name of a package."""

_ARGUMENTS: Final = {
    "httpx_client": "there is no httpx_client=; pass session=, connector=, proxy= or ssl= instead",
    "timeout": "timeout= limits the whole call now, retries included, and must be a number, a Timeout or Timeouts",
}
"""Arguments of the client to look at."""

_WAITS: Final = (
    "wait_for_done raises TaskFailedError if the task failed, and WaitTimeoutError after two hours (see timeout=)"
)

_BULK: Final = "create_bulk raises BulkError if some inputs fail; .results has the others"


class CallRewriter:
    """Rewrites the calls of the asynchronous client, and notes those of the synchronous one.

    Attributes:
        extra: Names of the package that the rewritten program needs.
        removed: Uses of imported names that are gone.
    """

    def __init__(
        self,
        source: Source,
        bindings: Bindings,
        values: Values,
        locator: Locator,
        notes: Notes,
        *,
        can_import: bool,
        excluded: Collection[ast.AST | None],
    ) -> None:
        """Prepare the rewriting.

        Args:
            source: The program.
            bindings: What its names stand for.
            values: What its expressions are.
            locator: Where nodes are.
            notes: Where to put notes.
            can_import: Whether the program has a place to import further names.
            excluded: Functions that stay as they are.
        """
        self._source = source
        self._bindings = bindings
        self._values = values
        self._locator = locator
        self._notes = notes
        self._can_import = can_import
        self._excluded = excluded
        self.extra: set[str] = set()
        self.removed: set[Use] = set()

    def rewrite(self) -> None:
        """Rewrite and note everything, apart from the synchronous client."""
        for node in self._bindings.nodes:
            if self._bindings.function_of(node) in self._excluded:
                continue
            if isinstance(node, ast.Call):
                self._construction(node)
                self._call(node)
                self._dump(node)
            elif isinstance(node, ast.Attribute):
                self._attribute(node)
            elif isinstance(node, ast.Try | ast.TryStar):
                self._handlers(node)
        self._environments()

    # The client

    def _construction(self, node: ast.Call) -> None:
        value = self._values.of(node.func)
        if value is None or value.kind != "class" or value.is_sync:
            return
        for keyword in node.keywords:
            if keyword.arg == "environment":
                self._environment(node, keyword)
            elif keyword.arg in _ARGUMENTS:
                self._notes.add(keyword, _ARGUMENTS[keyword.arg])
        if not self._is_closed(node):
            self._notes.add(
                node, "the client keeps connections open: use `async with`, or call `await client.close()` at the end"
            )

    def _is_closed(self, node: ast.Call) -> bool:
        """Whether a client is closed, as far as can be seen; one that is returned or passed on is somebody else's."""
        parent = self._bindings.parents.get(node)
        if not isinstance(parent, ast.Assign | ast.AnnAssign | ast.Expr | ast.Attribute | ast.NamedExpr):
            return True
        return any(self._closes(at) for at in self._bindings.nodes)

    def _closes(self, node: ast.AST) -> bool:
        """Whether a client is closed here, or its internals are used, usually for that."""
        if isinstance(node, ast.withitem):
            used: ast.expr = node.context_expr
        elif isinstance(node, ast.Attribute) and node.attr in {"close", "_client_wrapper"}:
            used = node.value
        else:
            return False
        value = self._values.of(used)
        return value is not None and value.kind == "client"

    def _environment(self, call: ast.Call, keyword: ast.keyword) -> None:
        use = next((use for use in self._uses("TwelveLabsEnvironment") if self._default_of(use) is keyword.value), None)
        if use is None:
            self._notes.add(keyword, "there is no environment=; pass the URL as base_url=")
            return
        self.removed.add(use)
        self._remove_argument(call, keyword)

    def _environments(self) -> None:
        """`TwelveLabsEnvironment.DEFAULT.value` is a URL."""
        for use in self._uses("TwelveLabsEnvironment"):
            member = self._default_of(use)
            parent = self._bindings.parents.get(member) if member else None
            if use not in self.removed and isinstance(parent, ast.Attribute) and parent.attr == "value":
                span = self._locator.span(parent)
                if span is not None:
                    self.removed.add(use)
                    self._source.replace(*span, f'"{DEFAULT_URL}"')

    def _uses(self, name: str) -> Iterator[Use]:
        for use in self._bindings.uses:
            if use.name == name and self._bindings.function_of(use.node) not in self._excluded:
                yield use

    def _default_of(self, use: Use) -> ast.Attribute | None:
        parent = self._bindings.parents.get(use.node)
        return parent if isinstance(parent, ast.Attribute) and parent.attr == "DEFAULT" else None

    def _remove_argument(self, call: ast.Call, keyword: ast.keyword) -> None:
        """Remove an argument and its comma, and its line if nothing else is in it."""
        source = self._source
        start, end = source.start(keyword), source.end(keyword)
        rest = source.segment(end, source.end(call))
        comma = len(rest) - len(rest.lstrip(" \t"))
        begin, following = source.line_start(start), source.line_end(end)
        if rest[comma : comma + 1] == ",":
            end += comma + 1
            while source.segment(end, end + 1) in {" ", "\t"}:
                end += 1
            if not source.segment(begin, start).strip() and not source.segment(end, following).strip():
                start, end = begin, following
        else:  # the last one: the comma before it goes
            before = source.segment(source.start(call), start)
            bare = before.rstrip()
            if bare.endswith(","):
                start -= len(before.encode()) - len(bare.encode()) + 1
        source.replace(start, end, "")

    # Calls

    def _call(self, node: ast.Call) -> None:
        self._loader(node)
        for keyword in node.keywords:
            if keyword.arg == "request_options" and isinstance(keyword.value, ast.Dict):
                self._options(keyword.value)
        value = self._values.of(node)
        if value is None or value.kind != "call" or value.is_sync:
            return
        last = value.path.rpartition(".")[2]
        if last == "wait_for_done":
            self._notes.add(node, _WAITS)
        elif last == "create_bulk" and value.path in {"tasks.create_bulk", "embed.tasks.create_bulk"}:
            self._notes.add(node, _BULK)
        if value.is_raw:
            self._raw(node, value)
        elif value.path in UNPAGED:
            self._unpaged(node, value)

    def _options(self, options: ast.Dict) -> None:
        for key in options.keys:
            if isinstance(key, ast.Constant) and key.value == "chunk_size":
                self._notes.add(key, "request_options has no chunk_size; remove it")

    def _unpaged(self, node: ast.Call, value: Value) -> None:
        """The official package returns the response, and this one a pager, whose `page` is the response."""
        parent = self._bindings.parents.get(node)
        span = self._locator.span(parent) if isinstance(parent, ast.Await) else None
        if span is None or not value.is_certain:
            self._notes.add(node, f"{value.path} returns a pager; its .page is the response")
            return
        self._source.replace(span[0], span[0], "(")
        self._source.replace(span[1], span[1], ").page")

    def _raw(self, node: ast.Call, value: Value) -> None:
        """The accessor moves from the resource to the client."""
        if value.path in PAGED or value.path in STREAMS:
            self._notes.add(node, "with_raw_response returns one raw response here, also of a list or stream")
        at = node.func
        while isinstance(at, ast.Attribute) and at.attr != "with_raw_response":
            at = at.value
        if not isinstance(at, ast.Attribute):
            return
        root = at.value
        while isinstance(root, ast.Attribute) and (found := self._values.of(root)) and found.path:
            root = root.value
        if root is at.value:
            return
        ends = self._locator.span(at), self._locator.span(at.value), self._locator.span(root)
        if ends[0] is None or ends[1] is None or ends[2] is None:
            self._notes.add(node, "write client.with_raw_response before the resource")
            return
        self._source.replace(ends[1][1], ends[0][1], "")
        self._source.replace(ends[2][1], ends[2][1], ".with_raw_response")

    def _dump(self, node: ast.Call) -> None:
        """Methods of pydantic models, on responses."""
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in {*_DUMPS, *_COPIES}:
            return
        value = self._values.of(function.value)
        if value is None or value.kind != "model":
            return
        if function.attr in _COPIES:
            self._notes.add(node, f".{function.attr}() of a response: use attrs.evolve(response, ...)")
            return
        name, suffix = _DUMPS[function.attr]
        span, inner = self._locator.span(node), self._locator.span(function.value)
        usable = self._can_import and (self._bindings.is_free(name) or name in self.extra)
        if node.args or node.keywords or span is None or inner is None or not usable or not value.is_certain:
            self._notes.add(node, f".{function.attr}() of a response: use twelvelabs_async.{name}(response){suffix}")
            return
        self.extra.add(name)
        self._source.replace(span[0], inner[0], f"{name}(")
        self._source.replace(inner[1], span[1], f"){suffix}")

    def _loader(self, node: ast.Call) -> None:
        """The name of the package in a string."""
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                package = argument.value.partition(".")[0]
                if package == OFFICIAL and (function in _LOADS or "." in argument.value):
                    self._notes.add(node, f"the string {argument.value!r} names the official package; check it")

    # Attributes

    def _attribute(self, node: ast.Attribute) -> None:
        value = self._values.of(node.value)
        if value is None or value.is_sync:
            return
        if value.kind == "error" and node.attr == "status_code":
            self._replace_attribute(node, "status")
        elif value.kind == "raw" and node.attr == "data":
            self._replace_attribute(node, "parse()")
        elif value.kind == "pager" and node.attr in {"next_page", "get_next", "response"}:
            self._notes.add(node, f"a pager has no .{node.attr}; use `async for page in pager.iter_pages()`")
        elif value.kind == "client" and node.attr == "_client_wrapper":
            self._internals(node)

    def _replace_attribute(self, node: ast.Attribute, new: str) -> None:
        span = self._locator.attribute(node)
        if span is None:
            self._notes.add(node, f"replace .{node.attr} by .{new} within this f-string")
        else:
            self._source.replace(*span, new)

    def _internals(self, node: ast.Attribute) -> None:
        """The usual way to close the connections; everything else about internals is for a person."""
        chain = node
        for name in ("httpx_client", "httpx_client", "aclose"):
            parent = self._bindings.parents.get(chain)
            if not isinstance(parent, ast.Attribute) or parent.attr != name:
                self._notes.add(node, "_client_wrapper is internal, and there is nothing like it here")
                return
            chain = parent
        start, end = self._source.start(node), self._source.end(chain)
        function = next((at for at in self._bindings.ancestors(node) if isinstance(at, FUNCTIONS)), None)
        overrides = isinstance(function, ast.AsyncFunctionDef) and function.name in {"close", "__aexit__"}
        is_self = isinstance(node.value, ast.Name) and node.value.id == "self"
        root = "super()" if overrides and is_self else self._source.text_of(node.value)
        self._source.replace(start, end, f"{root}.close")

    # Errors

    def _handlers(self, node: ast.Try | ast.TryStar) -> None:
        """Exceptions of httpx around calls of the client."""
        inside = (self._values.of(at) for statement in node.body for at in ast.walk(statement))
        if not any(value is not None and value.kind == "call" for value in inside):
            return
        for handler in node.handlers:
            for part in handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]:
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "httpx":
                    self._notes.add(
                        part,
                        f"the client does not raise httpx.{part.attr}; catch APIConnectionError or APITimeoutError",
                    )


def note_synchronous(bindings: Bindings, values: Values, notes: Notes) -> None:
    """Note every use of the synchronous client."""
    for use in bindings.uses:
        if use.name in SYNCHRONOUS and not bindings.in_annotation(use.node):
            name = "AsyncTwelveLabs" if use.name == SYNC_CLIENT else "its asynchronous form"
            notes.add(use.root, f"synchronous: {use.name}; use {name} in a coroutine function")
    for node in bindings.nodes:
        if isinstance(node, ast.Call) and (value := values.of(node)) and value.kind == "call" and value.is_sync:
            verb = "`async for`" if value.path in PAGED | STREAMS else "`await`"
            notes.add(node, f"synchronous: client.{value.path}(...); needs {verb} with AsyncTwelveLabs")


def synchronous_functions(bindings: Bindings, values: Values) -> set[ast.AST | None]:
    """Functions that work with the synchronous client alone; None stands for the module outside of functions."""
    functions: dict[bool, set[ast.AST | None]] = {True: set(), False: set()}
    for use in bindings.uses:
        if use.name in CLIENT_CLASSES:
            functions[CLIENT_CLASSES[use.name]].add(bindings.function_of(use.node))
    for node in bindings.nodes:
        if isinstance(node, ast.Call) and (value := values.of(node)) and value.kind in {"call", "client"}:
            functions[value.is_sync].add(bindings.function_of(node))
    return functions[True] - functions[False]
