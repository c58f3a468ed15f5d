"""Whether an installed package works, with the extras that are named: `python -I smoke.py emulator fast`.

It is run by the Python of an environment that has nothing but the package and these extras: it uses the standard
library only.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module, metadata
from pathlib import Path

MODULES = {
    "emulator": ["emulator", "testing"],
    "otel": ["otel"],
    "starlette": ["starlette"],
}
"""The modules that need an extra; `testing` says so when it starts an emulator."""

ALWAYS = [
    "errors",
    "ingest",
    "migrate",
    "pagination",
    "streaming",
    "structured",
    "types",
    "uploads",
    "vectors",
    "waiters",
    "webhooks",
]


class Service(BaseHTTPRequestHandler):
    """A service with one index that accepts one asset."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One page of indexes, or a 404."""
        if self.path.partition("?")[0] == "/v1.3/indexes":
            index = {"_id": "i1", "index_name": "films", "models": []}
            self._respond(200, {"data": [index], "page_info": {"page": 1, "total_page": 1, "total_results": 1}})
        else:
            self._respond(404, {"code": "resource_not_exists", "message": "There is no such index."})

    def do_POST(self) -> None:
        """An asset, if the file was sent completely."""
        body = self._body()
        self._respond(201, {"_id": "a1", "status": "ready", "method": "direct"} if b"the bytes" in body else {})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _respond(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Nothing."""


async def client_works(port: int) -> None:
    """Lists, an upload, an error."""
    from twelvelabs_async import AsyncTwelveLabs, NotFoundError

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.mp4"
        file.write_bytes(b"the bytes")
        async with AsyncTwelveLabs(api_key="tlk_SMOKE", base_url=f"http://localhost:{port}/v1.3") as client:
            assert [index.id async for index in client.indexes.list()] == ["i1"]
            asset = await client.assets.create(method="direct", file=file)
            assert asset.id == "a1", asset
            (error,) = await asyncio.gather(client.indexes.retrieve("i2"), return_exceptions=True)
            assert isinstance(error, NotFoundError), error
            assert "no such index" in str(error), error


async def emulator_works() -> None:
    """A client and an emulator in one process."""
    from twelvelabs_async.testing import run_emulator

    async with run_emulator() as emulator, emulator.client() as client:
        created = await client.indexes.create(
            index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
        )
        assert [index.id async for index in client.indexes.list()] == [created.id]


def missing(module: str, extra: str) -> None:
    """The module says which extra it needs."""
    program = f"import twelvelabs_async.{module}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1, f"twelvelabs_async.{module} was imported without the extra {extra}"
    assert done.stderr.splitlines()[-1].endswith(f"pip install 'twelvelabs-async[{extra}]'"), done.stderr


def command(*extras: str) -> None:
    """The command works with its extra, and names it otherwise."""
    script = shutil.which("twelvelabs-async", path=str(Path(sys.executable).parent))
    assert script is not None, "the command was not installed"
    done = subprocess.run([script, "--help"], capture_output=True, text=True, check=False)
    if "cli" in extras:
        assert (done.returncode, done.stderr) == (0, ""), done
        assert "Usage:" in done.stdout, done
    else:
        assert done.returncode == 2, done
        assert "[cli]" in done.stderr, done


def main(*extras: str) -> None:
    """Everything above."""
    import twelvelabs_async

    assert Path(twelvelabs_async.__file__).is_relative_to(sys.prefix), twelvelabs_async.__file__
    assert metadata.version("twelvelabs-async") == twelvelabs_async.__version__
    for module in ALWAYS:
        import_module(f"twelvelabs_async.{module}")
    for extra, modules in MODULES.items():
        if extra in extras:
            for module in modules:
                import_module(f"twelvelabs_async.{module}")
        else:
            missing(modules[0], extra)
    command(*extras)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        asyncio.run(client_works(server.server_port))
    finally:
        server.shutdown()
        server.server_close()
    if "emulator" in extras:
        asyncio.run(emulator_works())
    if "fast" in extras:
        assert sys.modules.get("aiodns"), "aiohttp resolves names with aiodns where it is installed"
    if "ray" in extras:
        from twelvelabs_async.ingest.ray import count_outcomes

        import_module("ray.data")
        assert callable(count_outcomes)


if __name__ == "__main__":
    main(*(name for name in sys.argv[1:] if name))
