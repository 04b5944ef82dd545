"""YAML read strictly: every value with its line, duplicates, tags, bombs and deep nests refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blackstart.errors import InputRefused, Problem

MAX_BYTES = 256_000
MAX_NODES = 10_000
MAX_DEPTH = 50

Key = tuple[str | int, ...]
_YAML = "tag:yaml.org,2002:"
_NODES = {"map": "mapping", "seq": "sequence", **dict.fromkeys(("str", "int", "float", "bool", "null"), "scalar")}
"""The tags that are read, and the kind of node that each belongs on."""
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text", "null": "no value"}
_LONGEST_NUMBER = 64
_NO_CHARACTER = re.compile(r"\\U(?!00(0[0-9A-Fa-f]|10))[0-9A-Fa-f]{8}")


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
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_visible(part)}" for part in key)
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value of a file as a message shows it: on one line, printable and short."""
    match value:
        case None:
            return "no value"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list():
            return "a list"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _visible(name: str) -> str:
    return shown(name) if not name.isprintable() or len(name) > 60 else name


def read(path: Path) -> Source:
    """The file's value; InputRefused names what is wrong with it as YAML."""
    name = str(path)
    try:
        if not path.is_file():
            raise _refused(name, 1, "is not a file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(name, 1, f"cannot be read: {error.strerror}") from error
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
        from ruamel.yaml.error import MarkedYAMLError
        from ruamel.yaml.reader import ReaderError

        yaml, tree = YAML(typ="safe", pure=True), YAML(typ="safe", pure=True)
        tree.composer.warn_double_anchors = False  # YAML allows an anchor's name to be used again
        try:
            self._check_size(yaml.parse(text))
            node = tree.compose(text)
        except (OverflowError, ValueError) as error:  # the scanner's, on an escape such as \UFFFFFFFF
            escape = _NO_CHARACTER.search(text)
            line = text[: escape.start()].count("\n") + 1 if escape else 1
            raise _refused(self.file, line, "has an escape that is no character", "at most \\U0010FFFF") from error
        except MarkedYAMLError as error:
            raise self._not_yaml(error, text) from error
        except ReaderError as error:
            line = text[: error.position].count("\n") + 1
            what = f"has the control character {text[error.position]!a}"
            raise _refused(self.file, line, what, "text, tabs and line feeds") from error
        if node is None:
            raise _refused(self.file, 1, "is empty", "a mapping of keys")
        self._constructor = yaml.constructor
        self._budget = MAX_NODES
        value = self._value(node, (), ())
        if self.problems:
            raise InputRefused(self.problems)
        return Source(file=self.file, value=value, lines=self.lines)

    def _not_yaml(self, error: Any, text: str) -> InputRefused:
        """What the parser says; where it ran to the file's end, the line on which the unclosed thing began."""
        begun, mark = error.context_mark, error.problem_mark or error.context_mark
        what = str(error.problem)
        if what.startswith("but "):
            what = f"{error.context}, {what}"
        elif begun and mark and begun.line != mark.line:
            what += f" {error.context} (begun on line {begun.line + 1})"
            mark = begun if mark.index >= len(text) else mark
        return _refused(self.file, mark.line + 1 if mark else 1, f"is not YAML: {what}", "YAML 1.2")

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
            raise _refused(self.file, line, "has an alias that contains itself", "values that end somewhere")
        if len(above) > MAX_DEPTH:
            raise _refused(self.file, line, "is nested too deep once its aliases are followed", f"{MAX_DEPTH} levels")
        if not self._plain(node, line, key):
            return None
        above = (*above, id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, key, above)
        if isinstance(node, SequenceNode):
            return [self._value(child, (*key, index), above) for index, child in enumerate(node.value)]
        return self._scalar(node, line, key)

    def _plain(self, node: Any, line: int, key: Key) -> bool:
        """Whether a node has a tag that is read, and on the kind of node that it belongs on."""
        tag = str(node.tag)
        if _NODES.get(tag.removeprefix(_YAML)) == node.id:
            return True
        if tag == f"{_YAML}timestamp":
            self._problem(line, key, f"{shown(node.value)} reads as a date", "quotes around it, if text is meant")
        else:
            short = f"!!{tag.removeprefix(_YAML)}" if tag.startswith(_YAML) else tag
            what = f"the tag {_visible(short)} is not read"
            self._problem(line, key, what, "plain strings, numbers, lists and mappings")
        return False

    def _scalar(self, node: Any, line: int, key: Key) -> Any:
        tag = str(node.tag)
        kind = tag.removeprefix(_YAML)
        try:
            if kind in ("int", "float") and len(node.value) > _LONGEST_NUMBER:
                raise ValueError
            value = self._constructor.yaml_constructors[tag](self._constructor, node)
            if kind == "str":
                value.encode()  # a lone surrogate, which an escape can make, could never be written
        except (ValueError, LookupError):
            self._problem(line, key, f"{shown(node.value)} cannot be read", _WORDS[kind])
            return None
        return value

    def _mapping(self, node: Any, key: Key, above: tuple[int, ...]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if str(name_node.tag) != f"{_YAML}str" or name_node.id != "scalar":
                said = shown(name_node.value) if name_node.id == "scalar" else f"a {name_node.id}"
                self._problem(line, key, f"{said} is not read as a key", "names, in quotes if need be")
                continue
            name = self._scalar(name_node, line, key)
            if name is None:
                continue
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
