"""Engines: what runs a stack. `base` says what one can do, `select` picks one."""
