"""`ingest --on-ray`."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from ._exit_codes import FAILED
from ._output import print_json, write
from ._setup import SetupError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._ingest_plan import IngestPlan


def check_ray() -> None:
    """Check that Ray is installed.

    Raises:
        SetupError: It is not.
    """
    if importlib.util.find_spec("ray") is None:
        raise SetupError("--on-ray needs ray: pip install 'twelvelabs-async[ray]'")


def run_on_ray(plan: IngestPlan, target: Mapping[str, Any], connection: Mapping[str, Any], *, as_json: bool) -> int:
    """Ingest with Ray, and count the outcomes; the exit code describes the output as a whole."""
    from .. import ingest
    from ..ingest.ray import DEFAULT_WORKERS, count_outcomes

    ingest.on_ray(
        plan.candidates(),
        **target,
        **plan.pipeline(),
        workers=plan.workers or DEFAULT_WORKERS,
        requests_per_minute=plan.requests_per_minute,
        output=str(plan.output),
        root=plan.common_root(),
        metadata=plan.metadata,
        base_url=connection.get("base_url"),
        allow_http=bool(connection.get("allow_http")),
    )
    counts = count_outcomes(str(plan.output))
    done, failed = counts["done"], counts["failed"]
    if as_json:
        print_json({"event": "summary", "done": done, "failed": failed, "pending": 0, **target, "output": plan.output})
    else:
        write(f"{done:,} done, {failed:,} failed; the outcomes are in {plan.output}.")
    return FAILED if failed else 0
