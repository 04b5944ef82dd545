"""Durations, sizes and rates as people write them: `250ms`, `1m30s`, `2h`; `800MB`, `1.5TB`; `64kbit`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]+)?)(us|ms|s|m|h|d)")
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15}
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]+)?)(B|kB|MB|GB|TB|PB)")
_BITS = {"bit": 1, "kbit": 10**3, "mbit": 10**6}
_RATE = re.compile(r"([0-9]{1,12}(?:\.[0-9]+)?)(bit|kbit|mbit)")
SECONDS = "durations are seconds"
"""The validation context of files that we wrote ourselves, where durations and sizes are numbers already."""
DURATION_ALLOWED = "a duration such as 250ms, 5s, 1m30s or 2h"
SIZE_ALLOWED = "a size such as 800MB, 200GB or 1.5TB"
RATE_ALLOWED = "a rate such as 16kbit, 64kbit or 1mbit, in bits a second"


def parse_duration(text: str) -> float:
    """Seconds; ValueError when `text` is no duration (a bare number has no unit, so it is none)."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{text!r} is not {DURATION_ALLOWED}")
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Short and readable: `1 ms`, `0.42 s`, `9.1 s`, `2 m 05 s`, `3 h 07 m`."""
    if seconds == 0:
        return "0 s"
    if seconds < 0.01:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{int(seconds // 60)} m {int(seconds % 60):02d} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} m"


def parse_size(text: str) -> float:
    """Bytes, in powers of ten; ValueError when `text` is no size."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not {SIZE_ALLOWED}")
    return float(found[1]) * _BYTES[found[2]]


def parse_rate(text: str) -> float:
    """Bits a second, in powers of ten; ValueError when `text` is no rate."""
    found = _RATE.fullmatch(text)
    bits_per_s = float(found[1]) * _BITS[found[2]] if found else 0.0
    if bits_per_s < 1:
        raise ValueError(f"{text!r} is not {RATE_ALLOWED}")
    return bits_per_s


def shown_duration(seconds: float | None) -> str:
    """The same of what may not be known."""
    return "–" if seconds is None else format_duration(seconds)


def format_rate(bits_per_s: float) -> str:
    """As one writes it: `500bit`, `16kbit`, `1.5mbit`."""
    unit, size = next(((u, n) for u, n in reversed(_BITS.items()) if bits_per_s >= n), ("bit", 1))
    return f"{bits_per_s / size:.10g}{unit}"


def format_size(count: float) -> str:
    """Short and readable, in powers of ten: `512 B`, `14.2 MB`, `200 GB`."""
    unit, size = next(((u, n) for u, n in reversed(_BYTES.items()) if count >= n), ("B", 1))
    return f"{count / size:.3g} {unit}" if count / size < 1000 else f"{count / size:.0f} {unit}"


class _Marker:
    """Tells pydantic how a text with a unit is read, without the core importing pydantic."""

    def __init__(self, parse: Callable[[str], float], allowed: str, pattern: str) -> None:
        self._parse, self._allowed, self._pattern = parse, allowed, pattern

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        def read(value: object, info: Any) -> float:
            if isinstance(value, str):
                return self._parse(value)
            if info.context == SECONDS and isinstance(value, int | float):
                return float(value)
            raise ValueError(f"{value!r} is not {self._allowed}")

        return core_schema.with_info_plain_validator_function(
            read, json_schema_input_schema=core_schema.str_schema(pattern=self._pattern)
        )


Duration = Annotated[float, _Marker(parse_duration, DURATION_ALLOWED, rf"^({_PART.pattern})+$")]
"""Seconds in the program, a string with a unit in YAML."""

Size = Annotated[float, _Marker(parse_size, SIZE_ALLOWED, rf"^{_SIZE.pattern}$")]
"""Bytes in the program, a string with a unit in YAML."""

Rate = Annotated[float, _Marker(parse_rate, RATE_ALLOWED, rf"^{_RATE.pattern}$")]
"""Bits a second in the program, a string with a unit in YAML."""
