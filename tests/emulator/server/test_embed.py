"""Embeddings, both versions."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator.media.samples import image_bytes, write_audio
from twelvelabs_async.emulator.settings import MIB, SIZES

from .conftest import Api

Files = dict[str, Path]


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def form(**fields: Any) -> aiohttp.FormData:
    return aiohttp.FormData(fields, default_to_multipart=True)


async def test_one_space_for_texts_and_pictures(api: Api, tmp_path: Path) -> None:
    data = form(model_name="marengo3.0", text="red")
    data.add_field("image_file", image_bytes("red"), filename="red.png")
    data.add_field("audio_file", write_audio(tmp_path / "a.wav", [(8, 440.0, 0.5)]).read_bytes(), filename="a.wav")
    result = await api.ok("POST", "/embed", data=data)
    text = result["text_embedding"]["segments"][0]["float"]
    image = result["image_embedding"]["segments"][0]["float"]
    assert len(text) == len(image) == 512
    assert math.isclose(cosine(text, text), 1, abs_tol=1e-6)
    other = await api.ok("POST", "/embed", data=form(model_name="marengo3.0", text="blue"))
    assert cosine(text, image) > cosine(other["text_embedding"]["segments"][0]["float"], image) + 0.2
    sounds = result["audio_embedding"]["segments"]
    assert [s["start_offset_sec"] for s in sounds] == [0, 6]
    assert result["image_embedding"]["metadata"] == {"input_filename": "red.png"}


async def test_invalid_inputs_are_reported_in_the_response(api: Api) -> None:
    data = form(model_name="marengo3.0", text="word " * 600, text_truncate="none")
    data.add_field("image_file", b"no picture", filename="red.png")
    result = await api.ok("POST", "/embed", data=data)
    assert "500" in result["text_embedding"]["error_message"]
    assert result["image_embedding"]["error_message"]
    assert await api.refused("POST", "/embed", data=form(model_name="marengo3.0")) == (400, "parameter_not_provided")
    bad = form(model_name="marengo3.0", text="x", text_truncate="middle")
    assert await api.refused("POST", "/embed", data=bad) == (400, "parameter_invalid")


async def test_a_video_task(api: Api, media_files: Files) -> None:
    data = aiohttp.FormData(
        [
            ("model_name", "marengo3.0"),
            ("video_clip_length", "2"),
            ("video_start_offset_sec", "2"),
            ("video_end_offset_sec", "8"),
            ("video_embedding_scope", "clip"),
            ("video_embedding_scope", "video"),
        ]
    )
    data.add_field("video_file", media_files["video"].read_bytes(), filename="beach.mp4")
    task_id = (await api.ok("POST", "/embed/tasks", data=data))["_id"]
    status = await api.until(f"/embed/tasks/{task_id}/status")
    assert status["video_embedding"]["metadata"]["input_filename"] == "beach.mp4"
    task = await api.ok("GET", f"/embed/tasks/{task_id}?embedding_option=visual")
    segments = task["video_embedding"]["segments"]
    assert [(s["embedding_scope"], s["start_offset_sec"]) for s in segments] == [
        ("clip", 2),
        ("clip", 4),
        ("clip", 6),
        ("video", 2),
    ]
    assert (await api.ok("GET", "/embed/tasks?status=ready"))["data"][0]["_id"] == task_id
    assert (await api.ok("GET", "/embed/tasks?started_at=2999-01-01T00:00:00Z"))["data"] == []
    assert (await api.ok("GET", "/embed/tasks?ended_at=2000-01-01T00:00:00Z"))["data"] == []
    assert await api.refused("GET", "/embed/tasks/none") == (400, "resource_not_exist")

    async def refused(name: str = "video", **fields: Any) -> tuple[int, str]:
        data = form(model_name="marengo3.0", **fields)
        data.add_field("video_file", media_files[name].read_bytes(), filename="a.mp4")
        return await api.refused("POST", "/embed/tasks", data=data)

    assert await refused(video_clip_length="11") == (400, "parameter_invalid")
    assert await refused(video_start_offset_sec="1") == (400, "parameter_not_provided")
    window = {"video_start_offset_sec": "7", "video_end_offset_sec": "8"}
    assert await refused(**window) == (400, "parameter_invalid")
    assert await refused("broken") == (400, "video_file_broken")


async def embed(api: Api, kind: str, part: Any, model: str = "marengo3.0", **more: Any) -> Any:
    body = {"input_type": kind, "model_name": model, kind: part, **more}
    return await api.ok("POST", "/embed-v2", json=body)


def inline(data: bytes) -> dict[str, str]:
    return {"base64_string": base64.b64encode(data).decode()}


async def test_embed_v2(api: Api, media_files: Files, tmp_path: Path) -> None:
    text = (await embed(api, "text", {"input_text": "red"}))["data"][0]["embedding"]
    image = await embed(api, "image", {"media_source": inline(image_bytes("red"))})
    assert cosine(text, image["data"][0]["embedding"]) > 0.4
    both = await embed(api, "text_image", {"input_text": "red", "media_source": inline(image_bytes("red"))})
    assert both["metadata"]["input_type"] == "text_image"
    source = inline(media_files["video"].read_bytes())
    video = await embed(api, "video", {"media_source": source})
    scopes = {(d["embedding_option"], d["embedding_scope"]) for d in video["data"]}
    assert ("visual", "clip") in scopes
    assert ("transcription", "asset") in scopes
    assert video["metadata"]["duration"] == pytest.approx(8, abs=0.1)
    fixed = {
        "media_source": source,
        "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 2}},
        "embedding_option": ["visual"],
        "embedding_scope": ["clip"],
        "embedding_type": ["fused_embedding"],
        "start_sec": 4,
    }
    clips = await embed(api, "video", fixed, "marengo3.5", embedding_dimension=256, embedding_uncertainty=True)
    assert [(d["start_sec"], d["end_sec"], d["embedding_option"]) for d in clips["data"]] == [
        (4, 6, "fused"),
        (6, 8, "fused"),
    ]
    assert len(clips["data"][0]["embedding"]) == len(clips["data"][0]["embedding_uncertainty"]) == 256
    assert clips["metadata"]["clip_length"] == 2
    sound = inline(write_audio(tmp_path / "a.wav", [(7, 440.0, 0.5)]).read_bytes())
    assert (await embed(api, "audio", {"media_source": sound}))["data"][0]["embedding_option"] == "audio"
    mixed = {
        "input_text": "red",
        "media_sources": [
            {"media_type": "image", **inline(image_bytes("red"))},
            {"media_type": "video", **source},
        ],
    }
    assert (await embed(api, "multi_input", mixed, "marengo3.5"))["usage"]["input_tokens"]["image"] == 1


async def test_embed_v2_errors_are_nested(api: Api, media_files: Files) -> None:
    async def refused(kind: str, part: Any, model: str = "marengo3.0", **more: Any) -> tuple[int, str, str]:
        body = {"input_type": kind, "model_name": model, **({kind: part} if part is not None else {}), **more}
        status, result = await api.call("POST", "/embed-v2", json=body)
        return status, result["error"]["code"], result["error"]["details"]["reason"]

    text = {"input_text": "red"}
    assert await refused("text", None) == (400, "VALIDATION_ERROR", "parameter_not_provided")
    assert await refused("text", {}) == (400, "VALIDATION_ERROR", "parameter_not_provided")
    assert await refused("smell", text) == (400, "VALIDATION_ERROR", "parameter_unknown")
    assert await refused("text", text, embedding_dimension=64) == (400, "VALIDATION_ERROR", "parameter_invalid")
    assert await refused("image", {"media_source": {}}) == (400, "VALIDATION_ERROR", "parameter_not_provided")
    broken = {"media_source": inline(media_files["broken"].read_bytes())}
    assert await refused("video", broken) == (400, "VALIDATION_ERROR", "video_file_broken")
    unknown = {"media_source": {"asset_id": "none"}}
    assert await refused("video", unknown) == (400, "VALIDATION_ERROR", "resource_not_exist")


INLINE = {
    "base64": 5000,
    "base64_image": 4000,
    "base64_multi_input": 3000,
    "base64_analyze_video": 2000,
    "base64_analyze_image": 1000,
}


@pytest.mark.parametrize("emulator", [{"sizes": INLINE}], indirect=True)
async def test_inline_sizes(api: Api) -> None:
    """Each kind of inline file has a limit of its own; one byte more is too much."""

    def embed(kind: str, part: Any, model: str = "marengo3.0") -> tuple[str, Any]:
        return "/embed-v2", {"input_type": kind, "model_name": model, kind: part}

    def analyze(**more: Any) -> tuple[str, Any]:
        return "/analyze", {"model_name": "pegasus1.5", "prompt": "What?", "stream": False, **more}

    def task(**more: Any) -> tuple[str, Any]:
        return "/analyze/tasks", {"model_name": "pegasus1.5", "prompt": "What?", **more}

    def video(data: bytes) -> dict[str, Any]:
        return {"type": "base64_string", **inline(data)}

    cases: list[tuple[int, Callable[[bytes], tuple[str, Any]]]] = [
        (5000, lambda data: embed("video", {"media_source": inline(data)})),
        (5000, lambda data: embed("audio", {"media_source": inline(data)})),
        (4000, lambda data: embed("image", {"media_source": inline(data)})),
        (4000, lambda data: embed("text_image", {"media_source": inline(data), "input_text": "a"})),
        (
            3000,
            lambda data: embed(
                "multi_input", {"media_sources": [{"media_type": "video", **inline(data)}]}, "marengo3.5"
            ),
        ),
        (2000, lambda data: analyze(video=video(data))),
        (2000, lambda data: task(video=video(data))),
        (1000, lambda data: analyze(image=[{"name": "a", **inline(data)}])),
        (
            4000,
            lambda data: (
                "/analyze",
                {
                    "model_name": "pegasus1.5",
                    "stream": False,
                    "video": video(b"x"),
                    "prompt_v2": {
                        "input_text": "What?",
                        "media_sources": [{"name": "a", "media_type": "image", **inline(data)}],
                    },
                },
            ),
        ),
    ]
    for limit, request in cases:
        path, body = request(b"x" * limit)
        status, result = await api.call("POST", path, json=body)
        assert status != 413, (path, body.get("input_type"), result)
        assert "larger than" not in str(result)
        path, body = request(b"x" * (limit + 1))
        status, result = await api.call("POST", path, json=body)
        assert status == 413, (path, body.get("input_type"), result)
        assert "payload_too_large" in str(result)
        assert f"larger than {limit} bytes" in str(result)


def test_the_documented_inline_sizes() -> None:
    assert {name: SIZES[name] // MIB for name in INLINE} == {
        "base64": 36,
        "base64_image": 32,
        "base64_multi_input": 32,
        "base64_analyze_video": 30,
        "base64_analyze_image": 20,
    }


async def test_embed_v2_tasks(api: Api, media_files: Files) -> None:
    async def task(kind: str, part: Any) -> Any:
        body = {"input_type": kind, "model_name": "marengo3.0", kind: part}
        response = await api.raw("POST", "/embed-v2/tasks", json=body)
        assert response.status == 202, await response.text()
        result = await response.json()
        assert response.headers["Location"].endswith(result["_id"])
        return await api.until(f"/embed-v2/tasks/{result['_id']}", "ready", "failed")

    asset_id = await api.asset(media_files["video"])
    video = await task("video", {"media_source": {"asset_id": asset_id}})
    assert {d["embedding_scope"] for d in video["data"]} == {"clip", "asset"}
    text = await api.asset(media_files["text"])
    cut = {"sequential": {"strategy": "sentence", "max_sentences": 2, "overlap_sentences": 1}}
    document = await task("document", {"media_source": {"asset_id": text}, "segmentation": cut})
    assert [d["chunk_index"] for d in document["data"]] == [0, 1]
    image = await task("image", {"media_source": inline(image_bytes("red"))})
    assert image["metadata"]["input_type"] == "image"
    failed = await task("video", {"media_source": inline(media_files["broken"].read_bytes())})
    assert "video_file_broken" in failed["error"]["message"]
    assert len((await api.ok("GET", "/embed-v2/tasks"))["data"]) == 4
    status, result = await api.call("GET", "/embed-v2/tasks/none")
    assert (status, result["error"]["code"]) == (404, "resource_not_exist")
