"""A team's own steps, on every engine: what they say of themselves decides nothing, and no password is told."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.contract.conftest import Live

from blackstart.activities.backup_schedule import procedure
from blackstart.backups import Backup
from blackstart.checks.base import run
from blackstart.child import orphans
from blackstart.engines.base import DeletesVolumes
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.observe import files
from blackstart.procedures.base import BackupFailed, Procedure
from blackstart.registry import checks
from blackstart.scenario import ProcedureSpec
from blackstart.stack import Role

DUMP = {"kind": "exec", "run": "pg_dump > /dev/stdout", "stdout": "shop.sql"}
LOAD = {"kind": "exec", "run": ["psql", "--no-psqlrc", "--quiet"], "stdin": "shop.sql"}
CONTENT = ("row-counts", "checksums", "catalog", "sequences", "invariants", "cross-store")


def runbook(*steps: dict[str, Any]) -> Procedure:
    """A runbook as a scenario's file has it."""
    return procedure(ProcedureSpec(kind="runbook", options={"steps": list(steps)}))


def backed_up(live: Live, role: Role, folder: Path, *steps: dict[str, Any]) -> Backup:
    """A complete backup by such steps."""
    store = type(live.stage.backups)(folder)
    place = store.begin(role, "one")
    return store.complete(place, runbook(*steps).backup(live.stage.shop, role, place, live.stage.clock, 1))


def restored(live: Live, role: Role, backup: Backup, *steps: dict[str, Any]) -> list[Observation]:
    """What is observed of a restore by such steps."""
    return list(runbook(*steps).restore(live.stage.shop, role, backup))


def seen_by(live: Live, backup: Backup, names: Sequence[str] = CONTENT) -> dict[str, set[str]]:
    """What checks of the restored shop come to, by name."""
    stage = live.stage
    restored: dict[Role, Backup] = {backup.manifest.role: backup}
    scene = stage.scene(live.seed, stage="verify", restored=restored, t0_s=stage.clock.now())
    return {name: {outcome(seen) for seen in run(checks()[name], scene)} for name in names}


def test_steps_that_lie_are_red_and_steps_that_work_are_green(live: Live, tmp_path: Path) -> None:
    """Both end with 0, on the same empty place, from the same backup: the data alone tells them apart."""
    shop = live.stage.shop
    assert isinstance(shop.engine, DeletesVolumes)
    backup = backed_up(live, "database", tmp_path, DUMP)
    shop.engine.delete_volume(shop.volume("database"))
    runbook(LOAD).provision(shop, "database")
    lied = restored(live, "database", backup, {"kind": "exec", "run": "echo restored successfully; exit 0"})
    after_lies = seen_by(live, backup, ["row-counts"])
    worked = restored(live, "database", backup, LOAD)
    after_work = seen_by(live, backup)

    assert [("runbook-steps", "pass"), ("target-empty", "pass")] == [(s.check, outcome(s)) for s in lied[:2]]
    assert "exit code 0" in lied[0].subject
    assert "fail" in after_lies["row-counts"]
    assert {"pass", "not_applicable"} == {outcome(seen) for seen in worked}
    assert {name: {"pass"} for name in CONTENT} == {
        name: found - {"not_applicable"} for name, found in after_work.items()
    }


def test_what_was_there_before_is_named(live: Live, tmp_path: Path) -> None:
    """psql ends with 0 although its statements failed; the tables are the ones that were there."""
    backup = backed_up(live, "database", tmp_path, DUMP)
    steps, empty, _ = restored(live, "database", backup, LOAD)
    fresh = [{"kind": "exec", "run": f'psql -d postgres -qc "{words}"'} for words in _AGAIN]
    again = restored(live, "database", backup, *fresh, LOAD)

    assert "exit code 0" in steps.subject
    assert "exit code 0, although" in steps.warnings[0]
    assert any("already exists" in line or "duplicate key" in line for line in steps.warnings)
    assert "was there already: public.orders" in empty.differences
    assert ("fail", "pass") == (outcome(empty), outcome(again[-2]))


_AGAIN = ("DROP DATABASE shop WITH (FORCE)", "CREATE DATABASE shop")


