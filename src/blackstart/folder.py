"""A run's folder: evidence goes in as it arises; verdict and report are made from it, again at any time.

reports/<run-id>/
  plan.json journal.jsonl ledger.jsonl reads.jsonl evidence/ logs/     what happened
  verdict.json report.html junit.xml manifest.sha256                  what it means
reports/latest                                                       the newest run
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from blackstart import __version__, judge, load, readings, rejudging
from blackstart.clock import stamp
from blackstart.errors import Refused
from blackstart.evidence import Stage
from blackstart.ledger import Operation, parse
from blackstart.objectives import Measured
from blackstart.plan import Plan, sha256
from blackstart.readings import Reading
from blackstart.record import RunRecord, fold
from blackstart.rejudging import Evidence
from blackstart.stack import STORES
from blackstart.verdict import Verdict

if TYPE_CHECKING:
    from blackstart.report.lost_orders import Customers

T = TypeVar("T")

_NONSENSE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What evidence raises that says something else than it should."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """All that a run's folder holds."""

    path: Path
    plan: Plan
    record: RunRecord
    measured: Measured
    customers: Customers


def create(reports: Path, plan: Plan) -> Path:
    """The folder of a run about to start, its plan in it."""
    path = reports / plan.run_id
    for name in ("evidence", "logs"):
        (path / name).mkdir(parents=True)
    (path / "plan.json").write_text(plan.to_json())
    link = reports / "latest"
    fresh = reports / f".latest-{plan.run_id}"
    fresh.symlink_to(plan.run_id)
    fresh.replace(link)
    return path


def find(name: str, reports: Path) -> Path:
    """The folder of a run: an id, a path, or `latest`; Refused if there is none."""
    for path in (reports / name, Path(name), Path(name).parent):
        if load.is_file(path / "plan.json"):
            return path.resolve()
    raise Refused(
        f"{name}: no such run",
        hint=f"runs are folders in {reports}; --reports DIR if they are elsewhere, or the run's path",
    )


def read(path: Path) -> StoredRun:
    """A run from its folder, whole or cut short; Refused if its plan is not the one that was journalled."""
    text = (path / "plan.json").read_text()
    if not (path / "journal.jsonl").is_file():
        raise Refused(f"{path.name}: the run has no journal", hint="it was killed before it began")
    record = _lines(path / "journal.jsonl", fold)
    if record.plan_sha256 != sha256(text):
        raise Refused(f"{path.name}: plan.json is not the plan that the journal names", hint="was it edited?")
    plan = load.plan(text)
    # Without a fault there is no fence to verify behind: those who are there at the end survived.
    survivors = path / "evidence" / f"survivors-{'verify' if plan.scenario.faults else 'final'}.json"
    measured = Measured(
        operations=_operations(path / "ledger.jsonl"),
        survivors=_json(survivors),
        reads=_operations(path / "reads.jsonl"),
        altered=_altered(path),
        at_end=_json(path / "evidence" / "survivors-final.json") or {},
    )
    return StoredRun(
        path=path,
        plan=plan,
        record=record,
        measured=measured,
        customers=_json(path / "evidence" / "lost-customers.json") or {},
    )


def judge_and_render(path: Path) -> Verdict:
    """Judge a stored run and write verdict, report, JUnit and hashes; earlier ones stay.

    A run that was judged before must still be what its manifest.sha256 says.
    """
    from blackstart.report import html, junit, lost_orders, view

    stored, number = read(path), _next_number(path)
    suffix = _suffix(number)
    redone: tuple[Stage, ...] = ()
    if number > 1 and not stored.measured.altered:  # altered evidence proves nothing, neither good nor bad
        record, redone = rejudging.anew(stored.record, stored.measured.operations, _evidence(path))
        stored = dataclasses.replace(stored, record=record)
    verdict = judge.judge(stored.plan, stored.record, stored.measured)
    verdict = rejudging.stamped(verdict, stored.record, redone)
    if number > 1:
        note = rejudging.judged(
            number,
            stamp(datetime.now(UTC)),
            __version__,
            before=_json(path / f"verdict{_suffix(number - 1)}.json"),
            after=json.loads(verdict.to_json()),
            record=stored.record,
            redone=redone,
        )
        verdict = dataclasses.replace(verdict, judged=note)
    lost = verdict.rpo.stores["database"].lost_operations if verdict.rpo.stores else ()
    orders = f"lost-orders{suffix}.csv" if lost else ""
    if orders:
        measured = stored.measured
        text = lost_orders.render(stored.record, measured.operations, lost, stored.customers, measured.numbers)
        _write(path / orders, text)
    page = view.build(stored.plan, stored.record, verdict, lost_orders=orders)
    _write(path / f"verdict{suffix}.json", verdict.to_json())
    _write(path / f"junit{suffix}.xml", junit.render(verdict))
    _write(path / f"report{suffix}.html", html.render(page))
    partial = path / f".manifest{suffix}"
    _write(partial, "".join(_hashes(path)))
    partial.replace(path / f"manifest{suffix}.sha256")  # half a manifest would vouch for half a run
    return verdict


