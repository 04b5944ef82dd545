"""What judging a stored run again has changed: this verdict beside the one before it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from blackstart.verdict import Judged

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


def judged(
    number: int, at: str, version: str, *, before: Mapping[str, Any] | None, after: Mapping[str, Any], observations: int
) -> Judged:
    """The note in a verdict that is not a run's first; both verdicts are as verdict.json has them."""
    return Judged(
        again=number,
        at=at,
        blackstart=version,
        changes=tuple(changes(before, after)) if before else ("the verdict before this one cannot be read",),
        kept=f"{observations} observations need a live stack and are those of the run",
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
