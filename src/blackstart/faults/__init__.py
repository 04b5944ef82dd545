"""Faults: what goes wrong, one file each; the fields are the YAML keys."""
