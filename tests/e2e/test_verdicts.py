"""Every kind of verdict, each brought about for real: what is wrong must come out, and by name."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.harness import ROOT, Conducted, conduct

from blackstart import folder
from blackstart.activities import customers
from blackstart.engines.base import DeletesVolumes
from blackstart.faults.delete_volume import DeleteVolume
from blackstart.faults.kill_container import KillContainer
from blackstart.phases import gate, inject, restore
from blackstart.phases.stage import Stage
from blackstart.shop import Shop

EVERYTHING_LOST = """
name: everything-lost
title: Every volume is deleted
backup: {{procedure: {{kind: pg-dump, format: {format}}}, every: 4s, keep: 3}}
faults:
  - {{kind: delete-volume, volume: postgres_data, after: {{backups: 1, since_backup: {{acknowledged: 10}}}}}}
  - {{kind: delete-volume, volume: uploads}}
  - {{kind: delete-volume, volume: redis_data}}
restore: {{database: pg-dump, uploads: uploads-archive, cache: redis-rdb}}
objectives: {{rto: 5m, rpo: 5m}}
"""


def scenario(tmp_path: Path, text: str) -> Path:
    """A scenario file of the test's own."""
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return path


def outcomes(conducted: Conducted) -> set[str]:
    """The outcomes of all checks."""
    return {check["outcome"] for check in conducted.verdict["checks"]}


def test_every_store_comes_back_from_its_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """All three volumes are deleted; a plain dump, a tar and an RDB bring all three back, proven."""
    path = scenario(tmp_path, EVERYTHING_LOST.format(format="plain"))
    conducted = conduct(path, "embedded", tmp_path, monkeypatch)

    assert (conducted.verdict["exit_code"], outcomes(conducted)) == (0, {"pass"}), conducted.reasons
    assert len(conducted.verdict["injections"]) == 3


