"""The page of procedures: how each one saves and restores, what it needs, and what it cannot show.

python -m blackstart.procedure_page > docs/procedures.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from blackstart import registry
from blackstart.docstrings import capital, first_sentence, parameters, said
from blackstart.stack import STORES

INTRODUCTION = """\
# Procedures

<!-- Written by `python -m blackstart.procedure_page`, from the code; a test keeps it true. -->

A procedure serves one role at a time, and it is backup and restore together. In a scenario it stands under `backup` and `restore`, by its name (`database: pg-dump`) or with its options (`database: {kind: pg-dump, format: plain}`). A role is restored by the procedure that backed it up, or by `restart` or `none`. Which one to take: [choosing a procedure](choosing-a-procedure.md), and `blackstart compare SCENARIO`.

The schedule makes one backup of each role in a cycle: database first, then uploads, then cache. So no restored row lacks its file. The artefact and its manifest lie outside the stack, in the run's state folder. The manifest is renamed into place last; a backup without one is never chosen. The restore takes the newest cycle in which every role to be restored has a complete backup from before the fault; a backup that completes after T0 is not used, however little after.

Whatever the procedure, three things are observed before the data comes back: that the backup is this run's, complete, of its role, made after the seed and before the fault ([backup-fresh](checks.md#backup-fresh)); that its size and SHA-256 are those of its manifest ([artefact](checks.md#artefact)); and that it can be read to its end and holds what its manifest lists ([parse](checks.md#parse)).
"""  # noqa: E501 -- a paragraph of Markdown is a line
_EXACT = "what the checks see after the restore must equal the fingerprint in the backup's manifest, which was taken from the same moment, and not by the tool that made the artefact."  # noqa: E501
_EXPLAINED = "the checks compare with the seed and the customers' ledger, not with a backup's fingerprint: each row, file and key must follow from them."  # noqa: E501


def page() -> str:
    """The text of docs/procedures.md: those that restore from backups first, role by role."""
    kinds: Mapping[str, Any] = registry.procedures()
    order = sorted(kinds, key=lambda name: (not kinds[name].FROM_BACKUP, STORES.index(kinds[name].ROLES[0]), name))
    return "\n".join([INTRODUCTION, *("\n".join(_section(name, kinds[name])) for name in order)])


def _section(name: str, kind: Any) -> Iterator[str]:
    yield f"## {name}\n"
    roles = [f"`{role}`" for role in kind.ROLES]
    served = " and ".join([", ".join(roles[:-1]), roles[-1]]) if len(roles) > 1 else roles[0]
    yield f"Serves {served}. {capital(first_sentence(kind))}\n"
    yield f"{said(kind)}\n"
    if kind.FROM_BACKUP:
        yield f"- **Backup**: {_item(kind.backup)}"
        yield f"- **Parse**: {_item(kind.examine)}"
    yield f"- **Restore**: {_item(kind.restore)}"
    keys = "; ".join(f"`{key}`: {what}" for key, what in parameters(kind).items())
    none = "none." if kind.FROM_BACKUP else "none. Under `backup` it is refused, since it makes none."
    yield f"- **Parameters**: {f'{keys}.' if keys else none}"
    yield f"- **Needs**: {kind.NEEDS}"
    yield f"- **Witness**: {_EXACT if kind.EXACT else _EXPLAINED}"
    yield f"- **Cannot show**: {kind.CANNOT_SHOW}\n"


def _item(of: Any) -> str:
    """A docstring as one item of a list."""
    return said(of).replace("\n\n", " ")


if __name__ == "__main__":
    sys.stdout.write(page())
