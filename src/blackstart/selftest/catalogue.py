"""All cases of the self-test, by the module that they stand in."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence

from blackstart.selftest import cases
from blackstart.selftest.case import Case


def all_cases() -> Mapping[str, Sequence[Case]]:
    """Module name to its cases, every module of `cases/`."""
    names = sorted(info.name for info in pkgutil.iter_modules(cases.__path__))
    return {name: importlib.import_module(f"{cases.__name__}.{name}").CASES for name in names}
