"""Steps of a team's own procedure as plain processes: there is no container that they could be in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from blackstart.engines.embedded.core import Core
from blackstart.engines.embedded.programs import base_environment, postgres_tool
from blackstart.engines.stepping import Ended, Streams, conduct, variables


class EmbeddedStepping(Core):
    """Implements `engines.stepping.RunsSteps`."""

    def step_in(self, service: str, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """In a folder of the run's where nothing lies, so that nobody relies on what a container would not have."""
        folder = self.state.work / "steps"
        folder.mkdir(exist_ok=True)
        return self._step(folder, argv, streams, within_s)

    def step_on(self, volume: str, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """In the folder that stands for the volume."""
        return self._step(self.folder(volume), argv, streams, within_s, volume=self.folder(volume))

    def step_here(self, folder: Path, argv: Sequence[str], streams: Streams, within_s: float) -> Ended:
        """In the folder."""
        return self._step(folder, argv, streams, within_s)

    def _step(
        self, folder: Path, argv: Sequence[str], streams: Streams, within_s: float, *, volume: Path | None = None
    ) -> Ended:
        """With PostgreSQL's own tools ahead of all others, and the stores' addresses on loopback."""
        base = base_environment()
        roles, ports = self.plan.stack.roles, self.plan.ports
        database, cache = (("127.0.0.1", ports[roles[role].service]) for role in ("database", "cache"))
        env = {**base, **variables(self.secrets, database, cache)}
        env["PATH"] = f"{Path(postgres_tool('psql')).parent}:{base['PATH']}"
        if volume is not None:
            env["VOLUME"] = str(volume)
        return conduct(self.children, self.secrets, argv, env=env, cwd=folder, streams=streams, deadline_s=within_s)