def test_planted_corruption_is_found_and_named(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """One flipped byte, one changed cent, one missing and one extra row, one missing key: exit 1, by name."""
    planted: dict[str, str] = {}

    def corrupt(shop: Shop) -> None:
        planted.update(_corrupt_rows(shop), file=_flip_a_byte(shop), key=_delete_a_key(shop))

    path = scenario(tmp_path, EVERYTHING_LOST.format(format="custom"))
    conducted = conduct(path, engine, tmp_path, monkeypatch, before_verify=corrupt)

    differences = [line for check in conducted.verdict["checks"] for line in check["differences"]]
    assert conducted.verdict["exit_code"] == 1
    assert f"changed row: {planted['cent']}" in differences
    assert f"missing row: {planted['missing']}" in differences
    assert f"extra row: {planted['extra']}" in differences
    assert any(line.startswith(f"changed: {planted['file']} (") for line in differences)
    assert f"missing: {planted['key']}" in differences
    assert all(planted[what] in conducted.reasons for what in ("cent", "missing", "extra", "file", "key"))


def _corrupt_rows(shop: Shop) -> dict[str, str]:
    """A cent off one price, a review less, an address more."""
    with shop.database() as connection:
        connection.execute("UPDATE products SET price = price + 0.01 WHERE product_id = 42")
        connection.execute("DELETE FROM reviews WHERE review_id = 77")
        row = connection.execute(
            "INSERT INTO addresses (customer_id, kind, street, city, postcode, country)"
            " VALUES (1, 'billing', 'Nowhere 1', 'Nowhere', '0', 'XX') RETURNING address_id"
        ).fetchone()
    assert row is not None
    return {"cent": "product_id = 42", "missing": "review_id = 77", "extra": f"address_id = {row[0]}"}


def _flip_a_byte(shop: Shop) -> str:
    """One bit of one byte of a seeded file."""
    engine = shop.engine
    assert isinstance(engine, DeletesVolumes)
    name = "products/seed-000001.png"
    content = engine.find("uploads", name)
    assert content is not None
    engine.plant("uploads", name, content[:100] + bytes([content[100] ^ 1]) + content[101:])
    return name


def _delete_a_key(shop: Shop) -> str:
    """One seeded session."""
    with shop.cache() as client:
        name: str = min(key.decode() for key in client.scan_iter(match="session:*"))
        client.delete(name)
    return name


def test_without_a_restore_the_missing_tables_are_named(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """`restore: none` after the loss of the database volume: exit 1, the tables by name, no green check of them."""
    text = (
        "name: nobody-restores\ntitle: Nobody restores\nbackup: {procedure: pg-dump, every: 30s}\n"
        "faults:\n  - {kind: delete-volume, volume: postgres_data, after: {backups: 1}}\n"
        "restore: {procedure: none}\nobjectives: {rto: 60s, rpo: 60s}\n"
    )
    conducted = conduct(scenario(tmp_path, text), engine, tmp_path, monkeypatch)

    assert (conducted.verdict["verdict"], conducted.verdict["exit_code"]) == ("fail", 1)
    assert "missing table: public.orders" in conducted.reasons
    assert conducted.verdict["rto"]["censored"]


@pytest.mark.parametrize(
    ("fault", "name"), [(KillContainer, "kill-database"), (DeleteVolume, "delete-database-volume")]
)
def test_an_injector_that_does_nothing_is_inconclusive(
    fault: type, name: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """The witness does not trust the injector: exit 3, for want of a witness."""
    monkeypatch.setattr(fault, "inject", lambda *_: None)
    monkeypatch.setattr(inject, "WITNESS_WITHIN_S", 2.0)
    conducted = conduct(name, engine, tmp_path, monkeypatch)

    assert (conducted.verdict["verdict"], conducted.verdict["exit_code"]) == ("inconclusive", 3)
    assert conducted.verdict["injections"][0]["witness"] is None
    assert "no witness" in conducted.reasons


def test_customers_who_cannot_buy_are_inconclusive(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Every order asks for a customer who does not exist: nothing is broken, nothing proven, exit 3."""
    original = customers.Customers._basket

    def nobody(self: customers.Customers, rng: Any) -> dict[str, Any]:
        return {**original(self, rng), "customer_id": 10**9}

    monkeypatch.setattr(customers.Customers, "_basket", nobody)
    monkeypatch.setattr(gate, "BUYING_WITHIN_S", 4.0)
    conducted = conduct("delete-database-volume", engine, tmp_path, monkeypatch)

    assert (conducted.verdict["verdict"], conducted.verdict["exit_code"]) == ("inconclusive", 3)
    assert "customers could not buy" in conducted.reasons
    assert conducted.verdict["injections"] == []


def test_an_unreachable_objective_is_missed_and_all_else_is_green(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """RTO and RPO of 1 ms: exit 4, and every single check is green."""
    text = (
        "name: too-much-to-ask\ntitle: Too much to ask\nbackup: {procedure: pg-dump, every: 4s}\n"
        "faults:\n  - {kind: delete-volume, volume: postgres_data,"
        " after: {backups: 1, since_backup: {acknowledged: 20}}}\n"
        "restore: {procedure: pg-dump}\nobjectives: {rto: 1ms, rpo: 1ms}\n"
    )
    conducted = conduct(scenario(tmp_path, text), engine, tmp_path, monkeypatch)

    assert (conducted.verdict["verdict"], conducted.verdict["exit_code"]) == ("missed", 4)
    assert outcomes(conducted) == {"pass"}
    assert "RTO" in conducted.reasons
    assert "RPO of database" in conducted.reasons


_AFTER_A_CRASH = """
ALTER TABLE payments DROP CONSTRAINT payments_op_id_key;
WITH o AS (INSERT INTO orders (customer_id, status, total, op_id) VALUES (1, 'paid', 1, '{stranger}') RETURNING *)
INSERT INTO payments (order_id, method, card_token, amount, op_id) SELECT order_id, 'card', 'tok_x', 1, op_id FROM o;
CREATE TEMP TABLE mine AS
    SELECT order_id, row_number() OVER (ORDER BY order_id) AS n FROM orders
    WHERE op_id IS NOT NULL AND op_id <> '{stranger}';
UPDATE orders SET status = 'cancelled' WHERE order_id = (SELECT order_id FROM mine WHERE n = 1);
INSERT INTO payments (order_id, method, card_token, amount, paid_at, op_id)
    SELECT order_id, method, card_token, amount, paid_at, op_id FROM payments
    WHERE order_id = (SELECT order_id FROM mine WHERE n = 2);
UPDATE orders SET placed_at = '2001-01-01' WHERE order_id = (SELECT order_id FROM mine WHERE n = 3);
UPDATE order_items SET quantity = quantity + 1
    WHERE line_no = 1 AND order_id = (SELECT order_id FROM mine WHERE n = 4);
UPDATE uploads SET media_type = 'text/html' WHERE upload_id = (SELECT max(upload_id) FROM uploads)
"""


def test_whatever_the_ledger_does_not_explain_is_found_after_a_crash(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """After a crash there is no manifest: seed and ledger must explain every row, column by column."""
    stranger = str(uuid.uuid4())

    def plant(shop: Shop) -> None:
        with shop.database() as connection:
            connection.execute(_AFTER_A_CRASH.format(stranger=stranger).encode())

    conducted = conduct("kill-database", engine, tmp_path, monkeypatch, before_verify=plant)
    differences = "\n".join(line for check in conducted.verdict["checks"] for line in check["differences"])

    assert conducted.verdict["exit_code"] == 1
    assert f"no operation explains {stranger}" in conducted.reasons
    for what in ("status: paid → cancelled", "payments: [[", "placed within its operation: True → False"):
        assert what in differences
    for what in ("items: [[1, ", "sold →", "media_type: image/png → text/html"):
        assert what in differences


def test_orders_rolled_back_beside_uploads_that_stayed_are_holes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """A database is one state: without the last orders, but with uploads asked for after them, it never was."""

    def roll_back(shop: Shop) -> None:
        with shop.database() as connection:
            connection.execute(
                b"CREATE TEMP TABLE last AS SELECT order_id, op_id FROM orders WHERE op_id IS NOT NULL"
                b" AND placed_at < (SELECT max(uploaded_at) FROM uploads) ORDER BY order_id DESC LIMIT 5;"
                b" ALTER TABLE inventory DISABLE TRIGGER USER;"
                b" UPDATE inventory v SET stock = stock + i.quantity, version = version - 1 FROM order_items i"
                b" WHERE i.order_id IN (SELECT order_id FROM last) AND i.product_id = v.product_id;"
                b" ALTER TABLE inventory ENABLE TRIGGER USER;"
                b" DELETE FROM payments WHERE order_id IN (SELECT order_id FROM last);"
                b" DELETE FROM orders WHERE order_id IN (SELECT order_id FROM last)"
            )

    text = (ROOT / "scenarios" / "kill-database.yaml").read_text().replace("rpo: 0s", "rpo: 60s")
    conducted = conduct(scenario(tmp_path, text), "embedded", tmp_path, monkeypatch, before_verify=roll_back)

    assert conducted.verdict["exit_code"] == 1
    assert conducted.verdict["rpo"]["holes"] > 0


def test_evidence_that_was_altered_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """A ledger that lost its lines would show no loss: judged again, the run is inconclusive and says why."""
    conducted = conduct("delete-database-volume", "embedded", tmp_path, monkeypatch)
    assert conducted.verdict["exit_code"] == 0, conducted.reasons
    ledger = conducted.path / "ledger.jsonl"
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:40]))
    again = folder.judge_and_render(conducted.path)

    assert (again.verdict, again.exit_code) == ("inconclusive", 3)
    assert "ledger.jsonl is not what it was when the run ended" in again.reasons


def test_a_backup_that_was_tampered_with_opens_no_shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Twelve bytes too many: the restore works, the digest is not the manifest's, and the fence stays."""
    real = restore.choose

    def tampered(stage: Stage) -> Any:
        for artefact in (stage.state.work / "backups" / "database").glob("*/artefact"):
            with artefact.open("ab") as file:
                file.write(b"twelve bytes")
        return real(stage)

    monkeypatch.setattr(restore, "choose", tampered)
    conducted = conduct("delete-database-volume", "embedded", tmp_path, monkeypatch)
    marks = conducted.verdict["rto"]["marks"]

    assert conducted.verdict["exit_code"] == 1
    assert "artefact: database" in conducted.reasons
    assert {"T5"} == {"T5", "T6", "lift", "T8"} & marks.keys()
    assert conducted.verdict["rto"]["censored"]
    assert conducted.verdict["rpo"]["censored"]
