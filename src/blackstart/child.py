"""Child processes: all of them start here.

A child has a session of its own, dies with the runner (Linux sends it SIGKILL), never sees a
secret in its arguments, and is announced in created.jsonl, so that `sweep` can end it when the
runner could not. Its working folder lies in the run's work folder: PostgreSQL and Redis overwrite
their environment and titles, and the folder is what stays to know them by.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import psutil

from blackstart.errors import NotConducted
from blackstart.state import StateFolder

TAIL_BYTES = 20_000
MARK = "BLACKSTART_STEP"
"""Variable that carries the run's work folder into whatever a command starts that we did not write."""

_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
"""One thread that lives as long as the runner: a leashed child dies with the thread that started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A finished child process: its exit status and the end of what it said on stderr."""

    status: int
    errors: str


@cache
def _leash() -> tuple[str, ...]:
    """Words before a command that make it die with the thread that started it (Linux)."""
    setpriv = shutil.which("setpriv")
    if not setpriv or sys.platform != "linux":
        return ()
    leash = (setpriv, "--pdeathsig", "KILL", "--")
    works = subprocess.run([*leash, "true"], capture_output=True, check=False).returncode == 0
    return leash if works else ()


def ask(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    clean: bool = False,
    deadline_s: float = 30.0,
) -> str | None:
    """A command's answer on stdout while a run is planned; None if it fails or does not answer in time.

    `clean`: it sees none of the user's variables but where programs and the home folder are.
    """
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} if clean else dict(os.environ)
    try:
        done = subprocess.run(
            argv,
            env={**base, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def spawn_worker(module: str, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """One of our own modules as a process with a session of its own; we talk to it through pipes.

    It reads its job from stdin, whose end tells it that we are gone: that reaches it however we died.
    """
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],  # -P: a user's folder must not stand in for our modules
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        bufsize=0,
        start_new_session=True,
    )


def _identity(program: str) -> str:
    """A program by device and inode: its path may have been moved while it runs."""
    status = Path(program).stat()
    return f"{status.st_dev}:{status.st_ino}"


def _is_program(word: str) -> bool:
    """Commands name their programs, and those that wrap them, by absolute paths; no other word does."""
    return word.startswith("/") and Path(word).is_file() and os.access(word, os.X_OK)


def _started(start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """A process whose leash is held by a thread that does not end before the runner, whoever asks for it."""
    if threading.current_thread() is threading.main_thread():
        return start()
    return _STARTER.submit(start).result()


class Children:
    """Starts a run's child processes; `outlive`: they stay when the runner ends, for whoever asked to keep them."""

    def __init__(self, state: StateFolder, logs: Path, *, outlive: bool = False) -> None:
        self._state = state
        self._leash = () if outlive else _leash()
        self._logs = logs
        self.work = state.work

    def spawn(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int | None = None,
        stderr: IO[bytes] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process; what it says goes to `logs/<name>.log` unless `stdout` and `stderr` take it."""
        command = [*self._leash, *argv]
        programs = sorted({_identity(word) for word in command if _is_program(word)})
        self._state.creating("process", name, programs=programs)
        cwd = cwd or self._state.work
        with (self._logs / f"{name}.log").open("ab") as log:
            return _started(
                lambda: subprocess.Popen(
                    command,
                    env=dict(env),
                    cwd=cwd,
                    stdin=stdin,
                    stdout=log if stdout is None else stdout,
                    stderr=log if stderr is None else stderr,
                    start_new_session=True,
                )
            )

    @staticmethod
    @contextlib.contextmanager
    def feed(said: bytes) -> Iterator[IO[bytes]]:
        """A few bytes as a child's standard input, through a pipe: they touch no file."""
        reader, writer = os.pipe()
        with open(reader, "rb") as stdin:  # noqa: PTH123 -- a descriptor, not a path
            os.write(writer, said)
            os.close(writer)
            yield stdin

    def log(self, name: str, text: str) -> None:
        """Append to `logs/<name>.log` what is fit to be read by anybody."""
        with (self._logs / f"{name}.log").open("a") as log:
            log.write(text)

    def run(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        deadline_s: float,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int | None = None,
    ) -> Completed:
        """Run a process to its end; NotConducted if it is not over by the deadline."""
        log = self._logs / f"{name}.log"
        before = log.stat().st_size if log.exists() else 0
        process = self.spawn(name, argv, env=env, stdin=stdin, stdout=stdout)
        try:
            status = process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise NotConducted(f"{name} did not end within {deadline_s:.0f} s", hint=f"see logs/{name}.log") from None
        finally:
            if process.poll() is None:
                end_tree(process.pid)
                process.wait()
        with log.open("rb") as said:
            said.seek(max(before, log.stat().st_size - TAIL_BYTES))
            return Completed(status=status, errors=said.read().decode(errors="replace"))


def end_session(leader: int) -> None:
    """End what a child left running in the session that it led: it may be gone itself."""
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == leader:
                left.append(process)
    end_processes(left)


def end_tree(pid: int, *, number: int = signal.SIGKILL) -> None:
    """Signal a process and all its descendants, and wait until they are gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        end_processes([*process.children(recursive=True), process], number=number)


def end_processes(processes: Sequence[psutil.Process], *, number: int = signal.SIGKILL, within_s: float = 10.0) -> None:
    """Signal processes, children before parents, and wait until they are gone or `within_s` is over."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    psutil.wait_procs(list(processes), timeout=within_s)


def orphans(state: StateFolder) -> list[psutil.Process]:
    """Processes that a run started and that still live.

    Ours is a process whose working folder lies in the run's work folder and whose program is one
    that the run announced: a user's shell that happens to stand there is neither. So is one that
    carries the run's mark: what somebody's own step has started may be any program, anywhere.
    """
    programs = {program for made in state.created() if made.kind == "process" for program in made.detail["programs"]}
    work = os.path.realpath(state.work)
    found = []
    for process in psutil.process_iter():
        try:
            inside = process.cwd() + "/"
            ours = inside.startswith(work + "/") and _identity(f"/proc/{process.pid}/exe") in programs
            ours = ours and process.terminal() is None  # our own have sessions of their own; a person has a terminal
            if process.pid != os.getpid() and (ours or process.environ().get(MARK) == work):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def end_orphans(state: StateFolder, *, within_s: float = 15.0) -> list[str]:
    """End what a run left running, again and again until nothing is found; returns what stays."""
    deadline = time.monotonic() + within_s
    while left := orphans(state):
        if time.monotonic() > deadline:
            return [f"process {p.pid}" for p in left]
        end_processes(left, within_s=2.0)
    return []
