"""How two readings of a catalog differ, object by object and fact by fact. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from blackstart.evidence import Facts

_LIBRARY = "provider"
"""The fact that says which library sorts: another one that sorts by the same rules is no damage."""
_LOCALE = "locale"
"""By which rules it sorts; libc has them in `collate` and `ctype` instead."""
_WINDOW = 80
_BEFORE = 30
_IRREGULAR = {"default privileges": "default privilege", "statistics objects": "statistics"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object that is missing or extra, or one fact of an object that changed."""

    what: Literal["missing", "extra", "changed"]
    object: str
    fact: str = ""
    expected: str = ""
    actual: str = ""
    harmless: bool = False
    """Whether it is worth a warning, and no more."""


def changes(expected: Mapping[str, Facts], actual: Mapping[str, Facts]) -> Iterator[Change]:
    """All changes within one class of object, by name."""
    for name in sorted(expected.keys() | actual.keys()):
        if name not in actual:
            # pg_dump leaves out what CREATE INDEX CONCURRENTLY left behind when it failed.
            yield Change(what="missing", object=name, harmless="invalid" in expected[name])
        elif name not in expected:
            yield Change(what="extra", object=name)
        else:
            yield from _facts(name, expected[name], actual[name])


def _facts(name: str, expected: Facts, actual: Facts) -> Iterator[Change]:
    other_library = expected.get(_LIBRARY) != actual.get(_LIBRARY) and _rules(expected) == _rules(actual)
    for fact in dict.fromkeys([*expected, *actual]):
        was, found = expected.get(fact, ""), actual.get(fact, "")
        if was != found:
            harmless = other_library and fact in (_LIBRARY, _LOCALE)
            yield Change(what="changed", object=name, fact=fact, expected=was, actual=found, harmless=harmless)


def _rules(facts: Facts) -> tuple[str, ...]:
    """The locales of order and of letters, written alike whichever library writes them."""
    return tuple(_plain(facts.get(_LOCALE) or facts.get(fact, "")) for fact in ("collate", "ctype"))


def _plain(locale: str) -> str:
    """`en_US.utf8` as `en-us`; but `C` and `C.UTF-8` differ in what is a letter."""
    plain = locale.lower().replace("_", "-").replace("utf-8", "utf8")
    if plain == "posix":
        return "c"
    return plain if plain.startswith("c.") else plain.removesuffix(".utf8")


def line(kind: str, change: Change) -> str:
    """`missing index …`, `extra grant …`, `changed column …: type: integer → bigint`."""
    head = f"{change.what} {singular(kind)} {change.object}"
    if change.what != "changed":
        return head
    was, found = _around(change.expected, change.actual)
    return f"{head}: {change.fact}: {was} → {found}"


def singular(kind: str) -> str:
    """What one object of a class is called."""
    if kind in _IRREGULAR:
        return _IRREGULAR[kind]
    for ending, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if kind.endswith(ending):
            return kind.removesuffix(ending) + one
    return kind


def _around(was: str, found: str) -> tuple[str, str]:
    """Two texts in one line each, long ones cut to where they begin to differ."""
    at = next((i for i, (a, b) in enumerate(zip(was, found, strict=False)) if a != b), min(len(was), len(found)))
    return _cut(was, at), _cut(found, at)


def _cut(text: str, at: int) -> str:
    begin = max(0, at - _BEFORE) if len(text) > _WINDOW else 0
    piece = text[begin : begin + _WINDOW]
    shown = ("…" if begin else "") + piece + ("…" if begin + _WINDOW < len(text) else "")
    return shown.replace("\n", "⏎") or "nothing"
