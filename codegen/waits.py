"""Waits: what `x-wait` of an operation becomes, which is a constant and four methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from . import names, types
from .document import Document, extension, text
from .errors import GenerationError
from .escape import Doc, literal
from .mapping import values
from .types import Name, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openapi_python_client import schema as oai

    from .calls import Argument, Call
    from .describe import Describer

METHODS: Final = ("wait_for_done", "as_completed", "wait_all", "watch")
"""The methods of every resource with an `x-wait`."""

_MEMBERS: Final = frozenset({"noun", "until", "done", "failed", "note", "timeout", "list"})
_LIST_MEMBERS: Final = frozenset({"operation", "ids", "status", "narrow", "newest", "changed", "complete"})

_INTERVAL: Final = (
    "sleep_interval",
    "Seconds between the first two checks; later intervals grow up to six times as long. Without this argument, the "
    "checks aim at the time when such work usually ends.",
)


@attrs.frozen
class Wait:
    """What can be waited for.

    Attributes:
        const: Name of the constant.
        call: The operation that retrieves the state.
        path: Attribute path of the resource.
        state: What retrieving gives.
        seen: What an outcome holds: that, or a row of the list.
        settings: Keyword and source of every other argument of the constant.
        timeout: Source of the default timeout.
        docs: The docstring of each method.
    """

    const: str
    call: Call
    path: tuple[str, ...]
    state: Type
    seen: Type
    row: Type
    settings: tuple[tuple[str, str], ...]
    timeout: str
    docs: Mapping[str, Doc]

    @property
    def module(self) -> str:
        """Module of its tag."""
        return self.call.module

    @property
    def parents(self) -> tuple[Argument, ...]:
        """The arguments above the id."""
        return self.call.of("path")[:-1]

    @property
    def argument(self) -> Argument:
        """The argument that is the id."""
        return self.call.of("path")[-1]

    @property
    def callback(self) -> Type:
        """Type of the callback."""
        return types.optional(Name("runtime", "Callback", (self.state,)))

    @property
    def ids(self) -> Type:
        """Type of several ids."""
        one = (self.argument.type,)
        return types.union((Name("collections.abc", "Iterable", one), Name("collections.abc", "AsyncIterable", one)))

    @property
    def outcomes(self) -> Type:
        """What `as_completed` returns."""
        return Name("runtime", "Outcomes", (Name("runtime", "Outcome", (self.seen,)),))

    @property
    def states(self) -> Type:
        """What `wait_all` returns."""
        return Name("builtins", "list", (self.seen,))

    @property
    def states_or_failures(self) -> Type:
        """What `wait_all` returns with `return_failures`."""
        return Name("builtins", "list", (types.union((self.seen, Name("builtins", "Exception"))),))

    @property
    def changes(self) -> Type:
        """What `watch` returns."""
        return Name("runtime", "Outcomes", (self.seen,))


def build(document: Document, describer: Describer, calls: Sequence[Call]) -> list[Wait]:
    """Every wait of the document."""
    builder = _Builder(document, describer, {call.id: call for call in calls if call.kind != "stream"})
    return [
        builder.build(f"{method} {url}", operation, extension(operation, "x-wait"))
        for method, url, operation, _ in document.operations()
        if extension(operation, "x-wait") is not None
    ]


class _Builder:
    def __init__(self, document: Document, describer: Describer, calls: Mapping[str, Call]) -> None:
        self._document = document
        self._describer = describer
        self._calls = calls
        self._parameters = {
            text(operation.operationId): parameters for _, _, operation, parameters in document.operations()
        }

    def build(self, where: str, operation: oai.Operation, given: Any) -> Wait:
        where = f"{where}: x-wait"
        _check_members(where, given, _MEMBERS, {"noun", "until", "done"})
        call = self._calls[text(operation.operationId)]
        if call.response is None or call.kind != "plain" or not call.of("path") or call.method != "GET":
            raise GenerationError(f"{where} needs a GET with a response that is no page, and with an id in its path")
        if not call.of("path")[-1].kind:
            raise GenerationError(f"{where}: its last path parameter has no x-id-of")
        statuses = self._statuses(where, call.response)
        done, failed = _words(f"{where}.done", given["done"]), _words(f"{where}.failed", given.get("failed", []))
        if unknown := [status for status in done or ["nothing"] if status not in statuses]:
            raise GenerationError(f"{where}.done: {unknown[0]} is no value of its status")
        if both := sorted(set(done) & set(failed)):
            raise GenerationError(f"{where}: {both[0]} is both done and failed")
        noun = str(given["noun"])
        rules = f"Rules(subject={literal(noun[:1].upper() + noun[1:])}, done={_frozen(done)}, failed={_frozen(failed)})"
        settings = [("rules", rules)]
        row: Type = call.response
        if "list" in given:
            shown, listing = self._list(f"{where}.list", call, given["list"], statuses, (done, failed))
            settings.append(("listing", listing))
            row = shown.item or row
        return Wait(
            const=f"{call.const}_WAIT",
            call=call,
            path=call.path[:-1],
            state=call.response,
            seen=types.union((row, call.response)),
            row=row,
            settings=tuple(settings),
            timeout=literal(float(given["timeout"])) if "timeout" in given else "DEFAULT_WAIT_TIMEOUT",
            docs=self._docs(call, given, is_row=row != call.response, can_fail=bool(failed)),
        )

    def _list(
        self, where: str, call: Call, given: Any, statuses: Sequence[str], final: tuple[Sequence[str], Sequence[str]]
    ) -> tuple[Call, str]:
        """The operation of the list, and the source of the setting."""
        _check_members(where, given, _LIST_MEMBERS, {"operation"})
        shown = self._calls.get(str(given["operation"]))
        if shown is None or shown.module != call.module or ("style", "'page'") not in shown.settings:
            raise GenerationError(f"{where}.operation is no operation of the same tag whose pages have numbers")
        if [argument.wire for argument in shown.of("path")] != [argument.wire for argument in call.of("path")[:-1]]:
            raise GenerationError(f"{where}.operation does not have the path parameters above the id")
        parameters = {text(parameter.name): parameter.param_schema for parameter in self._parameters[shown.id]}
        newest, changed = given.get("newest", {}), given.get("changed", {})
        named = [given[name] for name in ("ids", "status", "narrow") if name in given]
        if missing := [name for name in (*named, *newest, *changed) if name not in parameters]:
            raise GenerationError(f"{where}: {shown.id} has no parameter {missing[0]}")
        found = [("operation", shown.const)]
        if "ids" in given:
            found.append(("ids", literal(given["ids"])))
        elif "status" in given:
            schema = parameters[given["status"]]
            is_list = schema is not None and bool(self._document.schema(schema).items)
            done, failed = final
            active = [status for status in statuses if status not in {*done, *failed}]
            ended = [status for status in statuses if status in {*done, *failed}]
            views: list[dict[str, Any]] = [dict(newest)]
            for group, order in ((active, newest), (ended, changed or newest)):
                values: list[Any] = [group] if is_list else group
                views += [{given["status"]: value, **order} for value in values]
            found.append(("views", f"({', '.join(literal(view) for view in views)},)"))
        found += [("narrow", literal(given["narrow"]))] if "narrow" in given else []
        found += [("complete", "True")] if given.get("complete") else []
        return shown, f"WaitList({', '.join(f'{name}={value}' for name, value in found)})"

    def _statuses(self, where: str, response: Type) -> list[str]:
        """The values of `status` in the response, in the order of the document."""
        model = response.name if isinstance(response, Name) else ""
        schemas = [
            self._document.schema(node) for name, node in self._document.schemas.items() if self._is(name, model)
        ]
        members = {text(name): node for name, node in (schemas[0].properties or {}).items()} if schemas else {}
        status = members.get("status")
        found = values(self._document.schema(status)) if status is not None else ()
        if not found:
            raise GenerationError(f"{where}: the response has no status with listed values")
        return [str(value) for value in found]

    @staticmethod
    def _is(name: str, model: str) -> bool:
        return names.class_name(name) == model

    def _docs(self, call: Call, given: Any, *, is_row: bool, can_fail: bool) -> dict[str, Doc]:
        noun = str(given["noun"])
        prose = self._describer.prose
        note = prose(str(given.get("note", "")))
        parents = [(argument.name, argument.doc) for argument in call.of("path")[:-1]]
        last = call.of("path")[-1]
        options = (
            "request_options",
            "Timeouts, retries, and additional headers for each check. Waits with options of their own share no "
            "requests with other calls.",
        )
        each = "Timeout of each wait, in seconds, from when it begins."
        state = f"the row of the list, or the {noun} where it was requested singly" if is_row else f"the {noun}"
        late = ("WaitTimeoutError", "The timeout passed; the last state is attached.")
        failed = (("TaskFailedError", f"The {noun} has failed; it is attached."),) if can_fail else ()
        ids = (
            "ids",
            f"Identifiers, or objects, in any iterable or asynchronous iterable; at most {10_000:,} are waited "
            "for at a time. An id that is given twice has two outcomes.",
        )
        docs = {
            "wait_for_done": Doc(
                f"Wait until {given['until']}.",
                (
                    note,
                    "Concurrent waits share their requests: they read lists where that takes fewer of them.",
                ),
                (
                    (
                        "Args",
                        (
                            *parents,
                            (last.name, last.doc),
                            _INTERVAL,
                            (
                                "callback",
                                f"Called with the {noun} after every check, the first included; where waits share "
                                "their checks, after every change that a list shows. An asynchronous one is awaited.",
                            ),
                            ("timeout", "Timeout of the wait, in seconds."),
                            options,
                        ),
                    ),
                    ("Returns", (("", f"The {noun}, as `{call.name}` returns it."),)),
                    ("Raises", (*failed, late)),
                ),
            ),
            "as_completed": Doc(
                "Wait for many, and iterate over the outcomes in order of completion.",
                (f"Leaving the loop ends all waits. {note}".strip(),),
                (
                    ("Args", (*parents, ids, _INTERVAL, ("timeout", each), options)),
                    (
                        "Returns",
                        (
                            (
                                "",
                                f"An asynchronous iterator of outcomes: `id`, `state` ({state}) and `error` (None, or "
                                "the exception).",
                            ),
                        ),
                    ),
                ),
            ),
            "wait_all": Doc(
                "Wait for many, and return the states in the order given.",
                (note,),
                (
                    (
                        "Args",
                        (
                            *parents,
                            ids,
                            (
                                "return_failures",
                                "Whether the exceptions of failed waits are in the list, in place of their states.",
                            ),
                            _INTERVAL,
                            ("timeout", each),
                            options,
                        ),
                    ),
                    ("Returns", (("", f"For each id {state}."),)),
                    (
                        "Raises",
                        (("BulkError", "Some waits failed; `outcomes` holds the state or the exception of each."),),
                    ),
                ),
            ),
            "watch": Doc(
                f"Iterate over the changes of status of {_article(noun)}, up to the final one.",
                (note, "A final state of failure is the last one, and no error."),
                (
                    (
                        "Args",
                        (
                            *parents,
                            (last.name, last.doc),
                            _INTERVAL,
                            ("timeout", "Timeout in seconds, until the final state."),
                            options,
                        ),
                    ),
                    (
                        "Returns",
                        (("", f"An asynchronous iterator: {state}, at first and whenever its status differs."),),
                    ),
                    ("Raises", (late,)),
                ),
            ),
        }
        return {
            name: attrs.evolve(doc, paragraphs=tuple(part for part in doc.paragraphs if part))
            for name, doc in docs.items()
        }


def _check_members(where: str, given: Any, allowed: frozenset[str], needed: set[str]) -> None:
    if not isinstance(given, dict):
        raise GenerationError(f"{where} is a map")
    if unknown := sorted(given.keys() - allowed):
        raise GenerationError(f"{where} has no member {unknown[0]}; it has {', '.join(sorted(allowed))}")
    if missing := sorted(needed - given.keys()):
        raise GenerationError(f"{where} needs the member {missing[0]}")


def _words(where: str, given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(word, str) and word == word.lower() for word in given):
        raise GenerationError(f"{where} is a list of states in lower case")
    return list(given)


def _frozen(values: Sequence[str]) -> str:
    return f"frozenset({{{', '.join(literal(value) for value in values)}}})" if values else "frozenset()"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
