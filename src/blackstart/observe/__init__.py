"""Reads a running shop's data into the evidence of the core; changes nothing."""
