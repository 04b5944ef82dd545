"""The command line: parse, call, exit code, and nothing else. Heavy imports wait until they are needed."""

from __future__ import annotations

import functools
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer

from blackstart import __version__
from blackstart.errors import BlackstartError, ExitCode

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Disaster-recovery drills: break a real shop, restore it, prove what came back.",
)

P = ParamSpec("P")


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """The one place that maps errors to exit codes."""

    @functools.wraps(command)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()  # here, where somebody answers for it
        except BlackstartError as error:
            print(error, file=sys.stderr)
            code = error.exit_code
        except BrokenPipeError:  # whoever read it has left; what was done is in the reports
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = ExitCode.INCONCLUSIVE
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            code = ExitCode.INTERRUPTED
        except Exception:  # noqa: BLE001 -- the last resort: a bug of ours, shown whole
            print(f"blackstart {__version__} has a bug; please report what follows.\n", file=sys.stderr)
            traceback.print_exc()
            code = ExitCode.BUG
        raise typer.Exit(int(code))

    return call


EngineName = Literal["auto", "docker", "embedded"]
Reports = Annotated[Path, typer.Option("--reports", help="Where runs are kept.", metavar="DIR")]
Engine = Annotated[EngineName, typer.Option("--engine", help="What runs the shop; auto: Docker if a daemon answers.")]
Scale = Annotated[Literal["small", "medium", "large"] | None, typer.Option("--scale", help="How big the shop is.")]
Seed = Annotated[int | None, typer.Option("--seed", help="The same number gives the same shop.", metavar="N")]
Keep = Annotated[bool, typer.Option("--keep", help="Leave the shop up afterwards; blackstart sweep removes it.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be done; start nothing.")]
Names = Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="Files, or names that `list scenarios` shows.")]


@app.command()
@guarded
def run(
    scenarios: Names,
    engine: Engine = "auto",
    scale: Scale = None,
    seed: Seed = None,
    reports: Reports = Path("reports"),
    keep: Keep = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
) -> int:
    """Run scenarios, one after the other; the last line is the report's path."""
    from blackstart import commands
    from blackstart.planning import Options

    options = Options(engine=engine, scale=scale, seed=seed, keep=keep)
    return commands.run(scenarios, options, reports, quiet=quiet, dry_run=dry_run)


@app.command()
@guarded
def drill(
    name: Annotated[str, typer.Argument(metavar="DRILL", help="A file, or a name that `list drills` shows.")],
    engine: Engine = "auto",
    scale: Scale = None,
    seed: Seed = None,
    reports: Reports = Path("reports"),
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=32, help="How many runs at once.", metavar="N")] = 1,
    keep: Keep = False,
    quiet: Quiet = False,
    dry_run: DryRun = False,
) -> int:
    """Run the scenarios of a drill, side by side; the last line is the drill page's path."""
    from blackstart import commands
    from blackstart.planning import Options

    options = Options(engine=engine, scale=scale, seed=seed, keep=keep, lanes=jobs)
    return commands.drill(name, options, reports, quiet=quiet, dry_run=dry_run)


@app.command()
@guarded
def compare(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or a name that `list scenarios` shows.")],
    repeats: Annotated[int, typer.Option("--repeats", min=1, max=20, help="Runs of each procedure.", metavar="N")] = 1,
    engine: Engine = "auto",
    scale: Scale = None,
    seed: Seed = None,
    reports: Reports = Path("reports"),
    quiet: Quiet = False,
    dry_run: DryRun = False,
) -> int:
    """Recover from one accident by every procedure that can; the last line is the page's path."""
    from blackstart.comparing import command
    from blackstart.planning import Options

    options = Options(engine=engine, scale=scale, seed=seed)
    return command.compare(scenario, options, reports, repeats=repeats, quiet=quiet, dry_run=dry_run)


@app.command()
@guarded
def forecast(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A file, or a name that `list scenarios` shows.")],
    sizes: Annotated[str, typer.Option("--sizes", help="Such as small,medium,3xmedium.")] = "small,medium",
    at: Annotated[list[str] | None, typer.Option("--at", help="A size to forecast, such as 200GB.")] = None,
    repeats: Annotated[int, typer.Option("--repeats", min=1, max=20, help="Runs at each size.", metavar="N")] = 2,
    engine: Engine = "auto",
    seed: Seed = None,
    reports: Reports = Path("reports"),
    quiet: Quiet = False,
    dry_run: DryRun = False,
) -> int:
    """Recover from one accident at growing sizes, and predict other sizes; the last line is the page's path."""
    from blackstart.forecasting import command
    from blackstart.planning import Options

    options = Options(engine=engine, seed=seed)
    return command.forecast(scenario, sizes, at or [], options, reports, repeats=repeats, quiet=quiet, dry_run=dry_run)


@app.command("list")
@guarded
def list_(
    what: Annotated[
        Literal["scenarios", "drills", "faults", "procedures", "checks", "engines"],
        typer.Argument(metavar="WHAT"),
    ],
) -> int:
    """Show scenarios, drills, faults, procedures, checks or engines."""
    from blackstart import commands

    return commands.list_(what)


@app.command()
@guarded
def validate(files: Annotated[list[Path], typer.Argument(metavar="FILE...", readable=False)]) -> int:
    """Check scenario and drill files; start nothing."""
    from blackstart import commands

    return commands.validate(files)


@app.command()
@guarded
def doctor() -> int:
    """Say what is there, what is missing, and how to get it."""
    from blackstart import commands

    return commands.doctor()


@app.command()
@guarded
def sweep() -> int:
    """Remove what runs left that were killed, or told to keep their shop."""
    from blackstart import commands

    return commands.sweep()


@app.command()
@guarded
def report(
    run_name: Annotated[str, typer.Argument(metavar="RUN", help="An id, a path, or latest.")],
    reports: Reports = Path("reports"),
) -> int:
    """Judge a stored run and render it again; the first verdict stays."""
    from blackstart import commands

    return commands.report(run_name, reports)


@app.command()
@guarded
def selftest(engine: Engine = "auto", reports: Reports = Path("reports"), quiet: Quiet = False) -> int:
    """Plant corruption on purpose, and show that the checks find it; the last line is the page's path."""
    from blackstart.selftest import command

    return command.selftest(engine, reports, quiet=quiet)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"blackstart {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """The console script."""
    app()
