"""`runbook`: your own backup and restore, step by step, as your team would carry them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from blackstart.backups import Backup, Manifest
from blackstart.checks import runbook_steps, target_empty
from blackstart.checks.restore_log import RestoreLog
from blackstart.clock import Clock
from blackstart.errors import NotRecovered, Problem
from blackstart.evidence import Observation
from blackstart.procedures import bundles, just_before, left_there, steps
from blackstart.procedures.base import BackupFailed, manifest_of
from blackstart.procedures.carrying_out import Carried, carry_out
from blackstart.procedures.steps import Step
from blackstart.shop import Shop
from blackstart.stack import STORES, Role
from blackstart.yaml_source import Key, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """Your steps, for one role: under `backup` those that leave files in the backup folder, under `restore` those
    that bring the data back from them.

    Each step is timed, what it says is kept with every password taken out, and its exit code is written down and
    not trusted: a step that ends with 0 proves nothing, and one that does not is a remark. The data alone decides.
    """

    NAME: ClassVar[str] = "runbook"
    ROLES: ClassVar[tuple[Role, ...]] = STORES
    FROM_BACKUP: ClassVar[bool] = True
    EXACT: ClassVar[bool] = False
    NEEDS: ClassVar[str] = (
        "The tools that the steps call, where they call them; `timeout` in the images that steps of the kind `exec` "
        "run in."
    )
    CANNOT_SHOW: ClassVar[str] = (
        "Whether the restored state is the very one of the backup's moment: nobody knows which moment your tools saw, "
        "so it must follow from the seed and from what customers were told. Where no container is, an `exec` is a "
        "process of this machine."
    )

    steps: tuple[Step, ...]
    """What is done, in this order."""

    def problems(self, source: Source, key: Key) -> Iterator[Problem]:
        """What is wrong with the steps that their types do not say."""
        if key[-1] == "procedure":
            yield source.problem(key, "the steps of a runbook are one role's", f"one for each of {', '.join(STORES)}")
        if not self.steps:
            yield source.problem((*key, "steps"), "names no step", "at least one step")
        for number, step in enumerate(self.steps):
            yield from steps.problems(step, source, (*key, "steps", number))

    def backup(self, shop: Shop, role: Role, folder: Path, clock: Clock, cycle: int) -> Manifest:
        """A fingerprint of the store is taken, then your steps are carried out in an empty backup folder, in which at
        least one file must be afterwards. All its files become one tar, the artefact.

        A step that is not over in time, or cannot be done at all, ends the backup: it then does not exist.
        """
        began = clock.now()
        content = just_before.fingerprint(shop, role, self.NAME)
        snapshot_s = clock.now()  # what was acknowledged by now must be in whatever the steps make
        place, carried = folder / "files", list[Carried]()
        place.mkdir()
        for step in carry_out(shop, role, self.steps, place):
            carried.append(step)
            if step.stopped:
                raise BackupFailed(f"{self.NAME}: {step.told}: {step.stopped}")
        made = bundles.pack(place, folder / "artefact")
        if not made:
            raise BackupFailed(f"{self.NAME}: no step left a file in the backup folder; the last: {carried[-1].told}")
        return manifest_of(
            self,
            shop,
            role,
            folder,
            clock,
            cycle,
            options={"files": made},
            started_s=began,
            snapshot_s=snapshot_s,
            steps=[step.record() for step in carried],
            **content,
        )

    def examine(self, backup: Backup, shop: Shop) -> Iterator[Observation]:
        """Every file is there as the steps left it; and dumps, archives, RDB files and what is zipped can be read to
        their ends. A file of another kind is remarked upon. How the backup's own steps ended stands beside it."""
        yield bundles.examined(backup, backup.manifest.role, shop)

    def provision(self, shop: Shop, role: Role) -> None:
        """What is left there stays, as it would for you: a volume that is gone is made, empty, and the service is
        started on it. Only a volume whose files were damaged themselves is replaced by a new one."""
        shop.engine.create_volume(shop.volume(role))
        if role != "uploads":
            shop.engine.start(shop.service(role))

    def restore(self, shop: Shop, role: Role, backup: Backup | None) -> Iterator[Observation]:
        """The backup folder is laid out again, and your steps are carried out. Then Blackstart looks which tables,
        files or keys are the very ones that were there before the first step: what was not replaced did not come
        from the backup, and the check `target-empty` names it.

        A step that is not over in time, or cannot be done at all, ends the recovery; an exit code ends nothing.
        """
        assert backup is not None
        before, place = left_there.noted(shop, role), bundles.unpacked(backup)
        for step in carry_out(shop, role, self.steps, place):
            yield runbook_steps.observed(
                role,
                step.told,
                stopped=step.stopped,
                status=step.status,
                said=step.said,
                errors=step.errors,
                took_s=step.took_s,
            )
            if step.stopped:
                why = f"the runbook of {role} ended at {step.told}: {step.stopped}"
                raise NotRecovered(why, hint="see logs/runbook.log")
        yield target_empty.observed(role, left_there.still_there(shop, role, before))
        yield _no_log(role)


def _no_log(role: Role) -> Observation:
    """Layer 3 must not say that the tools reported no error: nobody judged that."""
    return Observation(
        check=RestoreLog.NAME,
        layer=RestoreLog.LAYER,
        subject=role,
        stage="verify",
        expected=None,
        actual=None,
        not_applicable="exit codes and logs of a team's own steps are told (runbook-steps) and not judged",
    )


EXTENSION = Runbook
