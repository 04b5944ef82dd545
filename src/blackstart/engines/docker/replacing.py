"""Makes a newer image out of the one that runs a service."""

from __future__ import annotations

import io
import tarfile

from blackstart.engines.docker import compose
from blackstart.engines.docker.core import Core


class DockerReplacing(Core):
    """Implements what `engines.containers.ReplacesImages` adds to `EntersContainers`."""

    def newer_image(self, service: str, path: str, text: str) -> str:
        """From a container that never starts, into which the file is copied."""
        helper = self.helper_name()
        name = f"{helper}-image:newer"
        self.announce("image", name)
        packed, content = io.BytesIO(), text.encode()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        marks = compose.labels(self.state, "container", helper)
        container = self.client.containers.create(self.image_ids[service], name=helper, labels=marks)
        try:
            container.put_archive("/", packed.getvalue())
            repository, _, tag = name.partition(":")
            container.commit(repository, tag, conf={"Labels": compose.labels(self.state, "image", name)})
        finally:
            container.remove(force=True, v=True)
        return name

    def image_of(self, service: str) -> str:
        """As the daemon has it of the container."""
        container = self.container(service)
        return str(container.attrs["Image"]) if container is not None else ""
