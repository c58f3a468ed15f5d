"""docs/cli.md: its commands work, and what it says is right."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import attrs

from twelvelabs_async.cli import _app, _exit_codes
from twelvelabs_async.cli._upload_run import Outcome, UploadOptions

from .conftest import MODULE, ROOT, Place

if TYPE_CHECKING:
    from pathlib import Path

PAGE = (ROOT / "docs/cli.md").read_text()


def test_the_commands_of_the_page_work(place: Place, files: Path) -> None:
    lines = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)
    script = [line for line in lines if not line.startswith("pip ") and not line.endswith(" emulator")]
    assert len(script) >= 8
    names = [
        f'twelvelabs-async() {{ {" ".join(MODULE)} "$@"; }}',
        f"""jq() {{ {MODULE[0]} -c 'import json, sys; print(json.loads(input())[sys.argv[2][1:]])' "$@"; }}""",
    ]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([*names, *script])],
        cwd=files,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for said in ("goal.mp4", "ready", "0:04.0", "512 numbers", "was deleted"):
        assert said in done.stdout


def test_what_the_page_says() -> None:
    options = {parameter.name: parameter for parameter in _app.root.commands["upload"].params}
    assert f"Files above {options['chunks_above'].default} MB" in PAGE
    assert UploadOptions(index_id="a").direct_bytes == 100_000_000
    assert UploadOptions(index_id="a").workers == options["workers"].default
    for field in attrs.fields(Outcome):
        assert f"`{field.name}`" in PAGE
    for code in (0, *(value for name, value in vars(_exit_codes).items() if name.isupper())):
        assert f"| {code} |" in PAGE
