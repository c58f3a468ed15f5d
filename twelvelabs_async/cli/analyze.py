"""`analyze`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._options import as_json, calls_the_api, words
from ._output import complain, emit, explain, plain

if TYPE_CHECKING:
    from typing import Any

    from .._generated.params.common import VideoContextParams
    from ..client import AsyncTwelveLabs


@click.command(short_help="Have a video described, or questions about it answered.")
@click.argument("prompt", type=words)
@click.option("--video", "video_id", metavar="ID", type=words, help="A video of an index.")
@click.option("--asset", "asset_id", metavar="ID", type=words, help="An uploaded file; it need not be indexed.")
@click.option("--url", metavar="URL", type=words, help="A video that everybody can download.")
@click.option("--model", metavar="MODEL", type=words, help="Model to use. Default: the platform's.")
@click.option("--temperature", type=click.FloatRange(0, 1), help="How freely the model answers, from 0 to 1.")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Longest answer, in tokens.")
@as_json
@calls_the_api
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
    """Have a video described, or questions about it answered: PROMPT says what is wanted.

    The answer is written as it comes; with --json it is one object at the end.

    \b
    Examples:
      twelvelabs-async analyze --video VIDEO_ID "What happens?"
      twelvelabs-async analyze --asset ASSET_ID "List the scenes" > scenes.txt
      twelvelabs-async analyze --url https://example.com/goal.mp4 "Who scores?" --json
    """
    if sum(given is not None for given in (video_id, asset_id, url)) != 1:
        raise click.UsageError("Say which video: one of --video, --asset and --url.", click.get_current_context())
    video: VideoContextParams | None = None
    if asset_id is not None:
        video = {"type": "asset_id", "asset_id": asset_id}
    elif url is not None:
        video = {"type": "url", "url": url}
    ask = client.analyze if as_json else client.analyze_stream
    asked: Any = ask(
        prompt=prompt, video_id=video_id, video=video, model_name=model, temperature=temperature, max_tokens=max_tokens
    )
    if as_json:
        answer = await asked
        emit(answer)
        return _ended(answer.finish_reason, answer.error)
    return await _show(asked)


async def _show(stream: Any) -> int:
    """Write the pieces as they come."""
    reason = error = None
    last = "\n"
    try:
        async with stream as events:
            async for event in events:
                piece = getattr(event, "text", None)
                if piece:
                    last = plain(piece)
                    click.echo(last, nl=False)
                reason = getattr(event, "finish_reason", reason)
                error = getattr(event, "error", error)
    finally:
        if not last.endswith("\n"):
            click.echo()
    return _ended(reason, error)


def _ended(reason: Any, error: Any) -> int:
    if reason == "length":
        complain("The answer is cut off, because it reached the largest length. Give a larger --max-tokens.")
    elif error is not None:
        complain(f"Error: the analysis failed: {explain(Exception(error.message))}")
        return 1
    return 0
