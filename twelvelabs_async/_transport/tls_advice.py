"""What to do about a TLS connection that could not be made. OpenSSL names the problem; here is the cure."""

from __future__ import annotations

import re
from typing import Final

_OWN_AUTHORITY: Final = (
    "If it comes from a certificate authority of your own, pass ssl=ssl.create_default_context(cafile=...)."
)

_CERTIFICATE: Final = {
    9: "Check the clock of this machine: according to it, the certificate is not valid yet.",
    10: "Check the clock of this machine; if it is right, the server needs a new certificate.",
    62: "The certificate belongs to another host: check the name in the URL.",
    64: "The certificate belongs to another host: use the name that it was issued for in the URL.",
}
"""By OpenSSL's code of the verification: not yet valid, expired, wrong host name, wrong IP address."""

_CLIENT_CERTIFICATE: Final = (
    "The server may require a client certificate: pass ssl= with a context that has one (load_cert_chain)."
)

_HANDSHAKE: Final = (
    (re.compile("WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|PACKET_LENGTH|HTTP_REQUEST"), "Check the port in the URL."),
    (
        re.compile("PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL"),
        "Client and server have no version of TLS in common: TLS 1.2 is the oldest that is accepted by default.",
    ),
    (re.compile("CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA|ACCESS_DENIED"), _CLIENT_CERTIFICATE),
)

_REFUSED: Final = re.compile(r"ALERT_\w*(?:CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)")


def certificate_advice(error: BaseException | None) -> str:
    """What to do about a certificate that is not trusted."""
    return _CERTIFICATE.get(getattr(error, "verify_code", 0), _OWN_AUTHORITY)


def handshake_advice(reason: str) -> str:
    """What to do about a handshake that failed."""
    for pattern, advice in _HANDSHAKE:
        if pattern.search(reason):
            return advice
    return "Check the URL, and the context if you passed ssl=."


def refuses_client(error: OSError) -> bool:
    """Whether a server that had completed the handshake then refused the client for its certificate, or for none.

    In TLS 1.3 the client has sent its request by the time it learns of this; the server has not read it.
    """
    return _REFUSED.search(error.strerror or "") is not None
