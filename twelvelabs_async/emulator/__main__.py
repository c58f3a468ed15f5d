"""Starts an emulator: `python -m twelvelabs_async.emulator --port 8080 --state ./state`.

With `--sample goal.mp4` it writes a short video to try it with instead, and with `--replay DIR` it plays back what
`twelvelabs-async verify --record DIR` has saved.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .media.samples import write_sample
from .replay import Replay
from .server import Emulator
from .settings import DEFAULT_KEY, DURATIONS, LIFETIMES, MIB, PLANS, QUOTAS, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def _pair_of(known: Sequence[str] | None, kind: Callable[[str], float]) -> Callable[[str], tuple[str, float]]:
    """A type for argparse: `name=number`."""

    def parse(text: str) -> tuple[str, float]:
        name, separator, number = text.partition("=")
        if not separator or (known is not None and name not in known):
            hint = f"; known names: {', '.join(known)}" if known else ""
            raise argparse.ArgumentTypeError(f"{text!r} is not name=number{hint}")
        try:
            return name, kind(number)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{number!r} is not a number") from None

    return parse


def _limit(text: str) -> tuple[str, int]:
    """`600` for all groups, or `search=600` for one."""
    if text.isdigit():
        return "*", int(text)
    name, number = _pair_of(None, int)(text)
    return name, int(number)


class _HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Shows defaults, except None, False and empty lists."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        hidden = action.default is None or action.default is False or action.default == []
        return action.help if hidden else super()._get_help_string(action)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(
        prog="python -m twelvelabs_async.emulator",
        description="A local emulator of the TwelveLabs platform. It needs no account and no network.",
        formatter_class=_HelpFormatter,
    )
    add = found.add_argument
    add(
        "--sample",
        type=Path,
        metavar="FILE",
        help="write a short sample video (.mp4 or .mov) and exit; an existing file is not overwritten",
    )
    add(
        "--replay",
        type=Path,
        metavar="DIR",
        help="play back the calls that `twelvelabs-async verify --record DIR` has saved; only --host and --port apply",
    )
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=8787, help="port of the API; 0 takes a free one")
    add(
        "--objects-port", type=int, default=0, help="port of the object store for presigned uploads; 0 takes a free one"
    )
    add("--state", type=Path, metavar="DIR", help="folder for the state; a temporary one when left out")
    add(
        "--key",
        action="append",
        metavar="KEY",
        help=f"accepted API key; may be given several times (default: {DEFAULT_KEY})",
    )
    add("--speed", type=float, default=1.0, help="factor by which states pass faster; 0 skips all waiting")
    add(
        "--durations",
        action="append",
        default=[],
        type=_pair_of(list(DURATIONS), float),
        metavar="STATE=SECONDS",
        help="seconds of one state; may be given several times",
    )
    add(
        "--lifetimes",
        action="append",
        default=[],
        type=_pair_of(list(LIFETIMES), float),
        metavar="NAME=SECONDS",
        help="seconds after which something expires; may be given several times",
    )
    add(
        "--plan",
        choices=list(PLANS),
        help="limits of a plan of the platform: requests per minute, videos that are indexed at the same time, size of "
        "an index; single limits below apply instead",
    )
    add(
        "--quota",
        action="append",
        default=[],
        type=_pair_of(list(QUOTAS), float),
        metavar="NAME=N",
        help="; ".join(f"{name}: {what}" for name, what in QUOTAS.items()),
    )
    add(
        "--rate-limit",
        action="append",
        default=[],
        type=_limit,
        metavar="[GROUP=]N",
        help="requests per window for one group or for each group; may be given several times",
    )
    add("--rate-window", type=float, default=60.0, metavar="SECONDS", help="length of a rate-limit window")
    add("--chunk-size", type=int, default=8 * MIB, metavar="BYTES", help="chunk size of multipart uploads")
    add("--stream-delay", type=float, default=0.0, metavar="SECONDS", help="delay between two chunks of a stream")
    add(
        "--late-validation",
        action="store_true",
        help="accept invalid videos for indexing, and let their tasks fail, instead of rejecting them at once",
    )
    add(
        "--source-timeout",
        type=float,
        default=Settings().source_timeout,
        metavar="SECONDS",
        help="seconds after which the download of a URL ends, however slowly it still proceeds",
    )
    add(
        "--cors-origin",
        action="append",
        metavar="ORIGIN",
        help="origin whose pages may use the object store; may be given several times, `none` refuses all (default: *)",
    )
    add("--media", type=Path, metavar="DIR", help="folder whose files may be named as URLs")
    add("--webhook-url", metavar="URL", help="where webhook events are delivered")
    add(
        "--webhook-secret", default=Settings().webhook_secret, metavar="SECRET", help="secret that signs webhook events"
    )
    add("--faults", type=Path, metavar="FILE", help="fault plan in JSON")
    add("--check-responses", action="store_true", help="validate every response against the OpenAPI document")
    add("--log", default="warning", choices=["debug", "info", "warning", "error"], help="what to log")
    return found


def settings(arguments: argparse.Namespace) -> Settings:
    """The settings of a command line."""
    return Settings(
        host=arguments.host,
        port=arguments.port,
        objects_port=arguments.objects_port,
        state=arguments.state,
        api_keys=tuple(arguments.key or [DEFAULT_KEY]),
        speed=arguments.speed,
        durations=dict(arguments.durations),
        lifetimes=dict(arguments.lifetimes),
        plan=arguments.plan,
        quotas=dict(arguments.quota),
        rate_limits=dict(arguments.rate_limit),
        rate_window=arguments.rate_window,
        chunk_size=arguments.chunk_size,
        stream_delay=arguments.stream_delay,
        cors_origins=tuple(origin for origin in arguments.cors_origin or ["*"] if origin != "none"),
        media_folder=arguments.media,
        late_validation=arguments.late_validation,
        source_timeout=arguments.source_timeout,
        webhook_url=arguments.webhook_url,
        webhook_secret=arguments.webhook_secret,
        faults=arguments.faults,
        check_responses=arguments.check_responses,
    )


def _write_sample(path: Path) -> int:
    """Writes the sample video; returns the exit code."""
    try:
        written = write_sample(path)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"The sample cannot be written: {error}\n")
        return 2
    _print(f"{path} was written." if written else f"{path} exists already.")
    return 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def serve(wanted: Settings) -> None:
    """Runs an emulator until SIGINT or SIGTERM."""
    async with Emulator(wanted) as emulator:
        _print(f"API:          {emulator.base_url}")
        _print(f"Object store: {emulator.objects_url}")
        await _until_stopped(emulator.environment)
        for name, count in sorted(emulator.faults.counts.items()):
            _print(f"Faults done: {count} x {name}")
    _print("Stopped.")


async def replay(folder: Path, host: str, port: int) -> None:
    """Plays back a recording until SIGINT or SIGTERM."""
    async with Replay(folder, host, port) as server:
        _print(f"API:          {server.base_url}")
        await _until_stopped(server.environment)
    _print("Stopped.")


async def _until_stopped(environment: Mapping[str, str]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt instead
            loop.add_signal_handler(number, stopping.set)
    for name, value in environment.items():
        _print(f"export {name}={value}")
    _print("Ready. Stop with Ctrl+C.")
    await stopping.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    options = parser().parse_args(arguments)
    if options.sample is not None:
        return _write_sample(options.sample)
    logging.basicConfig(level=options.log.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        if options.replay is not None:
            asyncio.run(replay(options.replay, options.host, options.port))
        else:
            asyncio.run(serve(settings(options)))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"The emulator cannot start: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
