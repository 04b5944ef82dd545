"""`pg-dump-parallel`: what a dump of one database leaves out comes back, no secret is told, nothing is left lying."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.contract.conftest import Live
from tests.contract.test_procedures import rewritten

from blackstart.backups import Backup
from blackstart.checks import catalog
from blackstart.child import Completed
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.observe import catalog as catalogs
from blackstart.procedures import logical
from blackstart.procedures.base import Procedure, replace_volume
from blackstart.procedures.pg_dump import PgDump
from blackstart.procedures.pg_dump_parallel import PgDumpParallel
from blackstart.shop import Shop

SETTINGS = "ALTER DATABASE shop SET statement_timeout = '33s'"
ROLES = f"""
CREATE ROLE "the staff" NOINHERIT CONNECTION LIMIT 7;
CREATE ROLE clerk LOGIN PASSWORD 'planted' VALID UNTIL '2099-01-01';
COMMENT ON ROLE clerk IS 'sells';
GRANT "the staff" TO clerk WITH ADMIN OPTION;
GRANT SELECT ON orders TO "the staff";
ALTER ROLE clerk SET search_path = crm, "a b", public;
ALTER ROLE clerk IN DATABASE shop SET lock_timeout = '2s';
{SETTINGS};
COMMENT ON DATABASE shop IS 'sold here';
REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO "the staff", clerk;
ALTER DATABASE shop OWNER TO "the staff";
"""
UNDO = """
ALTER DATABASE shop OWNER TO shop;
ALTER DATABASE shop RESET ALL;
COMMENT ON DATABASE shop IS NULL;
GRANT CONNECT ON DATABASE shop TO PUBLIC;
DROP OWNED BY clerk, "the staff";
DROP ROLE clerk, "the staff";
"""
KINDS: Sequence[Procedure] = (PgDump(), PgDumpParallel())
named = pytest.mark.parametrize("procedure", KINDS, ids=lambda each: each.NAME)


@pytest.fixture
def staffed(live: Live) -> Iterator[Shop]:
    """The shop with two roles, grants and settings of its database; without them afterwards."""
    shop = live.stage.shop
    with shop.database() as connection:
        connection.execute(ROLES.encode())
    yield shop
    with shop.database() as connection:
        connection.execute(UNDO.encode())


def test_roles_grants_and_settings_come_back(staffed: Shop, live: Live, tmp_path: Path) -> None:
    """On a new volume the catalog is what it was, and who could log in still can; no log has the verifier."""
    backup = _backup(live, PgDumpParallel(), tmp_path)
    with staffed.database() as connection:
        verifier = _one(connection, "SELECT rolpassword FROM pg_authid WHERE rolname = 'clerk'")
    seen = _onto_a_new_volume(staffed, PgDumpParallel(), backup)

    assert {outcome(each) for each in seen} == {"pass"}
    assert _differing(staffed, backup) == {}
    assert verifier in backup.artefact.read_text(errors="replace")
    assert _told(live, verifier) == []
    host, port = staffed.engine.address(staffed.service("database"))
    login = {"host": host, "port": port, "dbname": "shop", "user": "clerk"}
    with psycopg.connect(**login, password="planted") as connection:  # type: ignore[arg-type]
        assert _one(connection, "SHOW lock_timeout") == "2s"
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(**login, password="another")  # type: ignore[arg-type]


def test_a_plain_dump_loses_the_settings(live: Live, tmp_path: Path) -> None:
    """Nothing else tells: all tools end well, and only the catalog is red."""
    shop = live.stage.shop
    with shop.database() as connection:
        connection.execute(SETTINGS.encode())
    backup = _backup(live, PgDump(), tmp_path)
    seen = _onto_a_new_volume(shop, PgDump(), backup)

    assert {outcome(each) for each in seen} == {"pass"}
    assert list(_differing(shop, backup)) == ["settings"]


def test_a_plain_dump_cannot_grant_to_roles_that_are_gone(live: Live, tmp_path: Path) -> None:
    """The restore stops at the first grant."""
    shop = live.stage.shop
    with shop.database() as connection:
        connection.execute(ROLES.encode())
    plain, whole = _backup(live, PgDump(), tmp_path / "plain"), _backup(live, PgDumpParallel(), tmp_path / "whole")
    with pytest.raises(NotRecovered, match="the staff"):
        _onto_a_new_volume(shop, PgDump(), plain)
    seen = _onto_a_new_volume(shop, PgDumpParallel(), whole)
    with shop.database() as connection:
        connection.execute(UNDO.encode())

    assert {outcome(each) for each in seen} == {"pass"}


def test_a_role_that_cannot_be_made_shows_no_secret(live: Live, tmp_path: Path) -> None:
    """The restore is red, and neither its log nor the server's has the statement that failed."""
    shop, secret = live.stage.shop, "SCRAM-SHA-256$4096:c2FsdA==$a:b"
    backup = _backup(live, PgDumpParallel(), tmp_path)
    broken = _with(backup, {"roles.sql": lambda was: f"ALTER ROLE ghost PASSWORD '{secret}';\n".encode() + was})
    seen: list[Observation] = []
    with pytest.raises(NotRecovered, match="ghost"):
        seen.extend(PgDumpParallel().restore(shop, "database", broken))

    assert _told(live, secret) == []


