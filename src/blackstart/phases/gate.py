"""The gate: before anything is broken, customers must be buying and every check must be green."""

from __future__ import annotations

from contextlib import nullcontext

from blackstart.activities.rounds import WRITES
from blackstart.checks.base import SeedEvidence
from blackstart.errors import NotConducted
from blackstart.phases.stage import Busy, Stage
from blackstart.waiting import poll

BUYING_WITHIN_S = 30.0


def gate(stage: Stage, seed: SeedEvidence, busy: Busy) -> None:
    """Wait until customers have bought, filled a cart and uploaded; drain; check everything; go on."""

    def all_acknowledged() -> bool:
        done = {o.op for o in stage.writes.operations() if o.acknowledged}
        return done >= set(WRITES) and any(o.acknowledged for o in stage.reads.operations())

    if not poll(all_acknowledged, within_s=BUYING_WITHIN_S):
        done = sorted({o.op for o in stage.writes.operations() if o.acknowledged})
        failed = next(
            (dict(o.result) for o in reversed(stage.writes.operations()) if o.result and not o.acknowledged),
            {},
        )
        what = f"only {', '.join(done)}" if done else "nothing"
        raise NotConducted(
            f"customers could not buy: {what} was acknowledged within {BUYING_WITHIN_S:.0f} s",
            hint=f"their last failure: {failed.get('last', 'none')}; see logs/storefront.log",
        )
    busy.customers.drain()
    with busy.backups.uninterrupted() if busy.backups else nullcontext():
        red = stage.check(stage.scene(seed, stage="gate"))
    busy.customers.go_on()
    busy.require_sound()
    if red:
        first = red[0]
        why = first.error or "; ".join(first.differences[:3]) or f"expected {first.expected}, found {first.actual}"
        raise NotConducted(f"the shop was not sound before the fault: {first.check}: {first.subject}: {why}")
    with busy.backups.uninterrupted() if busy.backups else nullcontext():
        stage.journal.write("sizes", _sizes(stage, seed))
    stage.progress.say("gate: customers buy, every check is green")


def _sizes(stage: Stage, seed: SeedEvidence) -> dict[str, int]:
    """Bytes of each store: what a restore has to bring back."""
    with stage.shop.database() as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    with stage.shop.cache() as client:
        memory = dict(client.info("memory"))["used_memory_dataset"]
    files = sum(file.bytes for file in seed.files.values())
    return {"database": row[0] if row else 0, "uploads": files, "cache": int(memory)}
