"""Drills: several scenarios, each run in a process of its own, side by side."""
