"""Kill PostgreSQL under load, again and again: does the ledger's judgement ever differ from the truth?

    python benchmarks/kill_points.py [--kills 300] [--acknowledged 100000] [--control 30]

The server is the embedded engine's own. Writers insert a row an operation and keep a ledger, as
customers do. At a random moment the server dies: its whole process tree by SIGKILL, its first process
alone by SIGKILL, or by an immediate shutdown, in turn. It starts again, recovers, and what survived is
judged by the functions that judge a drill, up to the recovery point's objective. Beside them the same is
counted by other code: from the ledger's text and by SQL.

A kill by an engine's API (`docker kill`, a forced removal) is not among the ways: without containers there
is no API to kill through. What such a call does to the processes is what stands here for it. The engine
sends SIGKILL to the first process, and when that is gone the kernel ends all others of its namespace: the
first way, and, while they are still ending, the second. `docker kill --signal QUIT`, or a container whose
stop signal that is, asks for the third. On Docker, the fault `kill-container` with
`by: api` kills through the API itself.

With `synchronous_commit` nothing that was acknowledged may be lost. The control runs without it: then
writes are lost, and the judgement must name exactly those. SIGKILL is no loss of power: see the reports.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from blackstart import folder, loss, objectives, planning
from blackstart.backups import BackupStore
from blackstart.child import Children
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.engines.embedded import EmbeddedEngine
from blackstart.ledger import Ledger
from blackstart.record import RunRecord
from blackstart.shop import Shop
from blackstart.state import StateFolder
from blackstart.verdict import StoreRpo

SCENARIO = Path(__file__).parents[1] / "scenarios" / "no-fault.yaml"
WRITERS = 8
WAYS = ("process tree", "first process", "immediate shutdown")
INF = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one way of counting says of all writes since the last kill."""

    acknowledged: int
    lost: frozenset[str]
    holes: frozenset[str]
    unexpected: frozenset[str]
    rpo_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill, and what it did."""

    way: str
    judged: Judgement
    counted: Judgement
    indeterminate: int
    recovered: int
    recovery_s: float


def main() -> int:
    """Print a table a mode; 1 if any judgement was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--acknowledged", type=int, default=100_000, help="go on until so many writes were")
    parser.add_argument("--control", type=int, default=30, help="kills without synchronous_commit")
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    dice = random.Random(words.seed)
    wrong = mode("on", words.kills, words.acknowledged, dice)
    wrong += mode("off", words.control, 0, dice)
    for line in wrong:
        print(line)
    print(f"{len(wrong)} wrong judgements")
    return 1 if wrong else 0


def mode(synchronous: str, kills: int, acknowledged: int, dice: random.Random) -> list[str]:
    """All kills with one setting of synchronous_commit; returns what is wrong."""
    print(f"\nsynchronous_commit = {synchronous}")
    with tempfile.TemporaryDirectory(prefix="blackstart-kills-") as temporary, server(Path(temporary)) as shop:
        done: list[Kill] = []
        while len(done) < kills or sum(k.judged.acknowledged for k in done) < acknowledged:
            done.append(kill(shop, len(done), synchronous, dice, Path(temporary)))
            if len(done) % 25 == 0:
                so_far = sum(k.judged.acknowledged for k in done)
                print(f"  {len(done)} kills, {so_far:,} acknowledged writes", flush=True)
        print_table(done)
        return [*verdicts(done, synchronous), *still_there(shop, done)]


@contextmanager
def server(home: Path) -> Iterator[Shop]:
    """The embedded engine with its database alone."""
    os.environ["XDG_STATE_HOME"] = str(home / "state")
    plan, kind = planning.plan_run(str(SCENARIO), planning.Options(engine="embedded", seed=1), Clock())
    path = folder.create(home / "reports", plan)
    state = StateFolder.create(plan.run_id)
    engine = kind.open(plan, state, Children(state, path / "logs"), Secrets.generate())
    shop = Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=BackupStore(state.work / "backups"))
    try:
        engine.create_volume(shop.volume("database"))
        engine.start(shop.service("database"))
        with shop.database() as connection:
            connection.execute("CREATE TABLE writes (op_id uuid PRIMARY KEY, kill integer, writer integer)")
        yield shop
    finally:
        left = engine.close()
        state.remove()
        assert left == [], left


