"""`x-wait` becomes a constant and four methods."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from codegen.errors import GenerationError

from .generated import Generator, document, model, operation, ref

TEXT = {"type": "string"}
STATUS = {"type": "string", "enum": ["queued", "working", "ready", "failed"]}
SCHEMAS = {
    "Job": model(["id", "status"], id=TEXT, status=STATUS, result=TEXT) | {"x-object": "job"},
    "Row": model(["id"], id=TEXT, status=STATUS),
    "Room": model(["id"], id=TEXT) | {"x-object": "room"},
    "Page": model(["data"], data={"type": "array", "items": ref("Row")}),
}
WAIT = {"noun": "job", "until": "a job is ready", "done": ["ready"], "failed": ["failed"]}
LIST = {
    "operation": "listJobs",
    "status": "status",
    "narrow": "owner",
    "newest": {"sort_by": "created_at"},
    "changed": {"sort_by": "updated_at"},
}


def path_parameter(name: str, kind: str | None) -> dict[str, Any]:
    schema: dict[str, Any] = TEXT | ({"x-id-of": kind} if kind else {})
    return {"name": name, "in": "path", "schema": schema, "required": True}


def query(name: str, schema: Any = TEXT) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def paths(
    wait: Any, *, many: bool = True, nested: bool = False, kind: str | None = "job", **members: Any
) -> dict[str, Any]:
    above = [path_parameter("room_id", "room")] if nested else []
    statuses = {"type": "array", "items": TEXT} if many else TEXT
    filters = [query("status", statuses), query("owner"), query("ids", {"type": "array", "items": TEXT})]
    order = [query("sort_by"), query("page")]
    shown = operation(
        "listJobs",
        "jobs.list",
        "Page",
        parameters=[*above, *filters, *order],
        **{"x-pagination": {"style": "page", "items": "data"}},
    )
    found = operation(
        "getJob", "jobs.get", "Job", parameters=[*above, path_parameter("job_id", kind)], **{"x-wait": wait}, **members
    )
    prefix = "/rooms/{room_id}/jobs" if nested else "/jobs"
    return {prefix: {"get": shown}, f"{prefix}/{{job_id}}": {"get": found}}


def used() -> dict[str, Any]:
    """An operation that takes the kinds of objects which no other one takes."""
    return {
        "/x/{a}/{b}": {
            "get": operation("x", "x.x", parameters=[path_parameter("a", "job"), path_parameter("b", "room")])
        }
    }


def generate_jobs(generate: Generator, wait: Any, **settings: Any) -> Any:
    return generate(document(SCHEMAS, paths(wait, **settings) | used()))


def test_a_wait_and_its_siblings(generate: Generator) -> None:
    generated = generate_jobs(generate, WAIT | {"list": LIST, "timeout": 60})
    constant = generated.constant("GET_JOB_WAIT")
    assert constant["retrieve"] == "GET_JOB"
    assert constant["parameters"] == "('job_id',)"
    assert constant["rules"] == "Rules(subject='Job', done=frozenset({'ready'}), failed=frozenset({'failed'}))"
    assert constant["listing"] == (
        "WaitList(operation=LIST_JOBS, views=({'sort_by': 'created_at'}, "
        "{'status': ['queued', 'working'], 'sort_by': 'created_at'}, "
        "{'status': ['ready', 'failed'], 'sort_by': 'updated_at'}), narrow='owner')"
    )
    assert generated.arguments("wait_for_done") == {
        "job_id": "JobOrId",
        "sleep_interval": "float = DEFAULT_SLEEP_INTERVAL",
        "callback": "Callback[Job] | None = None",
        "timeout": "float = 60.0",
        "request_options": "RequestOptions | None = None",
    }
    assert generated.arguments("as_completed")["ids"] == "Iterable[JobOrId] | AsyncIterable[JobOrId]"
    returned = {
        name: ast.unparse(generated.method(name).returns) for name in ("wait_for_done", "as_completed", "watch")
    }
    assert returned == {
        "wait_for_done": "Job",
        "as_completed": "Outcomes[Outcome[Row | Job]]",
        "watch": "Outcomes[Row | Job]",
    }
    assert ast.unparse(generated.method("wait_all").returns) == "_list[Row | Job]"
    assert "Wait until a job is ready." in str(ast.get_docstring(generated.method("wait_for_done")))
    assert "wait_for_done" not in generated.files["raw/things.py"]


def test_resources_below_others(generate: Generator) -> None:
    generated = generate_jobs(
        generate, WAIT | {"list": {"operation": "listJobs", "ids": "ids", "complete": True}}, nested=True
    )
    assert list(generated.arguments("wait_all"))[:2] == ["room_id", "ids"]
    assert list(generated.arguments("wait_for_done"))[:3] == ["room_id", "job_id", "sleep_interval"]
    assert generated.constant("GET_JOB_WAIT")["listing"] == "WaitList(operation=LIST_JOBS, ids='ids', complete=True)"
    call = ast.unparse(generated.method("watch").body[-1])
    assert "self._waiting(GET_JOB_WAIT, (room_id,), sleep_interval=sleep_interval" in call


def test_filters_that_take_one_status(generate: Generator) -> None:
    generated = generate_jobs(generate, WAIT | {"list": {"operation": "listJobs", "status": "status"}}, many=False)
    assert generated.constant("GET_JOB_WAIT")["listing"] == (
        "WaitList(operation=LIST_JOBS, views=({}, {'status': 'queued'}, {'status': 'working'}, {'status': 'ready'}, "
        "{'status': 'failed'}))"
    )


def test_what_has_no_list_and_cannot_fail(generate: Generator) -> None:
    generated = generate_jobs(generate, {name: WAIT[name] for name in ("noun", "until", "done")})
    constant = generated.constant("GET_JOB_WAIT")
    assert "listing" not in constant
    assert "failed=frozenset()" in constant["rules"]
    assert "TaskFailedError" not in str(ast.get_docstring(generated.method("wait_for_done")))
    assert ast.unparse(generated.method("watch").returns) == "Outcomes[Job]"
    assert generated.arguments("watch")["timeout"] == "float = DEFAULT_WAIT_TIMEOUT"


@pytest.mark.parametrize(
    ("wait", "settings", "message"),
    [
        ([], {}, "(#/paths/~1jobs~1{job_id}/get/x-wait): x-wait must be a map"),
        (WAIT | {"fails": []}, {}, "x-wait.fails must be one of the members done, failed, list"),
        ({"noun": "job", "until": "x"}, {}, "x-wait must be a map with the member done"),
        (WAIT | {"done": "ready"}, {}, "x-wait.done must be a list"),
        (WAIT | {"done": ["Ready"]}, {}, "x-wait/done/0): x-wait.done.0 must be a state in lower case"),
        (WAIT | {"done": ["over"]}, {}, "x-wait): done: over is no value of its status"),
        (WAIT | {"done": []}, {}, "x-wait): done: nothing is no value of its status"),
        (WAIT | {"failed": ["ready"]}, {}, "x-wait): ready is both done and failed"),
        (WAIT, {"kind": None}, "the last path parameter of an operation with x-wait has no x-id-of"),
        (WAIT | {"list": {"operation": "none"}}, {}, "x-wait/list): none is no operation of the same tag"),
        (WAIT | {"list": {"operation": "getJob"}}, {}, "x-wait/list): getJob is no operation of the same tag"),
        (WAIT | {"list": {}}, {}, "x-wait.list must be a map with the member operation"),
        (WAIT | {"list": {"operation": "listJobs", "order": 1}}, {}, "x-wait.list.order must be one of the members"),
        (WAIT | {"list": LIST | {"ids": "job_ids"}}, {}, "x-wait/list): listJobs has no parameter job_ids"),
        (WAIT | {"list": LIST | {"newest": {"by": 1}}}, {}, "x-wait/list): listJobs has no parameter by"),
    ],
)
def test_mistakes_are_named_with_their_place(
    generate: Generator, wait: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(GenerationError) as caught:
        generate_jobs(generate, wait, **settings)
    assert message in str(caught.value)


def test_a_list_below_something_else(generate: Generator) -> None:
    other = paths(WAIT | {"list": LIST})
    nested = paths(WAIT, nested=True)
    other["/rooms/{room_id}/jobs"] = nested["/rooms/{room_id}/jobs"]
    del other["/jobs"]
    with pytest.raises(GenerationError, match="does not have the path parameters above the id"):
        generate(document(SCHEMAS, other | used()))


def test_a_response_without_a_status(generate: Generator) -> None:
    schemas = SCHEMAS | {"Job": model(["id"], id=TEXT) | {"x-object": "job"}}
    with pytest.raises(GenerationError, match="the response has no status with listed values"):
        generate(document(schemas, paths(WAIT) | used()))


@pytest.mark.parametrize("where", ["post", "root", "no id"])
def test_operations_that_cannot_be_waited_for(generate: Generator, where: str) -> None:
    found = operation("getJob", "jobs.get", "Job", parameters=[path_parameter("job_id", "job")], **{"x-wait": WAIT})
    if where == "root":
        found["x-method"] = "get"
    url, method = ("/jobs", "get") if where == "no id" else ("/jobs/{job_id}", "post" if where == "post" else "get")
    if where == "no id":
        found["parameters"] = []
    message = "can have no x-wait" if where == "root" else "x-wait needs a GET with a response that is no page"
    with pytest.raises(GenerationError, match=message):
        generate(document(SCHEMAS, {url: {method: found}} | used()))


def test_two_waits_of_one_resource(generate: Generator) -> None:
    second = operation("seeJob", "jobs.see", "Job", parameters=[path_parameter("job_id", "job")], **{"x-wait": WAIT})
    with pytest.raises(GenerationError, match="jobs can have no x-wait, or no second one"):
        generate(document(SCHEMAS, paths(WAIT) | {"/see/{job_id}": {"get": second}} | used()))


def test_a_method_with_the_name_of_a_wait(generate: Generator) -> None:
    watch = operation("watchJobs", "jobs.watch", "Job")
    with pytest.raises(GenerationError, match="jobs would have two members called watch"):
        generate(document(SCHEMAS, paths(WAIT) | {"/watch": {"get": watch}} | used()))
