"""A plan is what was written, and a run's folder is judged again without touching what it says already."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.core.builders import BEGAN, DELETE, SCENARIOS, journal_lines, make_plan, write_run

import blackstart
from blackstart import commands, folder, judge, load, plan
from blackstart.errors import Refused
from blackstart.evidence import Observation, Outcome
from blackstart.faults.delete_volume import DeleteVolume
from blackstart.scenario import ProcedureSpec, Scenario

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_reads_back_equal(name: str) -> None:
    """plan.json has all of it: faults of their own classes, durations, roles and ports."""
    made = make_plan(name)

    again = load.plan(made.to_json())

    assert made == again
    assert [type(f) for f in made.scenario.faults] == [type(f) for f in again.scenario.faults]
    assert made.to_json() == again.to_json()


def test_options_of_procedures_read_back_equal() -> None:
    """What a procedure was told is part of the plan."""
    made = make_plan()
    assert made.scenario.restore is not None
    spec = ProcedureSpec(kind="pg-dump", options={"format": "plain"})
    restore = replace(made.scenario.restore, procedures={"database": spec})
    changed = replace(made, scenario=replace(made.scenario, restore=restore))

    assert changed == load.plan(changed.to_json())
    assert made != load.plan(changed.to_json())


def test_what_a_plan_resolves() -> None:
    """The roles that the faults damage, how each comes back, and how long that may take."""
    made = make_plan()

    assert (("database",), {"database": "pg-dump"}) == (made.damaged, made.restores)
    assert ("20260102T030405Z-delete-database-volume-c0ffee", "blackstart-c0ffee") == (made.run_id, made.project)
    assert 300.0 == made.deadline_s
    (fault,) = made.scenario.faults
    assert isinstance(fault, DeleteVolume)
    assert ("postgres_data", 2) == (fault.volume, fault.after.backups)


def test_a_run_id_is_a_safe_name() -> None:
    """It begins with the time, in UTC, so that runs sort by age."""
    assert "20260102T030405Z-x-abc123" == plan.run_id(Scenario(name="x", title="T"), BEGAN, "abc123")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A sound run's folder, not judged yet."""
    return write_run(tmp_path / "reports")


def test_judging_again_leaves_the_first_verdict(run: Path) -> None:
    """verdict.2.json stands beside verdict.json, which keeps its bytes; so do report, JUnit and digests."""
    first = folder.judge_and_render(run)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}

    second = folder.judge_and_render(run)

    assert first == replace(second, judged=None)
    assert ("pass", 0) == (first.verdict, first.exit_code)
    assert before == {path: path.read_bytes() for path in before}
    new = {path.name for path in run.rglob("*") if path.is_file()} - {path.name for path in before}
    assert {"verdict.2.json", "report.2.html", "junit.2.xml", "lost-orders.2.csv", "manifest.2.sha256"} == new
    old, new = (json.loads((run / name).read_text()) for name in ("verdict.json", "verdict.2.json"))
    note = new.pop("judged")
    assert (None, old) == (old.pop("judged"), new)
    assert (2, blackstart.__version__, []) == (note["again"], note["blackstart"], note["changes"])
    observations = len(folder.read(run).record.observations)
    assert f"{observations} observations need a live stack and are those of the run" == note["kept"]