def kill(shop: Shop, number: int, synchronous: str, dice: random.Random, home: Path) -> Kill:
    """Writers write, the server dies, comes back, and what survived is judged."""
    path = home / f"ledger-{number}.jsonl"
    ledger = Ledger(path, Clock())
    stop = threading.Event()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, n, shop, ledger, number, synchronous, stop) for n in range(WRITERS)]
        time.sleep(dice.uniform(0.1, 0.8))  # the moment
        way = WAYS[number % len(WAYS)]
        strike(shop, way)
        stop.set()
        for writer in writers:
            writer.result(30)
    ledger.close()
    began = time.monotonic()
    shop.engine.start(shop.service("database"))
    recovery_s = time.monotonic() - began
    with shop.database() as connection:
        rows = connection.execute("SELECT op_id::text FROM writes WHERE kill = %s", (number,)).fetchall()
        survivors = {row[0] for row in rows}
        seen = loss.assess(
            ledger.operations(), survivors, store="database", began_s=0, lifted_s=INF, t0_s=INF, rows=survivors
        )
        counted = by_other_code(path, connection, number)
    path.unlink()
    point = recovery_point(shop, ledger, survivors)
    assert (point.holes, point.acknowledged) == (len(seen.holes), seen.acknowledged)
    return Kill(
        way=way,
        judged=Judgement(
            acknowledged=point.acknowledged,
            lost=frozenset(point.lost_operations),
            holes=frozenset(seen.holes),
            unexpected=frozenset(seen.unexpected),
            rpo_s=point.actual_s or 0.0,
        ),
        counted=counted,
        indeterminate=seen.indeterminate,
        recovered=len(seen.recovered),
        recovery_s=recovery_s,
    )


def recovery_point(shop: Shop, ledger: Ledger, survivors: Collection[str]) -> StoreRpo:
    """What a drill's verdict would say of the database."""
    there = {"database": survivors, "uploads": (), "cache": (), "rows": survivors}
    measured = objectives.Measured(operations=ledger.operations(), survivors=there)
    return objectives.recovery_point(shop.plan, RunRecord(), measured).stores["database"]


def write(writer: int, shop: Shop, ledger: Ledger, number: int, synchronous: str, stop: threading.Event) -> None:
    """Insert row after row until the connection breaks; the last one's outcome nobody knows."""
    try:
        with shop.database() as connection:
            connection.execute(f"SET synchronous_commit = {synchronous}".encode())
            while not stop.is_set():
                operation = ledger.invoke(writer, "database", "order", {})
                try:
                    connection.execute("INSERT INTO writes VALUES (%s, %s, %s)", (operation.id, number, writer))
                except psycopg.Error as error:
                    ledger.complete(operation, "info", {"last": type(error).__name__})
                    raise
                ledger.complete(operation, "ok", {})
    except psycopg.OperationalError:
        return  # the server is gone


def strike(shop: Shop, way: str) -> None:
    """The server's end, and that of all its processes."""
    engine = shop.engine
    assert isinstance(engine, EmbeddedEngine)
    process = engine.processes[shop.service("database")]
    if way == "process tree":
        engine.kill_process(shop.service("database"))
        return
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL if way == "first process" else signal.SIGQUIT)
    process.wait(30)
    # A new server refuses to start beside backends of the old one.
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive, alive


