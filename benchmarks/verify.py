"""How fast a table is verified, and a changed row named, beside what people use instead.

    python benchmarks/verify.py [--rows 10000000] [--rounds 3]

One embedded server holds one table, first with a tenth of the rows and then with all of them. Every way
looks at the same rows, one after the other in one run, so the ratios travel; the seconds are this
machine's. Disk for twice the table is needed meanwhile, and given back.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from blackstart import folder, planning, signals
from blackstart.backups import BackupStore
from blackstart.checks.checksums import compare
from blackstart.checks.row_counts import count
from blackstart.child import Children
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.engines.embedded.programs import base_environment, postgres_tool
from blackstart.evidence import TableFingerprint
from blackstart.observe import fingerprints, naming, rows, tables
from blackstart.observe.tables import Table
from blackstart.shop import Shop
from blackstart.state import StateFolder

LEAST_TIMES_DUMP = 2.5
MOST_EXPONENT = 1.1
MOST_GROWTH_MB = 16.0
MOST_PASSES = 2.0
SCENARIO = Path(__file__).parents[1] / "scenarios" / "no-fault.yaml"
ALL = sql.SQL("true")
OURS = "blackstart: count and checksums"
DUMP = "pg_dump | sha256sum"

# About 116 bytes a row on disk.
FILL = """
CREATE TABLE sold (id bigint, customer text, amount numeric(12, 2), sold_at timestamptz);
INSERT INTO sold SELECT n, 'customer ' || n || repeat('.', 40), (n % 100000) / 100.0, '2025-01-01'::timestamptz
    + n * interval '1 second' FROM generate_series(1, {rows}) n;
ALTER TABLE sold ADD PRIMARY KEY (id);
VACUUM (ANALYZE, FREEZE) sold;
CHECKPOINT"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured at one size."""

    seconds: Mapping[str, float]
    """By way, the median."""
    client_mb: float
    server_mb: float


