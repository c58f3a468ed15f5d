"""Absolute HTTP URLs, wherever they come from."""

from __future__ import annotations

import pytest
from yarl import URL

from twelvelabs_async._request.urls import is_loopback, split_http_url

BAD = {
    "": "is empty",
    " https://h/": "holds a space",
    "https://h/\n": "holds a space, a backslash or a control character",
    "https://h/a\u2028b": "control character",
    "https://h\\@evil.test/": "backslash",
    "https://h:99999/": "is not a URL",
    "https://h:x/": "is not a URL",
    "https://h:-1/": "is not a URL",
    "https://[::1/": "is not a URL",
    "https://h:0/": "names port 0",
    "ftp://h/": "must begin with https://",
    "file:///etc/passwd": "must begin with https://",
    "data:,x": "must begin with https://",
    "//h/x": "must begin with https://",
    "h/x": "must begin with https://",
    "https:": "names no host",
    "https:///x": "names no host",
    "https://:443/": "names no host",
    "https://u@h/": "holds a user name",
    "https://:p@h/": "holds a user name",
    "https://@h/": "holds a user name",
    "https://a..b/": "empty or overlong part",
    "https://.b/": "empty or overlong part",
    f"https://{'a' * 64}.b/": "empty or overlong part",
    f"https://{'a.' * 150}b/": "empty or overlong part",
}


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=BAD[url]):
        split_http_url(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://h", "h", None),
        ("HTTPS://H:8443/a?b#c", "h", 8443),
        ("http://[::1]:80/", "::1", 80),
        ("https://a.b./", "a.b.", None),
        (f"https://{'a' * 63}.b/", f"{'a' * 63}.b", None),
    ],
)
def test_parts(url: str, host: str, port: int | None) -> None:
    parts = split_http_url(url)
    assert (parts.hostname, parts.port) == (host, port)
    assert URL(url, encoded=True).origin()


def test_loopback() -> None:
    assert is_loopback("LOCALHOST.")
    assert not is_loopback("127.0.0.1.example")
