"""Headers that nobody but the client may set, and values that would be read as more than one header."""

from __future__ import annotations

import pytest

from twelvelabs_async._request.headers import FRAMING, check_header
from twelvelabs_async.errors import ConfigurationError


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "a\r\n", " a", "a ", "a\t", "Content-Length ", "(a)"])
def test_names_are_checked(name: str) -> None:
    with pytest.raises(ValueError, match="header name"):
        check_header(name, "x")


@pytest.mark.parametrize("spelling", [str, str.upper, str.title, lambda name: name.replace("-", "_")])
@pytest.mark.parametrize("name", sorted(FRAMING))
def test_framing_headers_are_refused_in_any_case(name: str, spelling: type[str]) -> None:
    with pytest.raises(ConfigurationError, match=f"the header '{spelling(name)}' must not be set"):
        check_header(spelling(name), "5")


@pytest.mark.parametrize(
    "name",
    [
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Content-Type",
        "Content-MD5",
        "Content-Encoding",
        "Range",
        "Cookie",
    ],
)
def test_other_headers_are_the_senders_to_set(name: str) -> None:
    check_header(name, "a\tb é")


@pytest.mark.parametrize("value", ["\r\nX: 1", "a\nb", "a\rb", "\0", "\x0b", "\x0c", "\x1b[0m", "\x7f", "\ud800"])
def test_values_are_checked(value: str) -> None:
    with pytest.raises(ValueError, match="the value of the header 'X-A' contains a line break or a control character"):
        check_header("X-A", f"a{value}")
