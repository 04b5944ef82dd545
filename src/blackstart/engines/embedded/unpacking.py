"""Unpacks a tar into a folder as it was packed, and nowhere else.

The standard library's `data` filter will not do: it takes modes, owners and links away, which are
part of what a backup must bring back. So members keep them, and what keeps them inside is checked
here: names, the folders that they lie in, and links, which are made last, when nothing more is
written that could go through one.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from blackstart.errors import NotConducted


def unpack(tar: IO[bytes], folder: Path) -> None:
    """Files, folders, links and pipes with their modes, their times and, for root, their owners.

    NotConducted for a member that would leave the folder, and for devices.
    """
    links: list[tarfile.TarInfo] = []
    with tarfile.open(fileobj=tar, mode="r|", errorlevel=2) as archive:
        # For Pythons that would ask a filter of their own; older ones do not know the attribute.
        archive.extraction_filter = lambda member, _: member
        archive.extractall(folder, members=_inside(archive, folder, links), numeric_owner=True)  # noqa: S202
    for link in links:
        path = folder / link.name
        path.symlink_to(link.linkname)
        if os.geteuid() == 0:
            os.lchown(path, link.uid, link.gid)


def _inside(archive: tarfile.TarFile, folder: Path, links: list[tarfile.TarInfo]) -> Iterator[tarfile.TarInfo]:
    """Each member that may be unpacked at once; links are put on the list."""
    root, known = folder.resolve(), set[Path]()
    for member in archive:
        for name in (member.name, member.linkname) if member.islnk() else (member.name,):
            parent = (folder / name).parent
            if ".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute():
                raise NotConducted(f"{name!r} in the archive would leave the volume")
            if name != "." and parent not in known and not parent.resolve().is_relative_to(root):
                raise NotConducted(f"{name!r} in the archive lies behind a link that leaves the volume")
            known.add(parent)
        if member.ischr() or member.isblk():
            raise NotConducted(f"{member.name!r} in the archive is a device")
        if member.issym():
            links.append(member)
            continue
        if (folder / member.name).is_symlink():
            (folder / member.name).unlink()  # it would be written through
        yield member
