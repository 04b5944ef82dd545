"""Procedures: how one role is backed up and restored, one file each."""
