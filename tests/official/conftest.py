"""The official SDK against the emulator: `make test-official`, in an environment that has both.

The client that nobody here wrote is a judge of the emulator: what it cannot parse is a defect. Where the official SDK
is not installed, as in the environment of the other tests, nothing here is collected.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
INSTALLED = importlib.util.find_spec("twelvelabs") is not None

collect_ignore_glob = [] if INSTALLED else ["test_*.py"]

if INSTALLED:
    from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene, write_audio, write_image
    from twelvelabs_async.testing import RunningEmulator, run_emulator

    from .caller import Caller

    @pytest.fixture(scope="module")
    def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Videos, a sound, a picture and a text of known content."""
        folder = tmp_path_factory.mktemp("media")
        captions = (Caption(0.5, 2.0, "Hello kind world"), Caption(5.0, 7.0, "A red balloon"))
        SampleVideo("sea.mp4", (Scene("blue", 4), Scene("red", 4, tone=440.0)), captions).write(folder)
        SampleVideo("forest.mp4", (Scene("green", 5),)).write(folder)
        write_audio(folder / "beep.wav", [(4, 440.0, 0.5)])
        write_image(folder / "red.png", "red", 640, 480)
        (folder / "notes.txt").write_text("One sentence about red cars. Another sentence about the sea.")
        return folder

    @pytest.fixture(scope="module")
    def emulator(media: Path) -> Iterator[RunningEmulator]:
        """It validates what it sends; its connections, imports and URLs use the folder of media."""
        with run_emulator(check_responses=True, media_folder=media, chunk_size=20_000) as found:
            yield found

    @pytest.fixture(scope="module", params=["sync", "async"])
    def client(request: pytest.FixtureRequest, emulator: RunningEmulator) -> Iterator[Caller]:
        """The synchronous or the asynchronous client of the official SDK."""
        with Caller(emulator, asynchronous=request.param == "async") as found:
            yield found