def newest_report(path: Path) -> Path:
    """The report that was rendered last."""
    return max(path.glob("report*.html"), key=lambda file: int(file.stem.partition(".")[2] or 1))


def _write(path: Path, text: str) -> None:
    """UTF-8 in any locale; names that are not Unicode (a file's in a volume may not be) are shown escaped."""
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _json(path: Path) -> Any:
    """None if nobody wrote it, or was killed while writing."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _evidence(path: Path) -> Evidence:
    """What the run kept of its looks; readings of older versions say too little to be judged anew."""
    stages: tuple[Stage, ...] = ("gate", "verify", "final")
    found: dict[Stage, Reading] = {}
    for stage in stages:
        file = path / "evidence" / f"survivors-{stage}.json"
        try:
            if file.exists():
                found[stage] = readings.parse(file.read_text())
        except _NONSENSE:
            break  # and what was judged beside it cannot be judged anew either
    seed = _json(path / "evidence" / "seed.json")
    manifests = {role: _json(path / "evidence" / f"backup-{role}.json") for role in STORES}
    try:
        return Evidence(
            readings=found,
            stock={int(product): int(stock) for product, stock in seed["stock"].items()},
            backups={
                role: (float(m["snapshot_s"]), float(m["started_s"]), m.get("until_s"))
                for role, m in manifests.items()
                if m
            },
        )
    except _NONSENSE:
        return Evidence()


def _altered(path: Path) -> tuple[str, ...]:
    """Files that are not what a manifest says, or that the first one does not name; none before there is one.

    Whoever computes every hash again is not found out: for that, keep the manifest somewhere else.
    """
    first = path / "manifest.sha256"
    if not first.exists():
        judged = any(any(path.glob(f"{name}*")) for name in ("verdict", "report", "junit", "manifest"))
        return (first.name,) if judged else ()
    wrong = {name for manifest in path.glob("manifest*.sha256") for name, sound in _hashed(manifest) if not sound}
    evidence = {str(file.relative_to(path)) for file in (path / "evidence").rglob("*") if file.is_file()}
    there = {name for name in ("ledger.jsonl", "reads.jsonl") if (path / name).exists()}
    must = {"plan.json", "journal.jsonl", "verdict.json"} | there | evidence
    return tuple(sorted(wrong | (must - {name for name, _ in _hashed(first)})))


def _hashed(manifest: Path) -> Iterator[tuple[str, bool]]:
    """Each file that a manifest names, and whether it is what the manifest says."""
    for line in manifest.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        file = manifest.parent / name
        yield name, file.is_file() and _digest(file) == digest


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _operations(path: Path) -> tuple[Operation, ...]:
    return _lines(path, parse) if path.exists() else ()


def _lines(path: Path, reader: Callable[[Iterable[str]], T]) -> T:
    """What a file of lines says; Refused if it says nothing that a runner writes."""
    try:
        with path.open(encoding="utf-8") as lines:
            return reader(lines)
    except (ValueError, LookupError, TypeError) as error:
        what = f"{path.parent.name}: {path.name} cannot be read ({type(error).__name__}: {error})"
        raise Refused(what, hint="was it edited?") from error


def _next_number(path: Path) -> int:
    """1 for a run's first verdict."""
    number = 1
    while (path / f"verdict{_suffix(number)}.json").exists():
        number += 1
    return number


def _suffix(number: int) -> str:
    """Nothing the first time, then .2, .3 …"""
    return "" if number == 1 else f".{number}"


def _hashes(path: Path) -> Iterator[str]:
    """A line for each file of the run, as `sha256sum --check` reads them."""
    for file in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.lstrip(".").startswith("manifest")):
        yield f"{_digest(file)}  {file.relative_to(path)}\n"
