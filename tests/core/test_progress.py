"""What a run shows of itself while it goes on."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest
from tests.core.builders import HandClock, make_plan

from blackstart import screen
from blackstart.activities.ticker import Tally, Ticker
from blackstart.drill_result import Figure, NotStarted, RunResult
from blackstart.drilling import board, wire
from blackstart.drilling.board import Entry
from blackstart.journal import Journal
from blackstart.ledger import Ledger
from blackstart.planning import Options
from blackstart.progress import Progress, Status, Trade
from blackstart.scenario import Production

TRADE = Trade(per_second=38.4, acknowledged=1204, at_risk=87, lost=None)


def status(t: float, *, doing: str = "", trade: Trade | None = None) -> Status:
    """A status of a run in its phase `seed`."""
    return Status(t=t, phase="seed", doing=doing, trade=trade)


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """It does."""
        return True


def test_a_status_in_words() -> None:
    """The activity as somebody said it, or as the phase says it, and the figures that there are."""
    lost = Trade(per_second=0, acknowledged=9, at_risk=None, lost=3)

    assert "filling the shop" == status(1).words()
    assert "orders: 5 of 9: 38 operations/s, 1,204 writes acknowledged, 87 at risk" == (
        status(1, doing="orders: 5 of 9", trade=TRADE).words()
    )
    assert "filling the shop: 0 operations/s, 9 writes acknowledged, 3 lost" == status(1, trade=lost).words()


def test_what_is_done_is_no_longer_going_on() -> None:
    """A line or a new phase ends what was said to be going on."""
    told: list[tuple[float, str]] = []
    clock = HandClock(2.5)
    progress = Progress(clock, lambda t, text: told.append((t, text)))
    progress.phase("seed")
    progress.doing("orders")
    before = progress.status()
    progress.say("seeded")
    after = progress.status()

    assert ([(2.5, "seeded")], "orders", "filling the shop") == (told, before.activity, after.activity)


def test_plain_lines_are_few() -> None:
    """A new activity after five silent seconds, figures after ten, and nothing said twice."""
    murmur = screen.Murmur()

    def due(t: float, *, doing: str = "", trade: Trade | None = None) -> str | None:
        return murmur.due(status(t, doing=doing, trade=trade), t)

    assert [None, "orders", None] == [due(4.9, doing="orders"), due(5.1, doing="orders"), due(9, doing="items")]
    assert ["items", None] == [due(10.2, doing="items"), due(16, doing="items")]
    murmur.said(20)
    assert None is due(29.9, trade=TRADE)
    assert "filling the shop: 38 operations/s" in str(due(30.1, trade=TRADE))
    assert None is due(31, trade=TRADE)


def test_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Plain lines on stderr, with the seconds since the run began."""
    with screen.shown(HandClock(7.0), quiet=False) as progress:
        progress.say("the shop is up")

    assert ("", "   7.0 s  the shop is up\n") == tuple(capsys.readouterr())


def test_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing at all."""
    with screen.shown(HandClock(), quiet=True) as progress:
        progress.say("the shop is up")

    assert ("", "") == tuple(capsys.readouterr())


@pytest.mark.parametrize("terminal", [True, False])
def test_nobody_reads_it_any_more(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed pipe or terminal on stderr ends no run, and keeps none from being cleaned up."""

    class Closed(Terminal):
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr(sys, "stderr", Closed())
    monkeypatch.setenv("TERM", "xterm")
    with screen.shown(HandClock(), quiet=False) as progress:
        progress.say("the shop is up")
        time.sleep(0.6)