def main() -> int:
    """Print what was measured beside what it should be; 1 if an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    words = parser.parse_args()
    with signals.raised(), throwaway() as shop:
        few, many = (measure(shop, number, words.rounds) for number in (words.rows // 10, words.rows))
    return 0 if print_aims(few, many) else 1


def measure(shop: Shop, number: int, rounds: int) -> Measured:
    """Every way at one size."""
    fill(shop, number)
    ways: dict[str, Callable[[], object]] = {
        OURS: lambda: verify(shop),
        "blackstart: fingerprint with buckets, for a manifest": lambda: fingerprint(shop),
        DUMP: lambda: pipe(shop, ["pg_dump", "--table=sold"], "sha256sum"),
        "md5(string_agg(md5(t::text) ORDER BY id))": lambda: ask(
            shop, "SELECT md5(string_agg(md5(t::text), '' ORDER BY id)) FROM sold t"
        ),
        "COPY TO STDOUT | md5sum": lambda: pipe(shop, ["psql", "--command=COPY sold TO STDOUT"], "md5sum"),
        "count(*)": lambda: ask(shop, "SELECT count(*) FROM sold"),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    with watched(shop) as peak:
        verify(shop)
        fingerprint(shop)
    for _ in range(rounds):
        for way, work in ways.items():
            seconds[way].append(timed(work))
    known = fingerprint(shop)
    with copied(shop) as (source, copy):
        table = only_table(copy)
        copy.execute("UPDATE sold SET amount = amount + 0.01 WHERE id = %s", (number // 3,))
        named = {
            "naming a changed row, its source gone": lambda: by_buckets(copy, table, known, number // 3),
            "naming a changed row, its source there": lambda: by_rows(source, copy, table, known, number // 3),
        }
        for way, work in named.items():
            seconds[way] = [timed(work) for _ in range(rounds)]
    median = {way: statistics.median(each) for way, each in seconds.items()}
    print(f"{f'{number:,} rows, median of {rounds} rounds':<60} {'seconds':>8} {'ratio':>8}")
    for way, each in median.items():
        print(f"{way:<60} {each:>8.2f} {each / median[OURS]:>8.2f}", flush=True)
    return Measured(seconds=median, client_mb=peak["client"], server_mb=peak["server"])


def print_aims(few: Measured, many: Measured) -> bool:
    """The ratios that matter, at the larger size; whether all aims are met."""
    pass_s = many.seconds[OURS]
    faster, exponent = many.seconds[DUMP] / pass_s, math.log10(pass_s / few.seconds[OURS])
    met = [
        print_aim(
            "times faster than pg_dump | sha256sum", faster, f"{LEAST_TIMES_DUMP} or more", faster >= LEAST_TIMES_DUMP
        ),
        print_aim("exponent of time over rows", exponent, f"{MOST_EXPONENT} or less", exponent <= MOST_EXPONENT),
    ]
    for who, before, after in (
        ("client", few.client_mb, many.client_mb),
        ("server", few.server_mb, many.server_mb),
    ):
        grown, what = after - before, f"peak memory of the {who}, {before:.0f} → {after:.0f} MB: growth"
        met.append(print_aim(what, grown, f"{MOST_GROWTH_MB:g} or less", grown <= MOST_GROWTH_MB))
    for way, seconds in many.seconds.items():
        if way.startswith("naming"):
            passes = seconds / pass_s
            met.append(print_aim(f"{way}: checksum passes", passes, f"{MOST_PASSES:g} or less", passes <= MOST_PASSES))
    return all(met)


def print_aim(what: str, measured: float, aim: str, met: bool) -> bool:
    """A line with a ratio, the aim and whether it is met, which is returned."""
    print(f"{what:<60} {measured:>8.2f}   aim {aim}: {'met' if met else 'missed'}")
    return met


def verify(shop: Shop) -> None:
    """What the checks row-counts and checksums do where everything is as it was."""
    with shop.database() as connection:
        table = only_table(connection)
        count(connection, table, ALL)
        fingerprints.plain(connection, table)


def fingerprint(shop: Shop) -> TableFingerprint:
    """What a backup does for its manifest."""
    with shop.database() as connection:
        return fingerprints.with_buckets(connection, only_table(connection))


def by_buckets(copy: psycopg.Connection[Any], table: Table, known: TableFingerprint, key: int) -> None:
    """Name the row from its manifest alone."""
    found = naming.differing_rows(copy, table, known, where=ALL)
    if found != [f"changed row: id = {key}"]:
        raise SystemExit(f"the changed row was not named: {found}")


def by_rows(
    source: psycopg.Connection[Any], copy: psycopg.Connection[Any], table: Table, known: TableFingerprint, key: int
) -> None:
    """Name the row, and what was in it."""
    (found,) = rows.differing(source, copy, table, known)
    if found.row != f"id = '{key}'" or set(found.columns) != {"amount"}:
        raise SystemExit(f"the changed row was not named: {found}")


def only_table(connection: psycopg.Connection[Any]) -> Table:
    """The table."""
    (table,) = tables.tables(connection)
    return table


def fill(shop: Shop, number: int) -> None:
    """A new database with so many rows."""
    with shop.database("postgres") as admin:
        admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        admin.execute("CREATE DATABASE shop TEMPLATE template0")
    with shop.database() as connection:
        for statement in FILL.format(rows=number).split(";"):
            connection.execute(statement.encode())
        row = connection.execute("SELECT pg_relation_size('sold') / count(*) FROM sold").fetchone()
        print(f"{number:,} rows of {row[0] if row else 0} bytes")


@contextmanager
def copied(shop: Shop) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    """The database, and a copy of it."""
    with shop.database("postgres") as admin:
        admin.execute("CREATE DATABASE copied TEMPLATE shop")
    with shop.database() as source, shop.database("copied") as copy:
        if compare(copy, only_table(copy), fingerprints.plain(source, only_table(source)), ALL)[1]:
            raise SystemExit("the copy is no copy")
        yield source, copy
    with shop.database("postgres") as admin:
        admin.execute("DROP DATABASE copied WITH (FORCE)")


def ask(shop: Shop, query: str) -> None:
    """One query, by the same client."""
    with shop.database() as connection:
        connection.execute(query.encode()).fetchall()


def pipe(shop: Shop, words: list[str], digest: str) -> None:
    """A client tool's output through a digest, as a script does it."""
    host, port = shop.engine.address(shop.service("database"))
    variables = {"PGHOST": host, "PGPORT": str(port), "PGUSER": "shop", "PGDATABASE": "shop"}
    environment = {**base_environment(), **variables, "PGPASSWORD": shop.secrets.database}
    with subprocess.Popen([postgres_tool(words[0]), *words[1:]], env=environment, stdout=subprocess.PIPE) as tool:
        subprocess.run([digest], stdin=tool.stdout, stdout=subprocess.DEVNULL, check=True)
    if tool.returncode:
        raise SystemExit(f"{words[0]} ended with {tool.returncode}")


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


@contextmanager
def watched(shop: Shop) -> Iterator[dict[str, float]]:
    """The most memory of their own, in MB, that this process and all of the server's had meanwhile."""
    host, port = shop.engine.address(shop.service("database"))
    server = next(p for p in psutil.process_iter() if _listens(p, host, port))
    peak, over = {"client": 0.0, "server": 0.0}, threading.Event()

    def sample() -> None:
        while not over.wait(0.02):
            peak["client"] = max(peak["client"], _own_mb(os.getpid()))
            peak["server"] = max(peak["server"], sum(_own_mb(p.pid) for p in [server, *server.children()]))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _listens(process: psutil.Process, host: str, port: int) -> bool:
    try:
        return any(c.status == psutil.CONN_LISTEN and c.laddr == (host, port) for c in process.net_connections("tcp"))
    except psutil.Error:
        return False


def _own_mb(pid: int) -> float:
    """What a process has that is neither a file nor shared."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon:"))


@contextmanager
def throwaway() -> Iterator[Shop]:
    """A shop of which only the database server runs, on the embedded engine; nothing is left of it."""
    plan, kind = planning.plan_run(str(SCENARIO), planning.Options(engine="embedded", seed=1), Clock())
    state = StateFolder.create(plan.run_id)
    with tempfile.TemporaryDirectory(prefix="blackstart-verify-") as home:
        path = folder.create(Path(home), plan)
        engine = kind.open(plan, state, Children(state, path / "logs"), Secrets.generate())
        shop = Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=BackupStore(state.work / "backups"))
        try:
            engine.create_volume(shop.volume("database"))
            engine.start(shop.service("database"))
            yield shop
        finally:
            with signals.held():
                left = engine.close()
                state.remove()
            if left:
                print(f"left behind: {', '.join(left)}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