def by_other_code(path: Path, connection: psycopg.Connection[tuple[object, ...]], number: int) -> Judgement:
    """The same from the ledger's text, with sets and by SQL."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    invoked = {line["id"]: line["t"] for line in lines if line["type"] == "invoke"}
    acked = {line["id"]: line["t"] for line in lines if line["type"] == "ok"}
    connection.execute("CREATE TEMP TABLE told (op_id uuid, invoked float8, acked float8)")
    with connection.cursor().copy("COPY told FROM STDIN") as copy:
        for op, t in invoked.items():
            copy.write_row((op, t, acked.get(op)))
    here = "(SELECT op_id FROM writes WHERE kill = %s)"
    lost = f"SELECT op_id::text FROM told WHERE acked IS NOT NULL AND op_id NOT IN {here}"
    holes = f"{lost} AND acked < (SELECT max(invoked) FROM told WHERE op_id IN {here})"
    strangers = f"SELECT op_id::text FROM {here} w WHERE op_id NOT IN (SELECT op_id FROM told)"

    def ids(query: str) -> frozenset[str]:
        parameters = [number] * query.count("%s")
        return frozenset(str(row[0]) for row in connection.execute(query.encode(), parameters))

    gone = ids(lost)
    first = min((acked[op] for op in gone), default=None)
    # From the last acknowledgement back to the last one before the first loss.
    rpo_s = 0.0 if first is None else max(acked.values()) - max((t for t in acked.values() if t < first), default=0.0)
    return Judgement(
        acknowledged=len(acked), lost=gone, holes=ids(holes), unexpected=ids(strangers), rpo_s=round(rpo_s, 6)
    )


def verdicts(done: list[Kill], synchronous: str) -> Iterator[str]:
    """Judgements that are wrong."""
    for number, each in enumerate(done):
        if not each.judged.acknowledged:
            yield f"kill {number} ({each.way}): nothing was acknowledged, so nothing was tried"
        if each.judged != each.counted:
            yield f"kill {number} ({each.way}): judged {sizes(each.judged)}, counted {sizes(each.counted)}"
        if each.judged.holes or each.judged.unexpected:
            yield f"kill {number} ({each.way}): {sizes(each.judged)}: no crash does that"
        if synchronous == "on" and each.judged.lost:
            yield f"kill {number} ({each.way}): {sizes(each.judged)}: acknowledged writes are lost"
    if synchronous == "off" and not any(each.judged.lost for each in done):
        yield "nothing was ever lost without synchronous_commit: this control proves nothing"


def still_there(shop: Shop, done: list[Kill]) -> Iterator[str]:
    """No later crash may take what survived an earlier one."""
    with shop.database() as connection:
        rows = dict(connection.execute("SELECT kill, count(*) FROM writes GROUP BY kill").fetchall())
    for number, each in enumerate(done):
        expected = each.judged.acknowledged - len(each.judged.lost) + each.recovered
        if rows.get(number, 0) != expected:
            yield f"kill {number}: {expected} writes survived it, {rows.get(number, 0)} are there at the end"


def sizes(judgement: Judgement) -> str:
    """The figures of a judgement."""
    figures = {"lost": judgement.lost, "holes": judgement.holes, "unexpected": judgement.unexpected}
    return ", ".join([*(f"{len(found)} {name}" for name, found in figures.items()), f"RPO {judgement.rpo_s:.6f} s"])


def print_table(done: list[Kill]) -> None:
    """A line a way of dying."""
    print(f"{'way':<20} {'kills':>6} {'acknowledged':>13} {'lost':>7} {'holes':>6} {'unexpected':>11} "
          f"{'no answer':>10} {'of them there':>14} {'recovery':>9}")  # fmt: skip
    for way in (*WAYS, "all"):
        own = [k for k in done if way in (k.way, "all")]
        lost, holes, strangers = (
            sum(len(found) for found in each)
            for each in zip(*((k.judged.lost, k.judged.holes, k.judged.unexpected) for k in own), strict=True)
        )
        print(
            f"{way:<20} {len(own):>6} {sum(k.judged.acknowledged for k in own):>13,} {lost:>7,} {holes:>6}"
            f" {strangers:>11} {sum(k.indeterminate for k in own):>10,} {sum(k.recovered for k in own):>14,}"
            f" {sum(k.recovery_s for k in own) / len(own):>7.2f} s"
        )


if __name__ == "__main__":
    sys.exit(main())
