"""Procedures compared: who takes part, what their runs cost, and whom the figures recommend."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.builders import SCENARIOS, make_plan, operation

from blackstart import load, registry, yaml_source
from blackstart.comparing import command
from blackstart.comparing.comparison import Advice, Comparison, Standing, advise
from blackstart.comparing.contenders import Contender, contenders, manners, whole
from blackstart.comparing.figures import Cost, Trial, cost, worst
from blackstart.drilling import running
from blackstart.errors import InputRefused
from blackstart.planning import Options, check_file
from blackstart.record import BackupDone
from blackstart.report import comparison_page
from blackstart.scenario import Objectives

ROOT = Path(__file__).parents[2]


def field(name: str) -> list[Contender]:
    """Who takes part in a shipped scenario."""
    plan = make_plan(name)
    return list(contenders(plan.scenario, plan.damaged))


@pytest.mark.parametrize(
    "name", ["delete-database-volume", "kill-database", "delete-redis-volume", "delete-everything"]
)
def test_everyone_who_serves_a_damaged_role_takes_part_once(name: str) -> None:
    """The scenario's own procedure first; no two are the same, and all serve their role."""
    found, plan = field(name), make_plan(name)
    kinds = registry.procedures()
    seen = [(each.role, each.spec.kind, json.dumps(whole(kinds[each.spec.kind], each.spec.options))) for each in found]

    assert len(set(seen)) == len(seen)
    assert {each.role for each in found} == set(plan.damaged)
    for role in plan.damaged:
        (own,) = [each for each in found if each.role == role and each.own]
        assert plan.scenario.restore is not None
        assert own.spec == plan.scenario.restore.procedures[role]
        wanted = {kind for kind, of in kinds.items() if role in of.ROLES and manners(of)}  # type: ignore[attr-defined]
        assert {each.spec.kind for each in found if each.role == role} == wanted | {own.spec.kind}


@pytest.mark.parametrize("name", ["delete-database-volume", "kill-database", "no-such-backup", "delete-everything"])
def test_a_contenders_file_is_a_scenario_with_its_procedure(name: str, tmp_path: Path) -> None:
    """It is valid, has a name of its own, and differs in nothing but how its role is saved and restored."""
    path = SCENARIOS / f"{name}.yaml"
    if name == "no-such-backup":
        path = tmp_path / "bare.yaml"
        text = (SCENARIOS / "kill-database.yaml").read_text()
        path.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("backup:")))
    scenario, source = load.scenario(path)
    names = set()
    for each in contenders(scenario, make_plan(scenario.name).damaged):
        file = tmp_path / f"{each.scenario_name(scenario)}.yaml"
        file.write_text(each.file(source.value, scenario))
        try:
            made = check_file(file)
        except InputRefused:
            continue  # the command tells of it among those left out
        names.add(made.name)
        assert made.name == file.stem
        assert made.restore is not None
        assert made.restore.procedures[each.role].kind == each.spec.kind
        if each.makes_backups:
            assert made.backup is not None
            assert made.backup.procedures[each.role].kind == each.spec.kind
        kept = yaml_source.read(file).value
        changed = ("name", "title", "backup", "restore")
        assert {k: v for k, v in kept.items() if k not in changed} == {
            k: v for k, v in source.value.items() if k not in changed
        }
    assert len(names) > 2


def test_what_backups_cost_the_customers() -> None:
    """Operations that overlap a backup waited longer; a failed backup and one after the fault do not count."""

    def done(began: float, completed: float, error: str = "") -> BackupDone:
        return BackupDone(
            role="database", id="x", cycle=1, started_s=began, completed_s=completed, bytes=int(completed), error=error
        )

    slow = [operation(f"s{n}", 20 + n / 10, 20 + n / 10 + 0.5) for n in range(10)]
    fast = [operation(f"f{n}", 10 + n / 10, 10 + n / 10 + 0.1) for n in range(10)]
    found = cost([*slow, *fast], [done(20, 22), done(5, 6, "it failed"), done(28, 31)], 8.0, 30.0)

    assert found == Cost(backups=1, bytes=22, took_s=2.0, p95_during_s=0.5, p95_between_s=0.1)
    assert cost(slow, [done(28, 31)], 8.0, 30.0) == Cost()
    assert cost(slow, [done(20, 22)], None, 30.0) == Cost()


def trial(rto: float | None, rpo: float | None, verdict: str = "pass", code: int = 0) -> Trial:
    """A run with these figures."""
    return Trial(
        run_id="x",
        verdict=verdict,
        exit_code=code,
        reasons=(f"it was {verdict} <b>",),
        report="../x/report.html",
        rto_s=rto,
        rpo_s=rpo,
        role_rpo_s=rpo,
        phases={"detect": 1.0, "restore": (rto or 1.0) - 1.0},
    )


def standing(name: str, *trials: Trial) -> Standing:
    """A contender for the database."""
    return Standing(name=name, role="database", own=False, trials=trials)


BOTH = Objectives(rto=60.0, rpo=10.0)


