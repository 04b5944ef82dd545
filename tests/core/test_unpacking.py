"""What the embedded engine unpacks is what was packed, and nothing is written outside the folder."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from blackstart.engines.embedded.unpacking import unpack
from blackstart.errors import NotConducted
from blackstart.observe import files

Member = tuple[str, bytes, str]
"""Name, type, and the target of a link."""


def packed(*members: Member) -> io.BytesIO:
    """A tar of members that `tar` itself would not make."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, target in members:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, target, 4 if kind == tarfile.REGTYPE else 0
            tar.addfile(member, io.BytesIO(b"evil"))
    out.seek(0)
    return out


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """An empty folder, beside one that nobody may write to."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "volume").mkdir()
    return tmp_path / "volume"


def test_a_tree_comes_back_as_it_was(tmp_path: Path, volume: Path) -> None:
    """Modes, owners, links of any kind, empty folders and pipes: nothing is changed on the way."""
    tree = tmp_path / "tree"
    (tree / "products" / "empty").mkdir(parents=True)
    (tree / "products" / "a.png").write_bytes(b"a")
    (tree / "products" / "again.png").hardlink_to(tree / "products" / "a.png")
    (tree / "link").symlink_to("products/a.png")
    (tree / "outward").symlink_to("/nonexistent/b.png")
    (tree / "folder-link").symlink_to("products")
    os.mkfifo(tree / "pipe")
    (tree / "products" / "a.png").chmod(0o4604)
    (tree / "products" / "empty").chmod(0o2770)
    tree.chmod(0o711)
    if os.geteuid() == 0:
        os.chown(tree / "products" / "a.png", 1000, 1001)
        os.chown(tree / "products", 1000, 1001)
        os.lchown(tree / "link", 1002, 1003)
        (tree / "products" / "a.png").chmod(0o4604)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(tree, arcname=".")
    out.seek(0)

    unpack(out, volume)

    assert files.of_folder(tree) == files.of_folder(volume)
    assert 0o4604 == files.of_folder(volume)["products/a.png"].mode


OUTWARD = {
    "a-name-with-dots": [("../outside/x", tarfile.REGTYPE, "")],
    "dots-in-the-middle": [("a/../../outside/x", tarfile.REGTYPE, "")],
    "a-hard-link-with-dots": [("x", tarfile.LNKTYPE, "../secret")],
    "an-absolute-hard-link": [("x", tarfile.LNKTYPE, "/etc/passwd")],
    "a-device": [("x", tarfile.CHRTYPE, "")],
    "through-a-link-of-its-own": [("a", tarfile.SYMTYPE, "../outside"), ("a/x", tarfile.REGTYPE, "")],
}


@pytest.mark.parametrize("members", OUTWARD.values(), ids=OUTWARD)
def test_nothing_leaves_the_folder(members: list[Member], volume: Path) -> None:
    """It is refused, and what is outside stays as it was."""
    (volume.parent / "secret").write_bytes(b"secret")
    with pytest.raises((NotConducted, FileExistsError)):
        unpack(packed(*members), volume)

    assert [] == list((volume.parent / "outside").iterdir())
    assert b"secret" == (volume.parent / "secret").read_bytes()


def test_an_absolute_name_is_refused(volume: Path) -> None:
    """Wherever it points."""
    name = str(volume.parent / "outside" / "x")
    with pytest.raises(NotConducted, match="would leave the volume"):
        unpack(packed((name, tarfile.REGTYPE, "")), volume)

    assert [] == list((volume.parent / "outside").iterdir())


def test_links_that_are_there_already_lead_nowhere(volume: Path) -> None:
    """A link in the volume is replaced by the file of its name; a folder behind one is refused."""
    (volume / "x").symlink_to("../outside/x")
    (volume / "a").symlink_to("../outside")

    unpack(packed(("x", tarfile.REGTYPE, "")), volume)
    with pytest.raises(NotConducted, match="behind a link"):
        unpack(packed(("a/x", tarfile.REGTYPE, "")), volume)

    assert (False, b"evil") == ((volume / "x").is_symlink(), (volume / "x").read_bytes())
    assert [] == list((volume.parent / "outside").iterdir())


def test_an_archive_that_breaks_off_is_an_error(volume: Path) -> None:
    """Half a member is no file."""
    with pytest.raises(tarfile.ReadError):
        unpack(io.BytesIO(packed(("x", tarfile.REGTYPE, "")).getvalue()[:514]), volume)
