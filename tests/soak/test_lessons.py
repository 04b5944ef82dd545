"""Lessons must end red, for what they teach and for nothing else; so must a runbook with an old dump."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.e2e.harness import ROOT, Conducted, assert_hashes, assert_no_secrets, assert_nothing_left, conduct

from blackstart.shop import Shop

LESSONS = ROOT / "scenarios" / "lessons"
RED: Mapping[str, set[tuple[str, str]]] = {
    "tutorial-backup": {
        ("target-empty", "database"),
        ("row-counts", "crm.page_views"),
        ("checksums", "crm.page_views"),
        ("checksums", "public.products"),
        ("redis-keys", "counters"),
        ("redis-keys", "keys"),
        ("sequences", "public.orders_order_id_seq"),
        ("sequences", "public.payments_payment_id_seq"),
        ("ledger", "database"),
    },
    "tutorial-backup-on-empty": {("redis-keys", "counters"), ("redis-keys", "keys")},
}
"""Of each lesson, the check and the subject of all that is red whatever the moment."""
MAY_BE_RED = {
    ("cross-store", "rows and files"),
    ("sequences", "public.uploads_upload_id_seq"),
    ("ledger", "cache"),
}
"""Where somebody uploaded a file between the backup and the accident, or filled a cart between Redis's being flushed
and the fence: likely, and not sure."""

LEFT_THERE = ("target-empty", "uploads")
"""Red if, and only if, a customer uploaded a file after the harm: it lies where the archive is unpacked."""

COUNTS = """
SELECT (SELECT count(*) FROM products WHERE price <> 9.99), (SELECT count(*) FROM crm.page_views)"""
"""Prices that are not the clean-up script's, and page views."""


def red(conducted: Conducted) -> set[tuple[str, str]]:
    """What is not green after the restore."""
    checks = conducted.verdict["checks"]
    return {(check["name"], check["subject"]) for check in checks if check["outcome"] in ("fail", "error")}


def uploaded_between_the_harm_and_the_fence(conducted: Conducted) -> bool | None:
    """By journal and ledger; None where one went on while files were deleted, or may have failed."""
    events = [json.loads(line) for line in (conducted.path / "journal.jsonl").read_text().splitlines()]
    harm = [event["t"] for event in events if event["event"] in ("injection", "witness")]
    fence = next(event["t"] for event in events if event["event"] == "mark" and event["data"]["name"] == "Tf")
    lines = [json.loads(line) for line in (conducted.path / "ledger.jsonl").read_text().splitlines()]
    begun = {line["id"]: line["t"] for line in lines if line["type"] == "invoke" and line["op"] == "upload"}
    told = {line["id"]: (line["type"], line["t"]) for line in lines if line["type"] in ("ok", "info")}
    if any(begun[op] > max(harm) and kind == "ok" and t < fence for op, (kind, t) in told.items() if op in begun):
        return True
    return None if any(t > min(harm) and begun[op] < fence for op, (_, t) in told.items() if op in begun) else False


def test_every_lesson_is_here() -> None:
    """None is conducted by nobody."""
    assert sorted(RED) == sorted(path.stem for path in LESSONS.glob("*.yaml"))


@pytest.mark.parametrize("lesson", RED)
def test_a_lesson_is_red_for_what_it_teaches(
    lesson: str, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Data wrong, although every step ends with 0; no password told, nothing left."""
    counted: list[tuple[int, ...]] = []

    def count(shop: Shop) -> None:
        with shop.database() as connection:
            counted.extend(connection.execute(COUNTS).fetchall())

    conducted = conduct(f"lessons/{lesson}", engine, tmp_path, monkeypatch, before_verify=count)
    steps = [check for check in conducted.verdict["checks"] if check["name"] == "runbook-steps"]

    assert 1 == conducted.verdict["exit_code"], conducted.reasons
    seen = red(conducted)
    if lesson == "tutorial-backup":
        seen -= MAY_BE_RED
        left = uploaded_between_the_harm_and_the_fence(conducted)
        assert left is None or (LEFT_THERE in seen) == left
        seen -= {LEFT_THERE}
    assert RED[lesson] == seen
    assert {("pass", "0")} == {(step["outcome"], step["subject"].rpartition("exit code ")[2]) for step in steps}
    assert ["exit code 0, although 63 lines report an error"] * (lesson == "tutorial-backup") == [
        line for step in steps for line in step["warnings"] if "report an error" in line
    ]
    assert ([(0, 4_000)] if lesson == "tutorial-backup" else [(299, 2_000)]) == counted
    assert_no_secrets(conducted)
    assert_nothing_left(conducted, state_home)
    assert_hashes(conducted.path)


def test_a_dump_that_is_a_cycle_too_old_is_red(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_home: Path
) -> None:
    """Within the RPO objective, and with every exit code 0: what was acknowledged before the backup is missing."""
    text = (ROOT / "scenarios" / "clean-up-script.yaml").read_text()
    check = "{kind: exec, run: pg_restore --file=/dev/null, stdin: shop.dump}"
    keep = "{kind: shell, run: 'cp -n shop.dump ../../../first; cp ../../../first shop.dump'}"
    assert check in text
    path = tmp_path / "clean-up-script.yaml"
    path.write_text(text.replace(check, keep))
    conducted = conduct(path, engine, tmp_path, monkeypatch)

    assert 1 == conducted.verdict["exit_code"], conducted.reasons
    assert ("ledger", "database") in red(conducted)
    assert "was acknowledged before the backup's moment, and is not in it" in conducted.reasons
    assert json.loads((conducted.path / "verdict.json").read_text())["rpo"]["objective_s"] == 60
