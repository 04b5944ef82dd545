"""A verdict: what a run's record means. Its JSON is the contract's `blackstart.verdict/1`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from blackstart.errors import ExitCode
from blackstart.evidence import Outcome
from blackstart.latency import Latency
from blackstart.prediction import Prediction

SCHEMA = "blackstart.verdict/1"
Word = Literal["pass", "fail", "missed", "inconclusive"]
PROVEN: tuple[Word, ...] = ("pass", "missed")
"""Verdicts after which all data is known to be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRto:
    """One store's way back; seconds since T0."""

    operation: str
    """The class of operation that writes to it."""
    harmed: bool
    """Whether a customer's attempt at that failed."""
    restored_s: float | None
    """When its data was back, behind the fence; None: it was not damaged, or what came back was not verified."""
    actual_s: float | None
    """When customers were back in their rhythm with it; None: they never left it, or were not back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rto:
    """Recovery time beside its objective; seconds."""

    objective_s: float | None
    actual_s: float | None
    censored: bool
    """True: the shop had not recovered when the clock was read, so the real figure is larger."""
    modelled_s: float
    resolution_s: float | None
    accepting_queries_s: float | None
    """T5 − T0: the smaller figure that others call RTO."""
    marks: Mapping[str, str]
    phases: Mapping[str, float] | None
    stores: Mapping[str, StoreRto]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRpo:
    """One store's losses."""

    actual_s: float | None
    acknowledged: int
    lost: int
    lost_after_t0: int
    holes: int
    indeterminate: int
    recovered: int
    """How many of the indeterminate writes turned out to be there."""
    resolution_s: float
    data_class: str
    lost_operations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rpo:
    """Recovery point beside its objective; the figures are the worst critical store's."""

    objective_s: float | None
    actual_s: float | None
    censored: bool
    """True: what came back was not verified, so the real figure may be larger."""
    acknowledged: int
    lost: int
    lost_after_t0: int
    holes: int
    indeterminate: int
    recovered: int
    """How many of the indeterminate writes turned out to be there."""
    resolution_s: float | None
    numbers_issued_again: int
    """Lost orders whose number another customer's order got after the recovery."""
    stores: Mapping[str, StoreRpo]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """An observation and what it means."""

    name: str
    layer: int
    subject: str
    stage: str
    outcome: Outcome
    expected: Any
    actual: Any
    reason: str
    differences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    took_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A silent accident, and who noticed it; seconds."""

    fault: str
    target: str
    check: str
    named: str
    """What the check said; empty: it found nothing."""
    unnoticed_s: float | None
    """From the injection to the moment when it was found; None: it was not."""
    acknowledged_meanwhile: int
    """Writes that the shop acknowledged until the fence was up."""
    lost_meanwhile: int
    """Those of them that are gone."""
    by_server: Mapping[str, Mapping[Literal["acknowledged", "lost"], int]] = field(default_factory=dict)
    """The same by the database that acknowledged them, where there was more than one."""


LayerOutcome = Literal["pass", "partly", "fail", "error", "not_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the ladder of verification."""

    layer: int
    what: str
    outcome: LayerOutcome
    """The worst of its checks; `partly`: those that looked pass; `not_run`: none of them looked."""
    checks: int
    """How many observations it had."""
    reason: str = ""
    """Why it did not run, or not wholly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """That a stored run was judged again: when, by what, and what that changed."""

    again: int
    """The number in the file's name: 2 for verdict.2.json."""
    at: str
    blackstart: str
    """The version that judged."""
    changes: tuple[str, ...]
    """What differs from the verdict before; empty: nothing."""
    kept: str
    """What could not be done again without a stack, in words."""
    kept_checks: tuple[str, ...] = ()
    """The checks whose observations are those of the run: `name (stage)`."""
    redone_checks: tuple[str, ...] = ()
    """The checks that were judged anew, from evidence: `name (stage)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Which version of a checker judged what."""

    checker: str
    version: int | None
    """None: the run did not write it down."""
    judged: Literal["now", "in the run"]
    """`now`: by the version that wrote this verdict; `in the run`: its result is a stored observation."""
    of: tuple[str, ...]
    """`name (stage)` of checks, and `the recovery point`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything that verdict.json says; field names are the contract's."""

    schema: str
    run_id: str
    scenario: str
    engine: str
    started: str
    finished: str
    verdict: Word
    exit_code: int
    reasons: tuple[str, ...]
    rto: Rto
    rpo: Rpo
    prediction: Prediction | None
    latency: Mapping[str, Latency]
    injections: tuple[Mapping[str, Any], ...]
    detections: tuple[Detection, ...]
    """Of each silent accident."""
    backup: Mapping[str, Any]
    checks: tuple[CheckResult, ...]
    layers: tuple[Layer, ...]
    images: Mapping[str, str]
    not_tested: tuple[Mapping[str, str], ...]
    leftovers: tuple[str, ...]
    checkers: Mapping[str, int]
    """Each checker with the version that judged last: another one may judge the same evidence in another way."""
    checked: tuple[Checked, ...] = ()
    """What each checker judged, and when."""
    judged: Judged | None = None
    """None in a run's first verdict."""

    def to_json(self) -> str:
        """The text of verdict.json."""
        return json.dumps(dataclasses.asdict(self), indent=1, default=str) + "\n"

    @property
    def code(self) -> ExitCode:
        """The command's exit code for this run."""
        return ExitCode(self.exit_code)
