"""No text of the document escapes its place in a generated file."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen import escape, names
from codegen.errors import GenerationError
from codegen.escape import Doc

from .generated import Generator, body, document, model, operation, ref, response

NASTY = [
    'Ends """ here; import os',
    "Ends ''' here",
    'Quote at the end"',
    'Three at the end"""',
    "Backslash at the end\\",
    'Backslash before the quotes \\"""',
    r"Escapes \x00 \N{BULLET} \u0041 \' \"",
    "Template {{ 7 * 7 }} {% raw %} {# comment #}",
    "Braces {name} %s %(name)s",
    "Lines\n\nof\r\ntext\rhere",
    "Separators\u2028here\u2029and\x85and\x0band\x0cand\x1c.",
    "Hidden\x00\u200b\u202e\ufeff\ud800 characters",
    "# comment\nimport os",
    "`code` *md* <b>html</b> | pipe",
    "",
    " ",
    "word" * 100,
]


def parsed(doc: Doc, indent: int = 4) -> str:
    source = "class X:\n    " + escape.docstring(doc, 4) + "\n" if indent else escape.docstring(doc, 0) + "\n"
    tree = ast.parse(source)
    assert len(tree.body) == 1
    node = tree.body[0]
    if isinstance(node, ast.ClassDef):
        assert len(node.body) == 1
        node = node.body[0]
    assert isinstance(node, ast.Expr)
    assert isinstance(node.value, ast.Constant)
    return inspect.cleandoc(str(node.value.value))


def words(text: str) -> list[str]:
    return escape.clean(text).split()


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("indent", [0, 4])
def test_docstring_holds_the_text(text: str, indent: int) -> None:
    doc = Doc("Summary.", (text, "after"), (("Args", (("name", text), ("", "last"))),))
    expected = [*words("Summary."), *words(text), "after", "Args:", "name:", *words(text), "last"]
    assert parsed(doc, indent).split() == expected
    assert words(text) == parsed(Doc(text), indent).split()


TEXTS = st.text() | st.text(alphabet="\"'\\\\ a\n`{}")


@given(TEXTS, TEXTS)
def test_docstring_of_any_text(summary: str, text: str) -> None:
    found = parsed(Doc(summary, (text,), (("Raises", (("E", text),)),)))
    assert found.split() == [*words(summary), *words(text), "Raises:", "E:", *words(text)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_literal_of_any_value(value: Any) -> None:
    source = escape.literal(value)
    assert source.isascii()
    assert "\n" not in source
    assert ast.literal_eval(source) == value


def test_literal_of_something_else() -> None:
    with pytest.raises(GenerationError, match="object"):
        escape.literal(object())


@given(st.text())
def test_one_line_and_cell(text: str) -> None:
    assert len(escape.one_line(text).splitlines()) <= 1
    assert "|" not in escape.cell(text).replace("\\|", "")


@given(st.text(min_size=1))
def test_names_are_identifiers(text: str) -> None:
    for generate in (names.argument, names.attribute, names.class_name, names.module, names.constant):
        try:
            name = generate(text)
        except GenerationError:
            continue
        assert name.isidentifier()
        assert name.isascii()
        assert not name.startswith("_")


def test_list_items_keep_their_lines() -> None:
    assert (
        parsed(Doc("A", ("Kinds:\n- one\n- two\n1. three\ncontinued",)))
        == "A\n\nKinds:\n- one\n- two\n1. three continued"
    )


@pytest.mark.parametrize("text", NASTY)
def test_generated_client_holds_the_text_and_nothing_else(generate: Generator, text: str) -> None:
    """The same text everywhere at once: the code must parse to the same tree as with a plain text."""
    text = text.replace("\ud800", "")  # neither YAML nor UTF-8 has it

    def client(text: str, value: str) -> Any:
        needed = text if text.strip() else "text"
        sent = model(
            word={"type": "string", "enum": [value, "x"], "default": value, "description": needed, "pattern": text}
        )
        create = operation(
            "createThing",
            "things.create",
            summary=needed,
            description=needed,
            parameters=[
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "description": needed}
            ],
            requestBody=body(sent),
            responses={"200": response(ref("Thing"), needed), "400": {"description": needed}},
        )
        create |= {"x-lifecycle": "unlisted", "deprecated": True, "x-successor": needed, "x-rate-limit-group": needed}
        thing = model(
            **{value or "e": {"type": "string", "description": needed, "x-attribute": "a", "x-prefill": value}}
        )
        schemas = {
            "Thing": thing | {"description": needed},
            "Word": {"type": "string", "enum": [value], "description": needed},
        }
        generated = document(schemas, {"/things/{id}": {"post": create}})
        return generated | {"info": {"title": text, "version": text}, "tags": [{"name": "Things", "description": text}]}

    nasty, plain = generate(client(text, text or "value")), generate(client("text", "value"))
    for name, source in nasty.files.items():
        assert shape(source) == shape(plain.files[name]), name


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.copy_location(ast.Constant("" if isinstance(node.value, str) else node.value), node)


def shape(source: str) -> str:
    return ast.dump(_Blank().visit(ast.parse(source)))


def test_lists_are_indented_below_their_marker() -> None:
    text = f"One of:\n- `a`: {'long ' * 30}\n- `b`: short\n\n1. {'first ' * 30}\n2. second\n\nThe end."
    for doc in (Doc("Summary:", (text,)), Doc("Summary:", (), (("Args", (("name", text),)),))):
        lines = inspect.cleandoc(parsed(doc)).split("\n")
        marked = [line for line in lines if line.lstrip().startswith(("- ", "1. ", "2. "))]
        depth = len(marked[0]) - len(marked[0].lstrip())
        assert [line.strip()[:2] for line in marked] == ["- ", "- ", "1.", "2."]
        continued = [line for line in lines if line.strip().startswith(("long", "first"))]
        assert continued
        for line in continued:
            marker = 2 if line.strip().startswith("long") else 3
            assert len(line) - len(line.lstrip()) == depth + marker
