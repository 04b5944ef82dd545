"""A green verdict is true: a sound run with any one defect is not green, and says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.builders import CHECKS, T8, make_plan, measured, operation, orders, record_of, seen

from blackstart import checkers
from blackstart import judge as judge_module
from blackstart.evidence import Observation, Stage
from blackstart.judge import judge, outcome
from blackstart.objectives import Measured
from blackstart.plan import Plan
from blackstart.record import RunRecord, Stopped
from blackstart.scenario import Objectives
from blackstart.stack import Role
from blackstart.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that the judge is shown."""

    plan: Plan
    record: RunRecord
    measured: Measured

    def judged(self) -> Verdict:
        """Its verdict."""
        return judge(self.plan, self.record, self.measured)

    def recorded(self, **changes: Any) -> Run:
        """The run with another record."""
        return replace(self, record=replace(self.record, **changes))

    def objectives(self, **targets: float) -> Run:
        """The run with other objectives."""
        scenario = replace(self.plan.scenario, objectives=Objectives(**targets))
        return replace(self, plan=replace(self.plan, scenario=scenario))

    def observed(self, added: Observation) -> Run:
        """The run with one observation more."""
        return self.recorded(observations=(*self.record.observations, added))

    def unobserved(self, check: str, stage: str) -> Run:
        """The run in which a check did not run at a stage."""
        rest = tuple(o for o in self.record.observations if (o.check, o.stage) != (check, stage))
        assert len(rest) < len(self.record.observations)
        return self.recorded(observations=rest)

    def unmarked(self, mark: str) -> Run:
        """The run without a mark."""
        return self.recorded(marks={name: t for name, t in self.record.marks.items() if name != mark})

    def unwitnessed(self) -> Run:
        """The run in which nothing shows that the fault did anything."""
        return self.recorded(injections=tuple(replace(i, witness=None) for i in self.record.injections))

    def altered(self, *names: str) -> Run:
        """The run some of whose files were changed after it was judged."""
        return replace(self, measured=replace(self.measured, altered=names))

    def measuring(self, **evidence: Any) -> Run:
        """The run with other evidence beside its journal."""
        return replace(self, measured=replace(self.measured, **evidence))

    def marked(self, mark: str, value: Any) -> Run:
        """The run with something else for a mark's time."""
        return self.recorded(marks={**self.record.marks, mark: value})

    def damaged(self, *roles: Role) -> Run:
        """The run whose fault struck other roles."""
        return replace(self, plan=replace(self.plan, damaged=roles))

    def losing(self, *names: str) -> Run:
        """The run in which orders were lost."""
        return replace(self, measured=measured(lost=names))

    def stopped(self, kind: str, message: str = "it broke") -> Run:
        """The run that was stopped."""
        return self.recorded(stopped=Stopped(kind=kind, message=message))


@pytest.fixture
def sound(tmp_path: Path) -> Run:
    """A run in which a volume was lost and everything came back."""
    return Run(plan=make_plan(), record=record_of(tmp_path), measured=measured())


def red(stage: Stage) -> Observation:
    """A check that found something wrong."""
    return seen("checksums", stage, subject="public.orders", actual=2, differences=["changed row: order_id = 17"])


def test_a_sound_run_passes(sound: Run) -> None:
    """All checks green, nothing lost, in time: pass, exit code 0, with its measurements."""
    verdict = sound.judged()

    assert ("pass", 0) == (verdict.verdict, verdict.exit_code)
    assert ("recovered and proven: every check is green, nothing acknowledged was lost",) == verdict.reasons
    assert (10.0, False, 5.0) == (verdict.rto.actual_s, verdict.rto.censored, verdict.rto.accepting_queries_s)
    assert (0.0, 20, 0, 0) == (verdict.rpo.actual_s, verdict.rpo.acknowledged, verdict.rpo.lost, verdict.rpo.holes)
    assert {"pass"} == {check.outcome for check in verdict.checks}
    assert ("database", "database-1", 9) == tuple(verdict.backup[name] for name in ("role", "id", "bytes"))
    assert 10.0 == sum((verdict.rto.phases or {}).values())


