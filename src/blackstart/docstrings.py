"""What the code says of itself, as pages show it: docstrings as paragraphs, fields as parameters."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Collection, Mapping
from typing import Any

from blackstart import validation
from blackstart.units import format_rate, format_size

_TYPES = {
    "str": "text",
    "int": "a whole number",
    "bool": "`true` or `false`",
    "Duration": "a duration",
    "Size": "a size",
    "Rate": "a rate such as `64kbit`",
    "Role": "`database`, `uploads` or `cache`",
    "tuple[str, ...]": "a list of names",
}


def said(of: Any) -> str:
    """A docstring as one paragraph a paragraph."""
    paragraphs = (inspect.getdoc(of) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def first_sentence(kind: object) -> str:
    """What a module says of itself in its first line, without repeating its name."""
    return re.sub(r"^`[\w-]+`: ", "", said(inspect.getmodule(kind)).partition("\n")[0])


def capital(text: str) -> str:
    """As the beginning of a paragraph."""
    return text[:1].upper() + text[1:]


def parameters(kind: Any, *, without: Collection[str] = ()) -> Mapping[str, str]:
    """Each field's key in YAML, what it may be, and what it is if nobody says; but for the fields `without`."""
    fields = [field for field in dataclasses.fields(kind) if field.name not in without]
    return {validation.key_of(field.name): _allowed(field) for field in fields}


def yaml(field: dataclasses.Field[Any], value: Any) -> str:
    """A value as one writes it in a scenario."""
    if field.type == "Rate":
        return format_rate(value)
    if field.type == "Size":
        return format_size(value).replace(" ", "")
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(str, value))}]" if isinstance(value, tuple | list) else str(value)


def _allowed(field: dataclasses.Field[Any]) -> str:
    words = str(field.type).removeprefix("Annotated[").partition(", Bounds")[0]
    choices = re.findall(r"""["']([^"']+)["']""", words) if "Literal" in words else []
    what = " or ".join(f"`{choice}`" for choice in choices) or _TYPES.get(words, words)
    missing = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return what if missing else f"{what} (default `{yaml(field, field.default)}`)"