@pytest.mark.parametrize("piece", ["toc.dat", ".dat.zst", "roles.sql", "settings.sql"])
def test_a_missing_piece_does_not_parse(piece: str, live: Live, tmp_path: Path) -> None:
    """The archive is whole as a tar; what it lacks is told before anything is restored."""
    backup = _backup(live, PgDumpParallel(), tmp_path)
    (whole,) = PgDumpParallel().examine(backup, live.stage.shop)
    (seen,) = PgDumpParallel().examine(_with(backup, {piece: lambda _: None}), live.stage.shop)

    assert ["pass", "fail"] == [outcome(whole), outcome(seen)]


@named
def test_a_dump_by_a_newer_server_is_refused(procedure: Procedure, live: Live, tmp_path: Path) -> None:
    """By its manifest; an older one is what an upgrade restores."""
    backup = _backup(live, procedure, tmp_path)
    newer, older = (_made_by(backup, version) for version in ("99.1", "16.2"))
    ends = [list(procedure.examine(each, live.stage.shop)) for each in (newer, older, backup)]

    assert ["fail", "pass", "pass"] == [outcome(seen) for (seen,) in ends]
    assert "PostgreSQL 99" in ends[0][0].differences[0]


@named
def test_an_interrupted_restore_leaves_the_old_database_and_can_be_repeated(
    procedure: Procedure, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new database goes away under `pg_restore`; the next attempt begins from nothing and brings all back."""
    shop, backup = live.stage.shop, _backup(live, procedure, tmp_path)
    execute = shop.engine.execute

    def interrupted(service: str, argv: Sequence[str], **more: Any) -> Completed:
        if any(f"--dbname={logical.TARGET}" in word for word in argv):
            with shop.database("postgres") as admin:
                admin.execute(f"DROP DATABASE {logical.TARGET} WITH (FORCE)".encode())
        return execute(service, argv, **more)

    with monkeypatch.context() as patch:
        patch.setattr(shop.engine, "execute", interrupted)
        with pytest.raises(NotRecovered):
            list(procedure.restore(shop, "database", backup))
    with shop.database() as connection:
        before = _one(connection, "SELECT count(*) FROM orders")
    seen = list(procedure.restore(shop, "database", backup))

    assert before > 0
    assert {outcome(each) for each in seen} == {"pass"}
    assert _differing(shop, backup) == {}


def _backup(live: Live, procedure: Procedure, place: Path) -> Backup:
    store = type(live.stage.backups)(place)
    folder = store.begin("database", "one")
    return store.complete(folder, procedure.backup(live.stage.shop, "database", folder, live.stage.clock, 1))


def _onto_a_new_volume(shop: Shop, procedure: Procedure, backup: Backup) -> list[Observation]:
    replace_volume(shop, "database")
    procedure.provision(shop, "database")
    return list(procedure.restore(shop, "database", backup))


def _differing(shop: Shop, backup: Backup) -> Mapping[str, Any]:
    """What the catalog check would find, by kind of object."""
    assert backup.manifest.database is not None
    wanted = backup.manifest.database.catalog
    with shop.database(autocommit=False) as connection:
        found = catalogs.read(connection)
        kinds = sorted(wanted.keys() | found.keys())
        every = {kind: catalog.compare(connection, kind, wanted.get(kind, {}), found.get(kind, {})) for kind in kinds}
    return {kind: changes for kind, changes in every.items() if changes}


def _made_by(backup: Backup, version: str) -> Backup:
    return replace(backup, manifest=replace(backup.manifest, versions={"server": version, "pg_dump": version}))


def _with(backup: Backup, changes: Mapping[str, Any]) -> Backup:
    """The backup with a member changed or left out (the biggest that ends so), and a manifest that fits it."""
    with tarfile.open(backup.artefact) as tar:
        read = [(each, tar.extractfile(each).read() if each.isreg() else None) for each in tar]  # type: ignore[union-attr]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for member, content in read:
            for end, change in changes.items():
                biggest = max(len(found or b"") for each, found in read if each.name.endswith(end))
                if content is not None and member.name.endswith(end) and len(content) == biggest:
                    content = change(content)
                    member.size = len(content or b"")
                    if content is None:
                        break
            else:
                tar.addfile(member, io.BytesIO(content) if content is not None else None)
    return rewritten(backup, out.getvalue())


def _told(live: Live, secret: str) -> list[str]:
    """Where a secret stands that must stand nowhere."""
    folder = live.stage.evidence.parent
    files = [str(path) for path in folder.rglob("*") if path.is_file() and secret in path.read_text(errors="replace")]
    return files + [service for service, text in live.stage.shop.engine.logs() if secret in text]


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
