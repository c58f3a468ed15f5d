"""What a method of the client is, before it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from .escape import Doc
    from .notices import OutdatedMember
    from .types import Type


@attrs.frozen
class Argument:
    """An argument of a method.

    Attributes:
        name: Python name.
        wire: Name on the wire.
        place: `path`, `query`, `headers` or `body`.
        type: Its type.
        default: Source of the default; empty for an argument that must be given.
        nullable: Whether None is sent as null.
        style: Parameter style of a list or map in a query, where it is not `repeat`.
        is_json: Whether the form member is JSON text.
        is_file: Whether the form member is a file.
        is_text_list: Whether the member of a JSON body is a list of text.
        kind: Kind of the objects that are accepted in place of an id; empty where it is no id.
        doc: Its line in the docstring.
    """

    name: str
    wire: str
    place: str
    type: Type
    default: str
    nullable: bool
    style: str
    is_json: bool
    is_file: bool
    is_text_list: bool
    kind: str
    doc: str


@attrs.frozen
class Call:
    """One method of the client, and the constant that it uses. An operation that can stream becomes two.

    Attributes:
        id: The operationId.
        const: Name of the constant.
        kind: `plain`, `paged` or `stream`: what the method returns.
        cls: Class of the constant.
        module: Module of its tag.
        path: Attribute path on the client.
        method: HTTP method.
        url: Path template.
        arguments: All but `request_options`, those that must be given first.
        response: Type of the body; None where there is none.
        item: Type of one item of a paged response.
        settings: Keyword and source of every other argument of the constant.
        doc: Docstring.
        lifecycle: As stated in the document.
        successor: What to use instead.
        sdk: Attribute path in the official SDK; empty where it has none.
        notes: Pagination or stream, in words, for the table of operations.
        place: Where the operation is in the document, for messages.
        notice: What the DeprecationWarning of a call says; empty where calls emit none.
        outdated: Members of the body that calls warn about.
    """

    id: str
    const: str
    kind: str
    cls: str
    module: str
    path: tuple[str, ...]
    method: str
    url: str
    arguments: tuple[Argument, ...]
    response: Type | None
    item: Type | None
    settings: tuple[tuple[str, str], ...]
    doc: Doc
    lifecycle: str
    successor: str
    sdk: str
    notes: str
    place: str
    notice: str = ""
    outdated: tuple[OutdatedMember, ...] = ()

    @property
    def warns(self) -> bool:
        """Whether a call can emit a DeprecationWarning, for itself or for what it is given."""
        return bool(self.notice or self.outdated)

    @property
    def instead(self) -> str:
        """The successor as code in a text: there may be two, of which each does a part."""
        return " and ".join(f"`{method}`" for method in self.successor.split(" and "))

    @property
    def name(self) -> str:
        """Name of the method."""
        return self.path[-1]

    def of(self, place: str) -> tuple[Argument, ...]:
        """The arguments that go to one place."""
        return tuple(argument for argument in self.arguments if argument.place == place)
