"""A scenario: one disaster, as the YAML file describes it, every name still a name.

The fields are the file's keys. `load` reads files into these types; `plan` resolves the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from blackstart.stack import Role, Stack
from blackstart.units import Duration, Size

ScaleName = Literal["small", "medium", "large"]
CountName = Literal["customers", "products", "orders", "reviews", "page_views", "files", "sessions", "carts"]


class Bounds:
    """A closed range of numbers; pydantic reads it, the core does not import pydantic."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __get_pydantic_core_schema__(self, source: Any, _handler: Any) -> Any:
        from pydantic import Field, TypeAdapter

        bounds = Field(ge=self.low, le=self.high, strict=True)
        adapter: TypeAdapter[Any] = TypeAdapter(Annotated[source, bounds])
        return adapter.core_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSpec:
    """What the shop holds before customers come."""

    scale: ScaleName = "small"
    counts: Mapping[CountName, Annotated[int, Bounds(1, 10**9)]] = field(default_factory=dict)
    """Instead of the scale's own numbers, for those that are named."""
    locale: str = "en_US"
    """Where most customers live, by Faker's name of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """How many customers use the shop, and how much they do together."""

    customers: Annotated[int, Bounds(1, 256)] = 4
    operations_per_second: Annotated[float, Bounds(1, 10_000)] = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceBackup:
    """What must have happened since the newest backup completed."""

    acknowledged: Annotated[int, Bounds(0, 10**9)] = 0
    elapsed: Duration = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """When a fault fires: all of these must hold."""

    elapsed: Duration = 0.0
    acknowledged: Annotated[int, Bounds(0, 10**9)] = 0
    backups: Annotated[int, Bounds(0, 10**6)] = 0
    since_backup: SinceBackup | None = None
    fault: str = ""
    """The id of an earlier fault that must have struck; then `elapsed` and `backups` count from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Of a silent accident: who must notice it."""

    detected_by: str
    """The check that must find it and name it; its red is the detection, and no pass by itself."""
    then: Literal["recovered"] = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What every fault has: its kind, when it fires, how long that may take to come about, and how it ends.

    A fault's own fields (its target, its manner) are those of its class in `blackstart.faults`. A field
    whose name would be a word of Python has a hyphen below at its end, which its key in YAML has not.
    """

    kind: str
    id: str = ""
    """What later faults call it."""
    after: After = field(default_factory=After)
    during: Literal["backup", "restore", "verify"] | None = None
    """Shortly before a backup of what it strikes would be complete; or in the middle of the recovery."""
    for_: Duration | None = None
    """So long it lasts, then it is healed; None: until the recovery undoes it."""
    within: Duration = 120.0
    expect: Expect | None = None
    """Whoever notices it, if not the probe."""

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The data-holding roles that it damages: those of the service or the volume that it names."""
        return stack.roles_of(service=getattr(self, "service", ""), volume=getattr(self, "volume", ""))

    def ruins(self, stack: Stack) -> tuple[Role, ...]:
        """Those of them whose volume holds what no restore may build on: a backup comes back to a new one."""
        return ()

    def adds(self, stack: Stack) -> tuple[str, ...]:
        """Names of the services that it starts beside those of the stack; each gets a port of its own."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureSpec:
    """A procedure by its kind, with its options by name."""

    kind: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many cycles stay; one that any of these keeps is kept. Days, weeks and months are those of UTC."""

    last: Annotated[int, Bounds(1, 1000)] = 1
    """So many of the newest ones: the newest complete one always stays."""
    within: Duration | None = None
    """All that are at most so much older than the newest one."""
    daily: Annotated[int, Bounds(0, 1000)] = 0
    """The newest one of each of the last so many days that have one."""
    weekly: Annotated[int, Bounds(0, 1000)] = 0
    """The same for weeks, which begin on Monday."""
    monthly: Annotated[int, Bounds(0, 1000)] = 0
    """The same for months."""


class _OrNumber:
    """Lets a whole number stand for a retention's `last`; pydantic reads it, the core does not import pydantic."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        # Chosen by what is there, so that what is wrong with a number is told in terms of numbers.
        return core_schema.tagged_union_schema(
            {
                "Number": core_schema.int_schema(ge=1, le=1000, strict=True),
                "Mapping": handler.generate_schema(Retention),
            },
            lambda value: "Number" if isinstance(value, int) else "Mapping",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSpec:
    """Which procedure backs up each role, how often a cycle starts, how many cycles stay."""

    procedures: Mapping[Role, ProcedureSpec]
    every: Duration = 30.0
    keep: Annotated[int | Retention, _OrNumber()] = 3
    """So many of the newest cycles, or a rule with more to it."""
    second_place: bool = False
    """Whether each complete backup is copied to another place, which faults do not reach."""

    @property
    def retention(self) -> Retention:
        """Which cycles stay when a newer one is complete."""
        return Retention(last=self.keep) if isinstance(self.keep, int) else self.keep


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreSpec:
    """Which procedure recovers each role that the faults damage."""

    procedures: Mapping[Role, ProcedureSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """The targets that the measurements are judged against; None: there is no such target."""

    rto: Duration | None = None
    rpo: Duration | None = None


NEVER_LEFT_OUT = (
    "backup-fresh",
    "artefact",
    "parse",
    "target-empty",
    "started",
    "ledger",
    "smoke",
    "negative-control",
)
"""Checks without which no other one's green means anything."""
FINDING_LAYERS = (0, 1, 2, *range(4, 13))
"""Layers whose checks can find a silent accident: those of a backup, and those that look at a live shop."""
LEAST_REASON = 10
"""Characters; shorter ones are no reasons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """What a scenario says about its checks: all of them run, but for those that it leaves out."""

    exclude: Mapping[str, str] = field(default_factory=dict)
    """Name of a check to the reason why it is left out, which the report repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """The real shop, for which the drilled one stands: what is predicted is predicted for this."""

    size: Size
    """Bytes of database and uploads together."""
    backup_interval: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One disaster and its recovery."""

    name: str
    title: str
    why: str = ""
    stack: str = "ecommerce"
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of those that the stack lets a scenario set, the ones that are otherwise than its compose file says."""
    seed: SeedSpec = field(default_factory=SeedSpec)
    workload: Workload = field(default_factory=Workload)
    backup: BackupSpec | None = None
    faults: tuple[Fault, ...] = ()
    restore: RestoreSpec | None = None
    verify: Verify = field(default_factory=Verify)
    objectives: Objectives = field(default_factory=Objectives)
    production: Production | None = None
