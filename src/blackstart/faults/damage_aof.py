"""`damage-aof`: Redis's append-only file is cut within its last command, or unreadable in its middle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from blackstart.engines.base import RunsOnVolumes
from blackstart.families import Family
from blackstart.scenario import Fault
from blackstart.shop import Shop
from blackstart.stack import Role, Stack

# The log in force is the last one that the manifest names; its commands are arrays of strings of known lengths.
_LOG = """
import json, os, sys
folder = os.path.join(sys.argv[1], "appendonlydir")
names = [n for n in os.listdir(folder) if n.endswith(".incr.aof")]
path = os.path.join(folder, max(names, key=lambda name: int(name.split(".")[-3])))
def number(data, at, sign):
    if at >= len(data):
        raise IndexError
    end = data.index(b"\\r\\n", at)
    if data[at:at + 1] != sign:
        raise TypeError
    return int(data[at + 1:end]), end + 2
def commands(data):
    starts, at = [], 0
    try:
        while at < len(data):
            starts.append(at)
            count, at = number(data, at, b"*")
            for _ in range(count):
                size, at = number(data, at, b"$")
                at += size + 2
                if at > len(data):
                    raise IndexError
    except TypeError:
        return starts[:-1], starts[-1], "is no command"
    except (IndexError, ValueError):
        return starts[:-1], starts[-1], "is cut"
    return starts, at, ""
with open(path, "rb") as file:
    data = file.read()
starts, whole, broken = commands(data)
"""
_LOOK = (
    _LOG
    + """
print(json.dumps({"file": os.path.basename(path), "bytes": len(data), "commands": len(starts), "whole": whole,
                  "broken": broken}))
"""
)
_DAMAGE = (
    _LOG
    + """
with open(path, "r+b") as file:
    if sys.argv[2] == "end":
        last = data[starts[-1]:whole]
        file.seek(whole)
        file.write(last[:len(last) // 2])
    else:
        file.seek(starts[len(starts) // 2])
        file.write(bytes(16))
    file.flush()
    os.fsync(file.fileno())
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageAof(Fault):
    """Redis is stopped, its append-only file is damaged on the volume, and it is to start again.

    `where: end` leaves half a command behind the last whole one: the write that was under way when Redis died, and
    that nobody was told of. Redis drops it and starts. `where: middle` makes zeros of the beginning of a command
    with others before and behind it: Redis refuses to start, rightly, and only a backup helps.
    """

    NAME: ClassVar[str] = "damage-aof"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["damage-aof"] = "damage-aof"
    where: Literal["end", "middle"]

    @property
    def needs(self) -> type:
        """Working on a volume's files."""
        return RunsOnVolumes

    @property
    def target(self) -> str:
        """The file, and where."""
        return f"the {self.where} of the cache's append-only file"

    def strikes(self, stack: Stack) -> tuple[Role, ...]:
        """The cache."""
        return ("cache",)

    def prepare(self, shop: Shop) -> int:
        """How many commands the file has; RuntimeError if there are too few for one to have a middle."""
        seen = _look(shop)
        count = int(seen["commands"])
        if count < 3:
            raise RuntimeError(f"the append-only file has {count} commands, too few to be damaged among them")
        return count

    def inject(self, shop: Shop, prepared: int) -> None:
        """Stop Redis, damage the file; where Redis would refuse to start, let it try."""
        service = shop.service("cache")
        shop.engine.stop(service)
        _on_cache(shop, _DAMAGE, self.where)
        if self.where == "middle":  # at the other place it would mend the file before anybody has seen it
            shop.engine.launch(service)

    def witness(self, shop: Shop, prepared: int) -> str | None:
        """The file's bytes, read from disk, are whole commands up to a place and then are none."""
        seen = _look(shop)
        if seen["broken"] != {"end": "is cut", "middle": "is no command"}[self.where]:
            return None
        if shop.engine.incarnation(shop.service("cache")) is not None and self.where == "end":
            return None  # somebody writes: what looks cut is in the making
        return (
            f"{seen['file']}: behind {seen['commands']} whole commands, byte {seen['whole']} of {seen['bytes']}"
            f" begins what {seen['broken']}"
        )


def _look(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_on_cache(shop, _LOOK))
    return found


def _on_cache(shop: Shop, program: str, *words: str) -> str:
    engine = shop.engine
    assert isinstance(engine, RunsOnVolumes)
    return engine.on_volume(shop.volume("cache"), program, *words)


EXTENSION = DamageAof
