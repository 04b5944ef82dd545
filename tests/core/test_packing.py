"""What the embedded engine packs while others write to the folder is a whole archive of all that stayed."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from blackstart.engines.embedded import packing
from blackstart.observe import files


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """Two files, one in a folder, and links."""
    (tmp_path / "products").mkdir()
    (tmp_path / "a.png").write_bytes(b"first")
    (tmp_path / "products" / "b.png").write_bytes(b"second" * 5000)
    (tmp_path / "link").symlink_to("products")
    (tmp_path / "same.png").hardlink_to(tmp_path / "a.png")
    return tmp_path


def packed(folder: Path) -> io.BytesIO:
    out = io.BytesIO()
    packing.pack(folder, out)
    out.seek(0)
    return out


def test_a_quiet_folder_is_packed_as_it_is(volume: Path) -> None:
    """Files, folders and links, the folder itself among them."""
    assert files.of_folder(volume) == files.fingerprint(packed(volume))


def test_what_goes_before_it_is_read_is_passed_over(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it is in the archive, and all that stays is."""
    before = files.of_folder(volume)
    real = packing._below

    def seen(folder: Path) -> list[Path]:
        return [*real(folder), folder / ".gone", folder / "products" / ".gone"]

    monkeypatch.setattr(packing, "_below", seen)

    assert before == files.fingerprint(packed(volume))


@pytest.mark.parametrize("size", [0, 3, 100_000], ids=["emptied", "shrunk", "grown"])
def test_what_changes_its_size_while_it_is_read_harms_nothing_else(
    volume: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps the size that it had, and the members behind it are whole."""
    before, real = files.of_folder(volume), tarfile.TarFile.addfile

    def meddled(tar: tarfile.TarFile, member: tarfile.TarInfo, file: Any = None) -> None:
        if member.name == "./a.png":
            os.truncate(volume / "a.png", size)
        real(tar, member, file)

    monkeypatch.setattr(tarfile.TarFile, "addfile", meddled)
    after = files.fingerprint(packed(volume))

    assert before.keys() == after.keys()
    assert before["a.png"].bytes == after["a.png"].bytes
    assert before["products/b.png"] == after["products/b.png"]


def test_a_folder_that_cannot_be_read_is_not_passed_over(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive without it would look whole."""

    def refusing(folder: Any) -> Any:
        raise PermissionError(f"{folder} is not yours")

    monkeypatch.setattr(os, "scandir", refusing)

    with pytest.raises(PermissionError):
        packed(volume)
