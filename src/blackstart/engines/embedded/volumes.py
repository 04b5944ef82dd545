"""Volumes as folders, streamed in and out as tar like any other engine's."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from blackstart.engines.embedded.lifecycle import EmbeddedLifecycle
from blackstart.engines.embedded.packing import pack
from blackstart.engines.embedded.programs import base_environment
from blackstart.engines.embedded.unpacking import unpack
from blackstart.errors import NotConducted


class EmbeddedVolumes(EmbeddedLifecycle):
    """Implements `engines.base.DeletesVolumes`, `RunsOnVolumes`, `BoundsVolumes` and `BindsElsewhere`."""

    def folder_of(self, volume: str) -> Path | None:
        """The folder that stands for the volume."""
        self._require(volume)
        return self.folder(volume)

    @contextmanager
    def read_volume(self, volume: str, *only: str) -> Iterator[IO[bytes]]:
        """The folder's tar, spooled to a file that has no name."""
        self._require(volume)
        with tempfile.TemporaryFile(dir=self.state.work) as spool:
            pack(self.folder(volume), spool, only)
            spool.seek(0)
            yield spool

    def write_volume(self, volume: str, tar: IO[bytes]) -> None:
        """Unpack; members cannot leave the folder."""
        self._require(volume)
        unpack(tar, self.folder(volume))

    def delete_volume(self, volume: str) -> None:
        """Its services are killed, then the folder goes."""
        self._require(volume)
        for service in self.plan.stack.users_of(volume):
            if self.incarnation(service) is not None:
                self.kill_process(service)
        self.remove_volume(volume)

    def bound_volume(self, volume: str, size_bytes: int) -> None:
        """A tmpfs of that size, mounted on its folder."""
        self.bounds[volume] = size_bytes

    def plant(self, volume: str, name: str, content: bytes) -> None:
        """Write a file into the folder."""
        self._require(volume)
        (self.folder(volume) / name).write_bytes(content)

    def find(self, volume: str, name: str) -> bytes | None:
        """Read it where a service started now would look."""
        path = self.folder(volume) / name
        return path.read_bytes() if path.is_file() else None

    def on_volume(self, volume: str, program: str, *words: str) -> str:
        """In a process of its own."""
        self._require(volume)
        argv = [sys.executable, "-c", program, str(self.folder(volume)), *words]
        with tempfile.TemporaryFile() as out:
            done = self.children.run("on-volume", argv, env=base_environment(), deadline_s=120, stdout=out)
            if done.status:
                raise NotConducted(f"working on the volume {volume} ended with {done.status}", hint="see logs/")
            out.seek(0)
            return out.read().decode()

    def inside(self, service: str, volume: str, name: str) -> bytes | None:
        """From the folder that the service has."""
        path = self.mounted(service, volume) / name
        return path.read_bytes() if path.is_file() else None

    def bind_elsewhere(self, service: str, volume: str) -> None:
        """A folder beside the volume's, made as Docker would make it."""
        folder = self.folder(f"{volume.replace('_', '-')}s")
        folder.mkdir(mode=0o700)
        self.stop(service)
        self.elsewhere[service, volume] = folder
        self.launch(service)

    def bind_back(self, service: str, volume: str) -> None:
        """The volume's own folder again."""
        self.stop(service)
        self.elsewhere.pop((service, volume), None)

    def _require(self, volume: str) -> None:
        if not self.folder(volume).is_dir():
            raise NotConducted(f"the volume {volume} does not exist")
