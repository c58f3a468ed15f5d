"""The fault plan: which faults are injected, how often, and into which requests.

A plan is a list of rules, in Python or as JSON:

    {"seed": 7, "rules": [
        {"kind": "status", "status": 429, "retry_after": 1, "limits": true, "rate": 0.02},
        {"kind": "status", "code": "insufficient_funds", "operation": "createTask", "count": 1},
        {"kind": "reset", "operation": "retrieve*", "rate": 0.05, "carried_out": true},
        {"kind": "stall_body", "route": "GET /indexes/*", "count": 3},
        {"kind": "reset", "port": "objects", "operation": "putChunk", "skip": 2, "count": 1}
    ]}

Rules are tried in order; the first that selects a request applies. The same plan and seed select the same requests, as
long as these arrive in the same order. Injected faults are counted in `FaultPlan.counts`.
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from ..._safe_repr import SafeRepr
from ..error_codes import OWN, PLATFORM

KINDS: Final[Mapping[str, str]] = {
    "status": "an error, with `status` or `code`, `message`, `retry_after` and `limits`",
    "reset": "the connection is reset before the response",
    "reset_body": "the connection is reset in the middle of the response body",
    "cut_body": "the connection is closed with FIN, but early, in the middle of the response body",
    "stall": "no response for `seconds`, then the connection is reset",
    "stall_body": "the response stops in the middle of its body for `seconds`, then the connection is reset",
    "slow": "the response comes `seconds` late",
    "slow_accept": "nothing is read from a new connection for `seconds`",
    "truncated": "the body is half of what it should be, and the HTTP around it is whole",
    "malformed": "the body is no valid JSON",
    "wrong_type": "a web page with status 200 instead of the response",
    "duplicate": "the response is sent twice, the second time `seconds` later",
    "redirect": "a redirect to `location`, by default to the emulator's other port, which is another origin",
    "broken_asset": "the files whose names it selects cannot be read: their assets fail",
    "broken_indexing": "the files whose names it selects cannot be indexed: their assets are ready, but indexing fails",
}
"""The kinds of faults."""

PORTS: Final = ("api", "objects")

_CARRIED_OUT: Final = frozenset({"status", "reset", "stall", "redirect", "wrong_type"})
"""Kinds where `carried_out` decides whether the request is executed; the others always execute it."""

_CONNECTION: Final = frozenset({"slow_accept"})
"""Kinds that happen before a request is known."""

_FILE: Final = frozenset({"broken_asset", "broken_indexing"})
"""Kinds that happen to files, whatever the requests."""

_WITHOUT_REQUEST: Final = _CONNECTION | _FILE

_ANY_REQUEST: Final = ("*", "*", "api", None, 0)

_LONG: Final = 3600.0

_OPTIONAL: Final = type(None)

_TYPES: Final[Sequence[tuple[Sequence[str], tuple[type, ...], str]]] = (
    (("kind", "route", "port", "file"), (str,), "a text"),
    (("code", "message", "location"), (str, _OPTIONAL), "a text"),
    (("rate",), (int, float), "a number from 0 to 1"),
    (("seconds", "retry_after"), (int, float, _OPTIONAL), "a number of seconds"),
    (("skip",), (int,), "a whole number"),
    (("count", "status"), (int, _OPTIONAL), "a whole number"),
    (("carried_out", "limits"), (bool,), "true or false"),
)
"""The types of the members of a rule."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault(SafeRepr):
    """One rule: which fault, and in which requests.

    Attributes:
        kind: The fault, see `KINDS`.
        operation: Pattern of operationIds, or several of them. The object store has `putChunk`, `getFile`,
            `getPlaylist`, `getThumbnail` and `consent`.
        route: Pattern of method and path below the version, such as `GET /indexes/*`, or of the path alone. Here `*`
            stands for any characters, also for `/`.
        port: `api` or `objects`.
        rate: Share of the matching requests that get the fault.
        count: Most requests that get it; None for no limit.
        skip: Matching requests that pass first.
        carried_out: Whether the request is executed before the fault.
        status: Status of an error, or of a redirect. An error with a `code` that the platform is known to send has the
            status that comes with that code, unless another one is given.
        code: Code of an error, as the platform sends it: `insufficient_funds`, `usage_limit_exceeded` ... A code that
            is not known needs a status. By default the usual code of the status, or `fault`.
        message: Message of an error.
        retry_after: Seconds in the header Retry-After of an error; None sends none.
        limits: Whether an error has the rate-limit headers of both families, with nothing remaining.
        seconds: How long the fault lasts; by default an hour for stalls, else no time.
        location: Where a redirect points to.
        file: Pattern of the names of the files that are broken. Of these, `rate` is the share that is broken; which
            ones depends on their names and the seed alone, so a broken file stays broken.
    """

    kind: str
    operation: str | Sequence[str] = "*"
    route: str = "*"
    port: str = "api"
    rate: float = 1.0
    count: int | None = None
    skip: int = 0
    carried_out: bool = False
    status: int | None = None
    code: str | None = None
    message: str | None = None
    retry_after: float | None = None
    limits: bool = False
    seconds: float | None = None
    location: str | None = None
    file: str = "*"

    def __post_init__(self) -> None:
        self._check_types()
        if self.kind not in KINDS:
            raise _invalid(f"unknown kind {self.kind!r}{_similar(self.kind, KINDS)}; known are {', '.join(KINDS)}")
        if self.port not in PORTS:
            raise _invalid(f"port must be api or objects, not {self.port!r}")
        if not 0 <= self.rate <= 1:
            raise _invalid(f"rate must be from 0 to 1, not {self.rate!r}")
        if self.skip < 0 or (self.count is not None and self.count < 0):
            raise _invalid("skip and count must not be negative")
        if self.kind == "status":
            self._check_code()
        elif self.code is not None or self.message is not None:
            raise _invalid(f"code and message are those of an error: a fault of kind status, not {self.kind}")
        if self.kind == "status" and not 400 <= (self.status or 0) <= 599:
            raise _invalid(f"a fault of kind status needs a status from 400 to 599, not {self.status!r}")
        if self.kind == "redirect" and self.status not in {None, 301, 302, 303, 307, 308}:
            raise _invalid(f"{self.status!r} is not the status of a redirect")
        if self.carried_out and self.kind not in _CARRIED_OUT:
            raise _invalid(f"carried_out cannot be chosen for {self.kind}")
        if self.kind in _CONNECTION and (self.operation != "*" or self.route != "*"):
            raise _invalid(f"{self.kind} happens before a request is known: it takes no operation and no route")
        if self.kind in _FILE and (self.operation, self.route, self.port, self.count, self.skip) != _ANY_REQUEST:
            raise _invalid(f"{self.kind} happens to files: it takes no operation, route, port, count or skip")
        if self.kind not in _FILE and self.file != "*":
            raise _invalid(f"{self.kind} happens to requests: it takes no file")

    def _check_types(self) -> None:
        """Rejects values of the wrong type: a plan is often read from a file."""
        for names, kinds, what in _TYPES:
            for name in names:
                value = getattr(self, name)
                wrong_bool = isinstance(value, bool) and bool not in kinds
                if not isinstance(value, kinds) or wrong_bool:
                    raise _invalid(f"{name} must be {what}, not {value!r}")
                if isinstance(value, float) and not math.isfinite(value):
                    raise _invalid(f"{name} must be a finite number, not {value!r}")
        if not isinstance(self.operation, str) and (
            not isinstance(self.operation, Sequence) or not all(isinstance(name, str) for name in self.operation)
        ):
            raise _invalid(f"operation must be a pattern or a list of patterns, not {self.operation!r}")
        if not isinstance(self.operation, str) and not self.operation:
            raise _invalid("operation is an empty list: it would match no request")
        if min(self.seconds or 0, self.retry_after or 0) < 0:
            raise _invalid("seconds and retry_after must not be negative")

    def _check_code(self) -> None:
        """Rejects a code that nothing sends, and sets the status that comes with a code."""
        code = self.code
        if code is None:
            return
        if self.port != "api":
            raise _invalid("the object store has no codes of the platform; use a status")
        known = {**OWN, **PLATFORM}
        if self.status is None:
            if code not in known:
                raise _invalid(f"unknown code {code!r}{_similar(code, known)}; give its status if it is right")
            object.__setattr__(self, "status", known[code])

    @property
    def name(self) -> str:
        """The name under which it is counted: its kind, or the status."""
        return str(self.status) if self.kind == "status" else self.kind

    @property
    def duration(self) -> float:
        """Seconds that the fault lasts."""
        if self.seconds is not None:
            return self.seconds
        return _LONG if self.kind in {"stall", "stall_body"} else 0.0

    def matches(self, operation: str, method: str, path: str) -> bool:
        """Whether a request matches the operation and the route."""
        patterns = [self.operation] if isinstance(self.operation, str) else self.operation
        if not any(fnmatch.fnmatchcase(operation, pattern) for pattern in patterns):
            return False
        return fnmatch.fnmatchcase(path, self.route) or fnmatch.fnmatchcase(f"{method} {path}", self.route)


