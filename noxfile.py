"""The packages, as users get them: built, checked, and tested from the wheel, outside of the checkout.

`make packages` runs all sessions, `make check` the session `fast`, `make test-lowest` the tests with the oldest
dependencies.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Final

import nox

sys.path.insert(0, str(Path(__file__).parent))

from release.project import ROOT, extras, lowest, pythons

DIST: Final = ROOT / "dist"
LOCK: Final = ROOT / "locks" / "package.txt"
SMOKE: Final = ROOT / "tests" / "installation" / "smoke.py"
COPIED: Final = ("bench", "docs", "examples", "openapi", "pyproject.toml", "tests")
"""What the tests of the wheel read, and tests/faults shares with the benchmarks. The package itself is not among it."""

# What belongs to the development of the project and not to the package: it is tested in the checkout.
LEFT_OUT: Final = (
    "api",
    "bench",
    "codegen",
    "docs",
    "examples",
    "official",
    "official_surface",
    "ray",
    "release",
    "typing",
    "web",
    "wire",
)

_built: Final[list[Path]] = []
"""The wheel, once a session of this run has built it."""

TESTED: Final = sorted(set(extras()) - {"ray"})  # Ray is large, and has its own tests: make test-ray

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = bool(os.environ.get("REQUIRE_PYTHONS"))
nox.options.sessions = ["build", "smoke", "locked", "tests"]

# Pythons that pyenv has installed, and that are on no path.
os.environ["PATH"] += "".join(
    f"{os.pathsep}{folder}"
    for root in [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))]
    for python in pythons()
    for folder in sorted(root.glob(f"versions/{python}.*/bin"))
)


@nox.session(python=False)
def build(session: nox.Session) -> None:
    """The sdist, and the wheel from the sdist, as an installer would make it; then both are checked."""
    shutil.rmtree(DIST, ignore_errors=True)
    python = sys.executable
    # Not isolated: what builds is what the lock of this environment has installed.
    session.run(python, "-m", "build", "--no-isolation", "--outdir", str(DIST), silent=True, external=True)
    session.run(
        python, "-m", "twine", "check", "--strict", *map(str, sorted(DIST.iterdir())), silent=True, external=True
    )
    session.run(python, "-m", "check_wheel_contents", "--no-config", str(wheel()), silent=True, external=True)
    _built.append(wheel())


@nox.session
def fast(session: nox.Session) -> None:
    """Builds, checks, and uses the wheel in a fresh environment, with pinned dependencies: a part of `make check`."""
    build(session)
    session.install("-q", "-c", str(ROOT / "constraints.txt"), str(wheel()))
    use(session)


@nox.session(python=pythons())
@nox.parametrize("extra", ["", *extras()])
@nox.parametrize("versions", ["newest", "lowest"])
def smoke(session: nox.Session, versions: str, extra: str) -> None:
    """The wheel with one extra or none: what it brings works, and what it does not bring says which extra does."""
    install(session, versions, [extra] if extra else [])
    use(session, extra)


@nox.session(python=pythons())
def locked(session: nox.Session) -> None:
    """The wheel with the lock: every file that is installed has a hash in it."""
    build_once(session)
    session.install("--require-hashes", "-r", str(LOCK))
    session.install("--no-deps", str(wheel()))
    use(session, *extras())


@nox.session(python=pythons())
@nox.parametrize("versions", ["newest", "lowest"])
def tests(session: nox.Session, versions: str) -> None:
    """The tests against the installed wheel, type checkers included; arguments choose some of them."""
    project = nox.project.load_toml(ROOT / "pyproject.toml")
    groups = nox.project.dependency_groups(project, "test", "examples", "lint")
    install(session, versions, TESTED, *groups)
    folder = Path(session.create_tmp()) / "tests-of-the-wheel"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)  # type: ignore[operator] # both take two paths
    chosen = session.posargs or ["tests", *(f"--ignore=tests/{name}" for name in LEFT_OUT)]
    with session.chdir(folder):
        environment = {"INSTALLED_WHEEL": str(wheel())}
        session.run("python", "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", *chosen, env=environment)


def wheel() -> Path:
    """The wheel that was built."""
    (found,) = DIST.glob("*.whl")
    return found


def build_once(session: nox.Session) -> None:
    """Builds the packages if no session of this run has."""
    if not _built:
        build(session)


def install(session: nox.Session, versions: str, wanted: list[str], *more: str) -> None:
    """Installs the wheel with extras, without the constraints of development."""
    build_once(session)
    constraints: list[str] = []
    if versions == "lowest":
        file = Path(session.create_tmp()) / "lowest.txt"
        file.write_text(lowest(str(session.python), *wanted), encoding="utf-8")
        constraints = ["-c", str(file)]
    named = f"{wheel()}[{','.join(wanted)}]" if wanted else str(wheel())
    session.install("-q", "--upgrade", *constraints, named, *more)


def use(session: nox.Session, *wanted: str) -> None:
    """What is installed fits together, the package is imported without a warning, and works with these extras."""
    session.run("python", "-m", "pip", "check", silent=True)
    with session.chdir(session.create_tmp()):
        session.run("python", "-I", "-W", "error", "-c", "import twelvelabs_async")
        session.run("python", "-I", "-X", "dev", str(SMOKE), *wanted)
