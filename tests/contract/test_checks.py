"""Every check of a quiet shop is green, and each goes red for what it is there to find."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.conftest import Live
from tests.contract.volumes import changed_tar, link, replace_files, spooled

from blackstart import registry
from blackstart.backups import Backup
from blackstart.checks.base import run
from blackstart.engines.base import DeletesVolumes
from blackstart.judge import outcome
from blackstart.observe import fingerprints, tables
from blackstart.procedures.uploads_archive import UploadsArchive
from blackstart.shop import Shop

FILE = "products/seed-000002.png"


@contextmanager
def _statement(shop: Shop, plant: str, heal: str) -> Iterator[None]:
    with shop.database() as connection:
        connection.execute(plant.encode())
        yield
        connection.execute(heal.encode())


STATEMENTS = {
    "row-counts: an extra table": ("CREATE TABLE stranger (n int)", "DROP TABLE stranger"),
    "row-counts: a missing row": (
        "CREATE TEMP TABLE kept AS SELECT * FROM reviews WHERE review_id = 5; DELETE FROM reviews WHERE review_id = 5",
        "INSERT INTO reviews SELECT * FROM kept",
    ),
    "catalog: a trigger that is off": (
        "ALTER TABLE inventory DISABLE TRIGGER inventory_version",
        "ALTER TABLE inventory ENABLE TRIGGER inventory_version",
    ),
    "catalog: the triggers of a valid foreign key are off": (
        "ALTER TABLE payments DISABLE TRIGGER ALL",
        "ALTER TABLE payments ENABLE TRIGGER ALL",
    ),
    "sequences: one behind its column": (
        "SELECT setval('uploads_upload_id_seq', max(upload_id), false) FROM uploads",
        "SELECT setval('uploads_upload_id_seq', max(upload_id)) FROM uploads",
    ),
    "checksums: one cent": (
        "UPDATE products SET price = price + 0.01 WHERE product_id = 9",
        "UPDATE products SET price = price - 0.01 WHERE product_id = 9",
    ),
    "checksums: 1.0 is not 1.00": (
        "DROP VIEW product_catalog; ALTER TABLE products ALTER price TYPE numeric;"
        " UPDATE products SET price = (price::text || '0')::numeric WHERE product_id = 9",
        "ALTER TABLE products ALTER price TYPE numeric(10, 2); CREATE VIEW product_catalog AS SELECT product_id,"
        " sku, name, description, price, tags, stock, stock > 0 AS available"
        " FROM products JOIN inventory USING (product_id)",
    ),
    "checksums: NULL is not empty": (
        "CREATE TEMP TABLE kept AS SELECT customer_id, phone FROM customers;"
        " UPDATE customers SET phone = '' WHERE phone IS NULL",
        "UPDATE customers c SET phone = k.phone FROM kept k WHERE k.customer_id = c.customer_id",
    ),
    "ledger: stock of one product": (
        "ALTER TABLE inventory DISABLE TRIGGER USER; UPDATE inventory SET stock = stock - 1 WHERE product_id = 3",
        "UPDATE inventory SET stock = stock + 1 WHERE product_id = 3; ALTER TABLE inventory ENABLE TRIGGER USER",
    ),
    "ledger: an order that nobody placed": (
        "INSERT INTO orders (customer_id, total, op_id) VALUES (1, 1, gen_random_uuid())",
        "DELETE FROM orders WHERE op_id IS NOT NULL",
    ),
    "cross-store: a row without its file": (
        "INSERT INTO uploads (path, media_type, bytes, sha256)"
        " VALUES ('products/none.png', 'image/png', 1, sha256('x'))",
        "DELETE FROM uploads WHERE path = 'products/none.png'",
    ),
    "cross-store: a row with another file's digest": (
        "CREATE TEMP TABLE kept AS SELECT upload_id, sha256 FROM uploads WHERE upload_id IN (1, 2);"
        " UPDATE uploads u SET sha256 = k.sha256 FROM kept k WHERE u.upload_id = 1 AND k.upload_id = 2",
        "UPDATE uploads u SET sha256 = k.sha256 FROM kept k WHERE k.upload_id = u.upload_id",
    ),
    "cross-store: a file without its row": (
        "CREATE TEMP TABLE kept AS SELECT * FROM uploads WHERE upload_id = 2; DELETE FROM uploads WHERE upload_id = 2",
        "INSERT INTO uploads SELECT * FROM kept",
    ),
    "invariants: a payment that is not the total": (
        "UPDATE payments SET amount = amount + 1 WHERE payment_id = 4",
        "UPDATE payments SET amount = amount - 1 WHERE payment_id = 4",
    ),
}


def red(live: Live, name: str) -> set[str]:
    """The outcomes of a check that are no passes."""
    scene = live.stage.scene(live.seed, stage="gate")
    found: set[str] = {outcome(seen) for seen in run(registry.checks()[name], scene)}
    return found - {"pass"}


@pytest.mark.parametrize("name", [name for name, check in registry.checks().items() if "gate" in check.STAGES])  # type: ignore[attr-defined]
def test_a_sound_shop_is_green(name: str, live: Live) -> None:
    """No check alarms on the shop as it was seeded."""
    assert red(live, name) == set()


@pytest.mark.parametrize("what", STATEMENTS)
def test_a_planted_row_is_found(what: str, live: Live) -> None:
    """The check goes red while the change is there, and green again without it."""
    plant, heal = STATEMENTS[what]
    name = what.partition(":")[0]
    with _statement(live.stage.shop, plant, heal):
        found = red(live, name)

    assert found == {"fail"}
    assert red(live, name) == set()


def test_a_changed_file_and_a_strange_file_are_found(live: Live) -> None:
    """One byte of a file, which its row does not know either; and a file that nobody uploaded."""
    engine, volume = live.stage.shop.engine, live.stage.shop.volume("uploads")
    assert isinstance(engine, DeletesVolumes)
    content, before = engine.find(volume, FILE), spooled(live)
    assert content is not None
    engine.plant(volume, FILE, content[:-1] + b"?")
    changed = differences(live, "uploads"), differences(live, "cross-store")
    replace_files(live, before)
    engine.plant(volume, "products/stranger.png", b"x")
    strange = differences(live, "uploads"), differences(live, "cross-store")
    replace_files(live, before)

    assert f"changed: {FILE} (" in changed[0]
    assert f"row whose file has other bytes than its sha256: {FILE}" in changed[1]
    assert ("unexplained: products/stranger.png", "file without a row: products/stranger.png") == strange
    assert set() == red(live, "uploads") | red(live, "cross-store")


def differences(live: Live, name: str) -> str:
    """All that a check names."""
    scene = live.stage.scene(live.seed, stage="gate")
    return "\n".join(line for seen in run(registry.checks()[name], scene) for line in seen.differences)


def test_modes_owners_links_and_folders_are_content(live: Live) -> None:
    """What the volume holds beside bytes is named by path, and by what became of it."""

    def change(member: tarfile.TarInfo) -> None:
        if member.name.endswith(FILE):
            member.mode, member.uid = 0o600, 4711

    empty = tarfile.TarInfo("products/empty")
    empty.type, empty.mode = tarfile.DIRTYPE, 0o755
    before = spooled(live)
    links = [link("products/out.png", "../../secret.png"), link("products/abs.png", "/etc/passwd")]
    replace_files(live, changed_tar(before, change, empty, *links, link("products/none.png", "nobody.png")))
    seen, across = differences(live, "uploads"), differences(live, "cross-store")
    replace_files(live, before)

    assert f"mode changed: {FILE} (0644 → 0600)" in seen
    assert f"owner changed: {FILE} (" in seen
    assert "unexplained folder: products/empty" in seen
    assert "unexplained link: products/out.png" in seen
    assert "link out of the volume: products/out.png → ../../secret.png" in across
    assert "link out of the volume: products/abs.png → /etc/passwd" in across
    assert "link to nothing: products/none.png → nobody.png" in across
    # As root, who runs the app where there are no containers, anybody's file can be read.
    assert (f"the app cannot read: {FILE}" in across) == (live.stage.plan.engine == "docker")
    assert set() == red(live, "uploads") | red(live, "cross-store")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"customer_id":999999,"items":[]}', "names customer 999999, and there is none"),
        ('{"customer_id":1,"items":[{"product_id":888888,"quantity":1}]}', "names product 888888, and there is none"),
        ("no cart", "cannot be read: cart:"),
        ('{"customer_id":"1","items":[]}', "cannot be read: cart:"),
    ],
)
def test_a_cart_of_nobody_is_found(value: str, said: str, live: Live) -> None:
    """A cart names a customer and products of the database, or cannot be read at all."""
    with live.stage.shop.cache() as client:
        client.set("cart:planted", value)
        across = differences(live, "cross-store")
        client.delete("cart:planted")

    assert said in across
    assert set() == red(live, "cross-store")


def test_a_session_of_nobody_is_found(live: Live) -> None:
    """By its key; one of another type is named too."""
    with live.stage.shop.cache() as client:
        client.hset("session:planted", "customer_id", "777777")
        client.set("session:other", "x")
        across = differences(live, "cross-store")
        client.delete("session:planted", "session:other")

    assert "session:planted names customer 777777, and there is none" in across
    assert "cannot be read: session:other" in across


def test_keys_of_another_database_are_found(live: Live) -> None:
    """The shop keeps its keys in database 0; what is elsewhere nobody would see."""
    with live.stage.shop.cache() as client:
        client.execute_command("SELECT", 3)  # type: ignore[no-untyped-call]
        client.set("a", "b")
        found = differences(live, "redis-keys")
        client.delete("a")
        client.execute_command("SELECT", 0)  # type: ignore[no-untyped-call]

    assert "unexplained: 1 keys in db3" == found
    assert set() == red(live, "redis-keys")


@pytest.mark.parametrize("pattern", ["session:*", "cart:*", "views:*"])
def test_a_missing_key_is_found(pattern: str, live: Live) -> None:
    """One key of each kind, taken away and put back by Redis itself."""
    with live.stage.shop.cache() as client:
        name = min(client.scan_iter(match=pattern))
        kept, expires = client.dump(name), client.pexpiretime(name)
        assert kept is not None
        client.delete(name)
        found = red(live, "redis-keys")
        client.restore(name, expires, kept, absttl=True)

    assert found == {"fail"}
    assert red(live, "redis-keys") == set()


def test_a_changed_expiry_is_found(live: Live) -> None:
    """A cart that lives an hour longer."""
    with live.stage.shop.cache() as client:
        name = min(client.scan_iter(match="cart:*"))
        before = client.pexpiretime(name)
        client.pexpireat(name, before + 3_600_000)
        found = red(live, "redis-keys")
        client.pexpireat(name, before)

    assert found == {"fail"}
    assert red(live, "redis-keys") == set()


def rows_and_files(live: Live, path: str, backup: Backup | None, **more: Any) -> str:
    """What the cross-store check says of rows and files, while a customer's row has no file."""
    stage = live.stage
    operation = stage.writes.invoke(0, "uploads", "upload", {})
    stage.writes.complete(operation, "ok", {})
    insert = "INSERT INTO uploads (path, media_type, bytes, sha256, op_id) VALUES (%s, 'image/png', 1, sha256('x'), %s)"
    with stage.shop.database() as connection:
        connection.execute(insert, (path, operation.id))
        restored = {"uploads": backup, **more} if backup else more
        scene = stage.scene(live.seed, stage="verify", restored=restored)
        found = {seen.subject: outcome(seen) for seen in run(registry.checks()["cross-store"], scene)}
        connection.execute("DELETE FROM uploads WHERE path = %s", (path,))
    return found["rows and files"]


