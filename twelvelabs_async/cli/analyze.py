"""`analyze`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from ._options import api_command, as_json, nonempty_text
from ._output import error_line, print_error, print_json, write

if TYPE_CHECKING:
    from typing import Any

    from .._generated.params.analyze import VideoContextParams
    from ..client import AsyncTwelveLabs


@click.command(short_help="Analyze a video: describe it, or answer questions about it.")
@click.argument("prompt", type=nonempty_text)
@click.option("--video", "video_id", metavar="ID", type=nonempty_text, help="A video of an index.")
@click.option("--asset", "asset_id", metavar="ID", type=nonempty_text, help="An uploaded file; it need not be indexed.")
@click.option("--url", metavar="URL", type=nonempty_text, help="A public URL of a video.")
@click.option("--model", metavar="MODEL", type=nonempty_text, help="Model to use. Default: the platform's.")
@click.option("--temperature", type=click.FloatRange(0, 1), help="Randomness of the answer, from 0 to 1.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Maximum length of the answer, in tokens.")
@as_json
@api_command
async def analyze(
    client: AsyncTwelveLabs,
    *,
    prompt: str,
    video_id: str | None,
    asset_id: str | None,
    url: str | None,
    model: str | None,
    temperature: float | None,
    max_tokens: int | None,
    as_json: bool,
) -> int:
    """Analyze a video with PROMPT: describe it, or answer questions about it.

    The answer is written as it arrives; with --json it is one object at the end.

    \b
    Examples:
      twelvelabs-async analyze --video VIDEO_ID "What happens?"
      twelvelabs-async analyze --asset ASSET_ID "List the scenes" > scenes.txt
      twelvelabs-async analyze --url https://example.com/goal.mp4 "Who scores?" --json
    """
    if sum(given is not None for given in (video_id, asset_id, url)) != 1:
        raise click.UsageError("Give one of --video, --asset and --url.", click.get_current_context())
    video: VideoContextParams | None = None
    if asset_id is not None:
        video = {"type": "asset_id", "asset_id": asset_id}
    elif url is not None:
        video = {"type": "url", "url": url}
    method = client.analyze if as_json else client.analyze_stream
    result: Any = method(
        prompt=prompt, video_id=video_id, video=video, model_name=model, temperature=temperature, max_tokens=max_tokens
    )
    if as_json:
        answer = await result
        print_json(answer)
        return _exit_code(answer.finish_reason, answer.error)
    return await _show(result)


async def _show(stream: Any) -> int:
    """Write the text as it arrives."""
    reason = error = None
    last = "\n"
    try:
        async with stream as events:
            async for event in events:
                piece = getattr(event, "text", None)
                if piece:
                    last = piece
                    write(piece, nl=False)
                reason = getattr(event, "finish_reason", reason)
                error = getattr(event, "error", error)
    except asyncio.CancelledError:
        print_error("\nThe answer is incomplete; run the command again for a new one.")
        raise
    finally:
        if not last.endswith("\n"):
            write("")
    return _exit_code(reason, error)


def _exit_code(reason: Any, error: Any) -> int:
    if reason == "length":
        print_error("The answer is cut off, because it reached the maximum length. Use a larger --max-tokens.")
    elif error is not None:
        print_error(f"Error: the analysis failed: {error_line(Exception(error.message))}")
        return 1
    return 0
