"""What every fault is: fields, the capability it needs, an injection, and a witness apart from it."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from blackstart.shop import Shop


class Injectable(Protocol):
    """A fault that can be injected. Its fields, beside those of `scenario.Fault`, are its YAML keys."""

    NAME: ClassVar[str]
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
        """Before the shop is harmed: note what the witness will need; returned to `witness`."""
        ...

    def inject(self, shop: Shop) -> None:
        """Harm the shop."""
        ...

    def witness(self, shop: Shop, before: Any) -> str | None:
        """What proves the harm, found without trusting `inject`; None if nothing does (yet)."""
        ...
