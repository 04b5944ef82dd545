"""`blackstart compare`: the same accident for every contender, so many times, and a page of all side by side."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from blackstart import load, planning
from blackstart.clock import Clock
from blackstart.comparing.comparison import Comparison, LeftOut, Standing, advise
from blackstart.comparing.contenders import Contender, contenders
from blackstart.comparing.figures import Trial, trial
from blackstart.drill_result import DrillResult
from blackstart.drilling import variants
from blackstart.errors import ExitCode, InputRefused, Refused
from blackstart.plan import Plan
from blackstart.planning import Options
from blackstart.units import shown_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Who runs, and who cannot."""

    plan: Plan
    """The scenario's own."""
    files: Mapping[Path, Contender]
    left_out: Sequence[LeftOut]


def compare(name: str, options: Options, reports: Path, *, repeats: int, quiet: bool, dry_run: bool) -> int:
    """Plan every contender, run each `repeats` times in turn, and write comparison.json and report.html.

    All have the same seed. Refused if the scenario restores nothing: then there is nothing to compare.
    """
    options = replace(options, seed=secrets.randbelow(2**31) if options.seed is None else options.seed)
    found: list[Comparison] = []
    with tempfile.TemporaryDirectory(prefix="blackstart-compare-") as folder:
        field = _field(load.find(name, "scenarios", here=Path.cwd()), options, Path(folder))

        def tell(path: Path, result: DrillResult) -> None:
            from blackstart.report import comparison_page

            found.append(_compared(field, result, replace(options, engine=field.plan.engine), reports, repeats))
            variants.write(path / "comparison.json", found[0].to_json())
            variants.write(path / "report.html", comparison_page.render(found[0]))

        path = variants.conducted(
            field.plan.scenario,
            tuple(field.files),
            options,
            reports,
            repeats=repeats,
            quiet=quiet,
            dry_run=dry_run,
            word="compare",
            tell=tell,
        )
    if path is None:
        return ExitCode.PASS
    print("\n".join([*_lines(found[0]), str(path / "report.html")]), flush=True)
    return found[0].code


def _field(path: Path, options: Options, folder: Path) -> Field:
    """The contenders' files, and why some contenders have none."""
    plan, _ = planning.plan_run(str(path), options, Clock())
    scenario, source = load.scenario(path)
    if not plan.damaged:
        raise Refused(f"{scenario.name}: no fault damages data, so there is nothing to compare")
    files, left_out = {}, []
    for each in contenders(scenario, plan.damaged):
        file = folder / f"{each.scenario_name(scenario)}.yaml"
        file.write_text(each.file(source.value, scenario))
        try:
            planning.plan_run(str(file), options, Clock())
            files[file] = each
        except InputRefused as refused:
            left_out.append(LeftOut(name=each.name, role=each.role, reason=refused.problems[0].what))
    return Field(plan=plan, files=files, left_out=left_out)


def _compared(field: Field, result: DrillResult, options: Options, reports: Path, repeats: int) -> Comparison:
    """What the runs showed; a run that was not started is missing among its contender's trials."""
    names = {file.stem: each for file, each in field.files.items()}
    trials: dict[str, list[Trial]] = {name: [] for name in names}
    for run in result.runs:
        each = names[run.scenario]
        trials[run.scenario].append(trial(run, reports, each.role, backed_up=each.makes_backups))
    standings = [
        Standing(name=each.name, role=each.role, own=each.own, trials=tuple(trials[name]))
        for name, each in names.items()
    ]
    scenario = field.plan.scenario
    assert options.seed is not None
    return Comparison(
        comparison_id=result.drill_id,
        scenario=scenario.name,
        title=scenario.title,
        engine=options.engine,
        seed=options.seed,
        repeats=repeats,
        started=result.started,
        finished=result.finished,
        rto_objective_s=scenario.objectives.rto,
        rpo_objective_s=scenario.objectives.rpo,
        standings=tuple(standings),
        left_out=tuple(field.left_out),
        advice=advise(standings, scenario.objectives),
        interrupted=result.exit_code == ExitCode.INTERRUPTED,
    )


def _lines(found: Comparison) -> list[str]:
    """A line for each contender, then the advice."""
    width = max(len(standing.name) for standing in found.standings)
    lines = [f"{found.title}  ({found.engine}, {found.repeats} of each, exit code {int(found.code)})"]
    lines += [f"{each.role:<8}  {each.name:<{width}}  {_figures(each)}" for each in found.standings]
    lines += [f"{each.role:<8}  {each.name}: left out: {each.reason}" for each in found.left_out]
    for advice in found.advice:
        lines.append(f"for the {advice.role}: {advice.reasons[0]}")
    return lines


def _figures(standing: Standing) -> str:
    from blackstart.report.comparison_page import shown_bytes

    if not standing.trials:
        return "not run"
    rto, rpo = standing.median(lambda t: t.rto_s), standing.median(lambda t: t.role_rpo_s)
    size = shown_bytes(standing.median(lambda t: t.cost.bytes))
    return f"{standing.word.upper():<12}  RTO {shown_duration(rto)}, RPO {shown_duration(rpo)}, backup {size}"
