"""Silent accidents: which check found each, how long it went unnoticed, and what that cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from blackstart.ledger import Operation
from blackstart.objectives import Measured
from blackstart.record import Injection, RunRecord
from blackstart.verdict import CheckResult, Detection, Rpo


def found_by(injection: Injection, found: Sequence[CheckResult]) -> CheckResult | None:
    """What the expected check said of an injection, with the name that it had to name; None if it did not.

    Where nothing says what had to be named, no finding is told from any other: then nothing was found.
    """
    for check in found:
        red = check.name == injection.expect and check.outcome == "fail"
        if red and injection.names and any(injection.names in f"{check.subject}: {said}" for said in check.differences):
            return check
    return None


def detections(record: RunRecord, found: Sequence[CheckResult], measured: Measured, rpo: Rpo) -> tuple[Detection, ...]:
    """One for each injection that a check had to find; `found` is what was seen while it went unnoticed."""
    fence = record.marks.get("Tf", float("inf"))
    lost = {op for store in rpo.stores.values() for op in store.lost_operations}
    noticed = []
    for injection in (each for each in record.injections if each.expect):
        check = found_by(injection, found)
        meanwhile = [
            o for o in measured.operations if o.acknowledged and injection.t <= (o.completed_s or 0.0) <= fence
        ]
        found_s = record.found_s.get(injection.expect)
        noticed.append(
            Detection(
                fault=injection.fault,
                target=injection.target,
                check=injection.expect,
                named=_said(check, injection.names) if check else "",
                unnoticed_s=round(found_s - injection.t, 6) if check and found_s is not None else None,
                acknowledged_meanwhile=len(meanwhile),
                lost_meanwhile=sum(o.id in lost for o in meanwhile),
                by_server=_by_server(meanwhile, lost),
            )
        )
    return tuple(noticed)


def _by_server(
    meanwhile: Sequence[Operation], lost: Collection[str]
) -> dict[str, dict[Literal["acknowledged", "lost"], int]]:
    """What each database acknowledged, by its own word, and what is gone of that; nothing if there was but one."""
    servers = sorted({str(o.result["served_by"]) for o in meanwhile if "served_by" in o.result})
    if len(servers) < 2:
        return {}
    own = {server: [o.id for o in meanwhile if o.result.get("served_by") == server] for server in servers}
    return {server: {"acknowledged": len(ids), "lost": sum(i in lost for i in ids)} for server, ids in own.items()}


def _said(check: CheckResult, names: str) -> str:
    """The first difference with the name in it."""
    return next(text for text in (f"{check.subject}: {said}" for said in check.differences) if names in text)
