"""URLs of proxies: the option `proxy=`, and what the environment names."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..errors import ConfigurationError

_LIKE: Final = "like http://proxy.example.com:3128"


def check_proxy(proxy: object) -> None:
    """Refuse a value of `proxy=` that is not the URL of an HTTP proxy. It may hold a password: no message shows it."""
    if _scheme(str(proxy)) is None:
        raise ConfigurationError(
            f"proxy is not the URL of an HTTP proxy: it must begin with http:// or https://, {_LIKE}."
        )


def check_environment(base_url: str) -> None:
    """Refuse proxies in the environment that aiohttp cannot use, or would ignore and connect directly.

    Args:
        base_url: URL of the API.
    """
    api = urlsplit(base_url)
    for scheme, proxy in getproxies().items():
        if scheme not in {"http", "https"}:
            continue
        name = f"{scheme.upper()}_PROXY"
        found = _scheme(proxy)
        if found is None:
            raise ConfigurationError(
                f"{name} is not the URL of an HTTP proxy: it must begin with http://, {_LIKE}.", variable=name
            )
        if found == "https" and scheme == api.scheme and not proxy_bypass(api.hostname or ""):
            raise ConfigurationError(
                f"{name} begins with https://, and aiohttp ignores such proxies in the environment: pass proxy=..., or "
                "set one that begins with http://.",
                variable=name,
            )


def _scheme(proxy: str) -> str | None:
    """The scheme of a proxy's URL; None if it is no such URL."""
    try:
        parts = urlsplit(proxy)
        _ = parts.port  # is checked when it is read
    except ValueError:
        return None
    return parts.scheme if parts.scheme in {"http", "https"} and parts.hostname else None
