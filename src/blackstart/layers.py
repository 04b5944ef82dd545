"""The ladder of verification, weak to strong: which layers a run climbed, and why it left others out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blackstart.plan import Plan
from blackstart.record import RunRecord
from blackstart.verdict import CheckResult, Layer, LayerOutcome

LAYERS: Mapping[int, str] = {
    0: "the backup is this run's, complete, and from before the fault",
    1: "the artefact is what its manifest says",
    2: "the artefact can be read to its end",
    3: "the place to restore into was empty, and the tools reported no error",
    4: "the server answers real queries",
    5: "every table is there, with its rows",
    6: "every row, file and key is what it was",
    7: "pages and indexes are sound",
    8: "definitions, owners and grants are what they were",
    9: "sequences go on beyond what they have issued",
    10: "the stores agree with each other",
    11: "the shop's own invariants hold",
    12: "every acknowledged write is there or counted as lost",
    13: "the application sells, stores and serves",
    14: "a change planted on purpose turns the checks red",
}
_OF_A_RESTORE = range(4)
_OF_THE_APPLICATION = 13


def climbed(plan: Plan, record: RunRecord, checks: Sequence[CheckResult]) -> tuple[Layer, ...]:
    """Every layer, in order."""
    found = []
    for number, what in LAYERS.items():
        said = dict.fromkeys(c.reason for c in checks if c.layer == number and c.outcome == "not_applicable")
        own = [check.outcome for check in checks if check.layer == number and check.outcome != "not_applicable"]
        outcome: LayerOutcome = "not_run"
        if own:
            outcome = "fail" if "fail" in own else "error" if "error" in own else "partly" if said else "pass"
        reason = "; ".join(said) or ("" if own else _why_not(number, plan, record))
        found.append(Layer(layer=number, what=what, outcome=outcome, checks=len(own), reason=reason))
    return tuple(found)


def _why_not(number: int, plan: Plan, record: RunRecord) -> str:
    """Why a layer has no observation at all."""
    if (
        number in _OF_A_RESTORE
        and plan.scenario.faults
        and not any(_from_backup(kind) for kind in plan.restores.values())
    ):
        return "nothing is restored from a backup in this scenario"
    if number in (*_OF_A_RESTORE, _OF_THE_APPLICATION) and not plan.scenario.faults:
        return "there is no fault in this scenario, and so no recovery"
    return f"the run ended before it{': ' + record.stopped.message if record.stopped else ''}"


def _from_backup(kind: str) -> bool:
    return kind not in ("restart", "none")
