"""The cells of the page about notebooks, in a real Jupyter kernel."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import AsyncKernelManager

from tests.docs.pages import blocks
from twelvelabs_async.testing import run_emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

SECONDS = 100

# Those of Jupyter: its client leaves sockets and loops to the garbage collector.
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"), pytest.mark.timeout(300)]


class Kernel:
    """A Jupyter kernel."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def run(self, code: str) -> str:
        """Run a cell; what it prints and returns.

        Raises:
            AssertionError: The cell failed.
        """
        shown: list[str] = []

        def show(message: dict[str, Any]) -> None:
            content = message["content"]
            shown.append(str(content.get("text") or content.get("data", {}).get("text/plain") or ""))

        reply = await self._client.execute_interactive(code, timeout=SECONDS, output_hook=show)
        text = "".join(shown)
        assert reply["content"]["status"] == "ok", f"{code}\n{reply['content'].get('evalue')}\n{text}"
        return text


@pytest.fixture
async def kernel(tmp_path: Path) -> AsyncIterator[Kernel]:
    with run_emulator(check_responses=True) as emulator:
        manager = AsyncKernelManager(kernel_name="python3")
        # The kernel of this environment, without a kernel specification that is installed anywhere.
        manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        await manager.start_kernel(cwd=str(tmp_path), env=_environment(tmp_path, emulator.environment))
        client = manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=SECONDS)
            yield Kernel(client)
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)


def _environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_PLATFORM_DIRS": "1", **more}


async def test_the_cells_of_the_page(kernel: Kernel) -> None:
    cells = [block.code for block in blocks("docs/notebooks.md") if block.kind == "step"]
    shown = [await kernel.run(cell) for cell in cells]
    printed = "\n".join(shown)
    assert "ready" in printed  # the video of the task that went on across cells
    assert "1 done, 0 failed" in printed
    assert "start" in printed  # the table of hits
    assert "(6, 512)" in printed
    assert "Warning" not in printed


async def test_tasks_go_on_between_cells(kernel: Kernel) -> None:
    await kernel.run("import asyncio, time\ntask = asyncio.create_task(asyncio.sleep(0.01, 'went on'))")
    for _ in range(SECONDS * 10):  # nothing in the kernel waits for the task
        if "True" in await kernel.run("print(task.done())"):
            break
        await asyncio.sleep(0.1)
    assert await kernel.run("print(task.result())") == "went on\n"


async def test_what_the_page_says_of_errors(kernel: Kernel) -> None:
    main = "import asyncio\nasync def main():\n    return 41\n"
    failing = "{}try:\n    asyncio.run(main())\nexcept RuntimeError as error:\n    print(error)"
    shown = await kernel.run(failing.format(main))
    assert shown.startswith("asyncio.run() cannot be called from a running event loop")
    assert await kernel.run("await main()") == "41"
    assert await kernel.run("await asyncio.to_thread(asyncio.run, main())") == "41"
    for cell in ("%timeit -n 1 -r 1 await main()", "%autoawait False\nawait main()"):
        with pytest.raises(AssertionError, match="'await' outside function"):
            await kernel.run(cell)