def test_a_row_newer_than_the_archive_is_a_loss_and_no_error(live: Live, tmp_path: Path) -> None:
    """The uploads came back alone, from before the write: the recovery point counts it. All else is wrong."""
    stage = live.stage
    folder = type(stage.backups)(tmp_path).begin("uploads", "one")
    manifest = UploadsArchive().backup(stage.shop, "uploads", folder, stage.clock, 1)
    older = Backup(folder=folder, manifest=manifest)
    newer = Backup(folder=folder, manifest=replace(manifest, started_s=stage.clock.now() + 3600))

    assert rows_and_files(live, "products/lost.png", older) == "pass"
    assert rows_and_files(live, "products/archived.png", newer) == "fail"
    assert rows_and_files(live, "products/one-cycle.png", older, database=older) == "fail"
    assert rows_and_files(live, "products/nothing-restored.png", None) == "fail"


VOLATILE = "CREATE MATERIALIZED VIEW drawn AS SELECT n, random() AS r FROM generate_series(1, 5) n"


def test_a_view_that_differs_each_time_is_excused_by_a_restore_alone(live: Live, tmp_path: Path) -> None:
    """A restore refreshes it, so nobody can say what it held; where nothing was restored, it must be what it was."""
    stage = live.stage
    with stage.shop.database() as connection:
        connection.execute(VOLATILE)
        (view,) = (each for each in tables.views(connection) if each.name == "drawn")
        views = {**live.seed.database.views, view.qualified: fingerprints.plain(connection, view)}
        content = replace(live.seed.database, views=views)
        seed = replace(live.seed, database=content)
        folder = type(stage.backups)(tmp_path).begin("uploads", "one")
        manifest = UploadsArchive().backup(stage.shop, "uploads", folder, stage.clock, 1)
        backup = Backup(folder=folder, manifest=replace(manifest, role="database", database=content))

        def seen(**restored: Backup) -> str:
            scene = stage.scene(seed, stage="verify", restored=restored)
            (one,) = (each for each in run(registry.checks()["checksums"], scene) if each.subject == view.qualified)
            return outcome(one)

        before = seen(), seen(database=backup)
        connection.execute("REFRESH MATERIALIZED VIEW drawn")
        after = seen(), seen(database=backup)
        connection.execute("DROP MATERIALIZED VIEW drawn")

    assert ("pass", "pass") == before
    assert ("fail", "not_applicable") == after
