"""The plot of the self-test: one healthy restored shop, a copy of it for each case, and the matrix of all."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import redis

from blackstart import planning, signals
from blackstart.backups import BackupStore
from blackstart.clock import Clock
from blackstart.engines.base import EngineKind
from blackstart.errors import BlackstartError, Interrupted, NotConducted, Refused
from blackstart.hosting import hosted
from blackstart.journal import Journal
from blackstart.ledger import Ledger
from blackstart.phases.stage import Stage
from blackstart.plan import Plan
from blackstart.planning import Options
from blackstart.progress import Progress
from blackstart.selftest import bench, beside, ladder, page, simpler
from blackstart.selftest.bench import Bench
from blackstart.selftest.case import Case
from blackstart.selftest.copy import SpoiltCopy
from blackstart.selftest.matrix import Line, Matrix, line_of, not_conducted
from blackstart.selftest.simpler import Looked
from blackstart.shop import Shop
from blackstart.state import StateFolder

SCENARIO = Path(__file__).parent / "scenario.yaml"

Cases = Mapping[str, Sequence[Case]]


def conduct(cases: Cases, engine: str, reports: Path, *, clock: Clock, progress: Progress) -> tuple[Matrix, Path]:
    """Conduct all cases; returns the matrix, and the folder that tells of it."""
    plan, kind = planning.plan_run(str(SCENARIO), Options(engine=engine, seed=1), clock)
    path = reports / f"selftest-{clock.began:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    try:
        for name in ("evidence", "logs"):
            (path / name).mkdir(parents=True)
        (path / "plan.json").write_text(plan.to_json())
    except OSError as error:
        raise Refused(f"no report can be written: {error}", hint="use --reports DIR") from error
    lines: list[Line] = []
    left: list[str] = []
    with signals.raised():
        stopped = _conducted(cases, plan, kind, path, clock, progress, lines, left)
        why = str(stopped).partition("\n")[0] if stopped else ""
        with signals.held():
            found = Matrix(
                began=clock.at(0),
                engine=plan.engine,
                took_s=clock.now(),
                versions=plan.versions,
                lines=lines,
                leftovers=left,
                stopped=why,
                interrupted=isinstance(stopped, Interrupted),
            )
            (path / "selftest.json").write_text(found.to_json())
            (path / "report.html").write_text(page.render(found), encoding="utf-8", errors="backslashreplace")
    return found, path


def _conducted(
    cases: Cases,
    plan: Plan,
    kind: EngineKind,
    path: Path,
    clock: Clock,
    progress: Progress,
    lines: list[Line],
    left: list[str],
) -> BlackstartError | Interrupted | None:
    """What kept all cases from being conducted; None if nothing did. Nothing of ours stays."""
    state = StateFolder.create(plan.run_id)
    journal = Journal(path / "journal.jsonl", clock, watch=progress.phase)
    try:
        with hosted(plan, kind, state, path, journal, left) as engine:
            engine.up()
            stage = _stage(
                plan,
                Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=BackupStore(state.work / "backups")),
                state,
                journal,
                path,
                progress,
            )
            try:
                _all(bench.make(stage), cases, lines)
            finally:
                stage.writes.close()
                stage.reads.close()
    except (BlackstartError, Interrupted) as error:
        progress.say(f"stopped: {str(error).splitlines()[0]}")
        return error
    finally:
        journal.close()
        if left:
            state.unlock()  # whoever sweeps needs it
        else:
            state.remove()
    return None


def _stage(plan: Plan, shop: Shop, state: StateFolder, journal: Journal, path: Path, progress: Progress) -> Stage:
    """As for a drill."""
    return Stage(
        plan=plan,
        shop=shop,
        journal=journal,
        state=state,
        writes=Ledger(path / "ledger.jsonl", journal.clock),
        reads=Ledger(path / "reads.jsonl", journal.clock),
        backups=BackupStore(state.work / "backups"),
        evidence=path / "evidence",
        progress=progress,
    )


def _all(made: Bench, cases: Cases, lines: list[Line]) -> None:
    """Every case, healthy ones too, one after the other."""
    made.renew_database()
    healthy = simpler.healthy(made)
    total = sum(len(group) for group in cases.values())
    for kind, group in cases.items():
        for case in group:
            made.stage.progress.doing(f"case {len(lines) + 1} of {total}: {case.what}")
            lines.append(_one(made, case, kind, healthy, len(lines)))
        wrong = [line.what for line in lines if line.kind == kind and not line.right]
        made.stage.progress.say(f"{kind}: {len(group)} cases, {f'not right: {wrong}' if wrong else 'all right'}")


def _one(made: Bench, case: Case, kind: str, healthy: Looked, number: int) -> Line:
    """Spoil the copy, look at it in every way, and put back what was spoilt."""
    began = time.monotonic()
    folder = made.stage.state.work / f"case-{number}"
    folder.mkdir()
    copy = SpoiltCopy(made, folder)
    try:
        case.plant(copy)
        started = simpler.start_cache(made, copy)  # not in a thread: what one starts ends with it
        with ThreadPoolExecutor(1) as pool:
            looked = pool.submit(simpler.look, made, copy, healthy, started=started)
            seen = ladder.observe(made, case, copy, folder)
            noticed = simpler.noticed(healthy, looked.result())
        line = line_of(case, kind, seen, noticed, round(time.monotonic() - began, 3))
        return replace(line, rows=beside.differing_rows(made, seen))
    except BlackstartError:
        raise  # it is not this case's alone
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is this case's, and the matrix says so
        said = (str(error).splitlines() or [""])[0]
        return not_conducted(case, kind, f"{type(error).__name__}: {said}")
    finally:
        _heal(made, case, copy)


def _heal(made: Bench, case: Case, copy: SpoiltCopy) -> None:
    """What the case did to the server as a whole, and then the copy itself; NotConducted if that fails."""
    try:
        if case.heal:
            with made.shop.database("postgres") as admin:
                for statement in case.heal.split(";"):
                    if statement.strip():
                        admin.execute(statement.encode())
        copy.put_back()
    except (psycopg.Error, redis.RedisError, OSError) as error:
        said = (str(error).splitlines() or [""])[0]
        raise NotConducted(f"what this case spoilt cannot be put back: {case.what}: {said}") from error
