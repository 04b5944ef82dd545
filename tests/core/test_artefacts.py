"""What artefacts say of themselves: their kind, the tables they hold, whether they have an end, their checksum."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from blackstart.backups import Backup, Manifest, incomplete_since
from blackstart.checks import backup_fresh, parse, restore_log
from blackstart.child import Completed
from blackstart.evidence import DatabaseFingerprint, FileFingerprint, KeyFingerprint, TableFingerprint
from blackstart.judge import outcome
from blackstart.procedures import crc64, dumps
from blackstart.stack import Role


def bit_by_bit(data: bytes) -> int:
    """The checksum by its definition."""
    total = 0
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = (total >> 1) ^ (0x95AC9329AC4BC9B5 if total & 1 else 0)
    return total


def test_the_checksum_of_the_check_string() -> None:
    """The value that Redis's own source gives."""
    assert 0xE9C6D914C4B8D9CA == crc64.crc64(io.BytesIO(b"123456789"), 9)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 5_000])
def test_the_checksum_of_short_files(size: int) -> None:
    """Fewer bytes than a block."""
    data = random.Random(size).randbytes(size)

    assert bit_by_bit(data) == crc64.crc64(io.BytesIO(data), size)


def test_the_checksum_of_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Summed in runs and joined, as bit by bit."""
    data = random.Random(5).randbytes(5_000)
    monkeypatch.setattr(crc64, "_RUNS", 8)
    monkeypatch.setattr(crc64, "_BLOCK", 8 * 128)

    assert bit_by_bit(data) == crc64.crc64(io.BytesIO(data), len(data))
    assert bit_by_bit(data[:4_096]) == crc64.crc64(io.BytesIO(data), 4_096)


def test_a_file_that_is_too_short_has_no_checksum() -> None:
    """It is not summed as if it had what it lacks."""
    with pytest.raises(ValueError, match="fewer than 10 bytes"):
        crc64.crc64(io.BytesIO(b"123456789"), 10)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PGDMP\x01\x10", parse.CUSTOM_DUMP),
        (b"--\n-- PostgreSQL database dump\n--\n", parse.PLAIN_DUMP),
        (b"REDIS0012\xfa", parse.RDB),
        (bytes(257) + b"ustar\x0000" + bytes(247), parse.TAR),
        (b"SELECT 1;\n", "unknown"),
        (b"", "empty"),
        (None, "no file"),
    ],
)
def test_a_file_is_known_by_its_head(content: bytes | None, kind: str, tmp_path: Path) -> None:
    """Whatever its name is."""
    if content is not None:
        (tmp_path / "artefact").write_bytes(content)

    assert kind == parse.kind_of(tmp_path / "artefact")


LISTING = """;
; Archive created at 2026-01-02
;     TOC Entries: 4
;
220; 1259 16401 TABLE public orders shop
3456; 0 16401 TABLE DATA public orders shop
3457; 0 16402 TABLE DATA public order items the owner
3458; 0 16403 TABLE DATA odd.schema my table shop
3459; 0 16404 TABLE DATA public stranger shop
"""


def test_the_tables_of_a_list() -> None:
    """Names may have blanks and dots, and so may owners; the manifest's names tell where one ends."""
    wanted = ["public.orders", 'public."order items"', '"odd.schema"."my table"', "public.missing"]

    found = dumps.listed(LISTING, wanted)

    assert ["public.orders", 'public."order items"', '"odd.schema"."my table"', "public.stranger"] == found


PLAIN = b"""--
-- PostgreSQL database dump
--
CREATE TABLE public.orders (id bigint);
COPY public.orders (id, "a b") FROM stdin;
1\tx
-- PostgreSQL database dump complete
\\\\.
2\ty
\\.

COPY crm."My ""T"".x" (id) FROM stdin;
\\.

COPY public.nothing  FROM stdin;
\\.

--
-- PostgreSQL database dump complete
--

\\unrestrict abc
"""


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        pytest.param(PLAIN, "", id="whole"),
        pytest.param(PLAIN[: PLAIN.index(b"2\ty")], "breaks off among the rows of public.orders", id="cut-in-rows"),
        pytest.param(PLAIN[: PLAIN.index(b"\n--\n-- PostgreSQL database dump complete\n--\n")], "no trailer", id="cut"),
    ],
)
def test_a_plain_dump(content: bytes, broken: str, tmp_path: Path) -> None:
    """Its tables by their names as SQL writes them; what looks like a trailer among rows is none."""
    (tmp_path / "dump").write_bytes(content)

    held, said = dumps.plain(tmp_path / "dump")

    assert ["public.orders", 'crm."My ""T"".x"', "public.nothing"][: len(held)] == held
    assert (broken in said) if broken else (said == "")


