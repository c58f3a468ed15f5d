"""Docstrings of methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import extensions, notices
from .describe import Describer, summary, without
from .document import Document, description, text
from .escape import Doc

if TYPE_CHECKING:
    from .calls import Call
    from .parser import oai

_ERRORS = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "ForbiddenError",
    404: "NotFoundError",
    409: "ConflictError",
    410: "GoneError",
    413: "PayloadTooLargeError",
    422: "UnprocessableEntityError",
    429: "TooManyRequestsError",
}
"""Error class of each status; a 5xx is an InternalServerError, any other an APIStatusError."""

_EVERYWHERE = frozenset({"400", "401", "403", "429", "500"})
"""Statuses that every operation may respond with: the page of errors tells what they mean."""

_OTHERS = ("TwelveLabsError", "Any other failure; :doc:`/errors` lists those that every call may have.")

_OPTIONS = ("request_options", "Timeouts, retries, and additional headers or members for this call alone.")


class MethodDocs:
    """Writes the docstring of every method from the operation in the document."""

    def __init__(self, document: Document, describer: Describer) -> None:
        self.document = document
        self.describer = describer

    def write(self, operation: oai.Operation, call: Call) -> Doc:
        """The docstring of one method."""
        schema = self._body_schema(operation)
        stream = extensions.STREAM.of(operation)
        hidden = stream.field if stream else ""
        prose = self.describer.prose(text(operation.description))
        if hidden and hidden not in {argument.wire for argument in call.arguments}:
            prose = without(prose, hidden)
        paragraphs = [prose]
        paragraphs += [" ".join(self.describer.rules(schema))] if schema else []
        if call.kind == "stream" and hidden:
            paragraphs.append("This method returns the response as a stream of events.")
        if call.lifecycle != "current":
            said = notices.reason(operation)
            said = f"{said} " if said and "announced" not in prose else ""
            paragraphs.append(f"Deprecated: use {call.instead} instead. {said}A call emits a DeprecationWarning.")
        paragraphs.append(f"Operation: `{call.method} {call.url}`")
        entries = [(argument.name, argument.doc) for argument in call.arguments]
        sections = [("Args", (*entries, _OPTIONS)), ("Returns", (("", self._returns(operation, call)),))]
        sections.append(("Raises", (*self._raises(operation), _OTHERS)))
        first = summary(text(operation.summary), f"Call `{call.id}`")
        return Doc(first, tuple(part for part in paragraphs if part), tuple(sections))

    def _body_schema(self, operation: oai.Operation) -> oai.Schema | None:
        if operation.request_body is None:
            return None
        media = next(iter((self.document.body(operation.request_body).content or {}).values()), None)
        return self.document.schema(media.media_type_schema) if media and media.media_type_schema else None

    def _returns(self, operation: oai.Operation, call: Call) -> str:
        prose = [
            description(self.document.response(node))
            for status, node in operation.responses.items()
            if text(status).startswith("2")
        ]
        # Where sources disagree on the status, the second one has no description of its own.
        prose = [entry for entry in prose if not entry.startswith("The same as ")] or prose
        best = self.describer.prose(prose[-1]) if prose else ""
        if call.kind == "paged":
            return f"A pager: `async for` yields every item, `await` loads the first page. {best}".strip()
        if call.kind == "stream":
            return f"A stream: use it with `async with` or `async for`. {best}".strip()
        return best if call.response else f"Nothing. {best}".strip()

    def _raises(self, operation: oai.Operation) -> tuple[tuple[str, str], ...]:
        """What only some operations raise."""
        found: dict[str, list[str]] = {}
        for status, node in operation.responses.items():
            code = text(status)
            if code[:1] in {"4", "5"} and code.isdecimal() and code not in _EVERYWHERE:
                fallback = "InternalServerError" if code[0] == "5" else "APIStatusError"
                prose = self.describer.prose(description(self.document.response(node)))
                texts = found.setdefault(_ERRORS.get(int(code), fallback), [])
                if prose not in texts:
                    texts.append(prose)
        return tuple((name, " ".join(texts)) for name, texts in found.items())
