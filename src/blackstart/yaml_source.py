"""YAML read strictly: every value with its line, duplicates, tags, bombs and deep nests refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blackstart.errors import InputRefused, Problem

MAX_BYTES = 256_000
MAX_NODES = 10_000
MAX_DEPTH = 50

Key = tuple[str | int, ...]
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file's plain value, and the line on which each of its keys stands."""

    file: str
    value: Any
    lines: Mapping[Key, int] = field(repr=False)

    def problem(self, key: Key, what: str, allowed: str = "") -> Problem:
        """A problem at `key`, or at its nearest ancestor that the file has."""
        at = key
        while at and at not in self.lines:
            at = at[:-1]
        return Problem(file=self.file, line=self.lines.get(at, 1), key=dotted(key), what=what, allowed=allowed)


def dotted(key: Key) -> str:
    """`("faults", 0, "kind")` as people write it: `faults[0].kind`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")


def read(path: Path) -> Source:
    """The file's value; InputRefused names what is wrong with it as YAML."""
    name = str(path)
    try:
        raw = path.open("rb").read(MAX_BYTES + 1) if path.is_file() else None
    except OSError as error:
        raise _refused(name, 1, f"cannot be read: {error.strerror}") from error
    if raw is None:
        raise _refused(name, 1, "is not a file")
    if len(raw) > MAX_BYTES:
        raise _refused(name, 1, "is too large", f"at most {MAX_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(name, line, f"byte {error.start} is not UTF-8", "UTF-8 text") from error
    return _Reader(name).read(text)


def _refused(file: str, line: int, what: str, allowed: str = "") -> InputRefused:
    return InputRefused([Problem(file=file, line=line, key="", what=what, allowed=allowed)])


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Key, int] = {(): 1}
        self.problems: list[Problem] = []

    def read(self, text: str) -> Source:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        yaml = YAML(typ="safe", pure=True)
        yaml.allow_duplicate_keys = True  # seen below, where the key's path is known
        try:
            self._check_size(yaml.parse(text))
            node = YAML(typ="safe", pure=True).compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise _refused(self.file, mark.line + 1 if mark else 1, f"is not YAML: {error.problem}") from error
        except YAMLError as error:
            raise _refused(self.file, 1, f"is not YAML: {str(error).splitlines()[0]}") from error
        if node is None:
            raise _refused(self.file, 1, "is empty", "a mapping of keys")
        self._constructor = yaml.constructor
        self._budget = MAX_NODES
        value = self._value(node, (), ())
        if self.problems:
            raise InputRefused(self.problems)
        return Source(file=self.file, value=value, lines=self.lines)

    def _check_size(self, events: Iterator[Any]) -> None:
        """Refuse on the event stream: building a deep tree first would exhaust the stack."""
        from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, NodeEvent

        depth = nodes = 0
        for event in events:
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            nodes += isinstance(event, NodeEvent)
            if depth > MAX_DEPTH:
                raise _refused(self.file, event.start_mark.line + 1, "is nested too deep", f"{MAX_DEPTH} levels")
            if nodes > MAX_NODES:
                raise _refused(self.file, event.start_mark.line + 1, "has too many values", f"{MAX_NODES:,}")

    def _value(self, node: Any, key: Key, above: tuple[int, ...]) -> Any:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        line = node.start_mark.line + 1
        self.lines.setdefault(key, line)
        self._budget -= 1
        if self._budget < 0:
            raise _refused(self.file, line, "has too many values once its aliases are followed", f"{MAX_NODES:,}")
        if id(node) in above:
            raise _refused(self.file, line, "has an alias that contains itself")
        tag = str(node.tag)
        if tag not in _PLAIN_TAGS:
            self._problem(line, key, f"the tag {tag!r} is not read", "plain strings, numbers, lists and mappings")
            return None
        above = (*above, id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, key, above)
        if isinstance(node, SequenceNode):
            return [self._value(child, (*key, index), above) for index, child in enumerate(node.value)]
        try:
            return self._constructor.yaml_constructors[tag](self._constructor, node)
        except (ValueError, KeyError) as error:
            self._problem(line, key, f"{node.value!r} cannot be read as {tag.rpartition(':')[2]}: {error}")
            return None

    def _mapping(self, node: Any, key: Key, above: tuple[int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if str(name_node.tag) != "tag:yaml.org,2002:str":
                self._problem(line, key, f"the key {getattr(name_node, 'value', '')!r} is no string", "names as keys")
                continue
            name = str(name_node.value)
            here = (*key, name)
            if name in first:
                self._problem(line, here, f"duplicate key (first on line {first[name]})", "each key once")
                continue
            first[name] = line
            self.lines[here] = line
            result[name] = self._value(value_node, here, above)
        return result

    def _problem(self, line: int, key: Key, what: str, allowed: str = "") -> None:
        self.problems.append(Problem(file=self.file, line=line, key=dotted(key), what=what, allowed=allowed))
