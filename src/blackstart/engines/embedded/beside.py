"""Further processes beside the stack's: the app once more, or a program on a volume."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

from blackstart.child import end_tree
from blackstart.engines.embedded.lifecycle import EmbeddedLifecycle
from blackstart.engines.embedded.programs import base_environment
from blackstart.engines.embedded.volumes import EmbeddedVolumes


class EmbeddedBeside(EmbeddedVolumes, EmbeddedLifecycle):
    """Implements `engines.beside.RunsSecondApp` and `RunsWriters`."""

    def begin_second_app(self, name: str, environment: Mapping[str, str]) -> None:
        """As the app's process is, but for its port and these variables."""
        app = self.plan.stack.roles["app"].service
        first, program = self.place(app), self.program(app)
        environment = {**first.environment, **environment}
        place = replace(first, service=name, port=self.plan.ports[name], environment=environment)
        self.processes[name] = self.children.spawn(name, program.argv(place), env=program.environment(place))
        self._wait_until_ready(name, self.plan.stack.service(app).declared.program)

    def begin_writer(self, name: str, volume: str, program: str, *words: str) -> None:
        """A process of its own."""
        self._require(volume)
        argv = [sys.executable, "-c", program, str(self.folder(volume)), *words]
        self.writers[name] = volume
        self.processes[name] = self.children.spawn(name, argv, env=base_environment())

    def end_beside(self, name: str) -> None:
        """SIGKILL to it and all it started."""
        self.writers.pop(name, None)
        process = self.processes.pop(name, None)
        if process is not None:
            end_tree(process.pid)
            process.wait()

    def delete_volume(self, volume: str) -> None:
        """Programs that write to it end as its services do."""
        for name in [name for name, written in self.writers.items() if written == volume]:
            self.end_beside(name)
        super().delete_volume(volume)