@pytest.mark.parametrize(
    ("objectives", "chosen"),
    [(BOTH, "even"), (Objectives(rto=60.0), "quick"), (Objectives(rpo=10.0), "careful"), (Objectives(), "careful")],
    ids=["both", "rto", "rpo", "none"],
)
def test_who_has_most_room_in_the_tighter_objective(objectives: Objectives, chosen: str) -> None:
    """By the worst of its trials; without objectives the one that loses least."""
    found = [
        standing("quick", trial(3.0, 9.0), trial(4.0, 1.0)),
        standing("careful", trial(50.0, 0.0), trial(5.0, 0.0)),
        standing("even", trial(10.0, 3.0), trial(12.0, 2.0)),
        standing("broken", trial(1.0, 0.0), trial(None, None, "fail", 1)),
    ]
    (advice,) = advise(found, objectives)

    assert advice.name == chosen
    assert "broken is out: fail: it was fail <b>" in advice.reasons


def test_nobody_is_recommended_who_missed_an_objective_once() -> None:
    """The nearest one is named, and that it would not do."""
    found = [standing("a", trial(70.0, 1.0, "missed", 4), trial(10.0, 1.0)), standing("b", trial(200.0, 1.0))]
    (advice,) = advise(found, BOTH)

    assert advice.name is None
    assert "none met every objective each time; the nearest is a" in advice.reasons[0]
    assert "b is out: RTO at worst 3 m 20 s, objective 60.0 s" in advice.reasons


def test_an_unmeasured_trial_leaves_no_worst() -> None:
    """What is not known might be worse than all."""
    assert worst([1.0, None]) is None
    assert worst([1.0, 2.0]) == 2.0
    assert advise([standing("a", trial(None, 1.0))], BOTH)[0].name is None


def compared(standings: Sequence[Standing], advice: Sequence[Advice], **more: Any) -> Comparison:
    """A comparison of one repeat."""
    return Comparison(
        comparison_id="x",
        scenario="s",
        title="T <i>",
        engine="embedded",
        seed=1,
        repeats=1,
        started="2026-01-02T03:04:05.000Z",
        finished="2026-01-02T03:05:05.000Z",
        rto_objective_s=60.0,
        rpo_objective_s=10.0,
        standings=tuple(standings),
        left_out=(),
        advice=tuple(advice),
        **more,
    )


@pytest.mark.parametrize(
    ("trials", "code"),
    [
        ([[trial(1, 0)], [trial(None, None, "fail", 1)]], 0),
        ([[trial(1, 0, "pass", 5)], [trial(None, None, "fail", 1)]], 5),
        ([[trial(90, 0, "missed", 4)]], 4),
        ([[trial(None, None, "fail", 1)]], 1),
        ([[trial(1, 0)], [trial(None, None, "inconclusive", 3)]], 3),
        ([[trial(1, 0)], []], 3),
        ([[trial(1, 0)], [trial(None, None, "inconclusive", 70)]], 70),
    ],
)
def test_the_exit_code_says_whether_there_is_an_answer(trials: list[list[Trial]], code: int) -> None:
    """A procedure that fails is an answer; a run that proves nothing, or was not started, is none."""
    found = [standing(str(n), *own) for n, own in enumerate(trials)]

    assert compared(found, advise(found, BOTH)).code == code
    assert compared(found, advise(found, BOTH), interrupted=True).code == 130


def test_the_page_escapes_and_draws_all_who_came_back() -> None:
    """A bar for each proven contender; phases as long as they took, and the same as a table."""
    found = [standing("a <script>", trial(10.0, 1.0)), standing("b", trial(None, None, "fail", 1)), standing("c")]
    page = comparison_page.render(compared(found, advise(found, BOTH)))
    (bar,) = comparison_page.bars(compared(found, ()))

    assert "<script>" not in page
    assert "<b>" not in page
    assert "a &lt;script&gt;" in page
    assert [piece.seconds for piece in bar.pieces if piece.width] == [1.0, 9.0]
    assert bar.pieces[3].width == pytest.approx(9 * bar.pieces[0].width, rel=0.01)
    assert "not run" in page


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that run no shop."""
    monkeypatch.setattr(running, "MODULE", "tests.core.fake_worker")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_the_command_runs_everyone_in_turn(
    fake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each contender as often as was asked, all with one seed; page, JSON and the files that ran lie in one folder."""
    monkeypatch.chdir(ROOT)
    jobs: list[Mapping[str, Any]] = []
    monkeypatch.setattr(Contender, "slug", property(lambda self: f"{self.spec.kind}-{len(self.spec.options)}-0"))
    original = running.Running.__init__

    def noted(self: Any, plan: Any, job: Any, log: Path) -> None:
        jobs.append({"file": Path(job.scenario).name, "seed": job.options.seed})
        original(self, plan, replace(job, reports=str(tmp_path)), log)

    monkeypatch.setattr(running.Running, "__init__", noted)
    monkeypatch.setattr(command, "trial", lambda run, *_, **__: trial(5.0, 1.0, run.verdict, run.exit_code))
    options = Options(engine="embedded", lanes=1)
    code = command.compare("delete-redis-volume", options, tmp_path, repeats=2, quiet=True, dry_run=False)
    page = Path(capsys.readouterr().out.splitlines()[-1])
    names = sorted({job["file"] for job in jobs})

    assert page.name == "report.html"
    assert json.loads((page.parent / "comparison.json").read_text())["schema"] == "blackstart.comparison/1"
    assert sorted(path.name for path in (page.parent / "scenarios").iterdir()) == names
    assert [job["file"] for job in jobs[: len(names)]] == [job["file"] for job in jobs[len(names) :]]
    assert len({job["seed"] for job in jobs}) == 1
    assert jobs[0]["seed"] is not None
    assert code in (0, 3)
