"""What each command does, once its words are parsed; each returns the exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from blackstart import describing, folder, load, planning, registry, yaml_source
from blackstart.clock import Clock
from blackstart.docstrings import first_sentence
from blackstart.engines import select
from blackstart.errors import ExitCode, InputRefused, Problem, Refused, worst_of_several
from blackstart.plan import Plan
from blackstart.planning import Options
from blackstart.state import StateFolder, all_folders
from blackstart.units import format_duration
from blackstart.verdict import Judged, Verdict

_MOST_CHANGES = 4


def run(names: Sequence[str], options: Options, reports: Path, *, quiet: bool, dry_run: bool) -> int:
    """All inputs are planned before the first run starts."""
    from blackstart import screen
    from blackstart.run import run as run_plan

    planned = [planning.plan_run(name, options, Clock()) for name in names]
    if dry_run:
        for plan, kind in planned:
            print("\n".join(describing.described(plan, kind)))
        return ExitCode.PASS
    codes = []
    for index, (plan, kind) in enumerate(planned):
        clock = Clock()
        try:
            if index:
                digest = plan.scenario_sha256
                plan, kind = planning.plan_again(names[index], options, clock, scenario_sha256=digest)
        except Refused as error:  # too late for "nothing was started"
            print(error, file=sys.stderr)
            codes.append(ExitCode.INCONCLUSIVE)
            continue
        with screen.shown(clock, quiet=quiet) as progress:
            verdict = run_plan(plan, kind, reports, clock=clock, progress=progress)
        codes.append(verdict.code)
        if plan.keep:
            _tell_kept(plan)
        print("\n".join(_summary(plan, verdict, folder.newest_report(reports / plan.run_id))), flush=True)
        if verdict.code is ExitCode.INTERRUPTED:
            break
    return worst_of_several(codes)


def drill(name: str, options: Options, reports: Path, *, quiet: bool, dry_run: bool) -> int:
    """Every scenario of a drill, `options.lanes` at a time; all of them are planned before the first one starts."""
    from blackstart.drilling import conduct, reading, summary

    suite = reading.read(load.find(name, "drills", here=Path.cwd()))
    options = replace(options, production=suite.drill.production)
    plans = reading.plan(suite, options)
    if dry_run:
        for plan in plans:
            print("\n".join(describing.described(plan, select.kinds()[plan.engine])))
        return ExitCode.PASS
    options = replace(options, engine=plans[0].engine)  # one engine for all, whatever comes or goes meanwhile
    found, path = conduct.conduct(suite, plans, options, reports, quiet=quiet)
    for each in found.runs:
        plan_file = reports / (each.run_id or "") / "plan.json"
        if options.keep and plan_file.is_file():
            _tell_kept(load.plan(plan_file.read_text()))
    print("\n".join([*summary.lines(found), str(path / "report.html")]), flush=True)
    return found.exit_code


def list_(what: str) -> int:
    """A line each: the name, and what it is."""
    if what == "faults":
        from blackstart import catalogue

        print("\n".join(catalogue.table()))
        return ExitCode.PASS
    rows = _listing(what)
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        print(f"{name:<{width}}  {text}".rstrip())
    return ExitCode.PASS


def validate(files: Sequence[Path]) -> int:
    """Every file's problems, whether it has a scenario or a drill; nothing is started."""
    from blackstart.drilling import reading

    problems: list[Problem] = []
    for path in files:
        try:
            valid = reading.check(path) if reading.is_drill(path) else planning.check_file(path)
            print(f"{path}: valid: {valid.title}")
        except InputRefused as refused:
            problems.extend(refused.problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    return ExitCode.REFUSED if problems else ExitCode.PASS


def doctor() -> int:
    """Which engines can run here; 2 if none can."""
    able = 0
    for name, kind in select.kinds().items():
        reason = kind.missing()
        if reason is None:
            able += 1
            facts = ", ".join(f"{key} {value}" for key, value in kind.describe().items())
            print(f"{name:<10} ready: {facts}")
        else:
            print(f"{name:<10} not available: {reason}")
    dead = [state for state in all_folders() if _is_dead(state)]
    if dead:
        print(f"runs that ended and left something, or were told to keep it: {len(dead)}; blackstart sweep removes it")
    return ExitCode.PASS if able else ExitCode.REFUSED


def sweep() -> int:
    """Clean up after every dead run; 5 if something could not be removed."""
    left: list[str] = []
    for state in all_folders():
        if not state.try_lock():
            print(f"{state.run_id}: is running, not touched")
            continue
        try:
            stuck = [*_sweep_one(state), *state.clear()]
        except (OSError, ValueError, KeyError, TypeError) as error:
            stuck = [f"everything: its records cannot be read ({type(error).__name__}: {error})"]
        left += stuck
        if stuck:
            print(f"{state.run_id}: could not remove {', '.join(stuck)}")
            state.unlock()
        else:
            state.remove()
            print(f"{state.run_id}: removed")
    if not any(all_folders()) and not left:
        print("nothing of ours is left")
    return ExitCode.LEFTOVERS if left else ExitCode.PASS


def report(name: str, reports: Path) -> int:
    """Judge and render a stored run again."""
    path = folder.find(name, reports)
    if any(state.run_id == path.name and not _is_dead(state) for state in all_folders()):
        raise Refused(f"{path.name} is still running", hint="its report is written when it ends")
    verdict = folder.judge_and_render(path)
    print("\n".join(_summary(folder.read(path).plan, verdict, folder.newest_report(path))))
    return verdict.code


def _sweep_one(state: StateFolder) -> list[str]:
    """Every engine looks, since a run killed early may not have said which one it had."""
    for undo in state.open_undos():
        print(f"{state.run_id}: died while it injected {undo['fault']} on {undo['target']}")
    docker = select.kinds()["docker"]
    left = select.kinds()["embedded"].sweep(state)
    used_docker = any(made.kind in ("container", "network") for made in state.created())
    if used_docker:
        try:
            left += docker.sweep(state)
        except Refused as error:
            left.append(f"what it made on Docker ({error.message})")
    return left


def _is_dead(state: StateFolder) -> bool:
    if state.try_lock():
        state.unlock()
        return True
    return False


def _listing(what: str) -> list[tuple[str, str]]:
    if what in ("scenarios", "drills"):
        here = Path.cwd()
        found = {name: load.look_up(name, what, here=here) for name in load.names(what, here=here)}
        return [(name, _title(path)) for name, path in found.items() if path is not None]
    if what == "engines":
        return [(name, first_sentence(kind)) for name, kind in select.kinds().items()]
    kinds = {"procedures": registry.procedures, "checks": registry.checks}[what]()
    return [(name, first_sentence(kind)) for name, kind in kinds.items()]


def _title(path: Path) -> str:
    try:
        value = yaml_source.read(path).value
    except InputRefused as error:
        return f"not valid: {error.problems[0].what}"
    return str(value.get("title", "")) if isinstance(value, dict) else ""


def _tell_kept(plan: Plan) -> None:
    where = ", ".join(f"{service} at 127.0.0.1:{port}" for service, port in plan.ports.items())
    print(f"kept: {where}; blackstart sweep removes it", file=sys.stderr)


def _summary(plan: Plan, verdict: Verdict, report_path: Path) -> list[str]:
    """At most ten lines, and six on judging again; the last one is the report's path."""
    rto, rpo = verdict.rto, verdict.rpo
    lines = [f"{verdict.verdict.upper()}  {plan.scenario.title}  ({verdict.engine}, exit code {verdict.exit_code})"]
    if rto.actual_s is not None and verdict.verdict != "inconclusive":
        sign = "> " if rto.censored else ""
        lines.append(f"RTO actual {sign}{format_duration(rto.actual_s)}, objective {_objective(rto.objective_s)}")
    if plan.scenario.faults and rpo.actual_s is not None:
        sign = "> " if rpo.censored else ""
        text = f"RPO actual {sign}{format_duration(rpo.actual_s)}, objective {_objective(rpo.objective_s)}"
        where = ", ".join(f"{name} {store.lost}" for name, store in rpo.stores.items() if store.lost)
        lost = f"{rpo.lost} of {rpo.acknowledged} acknowledged writes lost"
        lines.append(f"{text}: {lost}" + (f" ({where})" if where else ""))
    green = sum(check.outcome == "pass" for check in verdict.checks)
    looked = sum(check.outcome != "not_applicable" for check in verdict.checks)
    rest = len(verdict.checks) - looked
    lines.append(f"{green} of {looked} checks green" + (f", {rest} left out or not applicable" if rest else ""))
    lines += verdict.reasons[:4]
    if len(verdict.reasons) > 4:
        lines.append(f"… and {len(verdict.reasons) - 4} more reasons in the report")
    if verdict.judged is not None:
        lines += _judged(verdict.judged)
    return [*lines, str(report_path)]


def _judged(note: Judged) -> list[str]:
    """What judging the run again has changed, and what it could not judge anew."""
    rest = len(note.changes) - _MOST_CHANGES
    lines = [f"judged again ({note.again}): {line}" for line in note.changes[:_MOST_CHANGES] or ["nothing changed"]]
    lines += [f"… and {rest} more changes in its verdict"] if rest > 0 else []
    return [*lines, f"judged anew: {', '.join(note.redone_checks) or 'no check'}; {note.kept}"]


def _objective(seconds: float | None) -> str:
    return "none" if seconds is None else format_duration(seconds)