def test_files_that_were_not_replaced_are_named(live: Live, tmp_path: Path) -> None:
    """Files that a step deletes and unpacks again are others, though of the same names and bytes."""
    pack = {"kind": "exec", "volume": "uploads", "run": ["tar", "-czf", "-", "."], "stdout": "uploads.tar.gz"}
    unpack = {"kind": "exec", "volume": "uploads", "run": ["tar", "-xpzf", "-"], "stdin": "uploads.tar.gz"}
    backup = backed_up(live, "uploads", tmp_path, pack)
    nothing = restored(live, "uploads", backup, {"kind": "exec", "volume": "uploads", "run": "true"})
    whole = restored(live, "uploads", backup, {"kind": "exec", "volume": "uploads", "run": "rm -r ./*"}, unpack)

    assert "was there already: documents/invoice-000001.pdf" in nothing[-2].differences
    assert "pass" == outcome(whole[-2])
    assert {"pass"} == seen_by(live, backup, ["uploads"])["uploads"]
    assert ["pass"] == [outcome(seen) for seen in runbook(pack).examine(backup, live.stage.shop)]


def test_another_exit_code_is_a_remark_and_stops_nothing(live: Live, tmp_path: Path) -> None:
    """The data decides, and the remark stands in the check."""
    step = {"kind": "exec", "volume": "uploads", "run": "echo no such luck; exit 7"}
    touch = {"kind": "shell", "run": "date > x", "stdin": "", "stdout": ""}
    backup = backed_up(live, "uploads", tmp_path, {**step, "stdout": "x"}, touch)
    first, second, *_ = restored(live, "uploads", backup, step, {"kind": "shell", "run": ["cat", "x"]})

    assert [7, 0] == [made["exit_code"] for made in backup.manifest.steps]
    assert ("pass", "pass") == (outcome(first), outcome(second))
    assert "exit code 7" in first.subject
    assert ("exit code 7, which decides nothing: the data does", "no such luck") == tuple(first.warnings)


@pytest.mark.parametrize("place", [{"kind": "shell"}, {"kind": "exec", "service": "database"}])
def test_no_password_is_told(place: dict[str, str], live: Live, tmp_path: Path) -> None:
    """Neither plain nor in base64, in what a backup writes down, in a log, or in an observation."""
    secret = live.stage.shop.secrets.database
    noisy = {**place, "run": 'env >&2; echo "1: $PGPASSWORD"; printf %s "user:$PGPASSWORD" | base64 -w0'}
    backup = backed_up(live, "database", tmp_path, noisy, {**place, "run": "date", "stdout": "x"})
    seen = restored(live, "database", backup, noisy)
    log = (live.stage.evidence.parent / "logs" / "runbook.log").read_text()
    told = [str(seen), str(backup.manifest), log]

    assert "[password]" in str(backup.manifest.steps)
    assert "[password]" in log
    assert not [text for text in told if secret in text or live.stage.shop.secrets.cache in text]
    assert not [text for text in told if _base64(f"user:{secret}")[8:-4] in text]


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(("place", "question"), [({"service": "database"}, "false"), ({}, "sleep 61")])
def test_a_wait_that_is_in_vain_ends_in_time(place: dict[str, str], question: str, live: Live, tmp_path: Path) -> None:
    """And the restore with it; so does one whose question itself hangs."""
    backup = backed_up(live, "uploads", tmp_path, {"kind": "shell", "run": "date > x"})
    waiting = runbook({"kind": "wait-for", "run": question, "within": "1s", **place})
    steps, began = waiting.restore(live.stage.shop, "uploads", backup), time.monotonic()
    seen = next(steps)
    with pytest.raises(NotRecovered, match="did not come within 1 s"):
        next(steps)

    assert time.monotonic() - began < 15
    assert "fail" == outcome(seen)


@pytest.mark.parametrize("place", [{"service": "database"}, {"volume": "uploads"}, {}])
def test_a_step_that_hangs_is_ended_where_it_runs(place: dict[str, str], live: Live, tmp_path: Path) -> None:
    """A backup that hangs is none; what the step began does not go on, in its container either."""
    kind = {"kind": "exec" if place else "shell", **place}
    # Of this test alone: without containers every process of the machine is seen, and other tests run beside this one.
    seconds = f"62.{secrets.randbelow(10**9):09}"
    run = f"sleep {seconds} & sleep {seconds}"
    with pytest.raises(BackupFailed, match="not over within 1 s"):
        backed_up(live, "uploads", tmp_path / "a", {**kind, "run": run, "within": "1s"})
    count = f"cat /proc/[0-9]*/cmdline 2>&- | tr '\\0' ' ' | grep -c 'slee[p] {seconds}'"
    backup = backed_up(live, "uploads", tmp_path / "b", {**kind, "run": count, "stdout": "count"})
    backup_folder = runbook({**kind, "run": "cat", "stdin": "count"})
    (said, *_) = backup_folder.restore(live.stage.shop, "uploads", backup)

    assert ("0",) == tuple(said.warnings)