@pytest.mark.parametrize(("term", "live"), [("xterm-256color", True), ("dumb", False), ("", False)])
def test_on_a_terminal(term: str, live: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that is drawn again and again under those that stay; a terminal that cannot do it has plain lines."""
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", "100")
    with screen.shown(HandClock(7.0), quiet=False) as progress:
        progress.phase("up")
        deadline = time.monotonic() + 10
        while live and "bringing the shop up" not in stderr.getvalue() and time.monotonic() < deadline:
            time.sleep(0.05)
        progress.say("the shop is up [not markup]")

    assert "   7.0 s  the shop is up [not markup]\n" in stderr.getvalue()
    assert live == ("bringing the shop up" in stderr.getvalue()) == ("\x1b[" in stderr.getvalue())


def test_the_table_of_a_drill(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row for each scenario, whether it waits, was never started or is over."""
    from rich.console import Console

    plan = make_plan()
    entries = [Entry(number=n, plan=plan) for n in (1, 2, 3)]
    entries[1].result = NotStarted(scenario="x", title="X", reason="interrupted")
    entries[2].result = RunResult(
        scenario="x",
        title="X",
        run_id=None,
        verdict="fail",
        exit_code=1,
        reasons=(),
        rto=Figure(actual_s=4.25, objective_s=None, censored=True),
        rpo=Figure(actual_s=0.0, objective_s=1),
    )
    out = io.StringIO()
    Console(file=out, width=120).print(board.Table(entries, HandClock(12.0), "Mine").draw())

    for words in (
        "Mine",
        "12 s",
        plan.scenario.name,
        "waits",
        "not started: interrupted",
        "FAIL, RTO > 4.2 s, RPO 0 s",
    ):
        assert words in out.getvalue()


def test_figures_of_the_ledger(tmp_path: Path) -> None:
    """Each look reads only what is new, and counts as a count of everything would."""
    clock = HandClock()
    ledger = Ledger(tmp_path / "ledger.jsonl", clock)
    tally = Tally(ledger)
    begun = [ledger.invoke(0, "database", "order", {}) for _ in range(4)]
    for t, index, outcome in ((1.0, 2, "ok"), (2.0, 0, "fail"), (3.0, 1, "ok")):
        clock.t = t
        ledger.complete(begun[index], outcome, {})  # type: ignore[arg-type]
        tally.look()
    counted = [tally.count, tally.since(1.0), tally.since(2.5), tally.since(3.5)]
    clock.t = 4.0
    ledger.complete(begun[3], "ok", {})
    tally.look()
    ledger.close()

    assert [2, 2, 1, 0] == counted
    assert [3, 2, 1] == [tally.count, tally.since(3.0), tally.since(4.0)]


def test_losses_are_counted_once_somebody_has_looked(tmp_path: Path) -> None:
    """At risk until the fault, unknown until the survivors are known, then those that are not among them."""
    clock = HandClock()
    writes, reads = (Ledger(tmp_path / name, clock) for name in ("ledger.jsonl", "reads.jsonl"))
    journal = Journal(tmp_path / "journal.jsonl", clock)
    progress = Progress(clock)
    ticker = Ticker(writes=writes, reads=reads, backups=None, journal=journal, evidence=tmp_path, progress=progress)
    done = [writes.invoke(0, store, "order", {}) for store in ("database", "database", "cache")]
    clock.t = 1.0
    for operation in done:
        writes.complete(operation, "ok", {})
    calm = ticker._figures()
    journal.mark("T0")
    broken = ticker._figures()
    (tmp_path / "survivors-verify.json").write_text('{"database": ["')
    torn = ticker._figures()
    (tmp_path / "survivors-verify.json").write_text(f'{{"database": ["{done[0].id}"], "uploads": [], "cache": []}}')
    counted = ticker._figures()
    for each in (writes, reads, journal):
        each.close()

    assert (3, 1.0, 3, None) == (calm.acknowledged, calm.per_second, calm.at_risk, calm.lost)
    assert [(None, None), (None, None), (None, 2)] == [(t.at_risk, t.lost) for t in (broken, torn, counted)]


@pytest.mark.parametrize(
    "news",
    [
        wire.News(run_id="20260102T030405Z-x-c0ffee"),
        wire.News(said="the shop is up", t=1.5),
        wire.News(status=status(1.5, doing="orders", trade=TRADE)),
        wire.News(refused="the engine is gone"),
    ],
    ids=["run", "said", "status", "refused"],
)
def test_news_read_back_equal(news: wire.News) -> None:
    """What a worker tells is what the drill hears."""
    assert news == wire.read_news(news.line())


@pytest.mark.parametrize("text", ["x" * 10_000, "\N{SNOWMAN}" * 10_000, "\U0001f6d2" * 10_000, "\n" * 10_000])
def test_no_line_is_longer_than_a_pipe_takes_at_once(text: str) -> None:
    """Longer ones could be torn; so long texts are cut."""
    lines = [wire.News(said=text).line(), wire.News(status=status(1.0, doing=text, trade=TRADE)).line()]

    assert [True, True] == [len(line) < 4096 and line.count(b"\n") == 1 for line in lines]


def test_a_job_reads_back_equal() -> None:
    """With everything that the command line and the drill's file said."""
    production = Production(size=2e11, backup_interval=3600.0)
    options = Options(engine="docker", scale="small", seed=3, keep=True, production=production, lane=1, lanes=4)
    job = wire.Job(scenario_sha256="ab", scenario="/a/b.yaml", options=options, reports="reports")

    assert job == wire.read_job(job.line())
