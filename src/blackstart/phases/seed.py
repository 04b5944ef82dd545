"""Seed: fill the shop, then fingerprint what it holds before the first customer comes."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

from blackstart import stacks
from blackstart.checks.base import SeedEvidence
from blackstart.errors import NotConducted
from blackstart.observe import database as observe_database
from blackstart.observe import files as observe_files
from blackstart.observe import keys as observe_keys
from blackstart.observe import tables
from blackstart.phases.stage import Stage
from blackstart.seeding import cache, database, volume
from blackstart.seeding.recipe import Recipe
from blackstart.seeding.scale import scale_of
from blackstart.seeding.vocabulary import Vocabulary
from blackstart.shop import Shop


def seed(stage: Stage) -> SeedEvidence:
    """Fill the shop; what is then observed is the evidence that all else builds on."""
    fill(stage)
    return evidence(stage)


def fill(stage: Stage) -> None:
    """Uploads, database and cache."""
    began = stage.clock.now()
    filled = _fill(stage)
    stage.journal.write("seeded", filled)
    rows = sum(filled.values()) - filled["files"] - filled["keys"]
    seconds = stage.clock.now() - began
    stage.progress.say(f"seeded {rows:,} rows, {filled['files']:,} files, {filled['keys']:,} keys in {seconds:.1f} s")


def _fill(stage: Stage) -> Mapping[str, int]:
    """How many rows each table has now, and how many files and keys there are."""
    plan, shop, say = stage.plan, stage.shop, stage.progress.doing
    spec = plan.scenario.seed
    recipe = Recipe(scale=scale_of(spec), seed=plan.seed, vocabulary=Vocabulary.make(plan.seed, spec.locale))
    schema = stacks.folder(plan.stack.name)
    _make_way(shop)
    uploads = volume.fill(shop.engine, shop.volume("uploads"), recipe.scale, recipe.seed, say=say)
    rows = database.load(
        shop.database,
        recipe,
        tables_sql=(schema / plan.stack.schema["tables"]).read_text(),
        constraints_sql=(schema / plan.stack.schema["constraints"]).read_text(),
        uploads=uploads,
        say=say,
    )
    say("seeding: keys")
    with shop.cache() as client:
        keys = cache.load(client, recipe.scale, recipe.seed, now=time.time())
    return {**rows, "files": len(uploads), "keys": keys}


def _make_way(shop: Shop) -> None:
    """Tables that the shop has made by itself when it started go, with their database: the seed's are made anew."""
    with shop.database() as connection:
        made = tables.tables(connection)
    if made:
        with shop.database("postgres") as admin:
            admin.execute("DROP DATABASE shop WITH (FORCE)")
            admin.execute("CREATE DATABASE shop TEMPLATE template0")


def evidence(stage: Stage) -> SeedEvidence:
    """Fingerprint everything, in a shop that nobody else writes to yet."""
    shop = stage.shop
    stage.progress.doing("seeding: fingerprints of what is there")
    with shop.database(autocommit=False) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        content = observe_database.fingerprint(connection)
        stock = dict(connection.execute("SELECT product_id, stock FROM inventory").fetchall())
        uploads = connection.execute("SELECT path, encode(sha256, 'hex') FROM uploads").fetchall()
    found = observe_files.of_volume(shop.engine, shop.volume("uploads"))
    with shop.cache() as client:
        keys = observe_keys.fingerprint(client)
        views = observe_keys.values(client, [name for name in keys if name.startswith("views:")])
    empty = [name for name in shop.plan.stack.tables if not content.tables[name].rows]
    if not observe_files.files_only(found) or not keys or empty:
        raise NotConducted("the seed left a store or a table empty, so nothing could be proven about it")
    observed = SeedEvidence(
        complete_s=stage.journal.mark("seeded"),
        database=content,
        stock=stock,
        files=found,
        keys=keys,
        counters={name: int(value or 0) for name, value in views.items()},
        contents={found[path].blake3: sha256 for path, sha256 in uploads if path in found},
    )
    with (stage.evidence / "seed.json").open("w") as out:
        out.writelines(_json(observed, depth=3))
    return observed


def _json(value: Any, *, depth: int) -> Iterator[str]:
    """JSON of dataclasses and mappings, part by part down to a depth: as one text it would take much memory."""
    if depth == 0 or not (isinstance(value, Mapping) or dataclasses.is_dataclass(value)):
        yield json.dumps(value, default=_fields)
        return
    comma = ""
    yield "{"
    for name, part in (value if isinstance(value, Mapping) else _fields(value)).items():
        yield f"{comma}{json.dumps(str(name))}: "
        yield from _json(part, depth=depth - 1)
        comma = ", "
    yield "}"


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
