"""Finds the extensions: one module a fault, a procedure, a check; the file list is the feature list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache


@cache
def extensions(package: str) -> Mapping[str, type]:
    """Every extension of a package by the name users write, from its modules' `EXTENSION`."""
    module = importlib.import_module(package)
    found: dict[str, type] = {}
    for info in pkgutil.iter_modules(module.__path__):
        extension = getattr(importlib.import_module(f"{package}.{info.name}"), "EXTENSION", None)
        if extension is not None:
            found[extension.NAME] = extension
    return dict(sorted(found.items()))


def faults() -> Mapping[str, type]:
    """Fault classes by kind."""
    return extensions("blackstart.faults")


def procedures() -> Mapping[str, type]:
    """Procedure classes by kind."""
    return extensions("blackstart.procedures")


def checks() -> Mapping[str, type]:
    """Check classes by name."""
    return extensions("blackstart.checks")
