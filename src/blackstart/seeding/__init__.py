"""The shop's first data: the same seed gives the same rows, files and keys on any day.

Figures that depend on a library's own tables (Faker's names, Pillow's compression) hold for one version of
that library; everything else is this package's own arithmetic.
"""