def backup(folder: Path, **more: object) -> Backup:
    """A backup of the uploads that is as it should be, but for what is said."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").touch()
    facts = {
        "id": folder.name,
        "run_id": "run",
        "cycle": 1,
        "role": "uploads",
        "procedure": "uploads-archive",
        "started_s": 10.0,
        "snapshot_s": 10.0,
        "completed_s": 11.0,
        "completed_at": "",
        "bytes": 5,
        "sha256": "",
        "files": {"x": FileFingerprint(bytes=1, blake3="a")},
    }
    return Backup(folder=folder, manifest=Manifest(**{**facts, **more}))  # type: ignore[arg-type]


def database(*rows: int) -> DatabaseFingerprint:
    """A database whose tables have so many rows."""
    tables = {
        f"public.t{number}": TableFingerprint(
            columns=("n",), key=(), readable_key=False, rows=count, sums=(0, 0), modulus=1, buckets={}
        )
        for number, count in enumerate(rows)
    }
    return DatabaseFingerprint(server="17", algorithm="a", tables=tables)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, ""),
        ({"run_id": "another"}, "not of this run: backup uploads-1"),
        ({"bytes": 0}, "not complete: backup uploads-1"),
        ({"files": None}, "not complete: backup uploads-1"),
        ({"files": {}}, "not complete: backup uploads-1"),
        ({"id": "uploads-0"}, "not its manifest's: backup uploads-0"),
        ({"procedure": "pg-dump"}, "not made by uploads-archive: backup uploads-1"),
        ({"started_s": 4.9}, "not after the seed: backup uploads-1"),
        ({"completed_s": 20.1}, "not before the fault: backup uploads-1"),
    ],
)
def test_what_makes_a_backup_fresh(changed: dict[str, object], line: str, tmp_path: Path) -> None:
    """Each fact by itself turns the check red, and is named with the backup."""
    seen = backup_fresh.observed(
        backup(tmp_path / "uploads-1", **changed),
        "uploads",
        run_id="run",
        procedure="uploads-archive",
        seeded_s=5.0,
        t0_s=20.0,
        passed_over=[],
    )

    assert ("fail" if line else "pass", [line] if line else []) == (outcome(seen), list(seen.differences))


@pytest.mark.parametrize(
    ("role", "content", "expected"),
    [
        ("database", {"database": database(0, 3)}, "pass"),
        ("database", {"database": database(0, 0)}, "fail"),
        ("database", {"database": database()}, "fail"),
        ("database", {"database": None}, "fail"),
        ("database", {"database": None, "files": {"x": FileFingerprint(bytes=1, blake3="a")}}, "fail"),
        ("cache", {"keys": {"x": KeyFingerprint(type="string", digest="", expires_ms=-1)}}, "pass"),
        ("cache", {"keys": {}}, "fail"),
    ],
)
def test_a_backup_of_nothing_is_not_complete(
    role: Role, content: dict[str, object], expected: str, tmp_path: Path
) -> None:
    """A database needs tables and a row in one of them: a schema alone restores nothing of a shop."""
    facts: dict[str, object] = {"files": None, "role": role, "procedure": "p", **content}
    chosen = backup(tmp_path / "one", **facts)
    seen = backup_fresh.observed(chosen, role, run_id="run", procedure="p", seeded_s=5.0, t0_s=20.0, passed_over=[])

    assert (expected, expected == "pass") == (outcome(seen), seen.actual["complete"])


def test_a_backup_of_another_role_is_not_fresh(tmp_path: Path) -> None:
    """Its manifest says that it holds something else."""
    seen = backup_fresh.observed(
        backup(tmp_path / "uploads-1"),
        "cache",
        run_id="run",
        procedure="uploads-archive",
        seeded_s=5.0,
        t0_s=20.0,
        passed_over=[],
    )

    assert ["not of the role cache: backup uploads-1"] == list(seen.differences)


def test_newer_backups_that_are_not_complete_are_named(tmp_path: Path) -> None:
    """They were begun later and have no manifest; older ones, and complete ones, are nobody's concern."""
    chosen = backup(tmp_path / "uploads-000005.000")
    backup(tmp_path / "uploads-000006.000")
    for name in ("uploads-000004.000", "uploads-000007.000", "uploads-000011.000"):
        (tmp_path / name).mkdir()
    passed_over = incomplete_since(chosen)

    seen = backup_fresh.observed(
        chosen, "uploads", run_id="run", procedure="uploads-archive", seeded_s=5.0, t0_s=20.0, passed_over=passed_over
    )

    assert ["uploads-000007.000", "uploads-000011.000"] == passed_over
    assert "pass" == outcome(seen)
    assert [f"passed over, for it is not complete: {name}" for name in passed_over] == list(seen.warnings)


@pytest.mark.parametrize(
    ("status", "log", "said", "warned"),
    [
        (0, "", 0, 0),
        (1, "", 0, 0),
        (0, "pg_restore: error: could not execute query: ERROR:  relation", 1, 0),
        (0, "psql:1: ERROR:  x\npsql:2: FATAL:  y\nPANIC:  z\n", 3, 0),
        (0, "pg_restore: warning: errors ignored\npsql:1: WARNING:  w\nNOTICE:  n\n", 0, 2),
    ],
)
def test_what_a_log_says(status: int, log: str, said: int, warned: int) -> None:
    """Neither a good exit status nor a quiet log is enough by itself; warnings are listed."""
    seen = restore_log.observed("database", Completed(status=status, errors=log), took_s=1.0)

    assert ("fail" if status or said else "pass") == outcome(seen)
    assert (said, warned) == (len(seen.differences), len(seen.warnings))
