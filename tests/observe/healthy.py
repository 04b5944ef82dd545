"""A shop's database with the zoo of types, dumped and restored, in which cases are planted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from blackstart import stacks
from blackstart.backups import Backup
from blackstart.checks.base import Scene, SeedEvidence, run
from blackstart.clock import Clock
from blackstart.evidence import Observation, Stage
from blackstart.judge import outcome
from blackstart.ledger import Ledger
from blackstart.observe import database as observe_database
from blackstart.procedures.pg_dump import PgDump
from blackstart.registry import checks
from blackstart.scenario import SeedSpec
from blackstart.seeding import database, volume
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import scale_of
from blackstart.seeding.vocabulary import Vocabulary
from blackstart.selftest import bench
from blackstart.selftest.case import Case
from blackstart.selftest.copy import SpoiltCopy
from blackstart.shop import Shop

HEALTHY = "healthy"


@dataclass(frozen=True, kw_only=True)
class Healthy:
    """The restored database as a template, and the evidence of how it was."""

    shop: Shop
    seed: SeedEvidence
    backup: Backup
    ledger: Ledger
    evidence: Path

    def renew(self) -> None:
        """`shop` as a fresh copy."""
        with self.shop.database("postgres") as admin:
            admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
            admin.execute(f"CREATE DATABASE shop TEMPLATE {HEALTHY}")
        bench.psql(self.shop, "database.sql")

    def scene(self, stage: Stage = "verify", *, restored: bool = True, crashed: bool = True) -> Scene:
        """What checks are shown of a database that crashed, or that no fault struck."""
        plan = replace(self.shop.plan, damaged=("database",) if crashed else ())
        return Scene(
            shop=replace(self.shop, plan=plan),
            stage=stage,
            seed=self.seed,
            writes=self.ledger,
            reads=self.ledger,
            evidence=self.evidence,
            began=Clock().began,
            restored={"database": self.backup} if restored else {},
        )

    def observe(self, *names: str, case: Case | None = None, stage: Stage = "verify") -> list[Observation]:
        """What some checks see of `shop`, as a case explains it."""
        scene = self.scene(stage, restored=case is None or case.explained_by == "backup")
        return [seen for name in names for seen in run(checks()[name], scene)]

    def red(self, *names: str) -> list[str]:
        """What some checks have against `shop`."""
        return [f"{s.check}: {s.subject}: {s.differences} {s.error}" for s in self.observe(*names) if not _green(s)]


def _green(seen: Observation) -> bool:
    return outcome(seen) in ("pass", "not_applicable")


def copy_of(shop: Shop, home: Path) -> SpoiltCopy:
    """A copy as the self-test has it; only its database can be spoilt here."""
    only_a_database: Any = SimpleNamespace(shop=shop, operations=())
    return SpoiltCopy(only_a_database, home)


def make(shop: Shop, home: Path) -> Healthy:
    """Seed, fingerprint, dump, restore."""
    clock = Clock()
    with shop.database("postgres") as admin:
        admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
        admin.execute("CREATE DATABASE shop TEMPLATE template0")
    _fill(shop)
    for file in ("database.sql", "objects.sql", "types.sql"):
        bench.psql(shop, file)
    with shop.database(autocommit=False) as connection:
        content = observe_database.fingerprint(connection)
    made = home / "backup"
    made.mkdir()
    backup = Backup(folder=made, manifest=PgDump().backup(shop, "database", made, clock, 1))
    for seen in PgDump().restore(shop, "database", backup):
        assert outcome(seen) == "pass", seen
    content = bench.with_refreshed_views(shop, content)
    with shop.database("postgres") as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {HEALTHY}")
        admin.execute(f"ALTER DATABASE shop RENAME TO {HEALTHY}")
    seed = SeedEvidence(complete_s=0.0, database=content, stock={}, files={}, keys={}, counters={})
    (home / "evidence").mkdir()
    return Healthy(
        shop=shop,
        seed=seed,
        backup=backup,
        ledger=Ledger(home / "ledger.jsonl", clock),
        evidence=home / "evidence",
    )


def _fill(shop: Shop) -> None:
    spec = SeedSpec(scale="small")
    recipe = Recipe(scale=scale_of(spec), seed=5, vocabulary=Vocabulary.make(5, spec.locale))
    schema = stacks.folder("ecommerce")
    shop.engine.create_volume(shop.volume("uploads"))
    uploads = volume.fill(shop.engine, shop.volume("uploads"), recipe.scale, recipe.seed, say=lambda _: None)
    names = shop.plan.stack.schema
    database.load(
        shop.database,
        recipe,
        tables_sql=(schema / names["tables"]).read_text(),
        constraints_sql=(schema / names["constraints"]).read_text(),
        uploads=uploads,
        say=lambda _: None,
    )
