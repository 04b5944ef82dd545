"""`append-log`: the storefront's access log has every frame that was appended to it, whole and in order."""

from __future__ import annotations

import json
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from blackstart.checkers import append_log
from blackstart.checkers.append_log import Found
from blackstart.checks.base import Scene, observation
from blackstart.evidence import Observation, Stage
from blackstart.shop import Shop

NAME_IN_VOLUME = "storefront.log"
SET_ASIDE = ".damaged"
"""Behind the name of a log that somebody has moved away, so that it begins anew."""


class AppendLog:
    """Nobody restores a log: one that a fault took with its volume is a warning, any other loss fails.

    Behind the fence nobody writes to it, and it may not be there yet: it is read before the fault and at the end.
    """

    NAME: ClassVar[str] = "append-log"
    LAYER: ClassVar[int] = 12
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """One observation; what each writer had written by then becomes evidence."""
        logs, before = contents(scene.shop), _before(scene)
        if NAME_IN_VOLUME not in logs:
            yield observation(AppendLog, scene, NAME_IN_VOLUME, expected="a log", actual="no log")
            return
        run = scene.shop.plan.run_id
        found = append_log.check(logs[NAME_IN_VOLUME], run, before)
        (scene.evidence / f"log-{scene.stage}.json").write_text(json.dumps(found.last))
        aside = append_log.check(logs.get(NAME_IN_VOLUME + SET_ASIDE, b""), run).last
        yield _judged(scene, found, set_aside=bool(aside.keys() & before.keys()))


def _judged(scene: Scene, found: Found, *, set_aside: bool) -> Observation:
    """A torn tail is what a killed writer leaves, or one that is just writing.

    `set_aside`: the log that was there before lies beside this one, where a repair has moved it.
    """
    wrong = [anomaly for anomaly in found.anomalies if anomaly.kind != "torn tail"]
    warnings = [str(anomaly) for anomaly in found.anomalies if anomaly.kind == "torn tail"]
    differences = [str(anomaly) for anomaly in wrong]
    if found.anew and set_aside:
        warnings.append(f"the log began anew: the one before was set aside as {NAME_IN_VOLUME}{SET_ASIDE}")
    elif found.anew and _taken(scene):
        warnings.append("the log began anew: what was in it before is gone with its volume")
    elif found.anew:
        differences.append("the log began anew, and no fault took its volume")
    kinds = dict(Counter(anomaly.kind for anomaly in wrong))
    return observation(
        AppendLog,
        scene,
        NAME_IN_VOLUME,
        # A log without a frame shows nothing: the shop has served requests by now.
        expected={"frames": True},
        actual={"frames": bool(found.last), **kinds},
        differences=differences,
        warnings=warnings,
    )


def _taken(scene: Scene) -> bool:
    """Whether a fault of the scenario removed the log's volume."""
    volume = scene.shop.volume("app")
    return any(
        fault.kind == "down-volumes" or getattr(fault, "volume", "") == volume
        for fault in scene.shop.plan.scenario.faults
    )


def contents(shop: Shop) -> dict[str, bytes]:
    """The bytes of the log, and of one that was set aside, by name; those that are there."""
    found = {}
    with shop.engine.read_volume(shop.volume("app")) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            file = tar.extractfile(member) if name in (NAME_IN_VOLUME, NAME_IN_VOLUME + SET_ASIDE) else None
            if file is not None:
                found[name] = file.read()
    return found


def _before(scene: Scene) -> Mapping[str, int]:
    """What each writer had written when the log was last looked at."""
    path = scene.evidence / "log-gate.json"
    found: Mapping[str, int] = json.loads(path.read_text()) if scene.stage == "final" and path.exists() else {}
    return found


EXTENSION = AppendLog
