"""Small documents, and the code that is generated from them."""

from __future__ import annotations

import ast
import copy
import importlib
import re
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import yaml

from codegen import cli
from codegen.errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RUNTIME = cli.ROOT / "twelvelabs_async"


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def model(required: list[str] | None = None, /, **members: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": members}
    return schema | ({"required": required} if required else {})


def operation(operation_id: str, method: str, response: str | None = "Thing", /, **members: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": ref(response)}}} if response else {}
    return {
        "operationId": operation_id,
        "tags": ["Things"],
        "summary": "Do it",
        "x-method": method,
        "responses": {"200": {"description": "Done.", **content}},
    } | members


def body(schema: Any, kind: str = "application/json") -> dict[str, Any]:
    return {"required": True, "content": {kind: {"schema": schema}}}


def response(schema: Any, description: str = "Done.") -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def document(
    schemas: Mapping[str, Any] | None = None, paths: Mapping[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """A document with the operation `things.list` and the schema Thing, and what is given."""
    listed = {"/things": {"get": operation("listThings", "things.list")}} if paths is None else dict(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Example", "version": "9.9"},
        "paths": listed,
        "components": {"schemas": {"Thing": model(name={"type": "string"}), **(schemas or {})}},
    } | members


def described(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with a description wherever one is needed and missing."""
    found = copy.deepcopy(dict(document))
    components = found.get("components", {})
    nodes: list[Any] = [item for item in found["paths"].values() if isinstance(item, dict)]
    operations = [one for path in nodes for method, one in path.items() if method != "parameters"]
    hooks = [one for hook in found.get("webhooks", {}).values() for one in hook.values()]
    parameters = [
        one for holder in (*nodes, *operations) if isinstance(holder, dict) for one in holder.get("parameters", [])
    ]
    members: list[Any] = [*components.get("schemas", {}).values()]
    pending: list[Any] = [found]
    while pending:
        node = pending.pop()
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        if isinstance(node, dict) and isinstance(node.get("properties"), dict):
            members += node["properties"].values()
    for node in [*operations, *hooks, *parameters, *components.get("parameters", {}).values(), *members]:
        if isinstance(node, dict) and "$ref" not in node:
            node.setdefault("description", "What it is.")
    return found


ERROR = re.compile(r".*document\.yaml:[1-9]\d* \(#(/.*)?\): \S.*; \S.*")
"""What every error must look like: file, line, pointer, problem, advice."""


@attrs.frozen
class GeneratedClient:
    """Generated code."""

    files: dict[str, str]
    coverage: str
    folder: Path

    def method(self, name: str, module: str = "operations/things.py") -> ast.AsyncFunctionDef | ast.FunctionDef:
        for node in ast.walk(ast.parse(self.files[module])):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name == name:
                return node
        raise AssertionError(f"no method {name} in {module}")

    def arguments(self, name: str, module: str = "operations/things.py") -> dict[str, str]:
        """Annotation of each argument, with its default behind it."""
        found = self.method(name, module).args
        values = [*([None] * (len(found.args) - len(found.defaults))), *found.defaults, *found.kw_defaults]
        return {
            argument.arg: ast.unparse(argument.annotation) + (f" = {ast.unparse(value)}" if value else "")
            for argument, value in zip([*found.args, *found.kwonlyargs], values, strict=True)
            if argument.annotation
        }

    def constant(self, name: str, module: str = "operations/things.py") -> dict[str, str]:
        """The keywords of a constant, as source."""
        for node in ast.parse(self.files[module]).body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
                assert isinstance(node.value, ast.Call)
                return {str(keyword.arg): ast.unparse(keyword.value) for keyword in node.value.keywords}
        raise AssertionError(f"no constant {name} in {module}")

    @contextmanager
    def imported(self, name: str) -> Iterator[Any]:
        """A module of the generated package, imported from beside a copy of the runtime that models need."""
        package = f"generated_{self.folder.name.replace('-', '_')}"
        root = self.folder / "import"
        for path, source in self.files.items():
            target = root / package / "_generated" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(source, "utf-8")
        (root / package / "__init__.py").touch()
        for runtime in (
            *("_safe_repr.py", "_value.py", "_codec/model.py", "_extras.py"),
            *("_request/keys.py", "_request/operation.py", "vectors.py"),
        ):
            target = root / package / runtime
            target.parent.mkdir(exist_ok=True)
            shutil.copy(RUNTIME / runtime, target)
        sys.path.insert(0, str(root))
        try:
            yield importlib.import_module(f"{package}._generated.{name}")
        finally:
            sys.path.remove(str(root))
            for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == package]:
                del sys.modules[loaded]


class Generator:
    """Generates code from a document in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "client" / "_generated"

    def write(self, document: Mapping[str, Any]) -> Path:
        path = self.folder / "document.yaml"
        path.write_text(yaml.safe_dump(described(document), sort_keys=False, allow_unicode=True), "utf-8")
        return path

    def __call__(self, document: Mapping[str, Any]) -> GeneratedClient:
        try:
            files, coverage = cli.generate(self.write(document), self.output)
        except GenerationError as error:
            if not ERROR.fullmatch(str(error)):
                raise AssertionError(f"no place, or no advice: {error}") from error
            raise
        for name, source in files.items():
            compile(source, name, "exec")
        return GeneratedClient(files, coverage, self.folder)
