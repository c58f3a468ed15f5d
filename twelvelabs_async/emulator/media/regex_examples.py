"""Example texts that a regular expression matches, for the patterns of JSON schemas."""

from __future__ import annotations

import re
from typing import Final

_CLASSES: Final = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "t": "\t", "n": "\n", "r": "\r"}
_ZERO_WIDTH: Final = "bBAZ"


def example(pattern: str) -> str:
    """Make the shortest simple text that a pattern matches; empty when none is found.

    Knows literals, classes, groups, alternatives and repetitions; not back references and look-around.
    """
    try:
        text, at = _alternatives(pattern, 0)
        if at == len(pattern) and re.search(pattern, text):
            return text
    except (IndexError, ValueError, re.error):
        pass
    return ""


def _alternatives(pattern: str, at: int) -> tuple[str, int]:
    """Read alternatives up to a closing bracket or the end; the first one counts."""
    first, at = _sequence(pattern, at)
    while at < len(pattern) and pattern[at] == "|":
        _, at = _sequence(pattern, at + 1)
    return first, at


def _sequence(pattern: str, at: int) -> tuple[str, int]:
    text = ""
    while at < len(pattern) and pattern[at] not in "|)":
        piece, at = _piece(pattern, at)
        count, at = _repetition(pattern, at)
        text += piece * count
    return text, at


def _piece(pattern: str, at: int) -> tuple[str, int]:
    sign = pattern[at]
    if sign in "^$":
        return "", at + 1
    if sign == ".":
        return "a", at + 1
    if sign == "\\":
        escaped = pattern[at + 1]
        return "" if escaped in _ZERO_WIDTH else _CLASSES.get(escaped, escaped), at + 2
    if sign == "[":
        return _class(pattern, at + 1)
    if sign == "(":
        at += 1
        if pattern.startswith("?", at):
            if not (pattern.startswith("?:", at) or pattern.startswith("?P<", at)):
                raise ValueError("look-around is not supported")
            at = at + 2 if pattern.startswith("?:", at) else pattern.index(">", at) + 1
        text, at = _alternatives(pattern, at)
        if pattern[at] != ")":
            raise ValueError("a group is not closed")
        return text, at + 1
    return sign, at + 1


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Take a character of a class: its first one, or for a negated class one that is not in it."""
    close = at + (2 if pattern.startswith("^]", at) else 1 if pattern.startswith("]", at) else 0)
    while pattern[close] != "]":
        close += 2 if pattern[close] == "\\" else 1
    whole = re.compile(f"[{pattern[at:close]}]")
    for candidate in "a0A_- .,:#/@1b":
        if whole.fullmatch(candidate):
            return candidate, close + 1
    for code in range(33, 0x10000):
        if whole.fullmatch(chr(code)):
            return chr(code), close + 1
    raise ValueError("no character fits")


def _repetition(pattern: str, at: int) -> tuple[int, int]:
    count = 1
    if at < len(pattern) and pattern[at] in "*?+":
        count, at = (1 if pattern[at] == "+" else 0), at + 1
    elif match := re.compile(r"\{(\d+)(?:,\d*)?\}").match(pattern, at):
        count, at = int(match[1]), match.end()
    else:
        return 1, at
    # A lazy or possessive repetition needs the same number.
    return count, at + 1 if at < len(pattern) and pattern[at] in "?+" else at
