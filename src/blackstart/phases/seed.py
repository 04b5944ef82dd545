"""Seed: fill the shop, then fingerprint what it holds before the first customer comes."""

from __future__ import annotations

import dataclasses
import io
import json
import tarfile
import time
from pathlib import PurePosixPath

from blackstart import stacks
from blackstart.checks.base import SeedEvidence
from blackstart.errors import NotConducted
from blackstart.observe import files as observe_files
from blackstart.observe import keys as observe_keys
from blackstart.observe import tables as observe_tables
from blackstart.phases.stage import Stage
from blackstart.seeding import cache, database, files
from blackstart.seeding.files import UploadRow
from blackstart.seeding.scale import SCALES, Scale


def seed(stage: Stage) -> SeedEvidence:
    """Fill database, uploads and cache; what is then observed is the evidence that all else builds on."""
    plan, shop = stage.plan, stage.shop
    scale = SCALES[plan.scenario.seed.scale]
    folder = stacks.folder(plan.stack.name)
    uploads = _upload(stage, scale)
    with shop.database() as connection:
        rows = database.load(
            connection,
            scale,
            plan.seed,
            tables_sql=(folder / plan.stack.schema["tables"]).read_text(),
            constraints_sql=(folder / plan.stack.schema["constraints"]).read_text(),
            uploads=uploads,
        )
    with shop.cache() as client:
        keys = cache.load(client, scale, plan.seed, now=time.time())
    stage.journal.write("seeded", {**rows, "files": len(uploads), "keys": keys})
    stage.progress.say(f"seeded {sum(rows.values()):,} rows, {len(uploads)} files, {keys} keys")
    return _evidence(stage)


def _upload(stage: Stage, scale: Scale) -> list[UploadRow]:
    """Write the files into their volume through one tar stream; returns what the database keeps of them."""
    rows = []
    folders = {"."}
    volume = stage.shop.volume("uploads")
    with stage.shop.engine.read_volume(volume) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        # The shop's own user, if containers have one: files of anybody else's it could not work with.
        top = next((member for member in tar if member.name == "."), tarfile.TarInfo("."))
    spool = stage.state.work / "uploads.tar"
    with tarfile.open(spool, "w") as tar:
        for file in files.files(scale, stage.plan.seed):
            for parent in [str(p) for p in reversed(PurePosixPath(file.path).parents) if str(p) not in folders]:
                folders.add(parent)
                folder = tarfile.TarInfo(parent)
                folder.type, folder.mode, folder.uid, folder.gid = tarfile.DIRTYPE, 0o755, top.uid, top.gid
                tar.addfile(folder)
            member = tarfile.TarInfo(file.path)
            member.size, member.mode, member.mtime = len(file.content), 0o644, int(time.time())
            member.uid, member.gid = top.uid, top.gid
            tar.addfile(member, io.BytesIO(file.content))
            rows.append(UploadRow.of(file))
    with spool.open("rb") as packed:
        stage.shop.engine.write_volume(volume, packed)
    spool.unlink()
    return rows


def _evidence(stage: Stage) -> SeedEvidence:
    """Fingerprint everything, in a shop that nobody else writes to yet."""
    shop = stage.shop
    with shop.database(autocommit=False) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tables = observe_tables.fingerprint(connection)
        stock = dict(connection.execute("SELECT product_id, stock FROM inventory").fetchall())
    with shop.engine.read_volume(shop.volume("uploads")) as tar:
        found = observe_files.fingerprint(tar)
    with shop.cache() as client:
        keys = observe_keys.fingerprint(client)
        views = observe_keys.values(client, [name for name in keys if name.startswith("views:")])
    if not found or not keys or not all(table.rows for table in tables.tables.values()):
        raise NotConducted("the seed left a store or a table empty, so nothing could be proven about it")
    evidence = SeedEvidence(
        complete_s=stage.journal.mark("seeded"),
        database=tables,
        stock=stock,
        files=found,
        keys=keys,
        counters={name: int(value or 0) for name, value in views.items()},
    )
    (stage.evidence / "seed.json").write_text(json.dumps(dataclasses.asdict(evidence)))
    return evidence
