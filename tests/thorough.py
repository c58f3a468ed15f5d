"""How many examples a property test tries that needs more than the usual hundred to say much."""

from __future__ import annotations

import os

_IS_THOROUGH = os.environ.get("CI") == "true" or "FUZZ_EXAMPLES" in os.environ


def examples(count: int) -> int:
    """All of them with CI=true and in `make fuzz`; a fifth in `make test`, whose seeds differ from run to run."""
    return count if _IS_THOROUGH else count // 5
