"""Judging a stored run again: what evidence allows to be judged anew, and what that has changed. No I/O.

What the ledger's check says is judged anew from its readings; whatever else a check saw needs a live stack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from blackstart import histories
from blackstart.checkers import versions
from blackstart.evidence import Observation, Stage
from blackstart.histories import Look
from blackstart.ledger import Operation
from blackstart.readings import Reading
from blackstart.record import RunRecord
from blackstart.verdict import Checked, Judged, Verdict

RECOVERY_POINT = "the recovery point"
_OF_THE_RECOVERY_POINT = ("holes", "ids", "sets")
"""The checkers that its objective asks, whenever a run is judged."""

_FIGURES = {
    "verdict": ("verdict",),
    "exit code": ("exit_code",),
    "RTO actual": ("rto", "actual_s"),
    "RTO censored": ("rto", "censored"),
    "RPO actual": ("rpo", "actual_s"),
    "RPO censored": ("rpo", "censored"),
    "lost writes": ("rpo", "lost"),
    "holes": ("rpo", "holes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a run has kept of its looks at the shop."""

    readings: Mapping[Stage, Reading] = field(default_factory=dict)
    """By stage, in their order; one that says too little, and those after it, are left out."""
    stock: Mapping[int, int] = field(default_factory=dict)
    """Product to its stock in the seed."""
    backups: Mapping[str, tuple[float, float, float | None]] = field(default_factory=dict)
    """By role, of the backup that it was restored from: the moment of its snapshot, and when it was begun."""


def anew(record: RunRecord, operations: Sequence[Operation], evidence: Evidence) -> tuple[RunRecord, tuple[Stage, ...]]:
    """The record with what the ledger's check says now, and the stages at which it could be judged anew."""
    found: dict[Stage, list[Observation]] = {}
    for look in _looks(record, operations, evidence):
        old = [seen for seen in record.observations if (seen.check, seen.stage) == (histories.CHECK, look.stage)]
        if old:
            took_s = {seen.subject: seen.took_s for seen in old}
            found[look.stage] = [replace(seen, took_s=took_s.get(seen.subject, 0.0)) for seen in _judged(look)]
    observations: list[Observation] = []
    waiting = dict(found)
    for seen in record.observations:
        if seen.check != histories.CHECK or seen.stage not in found:
            observations.append(seen)
        else:
            observations += waiting.pop(seen.stage, [])
    return replace(record, observations=tuple(observations)), tuple(found)


def _looks(record: RunRecord, operations: Sequence[Operation], evidence: Evidence) -> Iterator[Look]:
    backups = evidence.backups
    earlier: dict[Stage, Reading] = {}
    for stage, reading in evidence.readings.items():
        restored = set(record.chosen) if stage != "gate" else set()
        if "seeded" in record.marks and restored <= backups.keys():
            yield Look(
                stage=stage,
                reading=reading,
                earlier=dict(earlier),
                operations=operations,
                seeded_s=record.marks["seeded"],
                stock=evidence.stock,
                restored_s=backups["database"][0] if "database" in restored else None,
                until_s=backups["database"][2] if "database" in restored else None,
                archived_s=backups["uploads"][1] if "uploads" in restored else float("inf"),
            )
        earlier[stage] = reading


def _judged(look: Look) -> list[Observation]:
    """What the checkers say; one that crashes passes nothing."""
    try:
        return list(histories.judge(look))
    except Exception as problem:  # noqa: BLE001 -- whatever it is, the evidence was not judged
        error = f"{type(problem).__name__}: {problem}"
        return [replace(look.found("", {}, ()), expected=None, actual=None, error=error)]


def stamped(verdict: Verdict, record: RunRecord, redone: Sequence[Stage]) -> Verdict:
    """The verdict, with the version of each checker that judged now, and of each that judged in the run."""
    current = versions()
    checked: list[Checked] = []
    for name in sorted({*current, *record.checkers}):
        now, then = _asked(name, record, redone)
        if name in _OF_THE_RECOVERY_POINT and verdict.rpo.stores:
            now.append(RECOVERY_POINT)
        if now:
            checked.append(Checked(checker=name, version=current[name], judged="now", of=tuple(now)))
        if then:
            version = record.checkers.get(name)
            checked.append(Checked(checker=name, version=version, judged="in the run", of=tuple(then)))
    # Of two that judged, the one of now comes first, and is the one that another verdict may differ by.
    last = {each.checker: each.version for each in reversed(checked) if each.version is not None}
    return replace(verdict, checkers=dict(sorted(last.items())), checked=tuple(checked))


def _asked(checker: str, record: RunRecord, redone: Sequence[Stage]) -> tuple[list[str], list[str]]:
    """The checks that asked a checker now, and those whose observations are the run's."""
    now: dict[str, None] = {}
    then: dict[str, None] = {}
    for seen in record.observations:
        if checker in histories.BY_CHECK.get(seen.check, ()) and not seen.not_applicable:
            (now if _is_redone(seen, redone) else then)[_named(seen)] = None
    return list(now), list(then)


def _is_redone(seen: Observation, redone: Sequence[Stage]) -> bool:
    return seen.check == histories.CHECK and seen.stage in redone


def _named(seen: Observation) -> str:
    return f"{seen.check} ({seen.stage})"


def judged(
    number: int,
    at: str,
    version: str,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    record: RunRecord,
    redone: Sequence[Stage],
) -> Judged:
    """The note in a verdict that is not a run's first; both verdicts are as verdict.json has them."""
    kept = [_named(seen) for seen in record.observations if not _is_redone(seen, redone)]
    return Judged(
        again=number,
        at=at,
        blackstart=version,
        changes=tuple(changes(before, after)) if before else ("the verdict before this one cannot be read",),
        kept=f"{len(kept)} observations need a live stack and are those of the run",
        kept_checks=tuple(dict.fromkeys(kept)),
        redone_checks=tuple(f"{histories.CHECK} ({stage})" for stage in redone),
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Each difference in a line: the verdict, its figures and reasons, what checks came to, and who checked."""
    for name, path in _FIGURES.items():
        yield from _changed(name, _at(before, path), _at(after, path))
    old, new = (verdict.get("reasons", ()) for verdict in (before, after))
    yield from (f"no reason any more: {reason}" for reason in old if reason not in new)
    yield from (f"a reason now: {reason}" for reason in new if reason not in old)
    yield from _each("check", _outcomes(before), _outcomes(after))
    yield from _each("checker", before.get("checkers") or {}, after.get("checkers") or {})


def _each(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        yield from _changed(f"{what} {name}", old.get(name), new.get(name))


def _changed(name: str, old: Any, new: Any) -> Iterator[str]:
    if old != new:
        yield f"{name}: {'none' if old is None else old} → {'none' if new is None else new}"


def _at(verdict: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = verdict
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _outcomes(verdict: Mapping[str, Any]) -> dict[str, str]:
    """What each check came to; where one looked several times at one thing, all that it came to."""
    found: dict[str, str] = {}
    for check in verdict.get("checks", ()):
        name = f"{check['name']} of {check['subject']} ({check['stage']})"
        found[name] = f"{found[name]}, {check['outcome']}" if name in found else check["outcome"]
    return found