def test_judging_again_tells_what_changed(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of ours that changed since the run: the verdict, its reasons, each check's outcome."""
    folder.judge_and_render(run)
    outcome = judge.outcome

    def stricter(seen: Observation) -> Outcome:
        return "fail" if (seen.check, seen.stage) == ("uploads", "final") else outcome(seen)

    monkeypatch.setattr(judge, "outcome", stricter)
    second = folder.judge_and_render(run)
    third = folder.judge_and_render(run)

    assert second.judged is not None
    assert third.judged is not None
    reason = "uploads: all: expected 1, found 1"
    assert {
        "verdict: pass → fail",
        "exit code: 0 → 1",
        f"a reason now: {reason}",
        "check uploads of all (final): pass → fail",
    } <= set(second.judged.changes)
    assert (3, ()) == (third.judged.again, third.judged.changes)


def test_the_summary_tells_what_changed(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state_home: Path
) -> None:
    """On stdout, above the report's path."""
    folder.judge_and_render(run)
    commands.report(run.name, run.parent)
    same = capsys.readouterr().out.splitlines()
    monkeypatch.setattr(judge, "outcome", lambda seen: "error")
    commands.report(run.name, run.parent)
    changed = capsys.readouterr().out.splitlines()

    assert "judged again (2): nothing changed" == same[-3]
    assert "judged again (3): verdict: pass → inconclusive" in changed
    assert changed[-3].startswith("… and ")
    assert changed[-2] == same[-2]
    assert [str(run / "report.2.html"), str(run / "report.3.html")] == [same[-1], changed[-1]]


def test_the_newest_report_of_many(run: Path) -> None:
    """The tenth comes after the ninth."""
    for _ in range(10):
        folder.judge_and_render(run)

    assert "report.10.html" == folder.newest_report(run).name


def test_the_verdict_is_the_contracts(run: Path) -> None:
    """verdict.json has the schema's keys, and the losses of the ledger: half of the writes, each listed."""
    folder.judge_and_render(run)
    verdict = json.loads((run / "verdict.json").read_text())

    assert "blackstart.verdict/1" == verdict["schema"]
    expected = (
        "schema run_id scenario engine started finished verdict exit_code reasons rto rpo prediction latency"
        " injections detections backup checks"
    )
    assert {
        *expected.split(),
        "images",
        "layers",
        "not_tested",
        "leftovers",
        "checkers",
        "checked",
        "judged",
    } == verdict.keys()
    assert (20, 11, 11.0) == tuple(verdict["rpo"][name] for name in ("acknowledged", "lost", "actual_s"))
    assert 11 == len(set(verdict["rpo"]["stores"]["database"]["lost_operations"]))


def test_an_edited_plan_is_refused(run: Path) -> None:
    """A plan with an easier objective is not the one that was journalled before the run."""
    text = (run / "plan.json").read_text()
    assert 1 == text.count('"rto": 60.0')
    (run / "plan.json").write_text(text.replace('"rto": 60.0', '"rto": 600.0'))

    with pytest.raises(Refused, match="is not the plan that the journal names"):
        folder.judge_and_render(run)
    assert not (run / "verdict.json").exists()


@pytest.mark.parametrize("name", ["ledger.jsonl", "evidence/survivors-verify.json", "logs/storefront.log"])
def test_edited_evidence_proves_nothing(run: Path, name: str) -> None:
    """Judged again, a run must still be what its first manifest says."""
    folder.judge_and_render(run)
    (run / name).write_text((run / name).read_text() + " ")

    verdict = folder.judge_and_render(run)

    assert ("inconclusive", (f"{name} is not what it was when the run ended",)) == (verdict.verdict, verdict.reasons)


@pytest.mark.parametrize("name", ["manifest.sha256", "ledger.jsonl"])
def test_evidence_that_was_removed(run: Path, name: str) -> None:
    """So must nothing be missing, the manifest itself included."""
    folder.judge_and_render(run)
    (run / name).unlink()

    verdict = folder.judge_and_render(run)

    assert "inconclusive" == verdict.verdict
    assert f"{name} is not what it was when the run ended" in verdict.reasons


@pytest.mark.parametrize("lines", [1, 5, 20, 40])
def test_a_run_cut_short_is_judged(run: Path, lines: int) -> None:
    """Killed at any moment, a run's folder still gives a verdict, and never a green one."""
    journal = (run / "journal.jsonl").read_text().splitlines(keepends=True)
    (run / "journal.jsonl").write_text("".join(journal[:lines]) + journal[lines][:9])
    ledger = (run / "ledger.jsonl").read_text()
    (run / "ledger.jsonl").write_text(ledger[: len(ledger) // 2])
    (run / "evidence" / "survivors-verify.json").write_text('{"database": ["')

    verdict = folder.judge_and_render(run)

    assert ("inconclusive", 3) == (verdict.verdict, verdict.exit_code)
    assert any("did not reach its end" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("stage", ["verify", "final"])
@pytest.mark.parametrize("text", ["[7]", '{"database": 7}', '{"numbers": [7]}'])
def test_a_reading_that_makes_no_sense_is_inconclusive(run: Path, stage: str, text: str) -> None:
    """A checker that crashes on it passes nothing, and the rest of the run is judged and reported all the same."""
    (run / "evidence" / f"survivors-{stage}.json").write_text(text)

    verdict = folder.judge_and_render(run)

    broken = [reason for reason in verdict.reasons if "could not be judged" in reason]
    harmless = stage == "final" and text == '{"database": 7}'  # of the last reading, only its numbers count
    assert ("pass" if harmless else "inconclusive", not harmless) == (verdict.verdict, bool(broken))
    assert (run / "report.html").exists()


@pytest.mark.parametrize("name", ["journal.jsonl", "ledger.jsonl"])
@pytest.mark.parametrize("line", ["\n", "{}\n", "[]\n", '{"n": 1, "type": "ok", "id": "nobody"}\n'])
def test_evidence_that_makes_no_sense_is_refused(run: Path, name: str, line: str) -> None:
    """No runner writes such lines; whoever edited them is told so."""
    with (run / name).open("a") as file:
        file.write(line)

    with pytest.raises(Refused, match=f"{name} cannot be read"):
        folder.judge_and_render(run)


def test_a_run_without_a_journal_is_refused(run: Path) -> None:
    """Killed before its first line, it has nothing to judge."""
    (run / "journal.jsonl").unlink()

    with pytest.raises(Refused, match="has no journal"):
        folder.judge_and_render(run)


def test_survivors_that_were_never_counted(run: Path) -> None:
    """A run that claims to be whole, and lacks them, proves nothing."""
    (run / "evidence" / "survivors-verify.json").unlink()

    verdict = folder.judge_and_render(run)
    assert ("inconclusive", ("nobody counted the survivors",)) == (verdict.verdict, verdict.reasons)


def test_a_run_without_a_ledger_is_judged(run: Path) -> None:
    """Killed before the first customer came."""
    (run / "ledger.jsonl").unlink()

    assert "inconclusive" == folder.judge_and_render(run).verdict


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_digests_can_be_checked_without_us(run: Path) -> None:
    """`sha256sum --check` reads the manifest; it covers every file, and sees a changed one."""
    folder.judge_and_render(run)
    command = ["sha256sum", "--check", "--quiet", "--strict", "manifest.sha256"]

    good = subprocess.run(command, cwd=run, capture_output=True, text=True, check=False)
    covered = {line.split("  ", 1)[1] for line in (run / "manifest.sha256").read_text().splitlines()}
    (run / "ledger.jsonl").write_text("")
    bad = subprocess.run(command, cwd=run, capture_output=True, text=True, check=False)

    assert (0, "") == (good.returncode, good.stdout + good.stderr)
    files = {str(path.relative_to(run)) for path in run.rglob("*") if path.is_file()}
    assert files - {"manifest.sha256"} == covered
    assert 1 == bad.returncode
    assert "ledger.jsonl: FAILED" in bad.stdout


def test_finding_a_run(run: Path) -> None:
    """By id, by path, by its report's path, or as the latest."""
    reports = run.parent
    names = (run.name, str(run), str(run / "report.html"), "latest")

    assert [run] * 4 == [folder.find(name, reports) for name in names]
    with pytest.raises(Refused, match="yesterday: no such run"):
        folder.find("yesterday", reports)


def test_latest_moves_on(tmp_path: Path) -> None:
    """The link names the newest run, relative to the folder that holds both."""
    older = write_run(tmp_path)
    newer = write_run(tmp_path, "no-fault")

    assert newer == folder.find("latest", tmp_path)
    assert newer.name == str((tmp_path / "latest").readlink())
    assert older.is_dir()


def test_a_run_is_not_made_twice(tmp_path: Path) -> None:
    """No run writes into another's folder."""
    write_run(tmp_path)

    with pytest.raises(FileExistsError):
        folder.create(tmp_path, make_plan(DELETE))


def test_names_that_are_no_unicode(run: Path) -> None:
    """A file's name in a volume may be any bytes; the report shows it escaped rather than not at all."""
    line = json.loads(journal_lines(run / "other.jsonl")[12])
    bad = {"check": "uploads", "layer": 6, "stage": "final", "expected": 1, "actual": 1, "subject": "files"}
    line |= {"event": "observation", "data": bad | {"differences": ["missing: products/\udcff\x01.png"]}}
    with (run / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps(line) + "\n")

    assert "fail" == folder.judge_and_render(run).verdict
    assert "products/\\udcff" in (run / "report.html").read_text(encoding="utf-8")
    assert "products/\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}.png" in (run / "junit.xml").read_text("utf-8")
