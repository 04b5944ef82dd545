"""Further containers beside the stack's: of a service once more, or of a program on a volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docker.models.containers import Container
from docker.types import Mount

from blackstart.engines.docker import compose
from blackstart.engines.docker.lifecycle import DockerLifecycle
from blackstart.engines.docker.volumes import DockerVolumes
from blackstart.engines.readiness import serves
from blackstart.errors import NotConducted
from blackstart.waiting import poll

SECOND_READY_WITHIN_S = 60.0


class DockerBeside(DockerLifecycle, DockerVolumes):
    """Implements `engines.beside.RunsSecondDatabase` and `RunsWriters`."""

    def begin_second_app(self, name: str, environment: Mapping[str, str]) -> None:
        """As the app's container is, but for these variables."""
        self._begin_second(self.plan.stack.roles["app"].service, name, environment)

    def begin_second_database(self, name: str) -> str:
        """In namespaces of its own it takes the first server's lock file for what an earlier life of it has left."""
        service = self.plan.stack.service(self.plan.stack.roles["database"].service)
        self._begin_second(service.name, name, {})
        return f"{name}:{service.port}"

    def begin_writer(self, name: str, volume: str, program: str, *words: str) -> None:
        """In a fresh container, as root, without a network."""
        self._require(volume)
        mount = Mount("/volume", compose.volume_name(self.plan.project, volume))
        self._run(
            name,
            self.image_names[self.plan.stack.roles["app"].service],
            entrypoint=["python3", "-c", program, "/volume", *words],
            user="0:0",
            network_mode="none",
            mounts=[mount],
        )

    def end_beside(self, name: str) -> None:
        """Removed by force; what it said stays for the run's logs."""
        container = self.container(name)
        if container is not None:
            self.said[name] = _said(container)
            container.remove(force=True, v=True)  # with the nameless volumes that its image asks for

    def logs(self) -> Iterator[tuple[str, str]]:
        """What those beside have said too, ended or not."""
        yield from super().logs()
        yield from self.said.items()
        for name in self.beside - self.said.keys():
            container = self.container(name)
            if container is not None:
                yield name, _said(container)

    def _begin_second(self, service: str, name: str, environment: Mapping[str, str]) -> None:
        """The same image, command, variables, volumes and network; found there by its name."""
        first = self.container(service)
        if first is None:
            raise NotConducted(f"{service} has no container of which there could be a second one")
        config, network = first.attrs["Config"], f"{self.plan.project}_default"
        own = dict(word.split("=", 1) for word in config["Env"])
        mounts = [
            Mount(m["Destination"], m["Name"]) for m in first.attrs["Mounts"] if m["Type"] == "volume" and m.get("Name")
        ]
        self._run(
            name,
            first.attrs["Image"],
            entrypoint=config["Entrypoint"],
            command=config["Cmd"],
            user=config["User"],
            environment={**own, **environment},
            mounts=mounts,
            network=network,
            networking_config={network: self.client.api.create_endpoint_config(aliases=[name])},
            ports={f"{self.plan.stack.service(service).port}/tcp": ("127.0.0.1", self.plan.ports[name])},
            shm_size=first.attrs["HostConfig"]["ShmSize"],
        )
        program, address = self.plan.stack.service(service).declared.program, ("127.0.0.1", self.plan.ports[name])
        if not poll(lambda: serves(program, address, self.secrets), within_s=SECOND_READY_WITHIN_S, every_s=0.05):
            raise NotConducted(
                f"{name} was not ready within {SECOND_READY_WITHIN_S:.0f} s", hint=f"see logs/{name}.log"
            )

    def _run(self, name: str, image: str, **options: Any) -> None:
        """A container that is announced, and carries the run's labels."""
        container = compose.container_name(self.plan.project, name)
        self.announce("container", container)
        self.beside.add(name)
        marks = compose.labels(self.state, "container", container)
        self.client.containers.run(image, detach=True, name=container, labels=marks, **options)


def _said(container: Container) -> str:
    return container.logs(timestamps=True).decode(errors="replace")