def test_a_sound_run_without_a_fault_passes(tmp_path: Path) -> None:
    """It has neither a recovery time nor a need for one."""
    calm = Run(plan=make_plan("no-fault"), record=record_of(tmp_path, "no-fault"), measured=measured(survivors=None))

    verdict = calm.judged()

    assert ("pass", 0, None, None) == (verdict.verdict, verdict.exit_code, verdict.rto.actual_s, verdict.rto.phases)


Change = Callable[[Run], Run]

FAIL: list[tuple[str, Change, str]] = [
    ("red-check", lambda run: run.observed(red("verify")), "checksums: public.orders: changed row: order_id = 17"),
    ("red-at-the-end", lambda run: run.observed(red("final")), "checksums: public.orders"),
    ("unequal", lambda run: run.observed(seen("x", "verify", expected=1, actual=2)), "expected 1, found 2"),
    ("equal-but-different", lambda run: run.observed(seen("x", "verify", differences=["extra row"])), "extra row"),
    ("hole", lambda run: run.observed(seen("ledger", "verify", differences=["hole: o12"])), "hole: o12"),
    ("not-recovered", lambda run: run.stopped("NotRecovered", "no query was answered"), "no query was answered"),
    ("loss-not-allowed", lambda run: run.losing("o30").objectives(rto=60), "1 acknowledged writes were lost"),
    ("hole-in-the-figures", lambda run: run.losing("o29"), "1 writes were lost that precede a surviving one"),
]  # fmt: skip

INCONCLUSIVE: list[tuple[str, Change, str]] = [
    ("red-gate", lambda run: run.observed(red("gate")), "before the fault, checksums: public.orders"),
    ("check-in-error", lambda run: run.observed(seen("x", "verify", error="reset")), "x: all could not run: reset"),
    ("error-at-the-gate", lambda run: run.observed(seen("x", "gate", error="reset")), "x: all could not run: reset"),
    ("no-witness", lambda run: run.unwitnessed(), "no witness: nothing shows that delete-volume did anything"),
    ("no-injection", lambda run: run.recorded(injections=()), "0 of 1 faults were injected"),
    ("failed-activity", lambda run: run.recorded(failed_activities=("customers: bug",)), "customers: bug"),
    ("not-conducted", lambda run: run.stopped("NotConducted", "the moment did not come"), "the moment did not come"),
    ("refused", lambda run: run.stopped("Refused", "no means"), "no means"),
    ("no-end", lambda run: run.recorded(complete=False), "did not reach its end"),
    ("nothing-seeded", lambda run: run.recorded(seeded={"public.orders": 0}), "nothing was seeded"),
    ("never-seeded", lambda run: run.recorded(seeded={}), "nothing was seeded"),
    ("nobody-counted", lambda run: replace(run, measured=measured(survivors=None)), "nobody counted the survivors"),
    ("no-writes", lambda run: replace(run, measured=measured([])), "no write was ever acknowledged"),
    (
        "no-acknowledgement",
        lambda run: replace(run, measured=measured([replace(o, outcome="info") for o in orders()])),
        "no write was ever acknowledged",
    ),
    (
        "probe-writes-only",
        lambda run: replace(run, measured=measured([operation("p", 1, 2, client=-1)])),
        "no write was ever acknowledged",
    ),
    ("no-smoke", lambda run: run.unobserved("smoke", "resume"), "smoke did not run: through the application"),
    ("not-back", lambda run: run.unmarked("T8"), "not seen back in their rhythm"),
    ("no-choice", lambda run: run.recorded(chosen={}), "nothing says from which backup database was restored"),
    ("stale-backup-unseen", lambda run: run.unobserved("backup-fresh", "verify"), "backup-fresh did not run: database"),
    ("unparsed", lambda run: run.unobserved("parse", "verify"), "parse did not run: database"),
    ("maybe-not-empty", lambda run: run.unobserved("target-empty", "verify"), "target-empty did not run: database"),
    ("edited", lambda run: run.altered("ledger.jsonl"), "ledger.jsonl is not what it was when the run ended"),
    ("unreadable-survivors", lambda run: run.measuring(survivors={}), "recovery point could not be judged: KeyError"),
    ("unreadable-ids", lambda run: run.measuring(survivors={"rows": 7}), "the recovery point could not be judged"),
    ("unreadable-end", lambda run: run.measuring(at_end=[7]), "the recovery point could not be judged: Attribute"),
    ("unreadable-mark", lambda run: run.marked("T0", "soon"), "the recovery time could not be judged: TypeError"),
    ("unreadable-latency", lambda run: run.marked("T8", ""), "latencies could not be judged: TypeError"),
    ("unreadable-size", lambda run: run.recorded(sizes={"database": "big"}), "to expect could not be judged: Type"),
    ("artefact-unseen", lambda run: run.unobserved("artefact", "verify"), "artefact did not run: database"),
]  # fmt: skip

