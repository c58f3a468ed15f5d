"""Waits: what `x-wait` of an operation becomes, which is a constant and four methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from . import extensions, types
from .document import Document, text
from .errors import GenerationError
from .escape import Doc, literal
from .mapping import values
from .types import Name, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .calls import Argument, Call
    from .describe import Describer
    from .extension_values import WaitSource, WaitStates
    from .parser import oai
    from .schemas import Schemas

METHODS: Final = ("wait_for_done", "as_completed", "wait_all", "watch")
"""The methods of every resource with an `x-wait`."""

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


def build(document: Document, describer: Describer, schemas: Schemas, calls: Sequence[Call]) -> list[Wait]:
    """Every wait of the document."""
    builder = _Builder(document, describer, schemas, {call.id: call for call in calls if call.kind != "stream"})
    found = []
    for _, _, operation, _ in document.operations():
        given = extensions.WAIT.of(operation)
        if given is not None:
            with document.at(operation, extensions.WAIT.name):
                found.append(builder.build(operation, given))
    return found


class _Builder:
    def __init__(self, document: Document, describer: Describer, schemas: Schemas, calls: Mapping[str, Call]) -> None:
        self._document = document
        self._schemas = {cls: name for name, cls in schemas.classes.items()}
        self._describer = describer
        self._calls = calls
        self._operations = {
            text(operation.operationId): (operation, listed) for _, _, operation, listed in document.operations()
        }

    def build(self, operation: oai.Operation, given: WaitStates) -> Wait:
        call = self._calls.get(text(operation.operationId))
        if call is None or not call.response or call.kind != "plain" or not call.of("path") or call.method != "GET":
            raise GenerationError(
                "x-wait needs a GET with a response that is no page, and with an id in its path",
                "move it to the operation that shows the state of one",
            )
        if not call.of("path")[-1].kind:
            raise GenerationError(
                "the last path parameter of an operation with x-wait has no x-id-of", "add it to the schema of the id"
            )
        statuses = self._statuses(call.response)
        done, failed = given.done, given.failed
        if unknown := [status for status in done or ["nothing"] if status not in statuses]:
            raise GenerationError(
                f"done: {unknown[0]} is no value of its status", f"the values are {', '.join(statuses)}"
            )
        if both := sorted(set(done) & set(failed)):
            raise GenerationError(f"{both[0]} is both done and failed", "remove it from one of the two")
        rules = (
            f"Rules(subject={literal(given.noun[:1].upper() + given.noun[1:])}, "
            f"done={_frozen(done)}, failed={_frozen(failed)})"
        )
        settings = [("rules", rules)]
        row: Type = call.response
        if given.list is not None:
            with self._document.at(operation, extensions.WAIT.name, "list"):
                shown, listing = self._list(call, given.list, statuses, (done, failed))
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
            timeout=literal(given.timeout) if given.timeout else "DEFAULT_WAIT_TIMEOUT",
            docs=self._docs(call, given, is_row=row != call.response, can_fail=bool(failed)),
        )

    def _list(
        self, call: Call, given: WaitSource, statuses: Sequence[str], final: tuple[Sequence[str], Sequence[str]]
    ) -> tuple[Call, str]:
        """The operation of the list, and the source of the setting."""
        shown = self._calls.get(given.operation)
        operation, listed = self._operations.get(given.operation, (None, []))
        pages = extensions.PAGINATION.of(operation) if operation else None
        if shown is None or shown.module != call.module or pages is None or pages.style != "page":
            raise GenerationError(
                f"{given.operation} is no operation of the same tag whose pages have numbers", "correct its operationId"
            )
        if [argument.wire for argument in shown.of("path")] != [argument.wire for argument in call.of("path")[:-1]]:
            raise GenerationError(
                f"{shown.id} does not have the path parameters above the id", "name the list that is one level above"
            )
        parameters = {text(parameter.name): parameter.param_schema for parameter in listed}
        newest, changed = given.newest, given.changed
        named = [name for name in (given.ids, given.status, given.narrow) if name]
        if missing := [name for name in (*named, *newest, *changed) if name not in parameters]:
            raise GenerationError(f"{shown.id} has no parameter {missing[0]}", "correct its name")
        found = [("operation", shown.const)]
        if given.ids:
            found.append(("ids", literal(given.ids)))
        elif given.status:
            schema = parameters[given.status]
            is_list = schema is not None and bool(self._document.schema(schema).items)
            done, failed = final
            active = [status for status in statuses if status not in {*done, *failed}]
            ended = [status for status in statuses if status in {*done, *failed}]
            views: list[dict[str, Any]] = [dict(newest)]
            for group, order in ((active, newest), (ended, changed or newest)):
                values: list[Any] = [group] if is_list else group
                views += [{given.status: value, **order} for value in values]
            found.append(("views", f"({', '.join(literal(view) for view in views)},)"))
        found += [("narrow", literal(given.narrow))] if given.narrow else []
        found += [("complete", "True")] if given.complete else []
        return shown, f"WaitList({', '.join(f'{name}={value}' for name, value in found)})"

    def _statuses(self, response: Type) -> list[str]:
        """The values of `status` in the response, in the order of the document."""
        name = self._schemas[response.name] if isinstance(response, Name) else ""
        schema = self._document.schema(self._document.schemas[name])
        members = {text(key): node for key, node in (schema.properties or {}).items()}
        found = values(self._document.schema(members["status"])) if "status" in members else ()
        if not found:
            raise GenerationError(
                "the response has no status with listed values", "add an enum to its member `status`, or remove x-wait"
            )
        return [str(value) for value in found]

    def _docs(self, call: Call, given: WaitStates, *, is_row: bool, can_fail: bool) -> dict[str, Doc]:
        noun = given.noun
        prose = self._describer.prose
        note = prose(given.note)
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
                f"Wait until {given.until}.",
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


def _frozen(values: Sequence[str]) -> str:
    return f"frozenset({{{', '.join(literal(value) for value in values)}}})" if values else "frozenset()"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
