"""A mirror of the uploads: what it copies, what it shares, and that nothing missing or rotten passes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.contract.conftest import Live
from tests.contract.volumes import replace_files, spooled

from blackstart.backups import BLOBS, Backup, BackupStore
from blackstart.engines.base import DeletesVolumes
from blackstart.judge import outcome
from blackstart.observe import files
from blackstart.procedures import mirror_index, uploads_mirror
from blackstart.procedures.uploads_mirror import UploadsMirror
from blackstart.scenario import Retention


def test_the_next_backup_copies_what_is_new(live: Live, tmp_path: Path) -> None:
    """A new file, and one that changed although its size and time did not; all else is shared with the one before."""
    store = BackupStore(tmp_path / "first", tmp_path / "second")
    before = spooled(live)
    one = made(live, store, 1)
    plant(live, "new.bin", b"n" * 1000)
    two = made(live, store, 2)
    stamp = mirror_index.read(two.artefact).entries["new.bin"].mtime
    plant(live, "new.bin", b"m" * 1000)
    engine = live.stage.shop.engine
    engine.on_volume(  # type: ignore[attr-defined]
        live.stage.shop.volume("uploads"), f"import os, sys; os.utime(sys.argv[1] + '/new.bin', ({stamp}, {stamp}))"
    )
    three = made(live, store, 3)
    replace_files(live, before)
    copied = [mirror_index.read(each.artefact).copied_bytes for each in (one, two, three)]
    second = [inodes(tmp_path / "second" / "uploads" / each.folder.name) for each in (one, two, three)]

    assert copied[0] > 100_000
    assert copied[1:] == [1000, 1000]
    assert mirror_index.read(three.artefact).entries["new.bin"].mtime == pytest.approx(stamp, abs=1e-3)
    assert inodes(one.folder) < inodes(two.folder)
    assert len(inodes(two.folder) - inodes(three.folder)) == 1
    assert second[0] < second[1]
    assert not second[0] & inodes(one.folder)


def test_many_new_files_are_read_in_one_stream(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line has an end: the volume is read as a whole, and the same blobs are kept."""
    store = BackupStore(tmp_path)
    one = made(live, store, 1)
    shutil.rmtree(one.folder)
    monkeypatch.setattr(uploads_mirror, "MOST_NAMED", 1)
    two = made(live, store, 2)

    assert said(live, two) == []
    assert two.manifest.files == files.of_volume(live.stage.shop.engine, live.stage.shop.volume("uploads"))


def test_retention_drops_what_no_index_needs_and_nothing_else(live: Live, tmp_path: Path) -> None:
    """The content that only the dropped backup had is gone from both places; the kept one is whole in both."""
    store = BackupStore(tmp_path / "first", tmp_path / "second")
    plant(live, "dropped.bin", b"only in the first")
    one = made(live, store, 1)
    name = mirror_index.read(one.artefact).entries["dropped.bin"].blake3
    unplant(live, "dropped.bin")
    two = made(live, store, 2)
    held_before = list(tmp_path.rglob(name))
    store.retain(["uploads"], Retention(last=1))
    elsewhere = Backup(folder=tmp_path / "second" / "uploads" / two.folder.name, manifest=two.manifest)

    assert len(held_before) == 2
    assert list(tmp_path.rglob(name)) == []
    assert [each.manifest.cycle for each in store.complete_backups("uploads")] == [2]
    assert [said(live, two), said(live, elsewhere)] == [[], []]


def test_a_mirror_that_lacks_a_blob_pushes_no_whole_one_out(live: Live, tmp_path: Path) -> None:
    """Its index is there in full length, and restores nothing."""
    store = BackupStore(tmp_path)
    made(live, store, 1)
    plant(live, "new.bin", b"only in the second")
    two = made(live, store, 2)
    unplant(live, "new.bin")
    mirror_index.blob(two.folder, mirror_index.read(two.artefact).entries["new.bin"].blake3).unlink()
    store.retain(["uploads"], Retention(last=1))

    assert [each.manifest.cycle for each in store.complete_backups("uploads")] == [1, 2]


@pytest.mark.parametrize("harm", ["missing", "rotten", "truncated"])
def test_a_blob_that_is_not_whole_is_named_and_copied_anew(harm: str, live: Live, tmp_path: Path) -> None:
    """Red in the backup that has it, although its index is whole; green in the next one, which does not share it."""
    store = BackupStore(tmp_path)
    one = made(live, store, 1)
    path, entry = next((p, e) for p, e in mirror_index.read(one.artefact).entries.items() if e.bytes > 1000)
    held = mirror_index.blob(one.folder, entry.blake3)
    content = held.read_bytes()
    held.unlink()
    if harm != "missing":
        held.write_bytes(content[:500] if harm == "truncated" else bytes([content[0] ^ 1]) + content[1:])
    wrong = said(live, one)
    two = made(live, store, 2)

    assert wrong == [f"{path}: its blob {entry.blake3[:12]} is {'missing' if harm == 'missing' else 'rotten'}"]
    assert said(live, two) == []
    assert mirror_index.read(two.artefact).copied_bytes == entry.bytes


def test_the_second_place_alone_restores(live: Live, tmp_path: Path) -> None:
    """With the first place gone; and a place that is not empty is red."""
    shop = live.stage.shop
    assert isinstance(shop.engine, DeletesVolumes)
    store = BackupStore(tmp_path / "first", tmp_path / "second")
    before = spooled(live)
    made(live, store, 1)
    shutil.rmtree(tmp_path / "first")
    (backup,) = store.complete_backups("uploads")
    dirty = [outcome(each) for each in UploadsMirror().restore(shop, "uploads", backup)]
    UploadsMirror().provision(shop, "uploads")
    clean = [outcome(each) for each in UploadsMirror().restore(shop, "uploads", backup)]
    found = files.of_volume(shop.engine, shop.volume("uploads"))
    replace_files(live, before)

    assert (dirty, clean) == (["fail"], ["pass"])
    assert found == backup.manifest.files


def made(live: Live, store: BackupStore, cycle: int) -> Backup:
    """A complete backup."""
    folder = store.begin("uploads", f"uploads-{cycle}")
    manifest = UploadsMirror().backup(live.stage.shop, "uploads", folder, live.stage.clock, cycle)
    return store.complete(folder, manifest)


def said(live: Live, backup: Backup) -> list[str]:
    """What is wrong with a backup."""
    (seen,) = UploadsMirror().examine(backup, live.stage.shop)
    assert (outcome(seen) == "pass") is not bool(seen.differences)
    return list(seen.differences)


def plant(live: Live, name: str, content: bytes) -> None:
    """A file in the uploads."""
    engine = live.stage.shop.engine
    assert isinstance(engine, DeletesVolumes)
    engine.plant(live.stage.shop.volume("uploads"), name, content)


def unplant(live: Live, name: str) -> None:
    """And away with it."""
    program = "import os, sys; os.remove(os.path.join(*sys.argv[1:]))"
    live.stage.shop.engine.on_volume(live.stage.shop.volume("uploads"), program, name)  # type: ignore[attr-defined]


def inodes(folder: Path) -> set[int]:
    """Of a backup's blobs."""
    return {path.stat().st_ino for path in (folder / BLOBS).glob("*/*")}
