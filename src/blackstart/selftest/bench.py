"""The bench: a shop that was filled, traded with, backed up and restored, and copies of it to be spoilt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from psycopg import sql

from blackstart.activities import Activities
from blackstart.activities.backup_schedule import procedure
from blackstart.activities.customers import Customers
from blackstart.backups import Backup
from blackstart.checks.base import SeedEvidence
from blackstart.engines.base import DeletesVolumes, Volumes
from blackstart.errors import NotConducted
from blackstart.evidence import DatabaseFingerprint, Observation
from blackstart.judge import outcome
from blackstart.ledger import Operation
from blackstart.observe import tables
from blackstart.observe.fingerprints import with_buckets
from blackstart.phases import seed
from blackstart.phases.gate import BUYING_WITHIN_S
from blackstart.phases.stage import Stage
from blackstart.seeding.scale import scale_of
from blackstart.selftest import more_files, more_keys
from blackstart.selftest.saved_keys import SavedKeys
from blackstart.shop import Shop
from blackstart.stack import STORES, Role
from blackstart.waiting import poll

ZOO = Path(__file__).parent / "zoo"
HEALTHY = "healthy"
"""The database that copies are made from."""
ORDERS, UPLOADS, CARTS = 40, 10, 10
"""Acknowledged operations of customers, at least, in what is backed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A healthy restored shop, kept as a template: its database, its files, its keys."""

    stage: Stage
    seed: SeedEvidence
    restored: Mapping[Role, Backup]
    earlier: Mapping[Role, Backup]
    """Backups of the same shop from before its customers came; nothing was restored from them."""
    operations: tuple[Operation, ...]
    """What customers wrote, all of it before the backups."""
    files: Path
    """The uploads volume as a tar."""
    keys: SavedKeys

    @property
    def shop(self) -> Shop:
        """Where copies appear."""
        return self.stage.shop

    def renew_database(self) -> None:
        """A fresh copy of the healthy database under the name `shop`."""
        with self.shop.database("postgres") as admin:
            admin.execute("DROP DATABASE IF EXISTS shop WITH (FORCE)")
            admin.execute(sql.SQL("CREATE DATABASE shop TEMPLATE {}").format(sql.Identifier(HEALTHY)))
        psql(self.shop, "database.sql")  # what a template does not hand on: settings, grants, subscriptions

    def renew_files(self) -> None:
        """The uploads volume as it was restored."""
        with self.files.open("rb") as tar:
            self.replace_files(tar)

    def replace_files(self, tar: IO[bytes]) -> None:
        """The uploads volume with other files."""
        engine, volume = deleting(self.shop.engine), self.shop.volume("uploads")
        engine.delete_volume(volume)
        engine.create_volume(volume)
        engine.write_volume(volume, tar)

    def restore(self, role: Role, backup: Backup) -> list[Observation]:
        """A role from a backup, as a recovery does it once it trusts it; NotConducted or NotRecovered if it cannot."""
        seen = list(_restored(self.stage, role, backup))
        if role == "database":
            psql(self.shop, "database.sql")
        return seen

    def empty_cache(self) -> None:
        """A server of Redis that runs on a volume of its own, whatever lay there before."""
        _clean_place(self.stage, "cache")
        self.shop.engine.start(self.shop.service("cache"))

    def renew_keys(self) -> None:
        """Redis as it was restored."""
        with self.shop.cache() as client:
            self.keys.load(client)


def make(stage: Stage) -> Bench:
    """Fill a shop that is up, let customers trade, back it up, restore it; NotConducted if that is not healthy."""
    seed.fill(stage)
    for file in ("database.sql", "objects.sql", "types.sql"):
        psql(stage.shop, file)
    more_files.put(stage.shop)
    earlier = _backed_up(stage, "earlier", 1)
    with stage.shop.cache() as client:
        more_keys.load(client)
    base = seed.evidence(stage)
    _trade(stage)
    stage.shop.engine.stop(stage.shop.service("app"))
    restored = _backed_up(stage, "healthy", 2)
    _restore(stage, restored)
    base = replace(base, database=with_refreshed_views(stage.shop, base.database))
    with stage.shop.database("postgres") as admin:
        admin.execute(sql.SQL("ALTER DATABASE shop RENAME TO {}").format(sql.Identifier(HEALTHY)))
    files = stage.state.work / "uploads.tar"
    with stage.shop.engine.read_volume(stage.shop.volume("uploads")) as tar, files.open("wb") as out:
        shutil.copyfileobj(tar, out, 1 << 20)
    with stage.shop.cache() as client:
        more_keys.ended(client, restored["cache"].manifest.keys or {})
        keys = SavedKeys.of(client)
    return Bench(
        stage=stage,
        seed=base,
        restored=restored,
        earlier=earlier,
        operations=stage.writes.operations(),
        files=files,
        keys=keys,
    )


def deleting(engine: Volumes) -> DeletesVolumes:
    """The engine as one that deletes volumes; NotConducted if it is none."""
    if not isinstance(engine, DeletesVolumes):
        raise NotConducted("this engine cannot delete volumes, so nothing can be put back")
    return engine


def psql(shop: Shop, file: str, *, database: str = "shop") -> None:
    """Run one of the zoo's files; NotConducted at its first error."""
    words = ["psql", "--no-psqlrc", "--quiet", f"--dbname={database}", "--set=ON_ERROR_STOP=1", "--no-password"]
    with (ZOO / file).open("rb") as statements:
        done = shop.engine.execute(shop.service("database"), words, stdin=statements)
    if done.status:
        said = [line for line in done.errors.splitlines() if "ERROR" in line]
        raise NotConducted(f"{file} cannot be applied: {(said or ['psql said nothing'])[0]}")


