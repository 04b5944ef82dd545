"""Files that came back changed, moved, closed to the app, or not at all; and oddities that are nobody's loss."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from blackstart.selftest.case import Case, Copy
from blackstart.selftest.more_files import FOLDER, LINK, TARGET

PNG, OTHER, PDF = "products/seed-000002.png", "products/seed-000004.png", "documents/invoice-000001.pdf"


def _flip(volume: Path) -> None:
    content = bytearray((volume / PNG).read_bytes())
    content[len(content) // 2] ^= 1
    (volume / PNG).write_bytes(content)


def _truncate(volume: Path) -> None:
    os.truncate(volume / PNG, (volume / PNG).stat().st_size - 1)


def _empty(volume: Path) -> None:
    os.truncate(volume / PNG, 0)


def _swap(volume: Path) -> None:
    """Two files of one length, so that no size tells: customers' pictures are all alike in that."""
    sizes: dict[int, Path] = {}
    for path in sorted(path for path in (volume / "products").iterdir() if not path.is_symlink()):
        other = sizes.setdefault(path.stat().st_size, path)
        if other != path:
            first, second = path.read_bytes(), other.read_bytes()
            path.write_bytes(second)
            other.write_bytes(first)
            return
    raise LookupError("no two files are equally long")


def _link(volume: Path) -> None:
    """What the link leads to has the very bytes that the file had."""
    (volume / PNG).rename(volume / "documents" / "moved.png")
    (volume / PNG).symlink_to("../documents/moved.png")


def _relinked(volume: Path) -> None:
    """Its owner stays."""
    held = (volume / LINK).lstat()
    (volume / LINK).unlink()
    (volume / LINK).symlink_to("seed-000002.png")
    os.lchown(volume / LINK, held.st_uid, held.st_gid)


def _folder(volume: Path) -> None:
    (volume / PNG).unlink()
    (volume / PNG).mkdir()


def _pipe(volume: Path) -> None:
    (volume / PNG).unlink()
    os.mkfifo(volume / PNG)


def _copied(volume: Path) -> None:
    """A file under another name too: its bytes are known, it is not."""
    shutil.copy2(volume / PNG, volume / "products" / "copy.png")


def _without_documents(volume: Path) -> None:
    shutil.rmtree(volume / "documents")


def _other_case(volume: Path) -> None:
    (volume / PNG).rename((volume / PNG).with_name("SEED-000002.png"))


def _touched(volume: Path) -> None:
    for path in volume.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)


def _hidden(volume: Path) -> None:
    (volume / "products" / ".unfinished.png.1234").write_bytes(b"half a picture")
    (volume / ".trash").mkdir()
    (volume / ".trash" / "old.png").write_bytes(b"old")


def _rewritten(volume: Path) -> None:
    """The same bytes in another file: nothing that anybody could read has changed."""
    content, held = (volume / PNG).read_bytes(), (volume / PNG).stat()
    (volume / PNG).unlink()
    (volume / PNG).write_bytes(content)
    (volume / PNG).chmod(held.st_mode & 0o7777)
    os.chown(volume / PNG, held.st_uid, held.st_gid)


def changing(change: Callable[[Path], object]) -> Callable[[Copy], None]:
    """Plants by a change to the volume's files."""

    def plant(copy: Copy) -> None:
        def act(volume: Path) -> None:
            change(volume)

        copy.uploads(act)

    return plant


def _case(
    what: str,
    change: Callable[[Path], object],
    names: str = "",
    *,
    found_by: str = "uploads",
    explained_by: Literal["backup", "ledger"] = "backup",
    alone: bool = True,
) -> Case:
    return Case(
        what=what,
        plant=changing(change),
        found_by=found_by,
        names=names,
        explained_by=explained_by,
        alone=alone and bool(found_by),
    )


def _on(path: str, act: Callable[[Path], object]) -> Callable[[Path], object]:
    return lambda volume: act(volume / path)


_MISSING = _on(PNG, Path.unlink)
_STRANGER = _on("products/stranger.png", partial(Path.write_bytes, data=b"x"))

