"""Up, start, stop, kill: services as child processes."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping

import psutil

from blackstart.child import end_tree
from blackstart.engines.embedded import mounts
from blackstart.engines.embedded.core import Core
from blackstart.engines.embedded.programs import versions
from blackstart.engines.embedded.shared_memory import remove_segment
from blackstart.engines.readiness import serves
from blackstart.errors import NotConducted

READY_DEADLINE_S = 60.0
STOP_DEADLINE_S = 20.0
_POLL_S = 0.05


class EmbeddedLifecycle(Core):
    """Implements `engines.base.Lifecycle`, `KillsProcess`, `Pauses`, and the taking down of `TakesDown`."""

    def up(self) -> None:
        """Empty folders, then each service in its order."""
        for volume in self.plan.stack.volumes:
            self.create_volume(volume)
        for service in self.plan.stack.services:
            self.start(service.name)

    def create_volume(self, volume: str) -> None:
        """An empty folder, readable by its services alone; one that is there stays as it is."""
        self.state.creating("volume", volume)
        self.folder(volume).mkdir(parents=True, mode=0o700, exist_ok=True)
        if volume in self.bounds:
            mounts.mount(self.state, self.folder(volume), self.bounds[volume])

    def remove_volume(self, volume: str) -> None:
        """The folder with all that is in it; nobody may be using it any more."""
        remove_segment(self.folder(volume))
        if not mounts.unmount(self.folder(volume)):
            raise NotConducted(f"the volume {volume} cannot be unmounted: something goes on using it")
        shutil.rmtree(self.folder(volume))

    def start(self, service: str) -> None:
        """Start the process unless it runs; missing volumes are made, as containers' would be."""
        self.launch(service)
        self._wait_until_ready(service, self.plan.stack.service(service).declared.program)

    def launch(self, service: str) -> None:
        """Start the process unless it runs; it is not waited for."""
        if self.incarnation(service) is None:
            for mount in self.plan.stack.service(service).mounts:
                self.create_volume(mount.volume)
            place, program = self.place(service), self.program(service)
            program.prepare(place, self.children)
            with self.children.feed(program.standard_input(place)) as stdin:
                argv, env = program.argv(place), program.environment(place)
                self.processes[service] = self.children.spawn(service, argv, env=env, stdin=stdin)

    def stop(self, service: str) -> None:
        """The orderly way: SIGTERM (PostgreSQL: a fast shutdown by SIGINT), then SIGKILL to what stays."""
        process = self.processes.get(service)
        if process is None or process.poll() is not None:
            return
        self.unpause(service)  # what is frozen cannot end in any orderly way
        process.send_signal(signal.SIGINT if service == self.plan.stack.roles["database"].service else signal.SIGTERM)
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            end_tree(process.pid)
            process.wait()

    def down_with_volumes(self) -> None:
        """All services stop, the last one first; then all folders go."""
        for service in reversed(self.plan.stack.services):
            self.stop(service.name)
        for volume in self.plan.stack.volumes:
            self.remove_volume(volume)

    def kill_process(self, service: str, *, number: int = signal.SIGKILL) -> None:
        """SIGKILL to the process and all it started, as the end of a container's first process does.

        Another signal goes to the process alone, which may outlive it.
        """
        process = self.processes.get(service)
        if process is None or process.poll() is not None:
            raise NotConducted(f"{service} has no process to kill")
        if number != signal.SIGKILL:
            process.send_signal(number)
            return
        end_tree(process.pid)
        process.wait()

    def pause(self, service: str) -> None:
        """SIGSTOP to the process and all it started."""
        if self.incarnation(service) is None:
            raise NotConducted(f"{service} has no process to pause")
        self._signal_all(service, signal.SIGSTOP)

    def unpause(self, service: str) -> None:
        """SIGCONT to all of them."""
        if self.incarnation(service) is not None:
            self._signal_all(service, signal.SIGCONT)

    def _signal_all(self, service: str, number: int) -> None:
        process = psutil.Process(self.processes[service].pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(number)

    def incarnation(self, service: str) -> str | None:
        """Process id and start time as the kernel has them."""
        process = self.processes.get(service)
        if process is None or process.poll() is not None:
            return None
        try:
            seen = psutil.Process(process.pid)
            return None if seen.status() == psutil.STATUS_ZOMBIE else f"process {seen.pid} started {seen.create_time()}"
        except psutil.NoSuchProcess:
            return None

    def logs(self) -> Iterator[tuple[str, str]]:
        """Nothing to add: each process writes to the run's logs by itself."""
        yield from ()

    def images(self) -> Mapping[str, str]:
        """Program and version, by service."""
        known = versions()
        return {
            s.name: f"{s.declared.program} {known[s.declared.program]} (a process, no image)"
            for s in self.plan.stack.services
        }

    def _wait_until_ready(self, service: str, program: str) -> None:
        process = self.processes[service]
        deadline = time.monotonic() + READY_DEADLINE_S
        while not serves(program, ("127.0.0.1", self.plan.ports[service]), self.secrets):
            if process.poll() is not None:
                raise NotConducted(f"{service} ended with {process.returncode}", hint=f"see logs/{service}.log")
            if time.monotonic() > deadline:
                raise NotConducted(
                    f"{service} was not ready within {READY_DEADLINE_S:.0f} s", hint=f"see logs/{service}.log"
                )
            time.sleep(_POLL_S)
        if not listens(process.pid, self.plan.ports[service]):
            raise NotConducted(f"{service}: somebody else answers at port {self.plan.ports[service]}")


def listens(pid: int, port: int) -> bool:
    """Whether a process or one that it started holds the port: an answer alone may be another run's."""
    family = []
    with contextlib.suppress(psutil.Error):
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for process in family:
        with contextlib.suppress(psutil.Error):  # one that has ended meanwhile holds nothing
            if any(s.status == psutil.CONN_LISTEN and s.laddr.port == port for s in process.net_connections("tcp")):
                return True
    return False
