"""The families of faults: what sort of accident one is, for the page about them, the plan and the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Family = Literal["processes", "volumes", "mounts", "writers", "data", "backups", "network"]

FAMILIES: Mapping[Family, str] = {
    "processes": "Processes",
    "volumes": "Volumes",
    "mounts": "Mounts",
    "writers": "Concurrent writers",
    "data": "Data",
    "backups": "Backups",
    "network": "Network",
}
"""In the order in which they are told of."""
COLOURS: Mapping[str, str] = {
    "processes": "#b8442c",
    "volumes": "#8a3a78",
    "mounts": "#6d4fb0",
    "writers": "#a85f00",
    "data": "#9c2f4d",
    "backups": "#7a6a12",
    "network": "#1f6f8b",
}
"""What marks a fault in a report, beside its label; a run of an older version has none."""
