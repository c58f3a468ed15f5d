"""Tokens of uploads: whoever does not have the secret can neither make one nor use that of another user."""

from __future__ import annotations

import base64
import contextlib
import json
import string
import time

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.starlette.upload_tokens import TokenError, UploadTicket, UploadTokens

SECRET = "a secret of the service"
TICKET = UploadTicket(
    upload_id="u1",
    asset_id="a1",
    filename="Füchse.mp4",
    kind="video",
    size=2500,
    chunk_size=1000,
    headers={"Content-Type": "application/octet-stream"},
    expires=int(time.time()) + 3600,
)
TOKENS = UploadTokens([SECRET])


@given(user=st.text(min_size=1))
def test_a_token_comes_back_as_its_ticket(user: str) -> None:
    assert TOKENS.verify(TOKENS.sign(TICKET, user), user) == TICKET


@given(user=st.text(min_size=1), other=st.text(min_size=1))
def test_a_token_is_for_one_user(user: str, other: str) -> None:
    token = TOKENS.sign(TICKET, user)
    if user == other:
        assert TOKENS.verify(token, other) == TICKET
    else:
        with pytest.raises(TokenError, match="not valid for this user"):
            TOKENS.verify(token, other)


@given(position=st.integers(0, 10_000), character=st.characters())
def test_no_character_of_a_token_can_be_changed(position: int, character: str) -> None:
    token = TOKENS.sign(TICKET, "anna")
    position %= len(token)
    if token[position] == character:
        return
    changed = token[:position] + character + token[position + 1 :]
    with pytest.raises(TokenError):
        TOKENS.verify(changed, "anna")


def test_a_signature_has_one_form() -> None:
    token = TOKENS.sign(TICKET, "anna")
    alphabet = string.ascii_letters + string.digits + "-_"
    accepted = []
    for changed in [*(token[:-1] + character for character in alphabet), token + "=", token + "=="]:
        with contextlib.suppress(TokenError):
            TOKENS.verify(changed, "anna")
            accepted.append(changed)
    assert accepted == [token]  # although the last character of its base64 has bits that say nothing


@pytest.mark.parametrize(
    "token",
    [
        None,
        5,
        "",
        "u1",
        "u1.",
        "u1..",
        "u1.e30.",
        "u2.e30.AAAA",
        "u1.e30.!!!!",
        "u1.e30.AAAA.AAAA",
        "ü1.e30.AA",
        "u1.ü.AA",
        "u1." + "A" * 30_000 + ".AAAA",
    ],
)
def test_what_is_no_token(token: object) -> None:
    with pytest.raises(TokenError):
        TOKENS.verify(token, "anna")


def test_a_forged_token() -> None:
    larger = json.dumps(attrs.asdict(attrs.evolve(TICKET, size=10**12))).encode()
    data = base64.urlsafe_b64encode(larger).decode().rstrip("=")
    signature = TOKENS.sign(TICKET, "anna").rpartition(".")[2]
    for forged in (f"u1.{data}.{signature}", UploadTokens(["a secret of an attacker"]).sign(TICKET, "anna")):
        with pytest.raises(TokenError, match="not valid"):
            TOKENS.verify(forged, "anna")


def test_an_expired_token() -> None:
    token = TOKENS.sign(attrs.evolve(TICKET, expires=int(time.time()) - 1), "anna")
    with pytest.raises(TokenError, match="expired"):
        TOKENS.verify(token, "anna")


def test_a_secret_can_be_replaced() -> None:
    old = TOKENS.sign(TICKET, "anna")
    both = UploadTokens([b"another secret of it", SECRET])
    assert both.verify(old, "anna") == TICKET
    with pytest.raises(TokenError):
        TOKENS.verify(both.sign(TICKET, "anna"), "anna")
    assert SECRET not in repr(both)


@pytest.mark.parametrize("secrets", [[], [""], ["short"], [SECRET, b"short"]])
def test_secrets_that_are_too_short(secrets: list[str | bytes]) -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        UploadTokens(secrets)
