"""Tag MultipartUploads."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from .. import clock
from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad, parameter_invalid
from ..resources.documents import PRIVATE, new_document, require
from ..resources.listing import listing, page_info
from ..resources.user_metadata import check_metadata
from ..services import Services
from ..state.store import Document, Job, Transaction, merge
from . import assets

if TYPE_CHECKING:
    from ..api.call import Call

registry: Registry = Registry()

JOB = "upload"


def _status(upload: Document) -> str:
    """The status of a session now; an active one may have expired."""
    expired = upload["status"] == "active" and clock.seconds_of(upload["expires_at"]) <= clock.time()
    return "expired" if expired else str(upload["status"])


def _urls(services: Services, upload: Document, start: int, count: int) -> list[Document]:
    last = min(upload["total_chunks"], start + count - 1)
    urls = []
    for index in range(start, last + 1):
        url, expires = services.urls.upload_url(upload["_id"], index)
        urls.append({"chunk_index": index, "url": url, "expires_at": clock.stamp(expires)})
    return urls


@registry.operation("createMultipartUpload")
async def create_upload(call: Call) -> Response:
    """Opens a session and returns the first URLs."""
    services, body = call.services, call.body
    settings = services.settings
    check_metadata(body.get("user_metadata"))
    limit = settings.size("image") if body["type"] == "image" else settings.size("multipart")
    if body["total_size"] > limit:
        raise parameter_invalid("total_size", f"A file of type {body['type']} has at most {limit} bytes.")
    lifetime = settings.lifetime("multipart_session")
    upload = new_document(
        status="active",
        asset_id=clock.new_id(),
        total_size=body["total_size"],
        chunk_size=settings.chunk_size,
        total_chunks=-(-body["total_size"] // settings.chunk_size),
        expires_at=clock.stamp(clock.time() + lifetime),
        private={
            "filename": body["filename"],
            "type": body["type"],
            "hls": body.get("enable_hls", False),
            "thumbnail": body.get("enable_thumbnail", False),
            "user_metadata": body.get("user_metadata"),
        },
    )

    def change(tx: Transaction) -> None:
        tx.put("upload", upload["_id"], upload)
        tx.schedule(JOB, upload["_id"], "expire", lifetime)

    await services.store.run(change)
    result = {
        "upload_id": upload["_id"],
        "asset_id": upload["asset_id"],
        "upload_urls": _urls(services, upload, 1, settings.initial_urls),
        "upload_headers": {"Content-Type": "application/octet-stream"},
        "chunk_size": upload["chunk_size"],
        "total_chunks": upload["total_chunks"],
        "expires_at": upload["expires_at"],
    }
    return Response(result)


@registry.job(JOB)
async def expire(services: Services, job: Job) -> None:
    """Ends a session that was not completed."""

    def change(tx: Transaction) -> None:
        tx.finish(job)
        upload = tx.get("upload", job.target)
        if upload is not None and upload["status"] == "active":
            merge(upload, {"status": "expired"})
            tx.put("upload", job.target, upload)
            tx.delete_children("used_url", job.target)
            shutil.rmtree(services.store.chunks / job.target, ignore_errors=True)

    await services.store.run(change)


@registry.operation("listIncompleteUploads")
async def list_uploads(call: Call) -> Response:
    """Lists the sessions that are not completed."""

    def shape(upload: Document) -> Document:
        names = ("total_size", "chunk_size", "total_chunks", "created_at", "expires_at")
        return {"upload_id": upload["_id"], "status": _status(upload), **{name: upload[name] for name in names}}

    return await listing(call, "upload", fields={"status": ["active", "failed", "expired"]}, shape=shape)


@registry.operation("retrieveUploadStatus")
async def retrieve_status(call: Call) -> Response:
    """Returns the state of a session and of its chunks."""
    page, limit = call.query["page"], call.query["page_limit"]

    def find(tx: Transaction) -> Document:
        upload = require(call, tx, "upload", call.path["upload_id"], "multipart uploads")
        chunks = {chunk["index"]: chunk for chunk in tx.all("chunk", parent=upload["_id"])}
        states = [chunk["status"] for chunk in chunks.values()]
        done, failed, total = states.count("completed"), states.count("failed"), upload["total_chunks"]
        first = (page - 1) * limit + 1
        return {
            "upload_id": upload["_id"],
            "status": _status(upload),
            "uploaded_chunks": [
                _chunk(upload, index, chunks.get(index)) for index in range(first, min(total, first + limit - 1) + 1)
            ],
            "chunks_completed": done,
            "chunks_failed": failed,
            "chunks_pending": total - done - failed,
            "page_info": page_info(page, limit, total),
            "total_size": upload["total_size"],
            "uploaded_size": sum(c["size"] for c in chunks.values() if c["status"] == "completed"),
            "created_at": upload["created_at"],
            "updated_at": upload["updated_at"],
        }

    return Response(await call.services.store.run(find))


def _chunk(upload: Document, index: int, chunk: Document | None) -> Document:
    if chunk is None:
        return {"index": index, "status": "pending", "uploaded_at": None, "updated_at": upload["created_at"]}
    names = ("index", "status", "uploaded_at", "updated_at", "error")
    return {name: chunk[name] for name in names if name in chunk}


def _active(call: Call, tx: Transaction) -> Document:
    upload = require(call, tx, "upload", call.path["upload_id"], "multipart uploads")
    state = _status(upload)
    if state == "expired":
        raise bad("upload_expired", "The upload session has expired. Start a new one.")
    return upload


@registry.operation("requestAdditionalPresignedUrls")
async def request_urls(call: Call) -> Response:
    """Returns new URLs for a range of chunks."""
    start, count = call.body["start"], call.body["count"]

    def find(tx: Transaction) -> Document:
        upload = _active(call, tx)
        if upload["status"] != "active":
            raise bad("upload_not_active", f"The upload is {upload['status']}.")
        return upload

    upload = await call.services.store.run(find)
    if start > upload["total_chunks"]:
        raise parameter_invalid("start", f"The upload has {upload['total_chunks']} chunks.")
    urls = _urls(call.services, upload, start, count)
    result = {
        "upload_id": upload["_id"],
        "start_index": start,
        "count": len(urls),
        "upload_urls": urls,
        "generated_at": clock.now(),
        "expires_at": urls[-1]["expires_at"],
    }
    return Response(result)


@registry.operation("reportChunkBatch")
async def report_chunks(call: Call) -> Response:
    """Records chunks that were sent; the last one completes the upload."""
    services = call.services

    def change(tx: Transaction) -> Document:
        upload = _active(call, tx)
        upload_id, total = upload["_id"], upload["total_chunks"]
        for position, report in enumerate(call.body["completed_chunks"]):
            if report["chunk_index"] > total:
                name = f"completed_chunks[{position}].chunk_index"
                raise parameter_invalid(name, f"The upload has {total} chunks.")
        processed = duplicates = 0
        for report in call.body["completed_chunks"]:
            outcome = _record_report(tx, upload, report)
            processed += outcome is True
            duplicates += outcome is None
        chunks = list(tx.all("chunk", parent=upload_id))
        completed = sum(chunk["status"] == "completed" for chunk in chunks)
        result = {
            "asset_id": upload["asset_id"],
            "processed_chunks": processed,
            "duplicate_chunks": duplicates,
            "total_completed": completed,
        }
        if completed == total:
            result["url"] = f"{services.addresses.base_url}/assets/{upload['asset_id']}"
            if upload["status"] == "active":
                _complete(tx, upload)
        return result

    result = await services.store.run(change)
    if "url" in result:
        await assets.finish_without_delay(services, result["asset_id"])
    return Response(result)


def _record_report(tx: Transaction, upload: Document, report: Document) -> bool | None:
    """Records one report: True when the chunk is complete now, None when it was before, False when it is rejected."""
    index = report["chunk_index"]
    identifier = f"{upload['_id']}/{index}"
    chunk = tx.get("chunk", identifier) or {"index": index, "status": "pending", "uploaded_at": None, "size": 0}
    proof = report["proof"].strip().strip('"').lower()
    if chunk["status"] == "completed" and chunk["etag"] == proof:
        return None
    rest = upload["total_size"] - (index - 1) * upload["chunk_size"]
    expected = min(upload["chunk_size"], rest)
    problem = None
    if chunk.get("etag") is None:
        problem = "no data was received"
    elif chunk["etag"] != proof:
        problem = "the proof differs from the checksum of the received data"
    elif chunk["size"] != expected:
        problem = f"{chunk['size']} bytes were received, {expected} were expected"
    elif report["chunk_size"] != expected:
        problem = f"the reported size is {report['chunk_size']}, {expected} was expected"
    if chunk["status"] == "completed":
        # A wrong report does not change a chunk that is complete.
        return False
    chunk.update(status="failed" if problem else "completed", updated_at=clock.now())
    chunk.pop("error", None)
    if problem:
        chunk["error"] = problem
    tx.put("chunk", identifier, chunk, parent=upload["_id"])
    return problem is None


def _complete(tx: Transaction, upload: Document) -> None:
    private = upload[PRIVATE]
    asset = assets.new_asset(
        private["filename"],
        "multipart",
        hls=private["hls"],
        thumbnail=private["thumbnail"],
        user_metadata=private["user_metadata"],
    )
    asset["_id"] = upload["asset_id"]
    asset[PRIVATE]["upload_id"] = upload["_id"]
    merge(upload, {"status": "completed"})
    tx.put("upload", upload["_id"], upload)
    tx.put("asset", asset["_id"], asset)
    tx.schedule(assets.JOB, asset["_id"], "assemble", 0.0)
