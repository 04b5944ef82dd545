"""A tree of files has one fingerprint, however it is read."""

import io
import os
import socket
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
    (tmp_path / ".making").mkdir()
    (tmp_path / ".making" / "part").write_bytes(b"a part")
    (tmp_path / "empty").mkdir(mode=0o711)
    (tmp_path / "twice").hardlink_to(tmp_path / "top")
    (tmp_path / "top").chmod(0o640)
    if os.geteuid() == 0:
        os.chown(tmp_path / "folder1", 1000, 1001)
        os.lchown(tmp_path / "link", 1000, 1001)
    return tmp_path


def packed(folder: Path) -> io.BytesIO:
    """The folder as tar packs it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.add(folder, arcname=".")
    out.seek(0)
    return out


def test_in_place_equals_the_tar_stream(tree: Path) -> None:
    """Both readers find the same files, folders and links, with content, mode, owner and target."""
    found = files.of_folder(tree)

    assert found == files.fingerprint(packed(tree))
    assert len(files.files_only(found)) == 208
    assert {"folder-link": "folder1", "link": "top"} == {p: f.target for p, f in found.items() if f.kind == "link"}
    folders = {path for path, seen in found.items() if seen.kind == "folder"}
    assert {".", "empty", *(f"folder{n}{deep}" for n in range(3) for deep in ("", "/deep"))} == folders
    assert {"pipe"} == {path for path, seen in found.items() if seen.kind == "other"}
    owner = f"{os.geteuid()}:{os.getegid()}"
    expected = FileFingerprint(bytes=3, blake3=blake3(b"top").hexdigest(), mode=0o640, owner=owner)
    assert (expected, expected) == (found["top"], found["twice"])


def test_a_socket_is_passed_over(tmp_path: Path) -> None:
    """No archive can hold one, so no restore can bring one back."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(tmp_path / "socket"))
        found = files.of_folder(tmp_path)

    assert {"."} == found.keys()


def test_one_byte_changes_one_fingerprint(tree: Path) -> None:
    """A changed byte at the end of a large file shows, and in that file alone."""
    before = files.of_folder(tree)
    with (tree / "folder2/deep/file-5").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    after = files.of_folder(tree)

    assert {"folder2/deep/file-5"} == {path for path in before if before[path] != after[path]}
    assert before.keys() == after.keys()


def test_times_do_not_count(tree: Path) -> None:
    """A file that was touched is the same file."""
    before = files.of_folder(tree)
    os.utime(tree / "top", (1, 1))

    assert before == files.of_folder(tree)


def test_a_file_that_goes_is_passed_over(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the listing and the reading a file may be deleted: it is not there, and that is no error."""
    listed = list(files._entries(str(tree), ""))
    (tree / "top").unlink()
    (tree / "empty").rmdir()
    monkeypatch.setattr(files, "_entries", lambda *_: listed)

    assert {path for path, _ in listed} - {"top", "empty"} == files.of_folder(tree).keys() - {"."}


def test_a_file_that_cannot_be_read_is_an_error(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listed file that is there and cannot be read must not pass for one that is gone."""
    monkeypatch.setattr(files, "_entries", lambda *_: [("folder0", True)])
    with pytest.raises(IsADirectoryError):
        files.of_folder(tree)


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    """Nothing is found where nothing is, but for the folder itself."""
    assert {"."} == files.of_folder(tmp_path).keys()


def test_an_archive_tells_where_its_members_end(tree: Path) -> None:
    """A whole one goes on with two blocks of zeros; one that was cut behind a member reads like a whole one."""
    content = packed(tree).getvalue()
    found, end = files.archived(io.BytesIO(content))

    assert bytes(1024) == content[end : end + 1024]
    assert (found, end) == files.archived(io.BytesIO(content[:end]))