def test_what_a_step_has_sent_into_the_background_is_known_as_ours(live: Live, tmp_path: Path) -> None:
    """A session of its own, a folder of nobody's: whoever cleans up after the run, or after its death, finds it."""
    away = "(cd / && exec setsid sleep 64) > /dev/null 2>&1 & echo $! > pid; "
    there = "until grep -qx sleep /proc/$!/comm; do :; done"
    backup = backed_up(live, "uploads", tmp_path, {"kind": "shell", "run": away + there, "within": "10s"})
    found = [process for process in orphans(live.stage.state) if process.cmdline() == ["sleep", "64"]]
    for process in found:
        process.kill()

    assert backup.manifest.options["files"].keys() == {"pid"}
    assert 1 == len(found)


def test_a_file_is_copied_out_of_a_volume_and_into_one(live: Live, tmp_path: Path) -> None:
    """There it belongs to whoever the volume belongs to; one that is not there ends the procedure."""
    shop, name = live.stage.shop, "products/seed-000002.png"
    backup = backed_up(live, "uploads", tmp_path, {"kind": "copy", "from": f"uploads:{name}", "to": "a/b.png"})
    seen = restored(live, "uploads", backup, {"kind": "copy", "from": "a/b.png", "to": "uploads:products/again.png"})
    found = files.of_volume(shop.engine, shop.volume("uploads"))
    restored(live, "uploads", backup, {"kind": "exec", "volume": "uploads", "run": "rm products/again.png"})

    assert "pass" == outcome(seen[0])
    assert found[name].blake3 == found["products/again.png"].blake3
    assert found["products/again.png"].owner == found["."].owner
    with pytest.raises(NotRecovered, match="has no file nowhere"):
        restored(live, "uploads", backup, {"kind": "copy", "from": "uploads:nowhere", "to": "c"})


def test_a_service_is_stopped_and_started(live: Live, tmp_path: Path) -> None:
    """As a procedure needs it that lays files down below a server."""
    engine = live.stage.shop.engine
    backup = backed_up(live, "cache", tmp_path, {"kind": "shell", "run": "date > x"})
    before = engine.incarnation("redis")
    stopped = runbook({"kind": "stop"}).restore(live.stage.shop, "cache", backup)
    first = next(stopped)
    between = engine.incarnation("redis")
    second = restored(live, "cache", backup, {"kind": "start", "service": "redis"})[0]

    assert (None, "pass", "pass") == (between, outcome(first), outcome(second))
    assert before != engine.incarnation("redis")


@pytest.mark.parametrize("file", ["shop.sql", "uploads.tar.gz", "shop.dump"])
def test_a_file_that_is_cut_or_empty_does_not_parse(file: str, live: Live, tmp_path: Path) -> None:
    """Within an artefact that is whole: as the backup's own steps left it."""
    volume = {"shop.sql": "", "shop.dump": ""}.get(file, "uploads")
    run = {"shop.sql": "pg_dump", "shop.dump": "pg_dump -Fc"}.get(file, "tar -czf - .")
    make = {"kind": "exec", **({"volume": volume} if volume else {"service": "database"}), "run": run, "stdout": file}
    for number, cut in enumerate(["true", f"truncate -s -60000 {file}", f": > {file}"]):
        backup = backed_up(live, "uploads", tmp_path / str(number), make, {"kind": "shell", "run": cut})
        (seen,) = runbook(make).examine(backup, live.stage.shop)

        assert ("pass" if cut == "true" else "fail") == outcome(seen), (cut, seen)


def test_steps_that_leave_nothing_are_no_backup(live: Live, tmp_path: Path) -> None:
    """However they ended."""
    with pytest.raises(BackupFailed, match="no step left a file in the backup folder"):
        backed_up(live, "database", tmp_path, {"kind": "exec", "run": "true"})
