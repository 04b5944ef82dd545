"""`pg-dump-parallel`: a dump in pieces, made and restored by several processes, with roles and database settings."""

from __future__ import annotations

import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, ClassVar, Literal

from blackstart.backups import Backup
from blackstart.checks import parse, restore_log
from blackstart.child import Completed
from blackstart.errors import NotRecovered
from blackstart.evidence import Observation
from blackstart.procedures import dumps
from blackstart.procedures.base import BackupFailed
from blackstart.procedures.logical import TARGET, LogicalDump, last_line, newer
from blackstart.scenario import Bounds
from blackstart.shop import Shop

_SETTINGS = "settings.sql"
_SCRATCH = """
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"""
"""Beside the server, since only the tools there read and write a dump in pieces."""
# Whatever the list says, pg_restore --create writes CREATE DATABASE too; when the settings are wanted, it is there.
_DUMP = f"""{_SCRATCH}
pg_dump --format=directory --file=dump --snapshot="$1" --jobs="$2" --compress="$3" --no-password
pg_dumpall --roles-only --no-password >roles.sql
pg_restore --create --list dump >list
grep -E '^[0-9]+; [0-9]+ [0-9]+ (DATABASE PROPERTIES|(ACL|COMMENT|SECURITY LABEL) - DATABASE) ' list >own || true
pg_restore --create --use-list=own --file=whole dump
sed '/^CREATE DATABASE /d' whole >{_SETTINGS}
pg_restore --file=/dev/null dump
tar -cf - {_SETTINGS} roles.sql dump
"""
_READ = f"""{_SCRATCH}
tar -xf -
test -s roles.sql || {{ echo 'the archive has no roles.sql' >&2; exit 1; }}
test -s {_SETTINGS} || {{ echo 'the archive has no {_SETTINGS}' >&2; exit 1; }}
pg_restore --list dump
pg_restore --file=/dev/null dump
"""
# A statement that fails would stand in the server's log, hash of a password and all; a long message quotes it too.
_LOAD = f"""{_SCRATCH}
tar -xf -
again='DO $$BEGIN CREATE ROLE \\1; EXCEPTION WHEN duplicate_object THEN NULL; END$$;'
printf '%s\n' "SET log_min_error_statement = 'panic';" "SET log_statement = 'none';" \
    'SET log_min_duration_statement = -1;' >again.sql
sed "s/^CREATE ROLE \\(.*\\);$/$again/" roles.sql >>again.sql
psql --no-psqlrc --quiet --dbname=postgres --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse --no-password --file=again.sql
pg_restore --dbname={TARGET} --jobs="$1" --exit-on-error --no-password dump
"""


@dataclass(frozen=True, kw_only=True)
class PgDumpParallel(LogicalDump):
    """The dump and its manifest's fingerprint are of one exported snapshot, which all processes share.

    Beside the dump, one tar holds what a dump of one database does not: every role with its memberships, settings
    and the hash of its password, and what was said with ALTER DATABASE and granted on the database itself.
    """

    NAME: ClassVar[str] = "pg-dump-parallel"
    NEEDS: ClassVar[str] = (
        "PostgreSQL 16 or newer with lz4 and zstd, `sh` and `tar` beside the server, and room there for the dump; "
        "both engines have them."
    )
    CANNOT_SHOW: ClassVar[str] = (
        "other databases, tablespaces, and what ALTER SYSTEM set. Everything between the newest dump and the fault "
        "is lost. One large table is still one process's work."
    )

    jobs: Annotated[int, Bounds(1, 64)] = 2
    compress: Literal["zstd", "lz4"] = "zstd"

    @property
    def options(self) -> Mapping[str, object]:
        """For the record; the pieces tell how they are compressed."""
        return {"jobs": self.jobs, "compress": self.compress}

    def dump(self, shop: Shop, path: Path, snapshot: str) -> None:
        """In pieces into a scratch folder, read through to their end, and packed from there."""
        with path.open("wb") as out:
            done = self._beside(shop, _DUMP, snapshot, str(self.jobs), self.compress, stdout=out)
        if done.status:
            raise BackupFailed(f"the dump ended with {done.status}: {last_line(done)}")

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Unpacked beside the server, every piece is there and can be read to its end, roles and settings too.

        The tables whose rows it lists are exactly those of the manifest. A dump of a newer major version is refused.
        """
        kind = parse.kind_of(backup.artefact)
        if kind != parse.TAR:
            yield parse.wrong_kind("database", wanted=parse.TAR, found=kind)
            return
        wanted = backup.manifest.database.tables if backup.manifest.database else {}
        listing = backup.folder / "listing"
        with backup.artefact.open("rb") as packed, listing.open("wb") as out:
            done = self._beside(shop, _READ, stdin=packed, stdout=out)
        broken = f"the dump cannot be read to its end: {last_line(done)}" if done.status else newer(shop, backup)
        yield dumps.compared(wanted, dumps.listed(listing.read_text(errors="replace"), wanted), broken)

    def load(self, shop: Shop, backup: Backup) -> Completed:
        """Roles first, those that are there kept as they are but for what they may do; then the pieces."""
        with backup.artefact.open("rb") as packed:
            return self._beside(shop, _LOAD, str(self.jobs), stdin=packed)

    def after_the_swap(self, shop: Shop, backup: Backup) -> Iterator[Observation]:
        """What belongs to the database as a whole names it, so it waits for the name."""
        began = time.monotonic()
        words = ["psql", "--no-psqlrc", "--quiet", "--dbname=postgres", "--set=ON_ERROR_STOP=1", "--no-password"]
        with tarfile.open(backup.artefact) as packed:
            settings = packed.extractfile(_SETTINGS)
            spool = backup.folder / _SETTINGS
            spool.write_bytes(settings.read() if settings else b"")
        with spool.open("rb") as text:
            done = shop.engine.execute(shop.service("database"), words, stdin=text)
        yield restore_log.observed("database", done, took_s=time.monotonic() - began)
        if done.status:
            raise NotRecovered(f"the database's settings did not come back: {last_line(done)}", hint="see logs/")

    def _beside(
        self, shop: Shop, script: str, *words: str, stdin: IO[bytes] | None = None, stdout: IO[bytes] | None = None
    ) -> Completed:
        argv: Sequence[str] = ["sh", "-c", script, self.NAME, *words]
        return shop.engine.execute(shop.service("database"), argv, stdin=stdin, stdout=stdout)


EXTENSION = PgDumpParallel
