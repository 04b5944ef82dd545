"""The backup schedule: a cycle every so often, one backup of each role in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from blackstart import registry
from blackstart.backups import BackupStore
from blackstart.journal import Journal
from blackstart.plan import Plan
from blackstart.procedures.base import Interrupts, Procedure
from blackstart.scenario import ProcedureSpec
from blackstart.shop import Shop
from blackstart.stack import STORES, Role
from blackstart.validation import adapter


def procedure(spec: ProcedureSpec) -> Procedure:
    """The procedure that a spec names, with its options."""
    made: Procedure = adapter(registry.procedures()[spec.kind]).validate_python(dict(spec.options))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A backup that has begun and is not complete."""

    role: Role
    id: str
    began_s: float


class BackupSchedule:
    """Databases before uploads, so that no restored row lacks its file; then the cache."""

    name = "backups"

    def __init__(self, shop: Shop, plan: Plan, store: BackupStore, journal: Journal) -> None:
        assert plan.backup is not None
        self._shop = shop
        self._spec = plan.backup
        self._store = store
        self._journal = journal
        self._ended = False
        self._number = 0
        self._began_s: list[float] = []
        self.last_completed_s: float | None = None
        self.protected_s = 0.0
        """When the newest complete cycle began: what is acknowledged since is in no backup for sure."""
        self.under_way: UnderWay | None = None
        self.usual_s: dict[Role, float] = {}
        """How long the newest complete backup of each role took."""
        self.restarted: dict[str, str | None] = {}
        """Services that a backup has stopped and started again, and which process runs each since."""
        self._interrupting = threading.Lock()

    @property
    def cycles(self) -> int:
        """Cycles in which every role's backup completed."""
        return len(self._began_s)

    def cycles_since(self, moment_s: float) -> int:
        """Those of them that began after a moment."""
        return sum(began > moment_s for began in self._began_s)

    @property
    def every_s(self) -> float:
        """From one cycle's start to the next one's."""
        return self._spec.every

    def run(self, stop: threading.Event) -> None:
        """A cycle that is late starts at once; no two overlap."""
        due = time.monotonic()
        while not stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._spec.every, time.monotonic())
            self._cycle(stop)

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Meanwhile no backup stops a service; one that has done so is waited for, which takes as long as it does."""
        with self._interrupting:
            yield

    def expect_failures(self) -> None:
        """From now on a failed backup is what one would expect: something was broken on purpose."""
        self._ended = True

    def expect_success(self) -> None:
        """Nothing was broken after all."""
        self._ended = False

    def _cycle(self, stop: threading.Event) -> None:
        began = self._journal.clock.now()
        self._number += 1
        for role in STORES:
            if role in self._spec.procedures and (stop.is_set() or not self._in_turn(role)):
                return
        self.last_completed_s = self._journal.clock.now()
        self.protected_s = began
        self._began_s.append(began)
        if self._ended:
            return  # what is older may be what the recovery has chosen
        # Only now: until the newer cycle is whole, the older one may be the last that can be restored.
        self._store.retain(list(self._spec.procedures), self._spec.retention)

    def _in_turn(self, role: Role) -> bool:
        """A backup that stops its service takes turns with whoever needs the service."""
        made = procedure(self._spec.procedures[role])
        if not (isinstance(made, Interrupts) and made.interrupts(role)):
            return self._backup(role)
        with self._interrupting:
            if self._ended:
                return False  # what was broken on purpose is not started again by a backup
            try:
                return self._backup(role)
            finally:
                service = self._shop.service(role)
                self.restarted[service] = self._shop.engine.incarnation(service)

    def _backup(self, role: Role) -> bool:
        clock = self._journal.clock
        began = clock.now()
        backup_id = f"{role}-{began:010.3f}"
        folder = self._store.begin(role, backup_id)
        self.under_way = UnderWay(role=role, id=backup_id, began_s=began)
        try:
            made = procedure(self._spec.procedures[role]).backup(self._shop, role, folder, clock, self._number)
        except Exception as error:
            self._note(role, backup_id, began, error=str(error))
            if not self._ended:
                raise
            return False
        finally:
            self.under_way = None
        if self._ended:
            # It was not complete when the fault struck, whatever it lacked: T0 is earlier than this.
            now = clock.now()
            made = replace(made, completed_s=now, completed_at=clock.at(now))
        self._store.complete(folder, made)
        if made.steps:
            self._journal.write("backup steps", {"role": role, "id": backup_id, "steps": list(made.steps)})
        self.usual_s[role] = clock.now() - began
        self._note(role, backup_id, began, size=made.bytes, sha256=made.sha256)
        return True

    def _note(
        self, role: Role, backup_id: str, began: float, *, size: int = 0, sha256: str = "", error: str = ""
    ) -> None:
        data = {
            "role": role,
            "id": backup_id,
            "cycle": self._number,
            "started_s": began,
            "completed_s": self._journal.clock.now(),
        }
        self._journal.write("backup", {**data, "bytes": size, "sha256": sha256, "error": error})
