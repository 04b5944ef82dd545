"""A run's record: the journal, folded. Any prefix of a journal gives the record of a run cut short."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from blackstart.evidence import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A phase of the plot; `end_s` is None while it lasts."""

    name: str
    begin_s: float
    end_s: float | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A fault that was injected, and what the witness saw; None: no witness, so no proof of it."""

    fault: str
    target: str
    t: float
    at: str
    moment: str = ""
    """Which moment of the backup cycle that was."""
    family: str = ""
    """What kind of accident it is."""
    expect: str = ""
    """The check that has to find it; empty: the probe notices."""
    heals: bool = False
    """Whether its harm can be taken back, and so must be."""
    witness: str | None = None
    names: str = ""
    """What that check has to name."""
    healed_at: str | None = None
    """When it was taken back, UTC; None: the recovery undid what it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupDone:
    """A backup of one role that completed (`error` empty) or failed."""

    role: str
    id: str
    cycle: int
    started_s: float
    completed_s: float
    at: str = ""
    bytes: int = 0
    sha256: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Why the plot did not reach its end."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What happened in a run, in the journal's words; times are seconds since the run began."""

    plan_sha256: str = ""
    began: str = ""
    last_t: float = 0.0
    given_up_s: float = 0.0
    """The last event before the shop was taken down."""
    last_at: str = ""
    spans: tuple[Span, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    marks_at: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    checkers: Mapping[str, int] = field(default_factory=dict)
    """The checkers' versions in the run; empty: it did not write them down."""
    seeded: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Store to its bytes, before the fault."""
    observations: tuple[Observation, ...] = ()
    found_s: Mapping[str, float] = field(default_factory=dict)
    """When each check had found what it was to find."""
    backups: tuple[BackupDone, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Role to the id of the backup that was restored."""
    passed_over: tuple[str, ...] = ()
    """Ids of newer backups that nobody restored, since a check that was to find them spoilt did."""
    started_over: tuple[str, ...] = ()
    """Why the recovery began anew, each time."""
    injections: tuple[Injection, ...] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    """Class of operation to its successes a second before the fault."""
    failed_activities: tuple[str, ...] = ()
    probe_resolution_s: float | None = None
    stopped: Stopped | None = None
    leftovers: tuple[str, ...] = ()
    complete: bool = False
    """The plot and the cleaning up reached their ends."""


def fold(lines: Iterable[str]) -> RunRecord:
    """The record of a journal, or of any prefix of one; a torn last line is no event."""
    record = RunRecord()
    for line in lines:
        if not line.endswith("\n"):
            break
        record = _step(record, json.loads(line))
    return record


def _step(record: RunRecord, line: Mapping[str, Any]) -> RunRecord:
    data, t, at = line["data"], line["t"], line["at"]
    record = replace(record, last_t=max(record.last_t, t), last_at=max(record.last_at, at))
    if line["event"] not in ("leftovers", "end"):
        record = replace(record, given_up_s=record.last_t)
    match line["event"]:
        case "plan":
            versions = {name: data.get(name, {}) for name in ("environment", "checkers")}
            return replace(record, plan_sha256=data["sha256"], began=at, **versions)
        case "phase":
            return replace(record, spans=_spans(record.spans, data, t))
        case "mark":
            marks = {**record.marks, data["name"]: t}
            return replace(record, marks=marks, marks_at={**record.marks_at, data["name"]: at})
        case "images" | "seeded" | "sizes" as name:
            return replace(record, **{name: data})
        case "observation":
            return _observed(record, Observation(**data), t)
        case "backup":
            return replace(record, backups=(*record.backups, BackupDone(**data, at=at)))
        case "chosen":
            return replace(record, chosen={**record.chosen, data["role"]: data["id"]})
        case "injection":
            return replace(record, injections=(*record.injections, Injection(**data, t=t, at=at)))
        case "witness":
            return replace(record, injections=_witnessed(record.injections, data))
        case "healed":
            return replace(record, injections=_healed(record.injections, data, at))
        case "passed over":
            return replace(record, passed_over=(*record.passed_over, data["id"]))
        case "started over":
            # What was seen of the attempt before is no longer how the shop is.
            kept = tuple(each for each in record.observations if each.stage != "verify")
            return replace(record, observations=kept, started_over=(*record.started_over, data["why"]))
        case "harmed":
            return replace(record, rates=data["rates"])
        case "activity failed":
            return replace(record, failed_activities=(*record.failed_activities, data["message"]))
        case "probe":
            return replace(record, probe_resolution_s=data["resolution_s"])
        case "stopped":
            return replace(record, stopped=record.stopped or Stopped(**data))
        case "leftovers":
            return replace(record, leftovers=tuple(data["left"]))
        case "end":
            return replace(record, complete=True)
    return record


def _observed(record: RunRecord, seen: Observation, t: float) -> RunRecord:
    """With what was seen; and when, if it was found while it went unnoticed."""
    found = {**record.found_s, seen.check: t} if seen.stage == "detect" else record.found_s
    return replace(record, observations=(*record.observations, seen), found_s=found)


def _witnessed(injections: tuple[Injection, ...], data: Mapping[str, Any]) -> tuple[Injection, ...]:
    """The newest one, with what its witness saw."""
    last = replace(injections[-1], witness=data["witness"], names=data.get("names", ""))
    return (*injections[:-1], last)


def _healed(injections: tuple[Injection, ...], data: Mapping[str, Any], at: str) -> tuple[Injection, ...]:
    """The newest one of that fault on that target which was not healed yet, healed."""
    for index in reversed(range(len(injections))):
        each = injections[index]
        if (each.fault, each.target, each.healed_at) == (data["fault"], data["target"], None):
            return (*injections[:index], replace(each, healed_at=at), *injections[index + 1 :])
    return injections


def _spans(spans: tuple[Span, ...], data: Mapping[str, Any], t: float) -> tuple[Span, ...]:
    if data["edge"] == "begin":
        return (*spans, Span(name=data["name"], begin_s=t))
    index = max(i for i, span in enumerate(spans) if span.name == data["name"])
    return (*spans[:index], replace(spans[index], end_s=t, error=data.get("error", "")), *spans[index + 1 :])