class Rule:
    """A fault with its random numbers and its counters.

    Attributes:
        fault: The fault.
        seen: Matching requests so far.
        injected: Requests that got the fault.
    """

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.seen: int = 0
        self.injected: int = 0
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - not a secret

    def breaks(self, filename: str) -> bool:
        """Whether a file is broken; the same for the same name, whenever it is asked."""
        if not fnmatch.fnmatchcase(filename, self.fault.file):
            return False
        self.seen += 1
        key = f"{self._seed}/{filename}".encode(errors="surrogatepass")
        if int.from_bytes(hashlib.blake2b(key, digest_size=8).digest()) >= self.fault.rate * 2**64:
            return False
        self.injected += 1
        return True

    def selects(self) -> bool:
        """Decides whether one matching request gets the fault."""
        self.seen += 1
        number = self._random.random()  # drawn for every request, so that `count` and `skip` do not shift the others
        if self.seen <= self.fault.skip or (self.fault.count is not None and self.injected >= self.fault.count):
            return False
        if number >= self.fault.rate:
            return False
        self.injected += 1
        return True


class FaultPlan:
    """Which requests fail, and how. It may be changed while the emulator runs.

    Attributes:
        seed: Seed of all random numbers.
        rules: The rules in order.
        counts: How often each kind of fault was injected; statuses are counted by number.
        operations: The same by operation: `(name, operation)`.
        requests: Requests so far.
    """

    def __init__(self, faults: Iterable[Fault | Mapping[str, Any]] = (), *, seed: int = 0) -> None:
        self.seed = seed
        self.rules: list[Rule] = []
        self.counts: Counter[str] = Counter()
        self.operations: Counter[tuple[str, str]] = Counter()
        self.requests: int = 0
        self._made = 0
        self._known: Mapping[str, frozenset[str]] = {}
        for fault in faults:
            self.add(fault)

    @classmethod
    def load(cls, plan: Any) -> Self:
        """Makes a plan.

        Args:
            plan: A plan, a list of faults, the JSON document as a dict or as a file, or None.

        Raises:
            ValueError: It is invalid.
        """
        if isinstance(plan, cls):
            return plan
        if plan is None:
            return cls()
        if isinstance(plan, (str, Path)):
            text = Path(plan).read_text(encoding="utf-8")
            try:
                plan = json.loads(text)
            except ValueError as error:
                raise _invalid(f"the plan is not valid JSON: {error}") from None
        if isinstance(plan, Mapping):
            unknown = sorted(set(plan) - {"seed", "rules"})
            if unknown:
                raise _invalid(f"unknown member {unknown[0]!r}; a plan has seed and rules")
            seed, faults = plan.get("seed", 0), plan.get("rules", [])
        else:
            seed, faults = 0, plan
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise _invalid(f"seed must be a whole number, not {seed!r}")
        if isinstance(faults, (str, bytes)) or not isinstance(faults, Sequence):
            raise _invalid("a plan is a list of rules")
        return cls(faults, seed=seed)

    def add(self, fault: Fault | Mapping[str, Any] | None = None, **fields: Any) -> Rule:
        """Adds a rule behind the others: `plan.add(kind="reset", count=1)`."""
        if fault is None:
            fault = fields
        if not isinstance(fault, Fault):
            fault = _fault(fault)
        self._check_operation(fault)
        rule = Rule(fault, f"{self.seed}/{self._made}")
        self._made += 1
        self.rules = [*self.rules, rule]  # a new list: the emulator may read the old one in another thread
        return rule

    def remove(self, rule: Rule) -> None:
        """Removes a rule.

        Raises:
            ValueError: The plan does not have it.
        """
        if rule not in self.rules:
            raise _invalid("the plan does not have this rule")
        self.rules = [other for other in self.rules if other is not rule]

    def clear(self) -> None:
        """Removes all rules; the counts stay."""
        self.rules = []

    def check_operations(self, known: Mapping[str, Iterable[str]]) -> None:
        """Rejects rules that no operation can match, now and whenever one is added.

        Args:
            known: The operations of each port.

        Raises:
            ValueError: A rule names an operation that does not exist.
        """
        self._known = {port: frozenset(names) for port, names in known.items()}
        for rule in self.rules:
            self._check_operation(rule.fault)

    def _check_operation(self, fault: Fault) -> None:
        known = self._known.get(fault.port)
        if known is None:
            return
        for pattern in [fault.operation] if isinstance(fault.operation, str) else fault.operation:
            if pattern != "*" and not fnmatch.filter(known, pattern):
                elsewhere = next((p for p, names in self._known.items() if fnmatch.filter(names, pattern)), None)
                hint = f"; it is one of the port {elsewhere!r}" if elsewhere else _similar(pattern, known)
                raise _invalid(f"no operation of the port {fault.port!r} matches {pattern!r}{hint}")

    @property
    def injected(self) -> int:
        """How many faults were injected."""
        return self.counts.total()

    def choose(self, port: str, operation: str, method: str, path: str) -> Rule | None:
        """The rule that selects a request, if one does."""
        self.requests += 1
        for rule in self.rules:
            fault = rule.fault
            if (
                fault.port == port
                and fault.kind not in _WITHOUT_REQUEST
                and fault.matches(operation, method, path)
                and rule.selects()
            ):
                return rule
        return None

    def choose_connection(self, port: str) -> Rule | None:
        """The rule that selects a new connection, if one does."""
        for rule in self.rules:
            if rule.fault.port == port and rule.fault.kind in _CONNECTION and rule.selects():
                return rule
        return None

    def breaks(self, kind: str, filename: str) -> bool:
        """Whether a rule of a kind breaks a file."""
        for rule in self.rules:
            if rule.fault.kind == kind and rule.breaks(filename):
                self.record(rule, "")
                return True
        return False

    def record(self, rule: Rule, operation: str) -> None:
        """Counts a fault that was injected."""
        self.counts[rule.fault.name] += 1
        self.operations[rule.fault.name, operation] += 1

    def undo(self, rule: Rule) -> None:
        """Takes back a selection: the fault was impossible, such as in the middle of an empty body."""
        rule.injected -= 1


def _invalid(problem: str) -> ValueError:
    return ValueError(f"faults: {problem}")


def _similar(name: str, known: Iterable[str]) -> str:
    """The known names that are nearest to one that is not known, as the end of a sentence."""
    by_lower = {candidate.lower(): candidate for candidate in sorted(known)}
    near = difflib.get_close_matches(str(name).lower(), by_lower, n=3, cutoff=0.6)
    return f" (did you mean {' or '.join(by_lower[match] for match in near)}?)" if near else ""


def _fault(fields: Mapping[str, Any]) -> Fault:
    if not isinstance(fields, Mapping):
        raise _invalid(f"a rule is an object, not {fields!r}")
    known = [field.name for field in dataclasses.fields(Fault)]
    unknown = sorted({str(name) for name in fields} - set(known))
    if unknown:
        raise _invalid(
            f"unknown member {unknown[0]!r} of a rule{_similar(unknown[0], known)}; known are {', '.join(known)}"
        )
    if "kind" not in fields:
        raise _invalid("a rule needs a kind")
    return Fault(**fields)
