"""Checks: what is looked at, one file each; read-only but for the smoke test's own writes."""
