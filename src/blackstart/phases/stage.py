"""What the steps of one run hand on to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from blackstart.activities import Activities, Activity
from blackstart.activities.backup_schedule import BackupSchedule
from blackstart.activities.customers import Customers
from blackstart.activities.probe import Probe
from blackstart.backups import BackupStore
from blackstart.checks.base import Scene, SeedEvidence, run_all
from blackstart.clock import Clock
from blackstart.evidence import Observation
from blackstart.journal import Journal
from blackstart.judge import outcome
from blackstart.ledger import Ledger
from blackstart.plan import Plan
from blackstart.progress import Progress
from blackstart.shop import Shop
from blackstart.state import StateFolder


@dataclass(slots=True)
class Recovery:
    """Where the recovery is, for those who strike in the middle of it."""

    doing: str = ""
    """`restore`, `verify`, or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One run's shop, and the places where things are written down."""

    plan: Plan
    shop: Shop
    journal: Journal
    state: StateFolder
    writes: Ledger
    reads: Ledger
    backups: BackupStore
    evidence: Path
    progress: Progress
    recovery: Recovery = field(default_factory=Recovery)
    spoilt: dict[str, str] = field(default_factory=dict)
    """Ids of the backups that a fault has struck, each with the check that is to find it; empty: none is."""
    red: list[Observation] = field(default_factory=list)
    """All that was observed of the recovery and is not green: with any of it the fence stays."""

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        return self.journal.clock

    def scene(self, seed: SeedEvidence, **more: object) -> Scene:
        """What checks are shown."""
        return Scene(
            shop=self.shop,
            seed=seed,
            writes=self.writes,
            reads=self.reads,
            evidence=self.evidence,
            began=self.clock.began,
            **more,  # type: ignore[arg-type]
        )

    def note(self, seen: Observation) -> bool:
        """Write an observation down; whether it is green."""
        from dataclasses import asdict

        self.journal.write("observation", asdict(seen))
        green = outcome(seen) in ("pass", "not_applicable")
        if not green and seen.stage == "verify":
            self.red.append(seen)
        return green

    def check(self, scene: Scene) -> list[Observation]:
        """Run all checks of a stage, write them down, and return those that are not green."""
        return [seen for seen in run_all(scene) if not self.note(seen)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """The activities beside the plot."""

    all: Activities
    customers: Customers
    probe: Probe
    backups: BackupSchedule | None
    companions: tuple[Activity, ...] = ()
    """What goes on for the backups' sake, and ends with them."""

    def require_sound(self) -> None:
        """Nothing that goes on beside the plot may have failed."""
        from blackstart.errors import NotConducted

        if self.all.failures:
            raise NotConducted(self.all.failures[0])