MISSED: list[tuple[str, Change, str]] = [
    ("late", lambda run: run.objectives(rto=9.9, rpo=15), "RTO 10.0 s, objective 9.9 s"),
    ("too-much-lost", lambda run: run.losing("o29", "o30").objectives(rpo=1.9), "RPO of database 2.0 s, objective 1.9"),
    ("none-may-be-lost", lambda run: run.losing("o30").objectives(rpo=0), "RPO of database 1.0 s, objective 0 s"),
]  # fmt: skip

DEFECTS = [
    *(pytest.param(change, "fail", 1, reason, id=name) for name, change, reason in FAIL),
    *(pytest.param(change, "inconclusive", 3, reason, id=name) for name, change, reason in INCONCLUSIVE),
    *(pytest.param(change, "missed", 4, reason, id=name) for name, change, reason in MISSED),
]


@pytest.mark.parametrize(("change", "word", "code", "reason"), DEFECTS)
def test_any_one_defect_is_not_green(sound: Run, change: Change, word: str, code: int, reason: str) -> None:
    """A sound run that has this defect and no other: its verdict, its exit code and its reason."""
    verdict = change(sound).judged()

    assert (word, code) == (verdict.verdict, verdict.exit_code)
    assert any(reason in text for text in verdict.reasons), verdict.reasons


@pytest.mark.parametrize("stage", ["gate", "verify", "final"])
@pytest.mark.parametrize("check", CHECKS)
def test_a_check_that_silently_did_not_run(sound: Run, check: str, stage: str) -> None:
    """Every check must have run at every stage."""
    verdict = sound.unobserved(check, stage).judged()

    assert ("inconclusive", 3) == (verdict.verdict, verdict.exit_code)
    assert any(f"{check} did not run" in reason for reason in verdict.reasons)


@pytest.mark.parametrize("mark", ["T0", "T1", "T2", "Tf", "T3", "T4", "T5", "T6", "T7", "T8"])
def test_a_mark_that_is_missing(sound: Run, mark: str) -> None:
    """A recovery time without one of its ends is no measurement."""
    assert "pass" != sound.unmarked(mark).judged().verdict


PAIRS = [
    *((f, i, "fail", 1) for f in FAIL for i in INCONCLUSIVE[:6]),
    *((f, m, "fail", 1) for f in FAIL[:5] for m in MISSED[:1]),
    *((i, m, "inconclusive", 3) for i in INCONCLUSIVE for m in MISSED[:1]),
]


@pytest.mark.parametrize(
    ("worse", "better", "word", "code"), [pytest.param(*pair, id=f"{pair[0][0]}+{pair[1][0]}") for pair in PAIRS]
)
def test_precedence(
    sound: Run, worse: tuple[str, Change, str], better: tuple[str, Change, str], word: str, code: int
) -> None:
    """fail > inconclusive > missed: data that is wrong is wrong, and what is unproven is not right."""
    verdict = worse[1](better[1](sound)).judged()

    assert (word, code) == (verdict.verdict, verdict.exit_code)


@pytest.mark.parametrize(("kind", "code"), [("Interrupted", 130), ("Bug", 70)])
def test_stopped_by_a_signal_or_a_bug(sound: Run, kind: str, code: int) -> None:
    """The exit code says so above all else; the verdict still says whether data was seen to be wrong."""
    assert ("inconclusive", code) == (sound.stopped(kind).judged().verdict, sound.stopped(kind).judged().exit_code)
    wrong = sound.observed(red("verify")).stopped(kind).judged()
    assert ("fail", code) == (wrong.verdict, wrong.exit_code)


def test_what_could_not_be_judged_is_unknown(sound: Run) -> None:
    """A checker that crashed gives no figure, and what is proven wrong beside it stays wrong."""
    broken = sound.measuring(survivors={})

    assert (None, {}, True) == (broken.judged().rpo.actual_s, broken.judged().rpo.stores, broken.judged().rpo.censored)
    assert (10.0, "fail") == (broken.judged().rto.actual_s, broken.observed(red("verify")).judged().verdict)


