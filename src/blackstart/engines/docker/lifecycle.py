"""Up, start, stop: Compose brings services up, we ask until they serve, the SDK stops them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.engines.docker import compose, images
from blackstart.engines.docker.volumes import DockerVolumes
from blackstart.engines.readiness import serves
from blackstart.errors import NotConducted
from blackstart.waiting import poll

UP_DEADLINE_S = 180.0
DOWN_DEADLINE_S = 60.0
READY_DEADLINE_S = 120.0


class DockerLifecycle(DockerVolumes):
    """Implements `engines.base.Lifecycle`, and the taking down of `engines.base.TakesDown`."""

    def up(self) -> None:
        """Announce every name, then let Compose make them; a name that is taken is not ours to use."""
        self.image_names, self.image_ids = images.resolve(self.plan, self.endpoint, self.children)
        for kind, name in compose.expected(self.plan):
            self.announce(kind, name)
        for volume in self.bounds:
            self.create_volume(volume)
        self.write_override()
        self.compose_up()
        for service in self.plan.stack.services:
            self._wait_until_ready(service.name)
        self._journal_anonymous_volumes()

    def start(self, service: str) -> None:
        """Compose starts the service's container, or makes it and its volumes again if they are gone."""
        self.launch(service)
        self._wait_until_ready(service)
        self._journal_anonymous_volumes()

    def launch(self, service: str) -> None:
        """The same without waiting."""
        self.container(service)  # refuses one of that name that is not ours
        self.compose_up("--no-deps", "--no-recreate", service)

    def stop(self, service: str) -> None:
        """Stop by the image's stop signal; killed after the grace period."""
        container = self.container(service)
        if container is not None:
            if container.status == "paused":
                container.unpause()  # what is frozen cannot end in any orderly way
            container.stop(timeout=3 if service == self.plan.stack.roles["app"].service else 20)

    def down(self) -> None:
        """Compose takes down what is proven to be this run's; its volumes stay, those without a name too."""
        self._journal_anonymous_volumes()
        self._compose_down()

    def down_with_volumes(self) -> None:
        """Compose takes down what is proven to be this run's, volumes and network included."""
        for service in self.plan.stack.services:
            self.container(service.name)
        for volume in self.plan.stack.volumes:
            name = compose.volume_name(self.plan.project, volume)
            self.prove("volume", name, self.client.volumes.get(name).attrs.get("Labels"))
            # Compose knows nothing of a helper that reads a volume, and would leave the volume.
            self.free(volume, of=self.helper_prefix)
        self._compose_down("--volumes")
        for volume in self.plan.stack.volumes:  # Compose leaves one that a helper has got hold of meanwhile
            self.remove_volume(volume)

    def _compose_down(self, *words: str) -> None:
        self.refuse_strangers()
        done = self.children.run(
            "compose",
            self.compose_command("down", *words, "--timeout", "3"),
            env=self.compose_environment(),
            deadline_s=DOWN_DEADLINE_S,
        )
        if done.status:
            raise NotConducted(f"docker compose down ended with {done.status}: {_last_line(done.errors)}")

    def logs(self) -> Iterator[tuple[str, str]]:
        """What each container that still exists has said."""
        for service in self.plan.stack.services:
            container = self.container(service.name)
            if container is not None:
                yield service.name, container.logs(timestamps=True).decode(errors="replace")

    def images(self) -> Mapping[str, str]:
        """Image name and digest, by service."""
        return {
            service: f"{name}@{images.digest(self.client, self.image_ids[service])}"
            for service, name in sorted(self.image_names.items())
        }

    def compose_up(self, *words: str) -> None:
        """Make and start services; they are not waited for."""
        self.refuse_strangers()
        done = self.children.run(
            "compose",
            self.compose_command("up", "--detach", "--pull", "never", "--no-build", *words),
            env=self.compose_environment(),
            deadline_s=UP_DEADLINE_S,
        )
        if done.status:
            raise NotConducted(
                f"docker compose up ended with {done.status}: {_last_line(done.errors)}", hint="see logs/"
            )

    def _wait_until_ready(self, service: str) -> None:
        program = self.plan.stack.service(service).declared.program
        address = ("127.0.0.1", self.plan.ports[service])
        if not poll(lambda: serves(program, address, self.secrets), within_s=READY_DEADLINE_S, every_s=0.05):
            raise NotConducted(
                f"{service} was not ready within {READY_DEADLINE_S:.0f} s", hint=f"see logs/{service}.log"
            )

    def _journal_anonymous_volumes(self) -> None:
        """They carry no labels, so their names are all that can find them again."""
        known = {made.name for made in self.state.created() if made.kind == "volume"}
        for service in self.plan.stack.services:
            container = self.container(service.name)
            mounts = container.attrs["Mounts"] if container is not None else ()
            for mount in mounts:
                if mount["Type"] == "volume" and mount["Name"] not in known:
                    self.state.creating("volume", mount["Name"], anonymous=True)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"
