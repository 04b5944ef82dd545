"""`blackstart forecast`: one accident at growing sizes, and what its recovery takes at the size of production."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from blackstart import folder, load, planning
from blackstart.clock import Clock
from blackstart.drill_result import DrillResult, RunResult
from blackstart.drilling import variants
from blackstart.errors import ExitCode, Refused
from blackstart.forecasting.forecast import Forecast, Measurement, limits, lines, predict
from blackstart.forecasting.sizes import ShopSize, read
from blackstart.planning import Options
from blackstart.scenario import Scenario
from blackstart.units import format_size, parse_size, shown_duration
from blackstart.verdict import PROVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be forecast."""

    scenario: Scenario
    engine: str
    sizes: Mapping[str, ShopSize]
    """By the name of the scenario that runs at it."""
    at: Sequence[float]
    """Bytes."""
    interval_s: float | None
    """Between two backups in production, or where nobody says, in the scenario."""
    repeats: int


def forecast(
    name: str,
    sizes: str,
    at: Sequence[str],
    options: Options,
    reports: Path,
    *,
    repeats: int,
    quiet: bool,
    dry_run: bool,
) -> int:
    """Run the scenario at each size, and write forecast.json and report.html.

    Refused if nobody says which size is to be forecast, or if nothing is restored.
    """
    path = load.find(name, "scenarios", here=Path.cwd())
    plan, _ = planning.plan_run(str(path), options, Clock())
    scenario, source = load.scenario(path)
    if not plan.damaged:
        raise Refused(f"{scenario.name}: no fault damages data, so there is no recovery to forecast")
    found: list[Forecast] = []
    asked = _asked(scenario, plan.engine, sizes, at, repeats)
    with tempfile.TemporaryDirectory(prefix="blackstart-forecast-") as temporary:
        files = []
        for file_name, size in asked.sizes.items():
            files.append(Path(temporary) / f"{file_name}.yaml")
            files[-1].write_text(size.file(source.value, scenario))

        def tell(where: Path, result: DrillResult) -> None:
            from blackstart.report import forecast_page

            found.append(_found(asked, result, reports))
            variants.write(where / "forecast.json", found[0].to_json())
            variants.write(where / "report.html", forecast_page.render(found[0]))

        where = variants.conducted(
            scenario,
            files,
            replace(options, scale=None),
            reports,
            repeats=repeats,
            quiet=quiet,
            dry_run=dry_run,
            word="forecast",
            tell=tell,
        )
    if where is None:
        return ExitCode.PASS
    print("\n".join([*_lines(found[0]), str(where / "report.html")]), flush=True)
    return found[0].code


def _asked(scenario: Scenario, engine: str, sizes: str, at: Sequence[str], repeats: int) -> Asked:
    production = scenario.production
    wanted = [_size(text) for text in at] or ([production.size] if production else [])
    if not wanted:
        hint = "--at 200GB, or production: {size: 200GB, backup_interval: 6h} in the scenario"
        raise Refused(f"{scenario.name}: nobody says which size is to be forecast", hint=hint)
    schedule = scenario.backup.every if scenario.backup else None
    return Asked(
        scenario=scenario,
        engine=engine,
        sizes={size.scenario_name(scenario): size for size in read(sizes)},
        at=sorted(wanted),
        interval_s=production.backup_interval if production else schedule,
        repeats=repeats,
    )


def _size(text: str) -> float:
    try:
        return parse_size(text)
    except ValueError as error:
        raise Refused(f"--at: {error}") from error


def _found(asked: Asked, result: DrillResult, reports: Path) -> Forecast:
    measured = [measurement(run, asked.sizes[run.scenario].name, reports) for run in result.runs]
    fitted, objectives = lines(measured), asked.scenario.objectives
    return Forecast(
        forecast_id=result.drill_id,
        scenario=asked.scenario.name,
        title=asked.scenario.title,
        engine=asked.engine,
        repeats=asked.repeats,
        started=result.started,
        finished=result.finished,
        backup_interval_s=asked.interval_s,
        measurements=tuple(measured),
        lines=fitted,
        at=tuple(predict(measured, fitted, size, asked.interval_s) for size in asked.at) if fitted else (),
        limits=tuple(limits(fitted, objectives.rto, objectives.rpo, asked.interval_s)) if fitted else (),
        missing=len(result.not_started),
        interrupted=result.exit_code == ExitCode.INTERRUPTED,
    )


def measurement(run: RunResult, size: str, reports: Path) -> Measurement:
    """The figures of one run; of one whose data was not proven, only its verdict."""
    said = Measurement(
        size=size,
        run_id=run.run_id,
        verdict=run.verdict,
        exit_code=run.exit_code,
        reasons=run.reasons,
        report=run.report,
    )
    if run.run_id is None or run.report is None or run.verdict not in PROVEN:
        return said
    path = reports / run.run_id
    record = folder.read(path).record
    verdict: Mapping[str, Any] = json.loads((path / "verdict.json").read_text())
    prediction = verdict["prediction"] or {}
    return replace(
        said,
        bytes=sum(record.sizes.get(role, 0) for role in ("database", "uploads")) or None,
        rows=sum(record.seeded.values()) or None,
        rto_s=verdict["rto"]["actual_s"],
        phases=verdict["rto"]["phases"],
        longest_backup_s=prediction.get("longest_backup_s"),
    )


def _lines(found: Forecast) -> list[str]:
    """A line for each run, each prediction and each limit."""
    from blackstart.report.forecast_page import shown_estimate, shown_limit

    told = [f"{found.title}  ({found.engine}, {len(found.measurements)} runs, exit code {int(found.code)})"]
    for each in found.measurements:
        size = "–" if each.bytes is None else format_size(each.bytes)
        figures = f"RTO {shown_duration(each.rto_s)}, longest backup {shown_duration(each.longest_backup_s)}"
        told.append(f"{each.size:<10}  {each.verdict.upper():<12}  {size}, {figures}")
    for at in found.at:
        loss = f", RPO at worst {shown_duration(at.worst_rpo_s)}" if at.worst_rpo_s is not None else ""
        told.append(
            f"at {format_size(at.bytes)} ({at.times:.3g} times the largest run): RTO {shown_estimate(at.rto)}, "
            f"longest backup {shown_estimate(at.backup)}{loss}"
        )
    return [*told, *(shown_limit(limit) for limit in found.limits)]