@pytest.mark.parametrize("part", ["recovery_time", "recovery_point", "compare", "predict", "detections"])
def test_whatever_crashes_while_a_run_is_judged_it_is_not_green(
    sound: Run, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part of the judgement, one at a time: inconclusive, and the reason says so."""

    def crash(*_: object) -> None:
        raise ZeroDivisionError(part)

    monkeypatch.setattr(judge_module, part, crash)
    verdict = sound.judged()

    assert ("inconclusive", 3) == (verdict.verdict, verdict.exit_code)
    assert any("ZeroDivisionError" in reason for reason in verdict.reasons)


def test_the_verdict_names_its_checkers(sound: Run) -> None:
    """Each module of the checkers' package with its version."""
    modules = {path.stem for path in Path(checkers.__file__).parent.glob("*.py")} - {"__init__"}

    assert modules == sound.judged().checkers.keys()
    assert all(version >= 1 for version in sound.judged().checkers.values())


def test_leftovers(sound: Run) -> None:
    """A pass that left something of ours behind is 5, and names it; a worse code stays."""
    left = sound.recorded(leftovers=("volume shop_data",))

    assert ("pass", 5, ("volume shop_data",)) == (
        left.judged().verdict,
        left.judged().exit_code,
        left.judged().leftovers,
    )
    assert [1, 3, 4] == [changes[0][1](left).judged().exit_code for changes in (FAIL, INCONCLUSIVE, MISSED)]


def test_loss_within_the_objective(sound: Run) -> None:
    """A lost tail is a pass that says so and lists it."""
    verdict = sound.losing("o28", "o29", "o30").judged()

    assert ("pass", 0) == (verdict.verdict, verdict.exit_code)
    assert (
        "recovered and proven: every check is green, 3 acknowledged writes were lost, within the RPO objective",
    ) == (verdict.reasons)
    assert (3.0, 3, 1) == (verdict.rpo.actual_s, verdict.rpo.lost, verdict.rpo.lost_after_t0)
    assert ("o28", "o29", "o30") == verdict.rpo.stores["database"].lost_operations


def test_temporary_data_may_be_lost(sound: Run) -> None:
    """A cart is no order: its loss is counted, and misses no objective, nor needs one."""
    cart = operation("cart", 12, 13, store="cache", op="cart")
    lost = replace(sound, measured=measured([*orders(), cart], lost=["cart"])).damaged("cache")

    assert ("pass", 0) == (lost.judged().verdict, lost.judged().exit_code)
    assert "pass" == lost.objectives().judged().verdict == lost.objectives(rpo=0).judged().verdict
    assert (1, ("cart",)) == (lost.judged().rpo.lost, lost.judged().rpo.stores["cache"].lost_operations)
    assert 0.0 == lost.judged().rpo.actual_s


@pytest.mark.parametrize(("store", "op"), [("database", "order"), ("uploads", "upload"), ("cache", "cart")])
def test_a_store_that_no_fault_damaged_may_lose_nothing(sound: Run, store: str, op: str) -> None:
    """Whatever the objective: it is for what the fault struck."""
    other = operation("other", 29, 29.5, store=store, op=op)
    struck: Role = "cache" if store != "cache" else "database"
    run = replace(sound, measured=measured([*orders(), other], lost=["other"])).damaged(struck)
    verdict = run.objectives(rpo=3600).judged()

    assert ("fail", 1) == (verdict.verdict, verdict.exit_code)
    assert f"1 acknowledged writes of {store} were lost, which no fault damaged" in verdict.reasons


def test_uploads_alone_may_lose_files_and_no_rows(sound: Run) -> None:
    """Where only the uploads were struck, a row that is gone was lost by something else."""
    upload = operation("upload", 29, 29.5, store="uploads", op="upload")
    bare = measured([*orders(), upload], lost=["upload"])
    with_row = replace(bare, survivors={**(bare.survivors or {}), "rows": [o.id for o in bare.operations]})
    struck = sound.damaged("uploads").objectives(rpo=3600)

    assert "pass" == replace(struck, measured=with_row).judged().verdict
    assert (
        "1 uploads lost their rows in the database, which no fault damaged"
        in replace(struck, measured=bare).judged().reasons
    )


def test_an_objective_met_to_the_last_moment(sound: Run) -> None:
    """The objective itself is still within the objective; without one, a time is only measured."""
    assert "pass" == sound.losing("o30").objectives(rto=10, rpo=1).judged().verdict
    assert "pass" == sound.objectives().judged().verdict


def test_a_shop_that_did_not_come_back(sound: Run) -> None:
    """Its recovery time is censored: more than what had passed when the clock was last read."""
    verdict = sound.unmarked("T8").stopped("NotRecovered", "not back").recorded(given_up_s=330.0, last_t=335.0).judged()

    assert ("fail", 1, 300.0, True) == (verdict.verdict, verdict.exit_code, verdict.rto.actual_s, verdict.rto.censored)
    assert ("not back", "RTO > 5 m 00 s, objective 60.0 s") == verdict.reasons


def test_what_does_not_apply_is_not_tested(sound: Run) -> None:
    """It neither passes nor fails: it is listed with its reason."""
    verdict = sound.observed(seen("amcheck", "verify", not_applicable="no extension here")).judged()

    assert ("pass", 1) == (verdict.verdict, [check.outcome for check in verdict.checks].count("not_applicable"))
    assert {"what": "amcheck: all", "reason": "no extension here"} in verdict.not_tested


@pytest.mark.parametrize(
    ("expected", "observation"),
    [
        ("pass", seen("x", "verify")),
        ("fail", seen("x", "verify", actual=2)),
        ("fail", seen("x", "verify", differences=["d"])),
        ("error", seen("x", "verify", error="e")),
        ("error", seen("x", "verify", error="e", differences=["d"])),
        ("not_applicable", seen("x", "verify", not_applicable="n")),
        ("pass", seen("x", "verify", warnings=["w"])),
    ],
)
def test_outcome(expected: str, observation: Observation) -> None:
    """Equal and without differences passes; what could not look never does."""
    assert expected == outcome(observation)


def test_differences_that_are_not_named_are_counted(sound: Run) -> None:
    """A reason names the first dozen, whatever the observation left out itself."""
    named = [f"changed row: {n}" for n in range(20)]
    verdict = sound.observed(seen("x", "verify", differences=named, differing=300)).judged()

    assert (f"x: all: {'; '.join(named[:12])}; … and 288 more",) == verdict.reasons


def test_each_reason_once_and_not_endlessly_many(sound: Run) -> None:
    """The report is for people; every check is in it anyway."""
    many = sound
    for number in range(30):
        many = many.observed(seen("x", "verify", subject=f"s{number % 20}", differences=["d"]))

    reasons = many.judged().reasons
    assert (13, "… and 8 more", 12) == (len(reasons), reasons[-1], len(set(reasons[:-1])))


def test_time_is_measured_to_the_end(sound: Run) -> None:
    """T8 − T0, whatever was journalled after."""
    assert T8 - 30 == sound.recorded(last_t=999.0).judged().rto.actual_s


def test_a_file_is_lost_although_its_row_is_there_and_no_fault_struck_files(sound: Run) -> None:
    """A database that was damaged excuses uploads whose rows went with it, and no others."""
    fileless = sound.measuring(
        survivors={
            **(sound.measured.survivors or {}),
            "uploads": [],
            "rows": [*(sound.measured.survivors or {})["rows"], "u1"],
        },
        operations=(*sound.measured.operations, operation("u1", 11.2, 11.4, store="uploads", op="upload")),
    )

    assert fileless.judged().verdict == "fail"
    assert "1 uploads lost their files, which no fault damaged" in fileless.judged().reasons


def test_what_can_be_healed_must_be(sound: Run) -> None:
    """A shop that is handed back with a fault in force is not recovered."""
    (injection,) = sound.record.injections
    lasting = sound.recorded(injections=(replace(injection, heals=True),))
    healed = sound.recorded(injections=(replace(injection, heals=True, healed_at="2026-01-02T03:04:05.000Z"),))

    assert (lasting.judged().verdict, lasting.judged().exit_code) == ("inconclusive", 3)
    assert "was never taken back" in lasting.judged().reasons[0]
    assert healed.judged().verdict == "pass"
