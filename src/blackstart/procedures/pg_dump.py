"""`pg-dump`: a logical dump of the database, plain or custom, and its restore."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from blackstart.backups import Backup
from blackstart.checks import parse
from blackstart.child import Completed
from blackstart.evidence import Observation
from blackstart.procedures import dumps
from blackstart.procedures.base import BackupFailed
from blackstart.procedures.logical import TARGET, LogicalDump, last_line, newer
from blackstart.shop import Shop


@dataclass(frozen=True, kw_only=True)
class PgDump(LogicalDump):
    """The dump and its manifest's fingerprint are of one exported snapshot, so it must restore row for row."""

    NAME: ClassVar[str] = "pg-dump"
    NEEDS: ClassVar[str] = (
        "PostgreSQL 16 or newer with zstd; `pg_dump`, `pg_restore` and `psql` beside the server; "
        "both engines have them."
    )
    CANNOT_SHOW: ClassVar[str] = (
        "what a dump of one database does not hold: roles, settings made with ALTER DATABASE, other databases. "
        "Everything between the newest dump and the fault is lost."
    )

    format: Literal["custom", "plain"] = "custom"

    @property
    def options(self) -> Mapping[str, object]:
        """Which tool reads it."""
        return {"format": self.format}

    def dump(self, shop: Shop, path: Path, snapshot: str) -> None:
        """Compressed with zstd if custom; then its end is read, since its list at its head tells nothing of that."""
        words = ["pg_dump", f"--format={self.format}", f"--snapshot={snapshot}", "--no-password"]
        words += ["--compress=zstd"] if self.format == "custom" else []
        with path.open("wb") as out:
            done = shop.engine.execute(shop.service("database"), words, stdout=out)
        if done.status:
            raise BackupFailed(f"pg_dump ended with {done.status}: {last_line(done)}")
        if self.format == "custom":
            done = self._read_through(shop, path)
            if done.status:
                raise BackupFailed(f"the dump cannot be read to its end: {last_line(done)}")

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """The dump holds exactly its manifest's tables and can be read to its end.

        A custom one is listed with `pg_restore --list` and read through; a plain one is read line by line: it must
        have its trailer, and every COPY its end, because one that was cut restores with exit status 0.
        One that a newer major version has made is refused.
        """
        custom = backup.manifest.options.get("format", self.format) == "custom"
        wanted, kind = parse.CUSTOM_DUMP if custom else parse.PLAIN_DUMP, parse.kind_of(backup.artefact)
        if kind != wanted:
            yield parse.wrong_kind("database", wanted=wanted, found=kind)
            return
        tables_wanted = backup.manifest.database.tables if backup.manifest.database else {}
        held, broken = self._custom(shop, backup, tables_wanted) if custom else dumps.plain(backup.artefact)
        yield dumps.compared(tables_wanted, held, broken or newer(shop, backup))

    def _custom(self, shop: Shop, backup: Backup, wanted: Collection[str]) -> tuple[list[str], str]:
        """The tables that a custom dump holds, and what keeps it from being read to its end."""
        listing = backup.folder / "listing"
        with backup.artefact.open("rb") as dump, listing.open("wb") as out:
            done = shop.engine.execute(shop.service("database"), ["pg_restore", "--list"], stdin=dump, stdout=out)
        if not done.status:
            done = self._read_through(shop, backup.artefact)
        broken = f"the dump cannot be read to its end: {last_line(done)}" if done.status else ""
        return dumps.listed(listing.read_text(errors="replace"), wanted), broken

    def _read_through(self, shop: Shop, path: Path) -> Completed:
        """Read a custom dump to its end, as a restore would; what was read goes nowhere."""
        with path.open("rb") as dump:
            words = ["pg_restore", "--file=/dev/null"]
            return shop.engine.execute(shop.service("database"), words, stdin=dump)

    def load(self, shop: Shop, backup: Backup) -> Completed:
        """By the tool of its format, which stops at the first error."""
        fmt = backup.manifest.options.get("format", self.format)
        words: Sequence[str] = ["pg_restore", f"--dbname={TARGET}", "--exit-on-error", "--no-password"]
        if fmt == "plain":
            words = [
                "psql",
                "--no-psqlrc",
                "--quiet",
                f"--dbname={TARGET}",
                "--set=ON_ERROR_STOP=1",
                "--no-password",
            ]
        with backup.artefact.open("rb") as dump:
            return shop.engine.execute(shop.service("database"), words, stdin=dump)


EXTENSION = PgDump
