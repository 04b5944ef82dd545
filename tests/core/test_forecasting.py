"""A line through runs at growing sizes: what it must find, how sure it is, and where objectives break."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.builders import SCENARIOS

from blackstart import load
from blackstart.drill_result import Figure, RunResult
from blackstart.errors import ExitCode, Refused
from blackstart.forecasting import command
from blackstart.forecasting.forecast import PHASES, Forecast, Measurement, limits, lines, predict, whole
from blackstart.forecasting.model import Line, estimate, fit, largest_within
from blackstart.forecasting.sizes import ShopSize, read
from blackstart.planning import Options, check_file
from blackstart.prediction import worst_case
from blackstart.report import forecast_page

bases = st.floats(0.01, 100)
slopes = st.floats(1e-9, 1e-5)
sizes = st.lists(st.floats(1e6, 1e9), min_size=2, max_size=6, unique_by=lambda x: round(math.log10(x), 1))


@given(bases, slopes, sizes)
def test_an_exact_line_is_found(base: float, slope: float, at: list[float]) -> None:
    """Whatever its base and slope, at any sizes."""
    points = [(x, base + slope * x) for x in at]
    line = fit(points)

    assert line.at(at[0]) == pytest.approx(points[0][1], rel=1e-6)
    assert line.at(10 * max(at)) == pytest.approx(base + slope * 10 * max(at), rel=1e-6)


@given(st.lists(st.tuples(st.floats(1e6, 1e9), st.floats(0.01, 1e4)), min_size=1, max_size=8))
def test_no_phase_gets_faster_with_more_data(points: list[tuple[float, float]]) -> None:
    """Neither base nor slope is ever negative."""
    line = fit(points)

    assert line.base_s >= 0
    assert line.per_byte_s >= 0


def test_the_interval_holds_as_often_as_it_says() -> None:
    """Of many drawn experiments with 5% noise, a new run far outside lies in the interval in about 90%."""
    dice, inside, experiments = random.Random(7), 0, 2_000

    def run(size: float) -> float:
        return (2 + 4e-8 * size) * (1 + dice.gauss(0, 0.05))

    for _ in range(experiments):
        points = [(size, run(size)) for size in (1e7, 1e8, 3e8) for _ in range(2)]
        found = estimate(points, fit(points), 1e9)
        assert found is not None
        inside += found.low_s <= run(1e9) <= found.high_s

    assert 0.87 < inside / experiments < 0.94


def test_too_little_gives_no_interval() -> None:
    """Two points are a line without any doubt, which is doubtful; one size says nothing of others."""
    assert estimate([(1e6, 1.0), (1e7, 2.0)], Line(base_s=1, per_byte_s=1e-7), 1e8) is None
    assert estimate([(1e6, 1.0)] * 5, Line(base_s=1, per_byte_s=0), 1e8) is None


@pytest.mark.parametrize(
    ("line", "limit", "size"),
    [
        (Line(base_s=2, per_byte_s=1e-6), 10.0, 8e6),
        (Line(base_s=2, per_byte_s=1e-6), 1.0, 0.0),
        (Line(base_s=2, per_byte_s=0), 10.0, None),
    ],
)
def test_where_a_line_breaks_a_limit(line: Line, limit: float, size: float | None) -> None:
    """At a size, at none, or nowhere."""
    assert largest_within(line, limit) == (size if size is None else pytest.approx(size))


@given(st.floats(1, 100), st.floats(1, 1000))
def test_the_longest_backup_within_an_rpo_is_the_longest(interval: float, rpo: float) -> None:
    """At the size where the limit says so the worst loss is the objective; beyond it is more."""
    fitted = {phase: Line(base_s=0, per_byte_s=1e-9) for phase in PHASES} | {"backup": Line(base_s=0, per_byte_s=1e-6)}
    (limit,) = limits(fitted, None, rpo, interval)
    assert limit.bytes is not None

    if rpo <= interval:
        assert limit.bytes == pytest.approx(0, abs=1e-3)
    else:
        assert worst_case(interval, limit.bytes * 1e-6) == pytest.approx(rpo)
    assert worst_case(interval, (limit.bytes + 1) * 1.01e-6) > rpo * 0.999999


@pytest.mark.parametrize(
    "text", ["small", "small,small", "small,huge", "small,0xmedium", "small,,medium", "small,2000xlarge", ""]
)
def test_sizes_that_are_none(text: str) -> None:
    """One message, which says what is allowed."""
    with pytest.raises(Refused) as refused:
        read(text)

    assert "small, medium, large, or so many times one of them: 3xmedium" in str(refused.value)


def test_a_sizes_file_is_a_scenario_of_that_size(tmp_path: Path) -> None:
    """Valid, patient, three times as many of everything, and otherwise the same accident."""
    path = SCENARIOS / "delete-database-volume.yaml"
    scenario, source = load.scenario(path)
    for size in read("small,0.5xmedium,3xmedium"):
        file = tmp_path / f"{size.scenario_name(scenario)}.yaml"
        file.write_text(size.file(source.value, scenario))
        made = check_file(file)
        assert made.name == file.stem
        assert [replace(f, within=0) for f in made.faults] == [replace(f, within=0) for f in scenario.faults]
        assert (made.restore, made.backup) == (scenario.restore, scenario.backup)

    assert made.seed.counts["customers"] == 150_000
    assert ShopSize(name="x", scale="small", times=1).file(source.value, scenario).count("counts") == 0


def measured(size: str, count: int, seconds: float, **more: object) -> Measurement:
    """A run whose restore took all the time but a second."""
    phases = dict.fromkeys(PHASES, 0.0) | {"detect": 1.0, "restore": seconds - 1}
    figures = {"bytes": count, "rto_s": seconds, "phases": phases, "longest_backup_s": seconds / 2, **more}
    made = {"run_id": "x", "verdict": "pass", "exit_code": 0, "reasons": ("<b>",), "report": "../x/report.html"}
    return Measurement(size=size, **{**made, **figures})  # type: ignore[arg-type]


def forecast(*found: Measurement, **more: object) -> Forecast:
    """A forecast at 1 GB."""
    fitted = lines(found)
    return Forecast(
        forecast_id="x",
        scenario="s",
        title="T <i>",
        engine="embedded",
        repeats=2,
        started="2026-01-02T03:04:05.000Z",
        finished="2026-01-02T03:05:05.000Z",
        backup_interval_s=60.0,
        measurements=found,
        lines=fitted,
        at=(predict(found, fitted, 1e9, 60.0),) if fitted else (),
        limits=tuple(limits(fitted, 50.0, 100.0, 60.0)) if fitted else (),
        **more,  # type: ignore[arg-type]
    )


FOUR = [measured("a", 10**7, 2.0), measured("a", 10**7, 2.1), measured("b", 10**8, 11.0), measured("b", 10**8, 11.2)]


def test_the_recovery_is_the_sum_of_its_phases() -> None:
    """The line of the whole leads to where the phases lead together; limits and losses follow from it."""
    found = forecast(*FOUR)
    (at,) = found.at

    assert at.rto is not None
    assert at.rto.seconds == pytest.approx(sum(at.phases.values()))
    assert 95 < at.rto.seconds < 110
    assert at.rto.low_s < at.rto.seconds < at.rto.high_s
    assert at.backup is not None
    assert at.worst_rpo_s == pytest.approx(worst_case(60, at.backup.seconds))
    assert [limit.objective for limit in found.limits] == ["RTO", "RPO"]
    assert found.limits[0].bytes is not None
    assert whole(found.lines).at(found.limits[0].bytes) == pytest.approx(50)
    assert found.code is ExitCode.PASS


def test_what_was_not_proven_is_in_no_line() -> None:
    """Its exit code is the forecast's; with one size left there is no line."""
    failed = Measurement(size="b", run_id="x", verdict="fail", exit_code=1, reasons=("lost",), report=None)

    assert forecast(*FOUR, failed).lines == forecast(*FOUR).lines
    assert forecast(*FOUR, failed).code is ExitCode.DATA_WRONG
    assert forecast(*FOUR[:2], failed).lines == {}
    assert forecast(*FOUR[:2]).code is ExitCode.INCONCLUSIVE
    assert forecast(*FOUR, missing=1).code is ExitCode.INCONCLUSIVE
    assert forecast(*FOUR, interrupted=True).code is ExitCode.INTERRUPTED


