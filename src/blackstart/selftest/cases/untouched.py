"""Nothing at all: were this red, no other line of the matrix would mean anything."""

from blackstart.selftest.case import Case, sql

CASES = (
    Case(what="nothing was touched, explained by the backups", plant=sql()),
    Case(what="nothing was touched, explained by the seed and the ledger", plant=sql(), explained_by="ledger"),
)
