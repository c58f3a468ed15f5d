from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
from typing import TYPE_CHECKING

from .conftest import MODULE, Done, Place, columns

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Done]


def test_create_prints_the_id_alone(run: Run, place: Place) -> None:
    made = run("indexes", "create", "two", "--model", "marengo3.0", "--model", "pegasus1.2", "--option", "visual")
    assert made.code == 0
    (found,) = run("indexes", "list", "--name", "two", "--json").lines
    assert found["_id"] == made.out.strip()
    assert [(model["model_name"], model["model_options"]) for model in found["models"]] == [
        ("marengo3.0", ["visual"]),
        ("pegasus1.2", ["visual"]),
    ]
    (answer,) = run("indexes", "create", "three", "--json").lines
    assert len(answer["_id"]) == 24


def test_list(run: Run, place: Place) -> None:
    run("indexes", "create", "[red]bold\x1b[2J")
    shown = run("indexes", "list")
    assert shown.code == 0
    assert "[red]bold\N{REPLACEMENT CHARACTER}[2J" in shown.out
    assert {row[0] for row in columns(shown.out)} >= {place.index_id}
    assert len(run("indexes", "list", "--json").lines) == 2
    empty = run("indexes", "list", "--name", "nothing")
    assert (empty.code, empty.out) == (0, "")
    assert "indexes create" in empty.err
    assert run("indexes", "list", "--name", "nothing", "--json").err == ""


def test_delete(run: Run, place: Place) -> None:
    asked = run("indexes", "delete", place.index_id)
    assert asked.code == 2
    assert "--yes" in asked.err
    done = run("indexes", "delete", place.index_id, "nothing", "--yes")
    assert done.code == 1
    assert done.out == f"{place.index_id} was deleted.\n"
    assert done.err.startswith("Error: nothing: 4")
    assert done.err.count("\n") == 1
    made = run("indexes", "create", "next").out.strip()
    both = run("indexes", "delete", made, made, "--json", "-y")
    assert both.code == 1
    assert [line["deleted"] for line in both.lines] == [True, False]
    assert run("indexes", "list", "--json").out == ""


def on_a_terminal(answer: bytes, *arguments: str) -> tuple[int, str]:
    """Runs the command on a terminal and types something when it asks."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([*MODULE, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = b""
    interrupting = False
    while True:
        if not select.select([ours], [], [], 2 if interrupting else 60)[0]:
            assert interrupting, seen
            child.send_signal(signal.SIGINT)  # the one before came between the question and the reading
            continue
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
        if answer and b"[y/N]" in seen:
            if answer == b"\x03":
                interrupting = True
                child.send_signal(signal.SIGINT)
            else:
                os.write(ours, answer)
            answer = b""
    os.close(ours)
    return child.wait(60), seen.decode()


def test_delete_asks_on_a_terminal(run: Run, place: Place) -> None:
    code, text = on_a_terminal(b"n\n", "indexes", "delete", place.index_id)
    assert code == 1
    assert "Nothing was deleted." in text
    code, text = on_a_terminal(b"\x03", "indexes", "delete", place.index_id)
    assert (code, "Interrupted." in text) == (130, True), text
    assert "Traceback" not in text
    assert len(run("indexes", "list", "--json").lines) == 1
    code, text = on_a_terminal(b"", "indexes", "list")
    assert code == 0
    assert place.index_id in text
    code, text = on_a_terminal(b"y\n", "indexes", "delete", place.index_id)
    assert code == 0
    assert run("indexes", "list", "--json").lines == []