def test_the_page_has_every_run_and_the_line() -> None:
    """Escaped; nothing is drawn where there is no line."""
    page, empty = forecast_page.render(forecast(*FOUR)), forecast_page.render(forecast(*FOUR[:2]))
    drawing = forecast_page.drawn(forecast(*FOUR))

    assert drawing is not None
    assert len(drawing.measured) == 4
    assert all(0 <= mark.x <= forecast_page.WIDTH and 0 <= mark.y <= forecast_page.HEIGHT for mark in drawing.measured)
    assert page.count("<circle") == 5
    assert "<i>" not in page
    assert "polyline" not in empty
    assert "Too few runs" in empty


@pytest.mark.parametrize(
    ("name", "at", "said"),
    [
        ("delete-database-volume", [], "nobody says which size"),
        ("delete-database-volume", ["200"], "--at: '200' is not"),
        ("no-fault", ["1GB"], "no fault damages data"),
    ],
)
def test_nothing_starts_on_bad_words(name: str, at: list[str], said: str, tmp_path: Path) -> None:
    """Refused with one message, and no folder is made."""
    options = Options(engine="embedded", seed=1)
    with pytest.raises(Refused, match=said):
        command.forecast(
            str(SCENARIOS / f"{name}.yaml"),
            "small,medium",
            at,
            options,
            tmp_path / "r",
            repeats=1,
            quiet=True,
            dry_run=False,
        )

    assert not (tmp_path / "r").exists()


def test_a_run_without_a_proof_has_no_figures(tmp_path: Path) -> None:
    """Its verdict is all that is told, whatever its folder says."""
    nothing = Figure(actual_s=None, objective_s=None)
    run = RunResult(
        scenario="s",
        title="T",
        run_id="gone",
        verdict="fail",
        exit_code=1,
        reasons=(),
        rto=nothing,
        rpo=nothing,
        report="../gone/report.html",
    )
    told = command.measurement(run, "small", tmp_path)

    assert (told.verdict, told.bytes, told.rto_s) == ("fail", None, None)
