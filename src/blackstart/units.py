"""Durations as people write them in compose files: `250ms`, `5s`, `1m30s`, `2h`."""

from __future__ import annotations

import re
from typing import Annotated, Any

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]+)?)(us|ms|s|m|h|d)")
SECONDS = "durations are seconds"
"""The validation context of files that we wrote ourselves, where durations are numbers already."""
DURATION_ALLOWED = "a duration such as 250ms, 5s, 1m30s or 2h"


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


class _DurationMarker:
    """Tells pydantic how a duration is read, without the core importing pydantic."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        def read(value: object, info: Any) -> float:
            if isinstance(value, str):
                return parse_duration(value)
            if info.context == SECONDS and isinstance(value, int | float):
                return float(value)
            raise ValueError(f"{value!r} is not {DURATION_ALLOWED}")

        return core_schema.with_info_plain_validator_function(
            read, json_schema_input_schema=core_schema.str_schema(pattern=rf"^({_PART.pattern})+$")
        )


Duration = Annotated[float, _DurationMarker()]
"""Seconds in the program, a string with a unit in YAML."""
