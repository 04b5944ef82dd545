"""Volumes in and out as tar through short-lived containers: Docker Desktop has no host paths."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from docker.types import Mount

from blackstart.child import end_tree
from blackstart.engines.docker import compose
from blackstart.engines.docker.core import Core
from blackstart.errors import NotConducted

READ_DEADLINE_S = 600.0


class DockerVolumes(Core):
    """Implements `engines.base.DeletesVolumes`, `RunsOnVolumes` and `BoundsVolumes`."""

    def folder_of(self, volume: str) -> Path | None:
        """None: the daemon may be another machine's."""
        return None

    @contextmanager
    def read_volume(self, volume: str, *only: str) -> Iterator[IO[bytes]]:
        """tar runs in a container that sees the volume read-only; its exit status is checked."""
        self._require(volume)
        names = [f"./{name}" for name in only] or ["."]
        argv = self.helper_argv(volume, mode=",readonly", argv=["tar", "-C", "/volume", "-cf", "-", *names])
        env = self.endpoint.environment()
        process = self.children.spawn("read-volume", argv, env=env, stdout=subprocess.PIPE)
        assert process.stdout is not None
        try:
            yield process.stdout
            while process.stdout.read(1 << 20):
                pass  # tar pads its end: a reader that stopped early would break the pipe
            # 1 is tar's word for files that changed or went while it read; they are in the making.
            if process.wait(READ_DEADLINE_S) not in (0, 1):
                raise NotConducted(f"reading the volume {volume} ended with {process.returncode}", hint="see logs/")
        finally:
            process.stdout.close()
            if process.poll() is None:
                end_tree(process.pid)
                process.wait()

    def write_volume(self, volume: str, tar: IO[bytes]) -> None:
        """tar keeps numeric owners, so files come back as their service's."""
        self._require(volume)
        argv = self.helper_argv(volume, mode="", argv=["tar", "-C", "/volume", "--numeric-owner", "-xpf", "-"])
        done = self.children.run("write-volume", argv, env=self.endpoint.environment(), deadline_s=600, stdin=tar)
        if done.status:
            raise NotConducted(f"writing the volume {volume} ended with {done.status}", hint="see logs/")

    def create_volume(self, volume: str) -> None:
        """As Compose makes it, labels included, so that Compose takes it for its own."""
        name = compose.volume_name(self.plan.project, volume)
        self.state.creating("volume", name)
        if self.exists("volume", name) and not self.client.volumes.get(name).attrs.get("Labels"):
            # A backup that was about to read the volume when it went has made Docker make one of that name.
            self.remove_volume(volume)
        ours = compose.labels(self.state, "volume", name)
        composes = {"com.docker.compose.project": self.plan.project, "com.docker.compose.volume": volume}
        bound = self.bounds.get(volume) if not self.exists("volume", name) else None
        self.client.volumes.create(name, labels={**ours, **composes}, **_tmpfs(bound))
        if bound:
            self._hold(name)

    def bound_volume(self, volume: str, size_bytes: int) -> None:
        """A tmpfs of that size, which the daemon's volumes can be by themselves."""
        self.bounds[volume] = size_bytes

    def delete_volume(self, volume: str) -> None:
        """The containers go first: a volume in use cannot be removed."""
        self._require(volume)
        self.remove_volume(volume)

    def plant(self, volume: str, name: str, content: bytes) -> None:
        """One file, as a tar of one member."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        spool = self.state.work / "planted.tar"
        spool.write_bytes(packed.getvalue())
        with spool.open("rb") as file:
            self.write_volume(volume, file)

    def find(self, volume: str, name: str) -> bytes | None:
        """From a fresh container; a volume that is gone is made again as Compose would, then removed."""
        gone = not self.exists("volume", compose.volume_name(self.plan.project, volume))
        if gone:
            self.create_volume(volume)
        try:
            found = self.state.work / "found"
            argv = self.helper_argv(volume, mode=",readonly", argv=["cat", f"/volume/{name}"])
            with found.open("wb") as out:
                done = self.children.run("find", argv, env=self.endpoint.environment(), deadline_s=60, stdout=out)
            if done.status == 0:
                return found.read_bytes()
            if done.status == 1 and "No such file" in done.errors:
                return None
            raise NotConducted(f"looking into the volume {volume} ended with {done.status}", hint="see logs/find.log")
        finally:
            if gone:
                self.remove_volume(volume)

    def on_volume(self, volume: str, program: str, *words: str) -> str:
        """In a fresh container, as root."""
        self._require(volume)
        argv = self.helper_argv(volume, mode="", argv=["python3", "-c", program, "/volume", *words])
        with tempfile.TemporaryFile() as out:
            env = self.endpoint.environment()
            done = self.children.run("on-volume", argv, env=env, deadline_s=120, stdout=out)
            if done.status:
                raise NotConducted(f"working on the volume {volume} ended with {done.status}", hint="see logs/")
            out.seek(0)
            return out.read().decode()

    def _hold(self, name: str) -> None:
        """A tmpfs lasts as long as somebody has it mounted: a container that does nothing else, whoever stops."""
        self.client.containers.run(
            self.tools,
            ["infinity"],
            entrypoint="sleep",
            detach=True,
            network_mode="none",
            mounts=[Mount("/volume", name)],
            **self.helper_options(),
        )

    def _require(self, volume: str) -> None:
        """`docker run` would silently make a missing volume, and use one that is not ours."""
        name = compose.volume_name(self.plan.project, volume)
        if not self.exists("volume", name):
            raise NotConducted(f"the volume {name} does not exist")
        self.prove("volume", name, self.client.volumes.get(name).attrs.get("Labels"))


def _tmpfs(size_bytes: int | None) -> dict[str, Any]:
    """Options of a volume with so much room; without a size, of any volume."""
    if size_bytes is None:
        return {}
    return {"driver": "local", "driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": f"size={size_bytes}"}}
