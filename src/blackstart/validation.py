"""A mapping from a file into one of our dataclasses, and what is wrong with it in the words of the file.

file ──yaml_source──▶ lines and values ──here──▶ dataclass
                                                └──────▶ problems: line, key, what is wrong, what is allowed
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from blackstart.errors import Problem
from blackstart.stack import STORES
from blackstart.yaml_source import Key, Source, shown

_TYPES = {
    "string": "text, in quotes if it looks like something else",
    "int": "a whole number",
    "float": "a number",
    "dict": "a mapping of names to values",
}
_MAPPINGS: Mapping[Key, str] = {
    ("variables",): "a mapping of each variable's name to its value",
    ("verify", "exclude"): "a mapping of each check's name to the reason why it is left out",
}


@cache
def adapter(kind: type) -> TypeAdapter[Any]:
    """The validator of one of our dataclasses: unknown keys are refused, in nested ones too."""
    return TypeAdapter(with_config(ConfigDict(extra="forbid", alias_generator=key_of))(kind))


def key_of(field: str) -> str:
    """A field's key in YAML: `for` cannot name a field."""
    return field.rstrip("_")


def close_to(word: object, known: Sequence[str]) -> str:
    """What was probably meant."""
    close = difflib.get_close_matches(str(word), known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def validated(kind: type, value: Any, source: Source, prefix: Key, problems: list[Problem]) -> Any:
    """The value at `prefix` as one of our dataclasses; or None, and what is wrong with it among the problems."""
    try:
        return adapter(kind).validate_python(value)
    except ValidationError as error:
        problems.extend(_explain(item, kind, source, prefix) for item in error.errors(include_url=False))
        return None


def _explain(item: Any, kind: type, source: Source, prefix: Key) -> Problem:
    location = _keys(item["loc"], source, prefix)
    key = (*prefix, *location)
    context, value = item.get("ctx", {}), shown(item["input"])
    wrong = "has no value" if item["input"] is None else f"{value} has the wrong type"
    match item["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            known = _fields_at(kind, location[:-1])
            close = difflib.get_close_matches(str(key[-1]), known, n=1)
            what = "unknown key" + (f" (did you mean {close[0]}?)" if close else "")
            return source.problem(key, what, ", ".join(known))
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return source.problem(key, "is missing", "a value for this key")
        case "literal_error":
            return source.problem(key, f"{value} is not known", str(context["expected"]))
        case "value_error":
            _, _, allowed = str(context["error"]).rpartition(" is not ")
            return source.problem(key, f"{value} is not allowed", allowed)
        case "greater_than_equal":
            return source.problem(key, f"{value} is out of range", f"at least {_number(context['ge'])}")
        case "less_than_equal":
            return source.problem(key, f"{value} is out of range", f"at most {_number(context['le'])}")
        case "dataclass_type":
            known = _fields_at(kind, location)
            return source.problem(key, wrong, f"a mapping of {', '.join(known)}")
        case other:
            allowed = _MAPPINGS.get(key) or _TYPES.get(other.partition("_")[0], _lower(item["msg"]))
            return source.problem(key, wrong, allowed)


def _keys(location: Iterable[int | str], source: Source, prefix: Key) -> Key:
    """Pydantic's locations also name types (of a union's members); those are no keys of the file."""
    keys: Key = ()
    for part in location:
        if not (isinstance(part, str) and part[:1].isupper() and (*prefix, *keys, part) not in source.lines):
            keys = (*keys, part)
    return keys


def _fields_at(kind: type, location: Iterable[object]) -> list[str]:
    """The keys allowed at a place inside a dataclass."""
    from typing import get_args, get_type_hints

    for part in location:
        hint = get_type_hints(kind).get(str(part))
        options = [hint, *get_args(hint)]
        kind = next((option for option in options if dataclasses.is_dataclass(option)), kind)  # type: ignore[assignment]
    names = [key_of(f.name) for f in dataclasses.fields(kind)]
    if "procedures" in names:
        names[names.index("procedures") : names.index("procedures") + 1] = ["procedure", *STORES]
    return names


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else str(value)
