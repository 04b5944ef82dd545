"""A drill's result on stdout: a line for the drill, and a line for each scenario with the first reasons."""

from __future__ import annotations

from collections.abc import Iterator

from blackstart.drill_result import DrillResult, RunResult

MOST_REASONS = 2


def lines(found: DrillResult) -> Iterator[str]:
    """The verdict, then each scenario's."""
    yield f"{found.verdict.upper()}  {found.title}  ({found.engine}, {found.counts}, exit code {found.exit_code})"
    names = [run.scenario for run in found.runs] + [absent.scenario for absent in found.not_started]
    width = max(map(len, names))
    for run in found.runs:
        yield f"{run.scenario:<{width}}  {run.verdict.upper():<12}  {_figures(run)}"
        if run.exit_code:
            yield from (f"  {reason}" for reason in run.reasons[:MOST_REASONS])
    for absent in found.not_started:
        yield f"{absent.scenario:<{width}}  not started: {absent.reason}"


def _figures(run: RunResult) -> str:
    parts = []
    if run.rto.actual_s is not None:
        parts.append(f"RTO actual {run.rto.actual}, objective {run.rto.objective}")
        parts.append(f"RPO actual {run.rpo.actual}, objective {run.rpo.objective}")
    if run.lost is not None:
        parts.append(f"{run.lost} of {run.acknowledged} acknowledged writes lost")
    return "; ".join([*parts, f"{run.checks.green} of {run.checks.total} checks green"])
