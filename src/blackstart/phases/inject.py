"""Inject: at each fault's moment, break something and witness it; heal what lasts only for a while."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, cast

from blackstart.errors import NotConducted
from blackstart.faults.base import Heals, Injectable, Names, in_the_shop
from blackstart.phases import moments
from blackstart.phases.stage import Busy, Stage
from blackstart.scenario import Fault
from blackstart.waiting import poll

WITNESS_WITHIN_S = 10.0
HEALED_WITHIN_S = 30.0
SETTLED_WITHIN_S = 60.0
IN_A_RECOVERY = ("restore", "verify")
RECOVERY_POLL_S = 0.02


@dataclass(slots=True, kw_only=True)
class Struck:
    """A fault that has struck."""

    number: int
    fault: Injectable
    prepared: Any
    heal_at_s: float
    """When it is due to be healed, in seconds since the run began; infinite: not before the recovery."""
    healed: bool = False


class Injections:
    """The scenario's faults, as far as they have come. As an activity, those that strike a recovery."""

    name = "faults"

    def __init__(self, stage: Stage, busy: Busy) -> None:
        self._stage = stage
        self._busy = busy
        self._struck: list[Struck] = []
        self._mutex = threading.RLock()
        self._striking = False
        self.in_recovery = 0
        """How many have struck in the middle of the recovery."""

    def inject(self) -> None:
        """All that come before the recovery, in their order, after enough calm to know the customers' rhythm."""
        since = moments.begin(self._stage)
        for number, fault in enumerate(self._stage.plan.scenario.faults):
            if fault.during in IN_A_RECOVERY:
                continue
            injectable = cast("Injectable", fault)
            # Before the wait: a moment that has come must not pass while a witness is planted. But which backup
            # is the newest shows only then.
            early = in_the_shop(injectable)
            prepared = injectable.prepare(self._stage.shop) if early else None
            moment, armed = moments.seize(self._stage, self._busy, number, since, self._heal_what_is_due)
            if not early:
                prepared = injectable.prepare(self._stage.shop)
            elif fault.during is None:  # just before a backup completes there is no time for a second look
                prepared, armed = self._not_seen_yet(injectable, prepared)
            self._strike(number, fault, prepared, moment.words, armed)
            if fault.id:
                since.struck_s[fault.id] = self._stage.clock.now()
        self._outlast()

    def _not_seen_yet(self, fault: Injectable, prepared: Any) -> tuple[Any, float]:
        """What was prepared before the wait, or anew if something else has moved the witness meanwhile."""
        shop = self._stage.shop
        if fault.witness(shop, prepared) is None:
            return prepared, self._stage.clock.now()
        prepared = fault.prepare(shop)
        if fault.witness(shop, prepared) is not None:
            raise NotConducted(f"{fault.NAME} on {fault.target} is to be seen before it was injected")
        return prepared, self._stage.clock.now()

    def run(self, stop: threading.Event) -> None:
        """Beside a recovery: strike in the middle of it, as the scenario says."""
        for number, fault in enumerate(self._stage.plan.scenario.faults):
            if fault.during not in IN_A_RECOVERY:
                continue
            injectable = cast("Injectable", fault)
            while self._stage.recovery.doing != fault.during:
                if stop.wait(RECOVERY_POLL_S):
                    return
            self._striking = True
            self.in_recovery += 1
            prepared = injectable.prepare(self._stage.shop)
            words = f"in the middle of the recovery ({fault.during})"
            self._strike(number, fault, prepared, words, self._stage.clock.now())
            self._striking = False

    def settle(self) -> None:
        """Wait until one that strikes in the middle of the recovery has done so, and its witness has seen it."""
        if not poll(lambda: not self._striking, within_s=SETTLED_WITHIN_S):
            raise NotConducted("a fault that struck in the middle of the recovery did not come to its end")
        self._busy.require_sound()

    def heal(self) -> None:
        """Take back all that can be taken back, the last one first: the repair before anything is restored."""
        with self._mutex:
            for struck in reversed(self._struck):
                if isinstance(struck.fault, Heals) and not struck.healed:
                    self._heal(struck)

    def _outlast(self) -> None:
        """Until those that last for a while are over."""
        lasting = [struck.heal_at_s for struck in self._struck if struck.heal_at_s < float("inf")]

        def over() -> bool:
            self._busy.require_sound()
            self._heal_what_is_due()
            return all(struck.healed for struck in self._struck if struck.heal_at_s < float("inf"))

        rest_s = max(lasting, default=0.0) - self._stage.clock.now()
        if not poll(over, within_s=max(0.0, rest_s) + HEALED_WITHIN_S):
            raise NotConducted("a fault that was to last for a while was not healed in time")

    def _heal_what_is_due(self) -> None:
        with self._mutex:
            for struck in self._struck:
                if not struck.healed and struck.heal_at_s <= self._stage.clock.now():
                    self._heal(struck)
                    self._start_again(cast("Fault", struck.fault))

    def _start_again(self, fault: Fault) -> None:
        """What went away with the harm comes back with its end; nobody recovers anything yet."""
        stack = self._stage.plan.stack
        volume = getattr(fault, "volume", "")
        for service in dict.fromkeys([getattr(fault, "service", ""), *stack.users_of(volume)]):
            if service:
                self._stage.shop.engine.start(service)

    def _strike(self, number: int, fault: Fault, prepared: Any, moment: str, armed: float) -> None:
        """Note on disk, break, witness; the clock starts before the injector is called."""
        stage, injectable = self._stage, cast("Injectable", fault)
        undo = {"id": f"fault-{number}", "fault": injectable.NAME, "target": injectable.target}
        stage.state.undo({**undo, "state": "recorded"})
        said = {"fault": injectable.NAME, "target": injectable.target, "moment": moment, "family": injectable.FAMILY}
        expect = fault.expect.detected_by if fault.expect else ""
        heals = isinstance(injectable, Heals)
        stage.journal.write("injection", {**said, "expect": expect, "heals": heals}, t=armed)
        if in_the_shop(injectable) and "T0" not in stage.journal.marks:
            stage.journal.mark("T0", armed)
        if not in_the_shop(injectable) and fault.expect is not None and "spoilt" not in stage.journal.marks:
            stage.journal.mark("spoilt", armed)
        lasts_until = stage.clock.now() + fault.for_ if fault.for_ is not None else float("inf")
        struck = Struck(number=number, fault=injectable, prepared=prepared, heal_at_s=lasts_until)
        with self._mutex:
            self._struck.append(struck)
            injectable.inject(stage.shop, prepared)
        stage.state.undo({**undo, "state": "injected"})
        stage.progress.say(f"injected {injectable.NAME} on {injectable.target}")
        saw = poll(lambda: injectable.witness(stage.shop, prepared), within_s=WITNESS_WITHIN_S)
        if saw is None:
            raise NotConducted(f"no witness: nothing shows that {injectable.NAME} did anything to {injectable.target}")
        names = injectable.names(prepared) if isinstance(injectable, Names) else ""
        if injectable.FAMILY == "backups" and names:
            stage.spoilt[names] = expect
        stage.journal.write("witness", {"witness": saw, "names": names})
        if "T0" in stage.journal.marks and "T0w" not in stage.journal.marks:
            stage.journal.mark("T0w")
        if not isinstance(injectable, Heals):  # the recovery itself undoes what it did
            stage.state.undo({**undo, "state": "closed"})

    def _heal(self, struck: Struck) -> None:
        """Take it back, and see with the witness's own eyes that it is."""
        stage, fault = self._stage, struck.fault
        assert isinstance(fault, Heals)
        undo = {"id": f"fault-{struck.number}", "fault": fault.NAME, "target": fault.target}
        stage.state.undo({**undo, "state": "healing"})
        fault.heal(stage.shop, struck.prepared)
        if not poll(lambda: fault.witness(stage.shop, struck.prepared) is None, within_s=HEALED_WITHIN_S):
            raise NotConducted(f"{fault.NAME} on {fault.target} was healed, and its harm is still to be seen")
        struck.healed = True
        stage.journal.write("healed", {"number": struck.number, "fault": fault.NAME, "target": fault.target})
        stage.state.undo({**undo, "state": "closed"})
        stage.progress.say(f"healed {fault.NAME} on {fault.target}")
