"""Blackstart rehearses the loss of a shop's data and measures what the restore brings back."""

__version__ = "0.1.0"
