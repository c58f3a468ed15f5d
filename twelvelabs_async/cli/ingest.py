"""`ingest`: many videos into an index, each exactly once; `ingest status`, `ingest sweep`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ._options import as_json, client_options, nonempty_text
from ._subcommands import CommandWithSubcommands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ingest.sources import Shard
    from ._ingest_plan import IngestPlan


def _path(text: str) -> str:
    """A type for click: a file, a folder, or a URL."""
    from ..ingest.keys import is_url

    if not is_url(text) and not os.path.lexists(text):  # a link that leads nowhere is a source that fails
        raise click.BadParameter(f"Path {click.format_filename(text)!r} does not exist.")
    return text


def _shard(_: click.Context, __: click.Parameter, text: str | None) -> Shard | None:
    from ..ingest.sources import Shard

    try:
        return None if text is None else Shard.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("shard: ")) from None


def _metadata(_: click.Context, __: click.Parameter, pairs: Sequence[str]) -> dict[str, str]:
    from ..ingest.candidate import checked_metadata

    for pair in pairs:
        if "=" not in pair:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE.")
    try:
        checked: dict[str, Any] = checked_metadata(dict(pair.split("=", 1) for pair in pairs))
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix("metadata: ")) from None
    return checked


def _patterns(_: click.Context, __: click.Parameter, patterns: Sequence[str]) -> Sequence[str]:
    from ..ingest.sources import walk

    try:
        walk(".", include=patterns)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return patterns


@click.command(
    cls=CommandWithSubcommands, short_help="Ingest many videos, each exactly once; resume after interruptions."
)
@click.argument("paths", metavar="PATH...", nargs=-1, type=_path)
@click.option(
    "--manifest", metavar="FILE", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True),
    help="A file that lists the sources, instead of PATH: .jsonl or .csv, or - for standard input.",
)  # fmt: skip
@click.option("--index", metavar="NAME|ID", type=nonempty_text, help="The index to add the videos to.")
@click.option("--create", is_flag=True, help="Create the index if none has this name.")
@click.option(
    "--knowledge-store",
    metavar="ID",
    type=nonempty_text,
    help="A knowledge store to add the videos to, instead of an index.",
)
@click.option(
    "--include", metavar="GLOB", multiple=True, callback=_patterns,
    help="Files in folders to include; repeatable. Default: video and audio.",
)  # fmt: skip
@click.option(
    "--exclude", metavar="GLOB", multiple=True, callback=_patterns,
    help="Files and folders to exclude; repeatable.",
)  # fmt: skip
@click.option(
    "--root", metavar="FOLDER", type=click.Path(exists=True, file_okay=False),
    help="The folder that keys of files are relative to. Default: PATH, or the common parent of several.",
)  # fmt: skip
@click.option(
    "--metadata", metavar="NAME=VALUE", multiple=True, callback=_metadata,
    help="User metadata for all videos; repeatable.",
)  # fmt: skip
@click.option("--shard", metavar="K/N", callback=_shard, help="Only the K-th of N parts, such as 2/8.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Only the first N sources.")
@click.option(
    "--journal", metavar="FILE", type=nonempty_text,
    help="The state of the run; created if it does not exist. Run again with it to resume.",
)  # fmt: skip
@click.option("--retry-failed", is_flag=True, help="Also retry sources that have failed permanently.")
@click.option("--max-failures", metavar="N", type=click.IntRange(min=0), help="End the run after more than N failures.")
@click.option(
    "--concurrency", metavar="N", type=click.IntRange(1, 1000), default=16, show_default=True,
    help="Concurrent sources in each stage.",
)  # fmt: skip
@click.option(
    "--max-processing", metavar="N", type=click.IntRange(min=1),
    help="Videos indexed at a time. Default: as many as the platform accepts.",
)  # fmt: skip
@click.option(
    "--requests-per-minute", metavar="N", type=click.IntRange(min=1),
    help="Uploads per minute. Default: what the platform allows.",
)  # fmt: skip
@click.option("--analyze", metavar="PROMPT", type=nonempty_text, help="Analyze each video with this prompt.")
@click.option("--embed", is_flag=True, help="Write the embeddings of each video to a file.")
@click.option(
    "--output", metavar="DIR", type=click.Path(file_okay=False),
    help="The folder for embeddings (default: beside the journal), or with --on-ray for the outcomes.",
)  # fmt: skip
@click.option("--on-ray", is_flag=True, help="Distribute the work with Ray. Its state is kept in --output.")
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="With --on-ray, the number of actors.")
@click.option(
    "--timeout", metavar="SECONDS", type=click.FloatRange(0, 1_000_000, min_open=True), default=7200, show_default=True,
    help="Timeout for each of two waits: until the platform has checked a file, and until it has indexed it.",
)  # fmt: skip
@click.option(
    "--interval", metavar="SECONDS", type=click.FloatRange(0.05, 3600), default=2, show_default=True,
    help="Time between the first two checks of a file.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Report what would be sent and how long it would take. Send nothing.")
@as_json
@client_options
def ingest(
    *, dry_run: bool, as_json: bool, api_key: str | None, base_url: str | None, allow_http: bool, **options: Any
) -> int:
    """Upload and index the videos of folders, single files and URLs, each exactly once.

    Run the same command again after an interruption or a failure: it resumes. Temporary failures are retried,
    permanent ones only with --retry-failed. A file that fails does not stop the others. Pass a folder called 'status'
    or 'sweep' as './status'.

    Exit codes, which describe the journal as a whole: 0 all done, 1 some failed or are pending, 2 invalid usage, 3 the
    key, the index or the journal cannot be used, 130 interrupted, 143 terminated.

    \b
    Examples:
      twelvelabs-async ingest films --index films --create --journal run.sqlite
      twelvelabs-async ingest films --index films --dry-run
      twelvelabs-async ingest films --index films --journal 2.sqlite --shard 2/8 --json > 2.jsonl
      twelvelabs-async ingest --manifest films.csv --index films --journal run.sqlite
      twelvelabs-async ingest --manifest - --index films < list.jsonl
      twelvelabs-async ingest status run.sqlite --json
    """
    from ._ingest_plan import IngestPlan

    on_ray = options.pop("on_ray")
    plan = IngestPlan(**options)
    _check(plan, on_ray=on_ray, dry_run=dry_run, has_key=api_key is not None)
    connection = {"api_key": api_key, "base_url": base_url, "allow_http": allow_http}
    if dry_run:
        from ._ingest_dry_run import dry_run as say
        from ._ingest_run import run_until_signal

        return run_until_signal(lambda: say(plan, as_json=as_json))
    if on_ray:
        return _on_ray(plan, connection, as_json=as_json)
    from ._ingest_run import ingest as run

    return run(plan, connection, as_json=as_json)


def _check(plan: IngestPlan, *, on_ray: bool, dry_run: bool, has_key: bool) -> None:
    """Check what concerns several options.

    Raises:
        click.UsageError: They do not fit.
    """
    problem = None
    if plan.paths[:1] in (("status",), ("sweep",)):
        problem = f"'{plan.paths[0]}' is a subcommand, and comes first; give a folder as './{plan.paths[0]}'."
    elif bool(plan.paths) == (plan.manifest is not None):
        problem = "Give PATH or --manifest FILE; one of them."
    elif plan.manifest is not None and (plan.include or plan.exclude):
        problem = "--include and --exclude are for folders, not for --manifest."
    elif (plan.index is None) == (plan.knowledge_store is None) and not (dry_run and plan.index is None):
        problem = "Give --index NAME or --knowledge-store ID; one of them."
    elif plan.create and plan.index is None:
        problem = "--create needs --index NAME."
    elif plan.output is not None and not (plan.embed or on_ray):
        problem = "--output needs --embed or --on-ray."
    elif plan.workers is not None and not on_ray:
        problem = "--workers needs --on-ray."
    elif on_ray:
        problem = _problem_on_ray(plan, has_key=has_key)
    if problem is not None:
        raise click.UsageError(problem, click.get_current_context())


def _problem_on_ray(plan: IngestPlan, *, has_key: bool) -> str | None:
    if plan.output is None:
        return "--on-ray needs --output DIR, where the outcomes are kept."
    for name in ("journal", "max_failures"):
        if getattr(plan, name) is not None:
            return f"--{name.replace('_', '-')} cannot be combined with --on-ray."
    # Workers have the key in their environment. Ray shows the command line of a program to all who can see the cluster.
    if has_key:
        return "--api-key cannot be combined with --on-ray: set TWELVE_LABS_API_KEY."
    return None


def _on_ray(plan: IngestPlan, connection: dict[str, Any], *, as_json: bool) -> int:
    from ._ingest_on_ray import check_ray, run_on_ray
    from ._ingest_run import find_target, open_client, run_until_signal

    check_ray()
    target: dict[str, Any] = {}

    async def look_up() -> int:
        async with open_client(connection, plan) as client:
            target.update(await find_target(client, plan))
        return 0

    run_until_signal(look_up)
    return run_on_ray(plan, target, connection, as_json=as_json)
