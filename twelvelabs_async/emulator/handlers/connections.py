"""Tag Connections: consent, connections, redirect URIs.

The consent page of the provider is served by the object store's port: to open it is to consent. It redirects to the
redirect URI. `?status=expired` or `?status=revoked` on it makes a connection in that state, for tests.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from .. import clock
from ..api.call import Response
from ..api.registry import Registry
from ..errors import ApiError, conflict, parameter_invalid
from ..resources.documents import new_document, public, require
from ..resources.listing import listing
from ..services import Services
from ..state.store import Document, Transaction, merge

if TYPE_CHECKING:
    from ..api.call import Call

registry: Registry = Registry()

SCOPE = "https://www.googleapis.com/auth/drive.file"
TOKEN_SECONDS = 3600


@registry.operation("authorizeConnection")
async def authorize(call: Call) -> Response:
    """Starts linking an account."""
    services, body = call.services, call.body
    state = secrets.token_urlsafe(16)

    def change(tx: Transaction) -> None:
        if all(known["redirect_uri"] != body["redirect_uri"] for known in tx.all("redirect_uri")):
            raise parameter_invalid("redirect_uri", "It is not registered; register it first.")
        tx.put("authorization", state, dict(body))

    await services.store.run(change)
    return Response(
        {"authorize_url": f"{services.addresses.objects_url}/consent?{urlencode({'state': state})}", "state": state}
    )


async def consent(services: Services, state: str, status: str) -> str:
    """Creates the connection when the user consents; returns where the browser is redirected to.

    Raises:
        ApiError: The state is unknown or was used before.
    """

    def change(tx: Transaction) -> str:
        request = tx.get("authorization", state)
        if request is None:
            raise parameter_invalid("state", "It is unknown or was used before.")
        tx.delete("authorization", state)
        connection = new_document(
            provider=request["provider"],
            status=status,
            custom_id=request.get("custom_id"),
            account={"external_id": clock.new_id(), "display_name": "Emulated account"},
            scopes=[SCOPE],
            connected_at=clock.now(),
            private={},
        )
        for name in ("created_at", "updated_at"):
            connection.pop(name)
        tx.put("connection", connection["_id"], connection)
        query = urlencode({"state": state, "connection_id": connection["_id"]})
        return f"{request['redirect_uri']}{'&' if urlsplit(request['redirect_uri']).query else '?'}{query}"

    return await services.store.run(change)


def require_connection(call: Call, tx: Transaction) -> Document:
    """The connection that the path names."""
    return require(call, tx, "connection", call.path["connection_id"], "connections")


def must_be_active(connection: Document) -> None:
    """Rejects work on a connection that has ended."""
    if connection["status"] != "active":
        raise conflict("connection_not_active", f"The connection is {connection['status']}; authorize it again.")


@registry.operation("listConnections")
async def list_connections(call: Call) -> Response:
    """Lists connections."""
    return await listing(call, "connection")


@registry.operation("retrieveConnection")
async def retrieve_connection(call: Call) -> Response:
    """Returns one connection."""
    return Response(public(await call.services.store.run(lambda tx: require_connection(call, tx))))


@registry.operation("deleteConnection")
async def delete_connection(call: Call) -> Response:
    """Deletes a connection with its imports; the assets stay."""

    def change(tx: Transaction) -> None:
        connection = require_connection(call, tx)
        tx.delete_children("import", connection["_id"])
        tx.delete("connection", connection["_id"])

    await call.services.store.run(change)
    return Response()


def mark_used(tx: Transaction, connection: Document) -> None:
    """Records that a connection was used."""
    merge(connection, {"last_used_at": clock.now()})
    connection.pop("updated_at")
    tx.put("connection", connection["_id"], connection)


@registry.operation("createConnectionPickerToken")
async def create_picker_token(call: Call) -> Response:
    """Creates a token for the file picker of the provider."""

    def change(tx: Transaction) -> None:
        connection = require_connection(call, tx)
        must_be_active(connection)
        mark_used(tx, connection)

    await call.services.store.run(change)
    token = {
        "access_token": f"emulated-{secrets.token_urlsafe(24)}",
        "expires_in": TOKEN_SECONDS,
        "scope": SCOPE,
        "app_id": "emulator",
        "developer_key": "emulator",
    }
    return Response(token)


@registry.operation("listRedirectUris")
async def list_redirect_uris(call: Call) -> Response:
    """Lists the registered redirect URIs."""
    return await listing(call, "redirect_uri")


@registry.operation("createRedirectUri")
async def create_redirect_uri(call: Call) -> Response:
    """Registers a redirect URI."""
    uri = call.body["redirect_uri"]
    parts = urlsplit(uri)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme not in {"https", "http"} or (parts.scheme == "http" and not local) or parts.fragment:
        message = "It must be an https URL, or an http URL of this machine, without a fragment."
        raise ApiError(422, "redirect_uri_invalid", message)
    entry = new_document(redirect_uri=uri, private={})
    entry.pop("updated_at")

    def change(tx: Transaction) -> None:
        known = list(tx.all("redirect_uri"))
        if any(other["redirect_uri"] == uri for other in known):
            raise conflict("redirect_uri_already_exists", "The redirect URI is registered already.")
        limit = call.services.settings.redirect_uri_limit
        if len(known) >= limit:
            raise ApiError(422, "redirect_uri_limit_exceeded", f"At most {limit} redirect URIs can be registered.")
        tx.put("redirect_uri", entry["_id"], entry)

    await call.services.store.run(change)
    return Response(public(entry))


@registry.operation("deleteRedirectUri")
async def delete_redirect_uri(call: Call) -> Response:
    """Removes a redirect URI."""
    identifier = call.path["redirect_uri_id"]

    def change(tx: Transaction) -> None:
        require(call, tx, "redirect_uri", identifier, "redirect URIs")
        tx.delete("redirect_uri", identifier)

    await call.services.store.run(change)
    return Response()