def with_refreshed_views(shop: Shop, known: DatabaseFingerprint) -> DatabaseFingerprint:
    """The same with materialized views as the restore has filled them: a crash of what was restored keeps those."""
    with shop.database() as connection:
        views = {view.qualified: with_buckets(connection, view) for view in tables.views(connection)}
    return replace(known, views=views)


def _trade(stage: Stage) -> None:
    """Customers buy for a while, and come to rest."""
    workload, scenario = stage.plan.scenario.workload, stage.plan.scenario
    customers = Customers(
        stage.shop.urls,
        scale_of(scenario.seed),
        stage.plan.seed,
        customers=workload.customers,
        operations_per_second=workload.operations_per_second,
        writes=stage.writes,
        reads=stage.reads,
    )

    def enough() -> bool:
        done = [o.op for o in stage.writes.operations() if o.acknowledged]
        return done.count("order") >= ORDERS and done.count("upload") >= UPLOADS and done.count("cart") >= CARTS

    with Activities(stage.journal) as busy:
        busy.start(customers)
        traded = poll(enough, within_s=BUYING_WITHIN_S)
        customers.drain()
        busy.stop(customers)
    if not traded:
        raise NotConducted(f"customers did not buy enough within {BUYING_WITHIN_S:.0f} s")
    stage.progress.say("customers have traded")


def _backed_up(stage: Stage, name: str, cycle: int) -> dict[Role, Backup]:
    """One cycle of backups, of a shop at rest."""
    spec = stage.plan.backup
    assert spec is not None
    made = {}
    for role in STORES:
        folder = stage.backups.begin(role, f"{role}-{name}")
        manifest = procedure(spec.procedures[role]).backup(stage.shop, role, folder, stage.clock, cycle)
        made[role] = stage.backups.complete(folder, manifest)
    stage.progress.say(f"backed up ({name})")
    return made


def _restore(stage: Stage, restored: Mapping[Role, Backup]) -> None:
    """Each role from its backup; NotConducted if that is not green."""
    for role, backup in restored.items():
        _require_green(_restored(stage, role, backup))
    psql(stage.shop, "database.sql")
    stage.progress.say("restored")


def _restored(stage: Stage, role: Role, backup: Backup) -> Iterator[Observation]:
    """A role from a backup; the database beside the old one, whose cluster keeps the roles."""
    spec = stage.plan.backup
    assert spec is not None
    if role != "database":
        _clean_place(stage, role)
    yield from procedure(spec.procedures[role]).restore(stage.shop, role, backup)


def _clean_place(stage: Stage, role: Role) -> None:
    """An empty volume, whose service is stopped."""
    spec, engine = stage.plan.backup, deleting(stage.shop.engine)
    assert spec is not None
    stage.shop.engine.stop(stage.shop.service(role))
    engine.delete_volume(stage.shop.volume(role))
    procedure(spec.procedures[role]).provision(stage.shop, role)


def _require_green(observations: Iterator[Observation]) -> None:
    """A self-test of a shop that was not restored soundly would prove nothing."""
    for seen in observations:
        if outcome(seen) != "pass":
            raise NotConducted(f"the restored shop is not healthy: {seen.check}: {seen.subject}: {_why(seen)}")


def _why(seen: Observation) -> str:
    """What an observation has to say, in a line."""
    return seen.error or "; ".join(seen.differences[:3]) or f"expected {seen.expected}, found {seen.actual}"
