"""A tree of files has one fingerprint, however it is read."""

import io
import os
import tarfile
from pathlib import Path

import pytest
from blake3 import blake3

from blackstart.evidence import FileFingerprint
from blackstart.observe import files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Files of many sizes, one longer than a read, some in folders, and what must not count."""
    for number, size in enumerate([0, 1, 4_095, 4_096, 70_000, 3_000_000, *range(100, 300)]):
        path = tmp_path / f"folder{number % 3}" / "deep" / f"file-{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(number.to_bytes(4, "big") * (size // 4) + bytes(size % 4))
    (tmp_path / "top").write_bytes(b"top")
    (tmp_path / ".hidden").write_bytes(b"a file in the making")
    (tmp_path / "folder0" / ".hidden").write_bytes(b"another")
    (tmp_path / "link").symlink_to("top")
    (tmp_path / "folder-link").symlink_to("folder1")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def packed(folder: Path) -> io.BytesIO:
    """The folder as tar packs it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(folder, arcname=".")
    out.seek(0)
    return out


def test_in_place_equals_the_tar_stream(tree: Path) -> None:
    """Both readers find the same regular files, with the same sizes and digests."""
    found = files.of_folder(tree)

    assert found == files.fingerprint(packed(tree))
    assert len(found) == 207
    assert found["top"] == FileFingerprint(bytes=3, blake3=blake3(b"top").hexdigest())


def test_one_byte_changes_one_fingerprint(tree: Path) -> None:
    """A changed byte at the end of a large file shows, and in that file alone."""
    before = files.of_folder(tree)
    with (tree / "folder2/deep/file-5").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    after = files.of_folder(tree)

    assert {"folder2/deep/file-5"} == {path for path in before if before[path] != after[path]}
    assert before.keys() == after.keys()


def test_a_file_that_goes_is_passed_over(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the listing and the reading a file may be deleted: it is not there, and that is no error."""
    listed = list(files._regular(str(tree), ""))
    (tree / "top").unlink()
    monkeypatch.setattr(files, "_regular", lambda *_: listed)

    assert set(listed) - {"top"} == set(files.of_folder(tree))


def test_a_file_that_cannot_be_read_is_an_error(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed file that is there and cannot be read must not pass for one that is gone."""
    monkeypatch.setattr(files, "_regular", lambda *_: ["folder0"])
    with pytest.raises(IsADirectoryError):
        files.of_folder(tree)


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    """Nothing is found where nothing is."""
    assert {} == files.of_folder(tmp_path)