_CONTENT: Sequence[Case] = (
    _case("one bit of a file flipped", _flip, f"files: changed: {PNG}"),
    _case("one bit of a file flipped, after a crash", _flip, f"files: changed: {PNG}", explained_by="ledger"),
    _case("a file cut by one byte", _truncate, f"files: changed: {PNG}"),
    _case("a file emptied", _empty, f"files: changed: {PNG}"),
    _case("two files swapped that are equally long", _swap, "files: changed: products/", alone=False),
    _case("two files swapped, after a crash", _swap, "files: changed: products/", explained_by="ledger", alone=False),
    _case(
        "two files swapped, seen from their rows",
        _swap,
        "rows and files: row whose file has other bytes than its sha256: products/",
        found_by="cross-store",
        alone=False,
    ),
    _case("a file is missing", _MISSING, f"files: missing: {PNG}"),
    _case("a file is missing, after a crash", _MISSING, f"files: missing: {PNG}", explained_by="ledger"),
    _case("a document that no product shows is missing", _on(PDF, Path.unlink), f"files: missing: {PDF}"),
    _case(
        "a folder with all its files is missing", _without_documents, "files: missing folder: documents", alone=False
    ),
    _case("an empty folder is missing", _on(FOLDER, Path.rmdir), f"files: missing folder: {FOLDER}"),
    _case(
        "an empty folder is missing, after a crash",
        _on(FOLDER, Path.rmdir),
        f"files: missing folder: {FOLDER}",
        explained_by="ledger",
    ),
    _case("a file that nobody uploaded", _STRANGER, "files: unexplained: products/stranger.png"),
    _case(
        "a stranger's file, after a crash",
        _STRANGER,
        "files: unexplained: products/stranger.png",
        explained_by="ledger",
    ),
    _case("a file is there a second time under another name", _copied, "files: unexplained: products/copy.png"),
    _case("a file's name in capital letters", _other_case, f"files: missing: {PNG}", alone=False),
)
_KINDS: Sequence[Case] = (
    _case("a link in the place of a file", _link, f"files: kind changed: {PNG} (file → link)", alone=False),
    _case("a folder in the place of a file", _folder, f"files: kind changed: {PNG} (file → folder)"),
    _case("a link that leads to another file", _relinked, f"files: link changed: {LINK} ({TARGET} → seed-000002.png)"),
    _case("a link is missing", _on(LINK, Path.unlink), f"files: missing link: {LINK}"),
    _case("a pipe in the place of a file", _pipe, f"files: kind changed: {PNG} (file → other)"),
    _case("a folder that was not there", _on("products/new", Path.mkdir), "files: unexplained folder: products/new"),
    _case(
        "a link that leads out of the volume",
        _on("products/out.png", partial(Path.symlink_to, target="/etc/hostname")),
        "the app and the volume: link out of the volume: products/out.png → /etc/hostname",
        found_by="cross-store",
    ),
    _case(
        "a link that leads to nothing",
        _on("products/gone.png", partial(Path.symlink_to, target="nothing.png")),
        "the app and the volume: link to nothing: products/gone.png → nothing.png",
        found_by="cross-store",
    ),
)
_MODES: Sequence[Case] = (
    _case(
        "a file that its owner alone may read", _on(PNG, partial(Path.chmod, mode=0o600)), f"files: mode changed: {PNG}"
    ),
    _case("a file that everybody may write", _on(PNG, partial(Path.chmod, mode=0o666)), f"files: mode changed: {PNG}"),
    _case("a file that runs as its owner", _on(PNG, partial(Path.chmod, mode=0o4755)), f"files: mode changed: {PNG}"),
    _case(
        "a folder that nobody may enter",
        _on("products", partial(Path.chmod, mode=0)),
        "files: mode changed: products (0755 → 0000)",
    ),
    _case("the volume itself is closed", _on("", partial(Path.chmod, mode=0o600)), "files: mode changed: ."),
    _case("a file of another owner", _on(PNG, lambda path: os.chown(path, 4711, -1)), f"files: owner changed: {PNG}"),
    _case("a file of another group", _on(PNG, lambda path: os.chown(path, -1, 4711)), f"files: owner changed: {PNG}"),
    _case(
        "a folder of another owner",
        _on("products", lambda path: os.chown(path, 4711, 4711)),
        "files: owner changed: products",
    ),
)
_HEALTHY: Sequence[Case] = (
    _case("times of files that were touched", _touched, found_by=""),
    _case("hidden files and folders, which are in the making", _hidden, found_by=""),
    _case("hidden files and folders, after a crash", _hidden, found_by="", explained_by="ledger"),
    _case("a file written anew with the same bytes", _rewritten, found_by=""),
)
CASES = (*_CONTENT, *_KINDS, *_MODES, *_HEALTHY)
