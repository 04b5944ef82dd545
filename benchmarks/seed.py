"""How fast a shop is seeded: beside psql, pgbench and Faker row by row; and how much memory that takes.

    python benchmarks/seed.py [--scale medium] [--rounds 3]

All of it loads into one throwaway PostgreSQL of the embedded engine, one after the other, round after
round, so the ratios travel; the seconds are this machine's. The peaks of memory are those of whole
seedings (rows, files, keys, fingerprints), each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from faker import Faker
from psycopg import sql

from blackstart import folder, planning, signals, stacks
from blackstart.backups import BackupStore
from blackstart.child import Children
from blackstart.clock import Clock
from blackstart.credentials import Secrets
from blackstart.journal import Journal
from blackstart.ledger import Ledger
from blackstart.observe import fingerprints
from blackstart.observe import tables as observe_tables
from blackstart.phases import seed as phase
from blackstart.phases.stage import Stage
from blackstart.progress import Progress
from blackstart.seeding import database
from blackstart.seeding.files import UploadRow
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import SCALES
from blackstart.seeding.tables import tables
from blackstart.seeding.vocabulary import Vocabulary
from blackstart.shop import Shop
from blackstart.state import StateFolder

MOST_TIMES_PSQL = 1.3
LEAST_TIMES_FAKER = 100.0
MOST_GROWTH_MB = 50.0
SEED = 42
PGBENCH_SCALE = 10
FAKED = 300
"""One of so many rows is made and inserted row by row."""
SCENARIO = Path(__file__).parents[1] / "scenarios" / "no-fault.yaml"
SCHEMA = stacks.folder("ecommerce") / "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to fill a new database."""

    name: str
    rows: int
    load: Callable[[Shop], object]
    seconds: list[float] = field(default_factory=list)

    @property
    def median_s(self) -> float:
        """Of all rounds."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.median_s


def main() -> None:
    """Print what was measured beside what it should be."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--scale", default="medium", choices=tuple(SCALES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peak-of", choices=tuple(SCALES), help=argparse.SUPPRESS)  # what the child processes do
    words = parser.parse_args()
    with signals.raised():
        if words.peak_of:
            print(peak_of(words.peak_of))
            return
        compare(words.scale, words.rounds)
        peaks = {scale: peak_in_its_own_process(scale) for scale in ("medium", "large")}
    for scale, megabytes in peaks.items():
        print(f"{f'peak memory of seeding {scale}':<60} {megabytes:>8.1f} MB")
    growth = peaks["large"] - peaks["medium"]
    print_aim("peak at large less peak at medium, MB", growth, f"{MOST_GROWTH_MB:g} or less", growth <= MOST_GROWTH_MB)


def compare(scale: str, rounds: int) -> None:
    """Load the same rows in every way, again and again, and print the medians."""
    digest = bytes(range(32))
    uploads = [
        UploadRow(path=f"products/{number}.png", media_type="image/png", sha256=digest, bytes=10_000, product_id=None)
        for number in range(SCALES[scale].files)
    ]
    recipe = Recipe(scale=SCALES[scale], seed=SEED, vocabulary=Vocabulary.make(SEED))
    with throwaway(scale) as stage, tempfile.TemporaryDirectory(prefix="blackstart-seed-") as home:
        stage.shop.engine.start(stage.shop.service("database"))
        counts = write_files(Path(home), recipe, uploads)
        ours, psql, _, faker = ways = (
            blackstart(scale, uploads, sum(counts.values())),
            psql_copy(Path(home), sum(counts.values())),
            pgbench(),
            row_by_row({table: max(1, count // FAKED) for table, count in counts.items()}),
        )
        for _ in range(rounds):
            contents = [timed(stage.shop, way) for way in ways]
            if contents[0] != contents[1]:
                raise SystemExit("psql did not load the rows that Blackstart loaded")
    print(f"{f'{scale}, median of {rounds} rounds':<60} {'rows':>10} {'seconds':>8} {'rows/s':>9}")
    for way in ways:
        print(f"{way.name:<60} {way.rows:>10,} {way.median_s:>8.2f} {way.rate:>9,.0f}")
    beside_psql, beside_faker = ours.median_s / psql.median_s, ours.rate / faker.rate
    print_aim("time beside psql", beside_psql, f"{MOST_TIMES_PSQL} or less", beside_psql <= MOST_TIMES_PSQL)
    print_aim("rate beside Faker", beside_faker, f"{LEAST_TIMES_FAKER:g} or more", beside_faker >= LEAST_TIMES_FAKER)


def print_aim(what: str, measured: float, aim: str, met: bool) -> None:
    """A line with a ratio, the aim and whether it is met."""
    print(f"{what:<60} {measured:>8.2f}   aim {aim}: {'met' if met else 'missed'}")


def timed(shop: Shop, way: Way) -> Mapping[str, object]:
    """Load a new database, note the seconds, and return each table's fingerprint."""
    with shop.database("postgres") as connection:
        connection.execute("DROP DATABASE shop WITH (FORCE)")
        connection.execute("CREATE DATABASE shop")
        connection.execute("CHECKPOINT")
    began = time.monotonic()
    way.load(shop)
    way.seconds.append(time.monotonic() - began)
    with shop.database() as connection:
        return {t.qualified: fingerprints.plain(connection, t).sums for t in observe_tables.tables(connection)}


def blackstart(scale: str, uploads: Sequence[UploadRow], rows: int) -> Way:
    """Everything between the scale's name and a database that is ready."""

    def load(shop: Shop) -> None:
        database.load(
            shop.database,
            Recipe(scale=SCALES[scale], seed=SEED, vocabulary=Vocabulary.make(SEED)),
            tables_sql=(SCHEMA / "tables.sql").read_text(),
            constraints_sql=(SCHEMA / "constraints.sql").read_text(),
            uploads=uploads,
            say=lambda _: None,
        )

    return Way(name="blackstart: rows made, COPY, keys, ANALYZE", rows=rows, load=load)


def write_files(home: Path, recipe: Recipe, uploads: Sequence[UploadRow]) -> dict[str, int]:
    """Every table's rows as a file, and what psql does with them; returns the number of rows by table."""
    counts, all_tables = {}, tables(uploads)
    for table in all_tables:
        text = table.text(recipe, 1, table.sources(recipe.scale) + 1)
        (home / table.name).write_bytes(text)
        counts[table.name] = text.count(b"\n")
    copies = [rf"\copy {t.qualified} ({', '.join(t.columns)}) FROM '{home / t.name}'" for t in all_tables]
    analyze = f"ANALYZE {', '.join(table.qualified for table in all_tables)};"
    script = [r"\set ON_ERROR_STOP 1", rf"\i {SCHEMA}/tables.sql", *copies, rf"\i {SCHEMA}/constraints.sql", analyze]
    (home / "load.sql").write_text("\n".join(script))
    return counts


def psql_copy(home: Path, rows: int) -> Way:
    """The files that `write_files` wrote."""
    name = r"psql \copy of the same rows from files, keys, ANALYZE"
    return Way(name=name, rows=rows, load=lambda shop: tool(shop, "psql", "--quiet", f"--file={home}/load.sql"))


def pgbench() -> Way:
    """Tables of its own, which are narrower: 100,011 rows a scale."""
    argv = ("pgbench", "--initialize", "--quiet", f"--scale={PGBENCH_SCALE}")
    name = "pgbench --initialize, tables of its own"
    return Way(name=name, rows=PGBENCH_SCALE * 100_011, load=lambda shop: tool(shop, *argv))


def row_by_row(counts: Mapping[str, int]) -> Way:
    """Some rows of each table with a call of Faker for each value and an INSERT for each row, in one transaction."""
    table_of = {table.name: table for table in tables(())}

    def load(shop: Shop) -> None:
        faker = Faker()
        faker.seed_instance(SEED)
        with shop.database(autocommit=False) as connection:
            connection.execute((SCHEMA / "tables.sql").read_bytes())
            for name, count in counts.items():
                table = table_of[name]
                columns = table.columns[-len(FAKE_ROWS[name](faker)) :]  # the table's own ids are the server's
                statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(table.schema, name),
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.SQL(", ").join(sql.Placeholder() * len(columns)),
                )
                for _ in range(count):
                    connection.execute(statement, FAKE_ROWS[name](faker))
            connection.commit()

    return Way(name="Faker row by row, INSERT, no keys (a sample)", rows=sum(counts.values()), load=load)


FAKE_ROWS: Mapping[str, Callable[[Faker], tuple[object, ...]]] = {
    "customers": lambda f: (f.email(), f.name(), f.phone_number(), f.locale(), f.date_of_birth(), f.date_time()),
    "addresses": lambda f: (
        *(f.random_int(1, 50_000), f.random_element(("billing", "shipping")), f.street_address()),
        *(f.city(), f.postcode(), f.country_code()),
    ),
    "preferences": lambda f: (
        *(f.random_int(1, 50_000), json.dumps({"theme": f.color_name(), "nickname": f.word(), "news": f.boolean()})),
        *(f.words(3), f.date_time()),
    ),
    "page_views": lambda f: (f.date_time(), f.random_int(1, 50_000), f.uri_path(), f.random_int(200, 600_000)),
    "products": lambda f: (
        *(f.ean8(), f.catch_phrase(), f.paragraph(), f.random_int(200, 40_000) / 100, f.random_int(20, 30_000)),
        *(f.words(3), json.dumps({"colour": f.color_name(), "size": f.random_int()}), f.binary(24), f.date_time()),
    ),
    "inventory": lambda f: (f.random_int(1, 10_000), f.random_int(50_000, 100_000), 0, None),
    "reviews": lambda f: (
        *(f.random_int(1, 10_000), f.random_int(1, 50_000), f.random_int(1, 5), f.paragraph(2), f.date_time()),
    ),
    "orders": lambda f: (
        *(f.random_int(1, 50_000), f.random_element(("placed", "paid", "shipped", "delivered"))),
        *(f.random_int(200, 90_000) / 100, f.currency_code(), f.date_time(), None),
    ),
    "order_items": lambda f: (
        *(f.random_int(1, 118_000), f.random_int(1, 5), f.random_int(1, 10_000), f.random_int(1, 3)),
        *(f.random_int(200, 40_000) / 100, None),
    ),
    "payments": lambda f: (
        *(f.random_int(1, 118_000), f.random_element(("card", "wallet")), f"tok_{f.pystr(24, 24)}"),
        *(f.random_int(200, 90_000) / 100, f.date_time(), None),
    ),
    "uploads": lambda f: (
        *(f.random_int(1, 10_000), f.file_path(), f.mime_type(), f.random_int(1, 50_000), f.binary(32)),
        *(f.date_time(), None),
    ),
}


def tool(shop: Shop, *argv: str) -> None:
    """Run a client tool of PostgreSQL; it must succeed."""
    done = shop.engine.execute(shop.service("database"), argv)
    if done.status:
        raise SystemExit(f"{argv[0]} ended with {done.status}:\n{done.errors}")


def peak_of(scale: str) -> float:
    """Seed a whole shop, and return the most memory that this process ever had, in MB.

    The kernel's VmHWM is this program's own; getrusage's figure begins with that of the process before exec.
    """
    with throwaway(scale) as stage:
        stage.shop.engine.up()
        phase.seed(stage)
    seen = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert seen is not None
    return int(seen[1]) * 1024 / 1e6


def peak_in_its_own_process(scale: str) -> float:
    """The same, asked of this script; a signal that ends us makes it clean up as well."""
    process = subprocess.Popen([sys.executable, __file__, "--peak-of", scale], stdout=subprocess.PIPE, text=True)
    try:
        said, _ = process.communicate()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        raise SystemExit(f"seeding {scale} ended with {process.returncode}")
    return float(said)


@contextmanager
def throwaway(scale: str) -> Iterator[Stage]:
    """The stage of a run on the embedded engine; nothing runs on it yet, and nothing is left of it."""
    clock = Clock()
    plan, kind = planning.plan_run(str(SCENARIO), planning.Options(engine="embedded", scale=scale, seed=SEED), clock)
    state = StateFolder.create(plan.run_id)
    with tempfile.TemporaryDirectory(prefix="blackstart-seed-") as home:
        path = folder.create(Path(home), plan)
        engine = kind.open(plan, state, Children(state, path / "logs"), Secrets.generate())
        stage = Stage(
            plan=plan,
            shop=Shop(plan=plan, engine=engine, secrets=engine.secrets, backups=BackupStore(state.work / "backups")),
            journal=Journal(path / "journal.jsonl", clock),
            state=state,
            writes=Ledger(path / "ledger.jsonl", clock),
            reads=Ledger(path / "reads.jsonl", clock),
            backups=BackupStore(state.work / "backups"),
            evidence=path / "evidence",
            progress=Progress(clock),
        )
        try:
            yield stage
        finally:
            with signals.held():
                left = engine.close()
                state.remove()
            if left:
                print(f"left behind: {', '.join(left)}", file=sys.stderr)


if __name__ == "__main__":
    main()
