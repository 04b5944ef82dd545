"""What every fault is: fields, the capability it needs, an injection, and a witness apart from it.

        prepare ──▶ inject ──▶ witness … ──▶ heal ──▶ no witness any more
     what the witness     the harm    bytes or processes,    where the harm can be
     and the injector     itself      seen without asking    taken back, and is not
     agree on                         the injector           the recovery's to undo

The fields are the YAML keys, and the file's first sentence says what happens in real life.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

from blackstart.families import Family
from blackstart.shop import Shop


class Injectable(Protocol):
    """A fault that can be injected. Its fields, beside those of `scenario.Fault`, are its YAML keys."""

    NAME: ClassVar[str]
    FAMILY: ClassVar[Family]
    kind: str

    @property
    def needs(self) -> type:
        """The engine's capability without which the plan refuses the fault."""
        ...

    @property
    def target(self) -> str:
        """What it strikes, for people."""
        ...

    def prepare(self, shop: Shop) -> Any:
        """Before the shop is harmed: choose what is struck, and note what the witness will need."""
        ...

    def inject(self, shop: Shop, prepared: Any) -> None:
        """Harm the shop."""
        ...

    def witness(self, shop: Shop, prepared: Any) -> str | None:
        """What proves the harm, found without trusting `inject`; None if nothing does (yet, or any more)."""
        ...


@runtime_checkable
class Heals(Protocol):
    """A fault whose harm can be taken back: after `for`, or by the recovery, before anything is restored."""

    def heal(self, shop: Shop, prepared: Any) -> None:
        """Take it back; again and again if need be. The witness must then see nothing any more."""
        ...


@runtime_checkable
class Arranges(Protocol):
    """A fault that was made long before it shows: the stack is set up wrongly from the start."""

    def arrange(self, shop: Shop) -> None:
        """Tell the engine, before the stack comes up."""
        ...


@runtime_checkable
class Names(Protocol):
    """A fault that knows what whoever finds it has to name."""

    def names(self, prepared: Any) -> str:
        """A text that stands in the finding: a table, a file, a key."""
        ...


def in_the_shop(fault: Injectable) -> bool:
    """Whether the shop itself is harmed, so that the clock starts; a spoilt backup harms nobody yet."""
    return fault.FAMILY != "backups"
