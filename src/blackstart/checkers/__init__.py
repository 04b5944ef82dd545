"""Checkers: pure functions from a history to its anomalies, one class of anomaly a file; no I/O."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache


@cache
def versions() -> Mapping[str, int]:
    """Each checker with its version, which rises whenever the same history may be judged in another way."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").VERSION for name in names}
