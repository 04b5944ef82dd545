"""What a drill and its workers say to each other: a job down, lines up, each of them JSON.

No line is needed to know how a run ended: that is in the run's folder, and in the worker's exit status.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from blackstart.planning import Options
from blackstart.progress import Status

MAX_TEXT = 300
"""Characters; a pipe takes 4,096 bytes at once or not at all, so a line that is shorter is never torn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run for a worker."""

    scenario: str
    """The file's path."""
    scenario_sha256: str
    """Of the scenario as the drill planned it."""
    options: Options
    reports: str

    def line(self) -> bytes:
        """The job as it goes to the worker."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a line from a worker says: one of these."""

    run_id: str | None = None
    said: str | None = None
    """A step that is done, at `t` seconds since its run began."""
    t: float = 0.0
    status: Status | None = None
    refused: str | None = None
    """Why nothing was started."""

    def line(self) -> bytes:
        """The news as they go to the drill, with long texts cut."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return (json.dumps(_cut(told)) + "\n").encode()


def read_job(line: bytes) -> Job:
    """The job in a line."""
    from blackstart.units import SECONDS
    from blackstart.validation import adapter

    job: Job = adapter(Job).validate_python(json.loads(line), context=SECONDS)
    return job


def read_news(line: bytes) -> News:
    """The news in a line."""
    from blackstart.validation import adapter

    news: News = adapter(News).validate_python(json.loads(line))
    return news


def _cut(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _cut(part) for name, part in value.items()}
    return value[:MAX_TEXT] if isinstance(value, str) else value
