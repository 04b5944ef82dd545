"""Any prefix of a journal is the record of a run cut short there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.core.builders import BEGAN, LIFTED, MARKS, T8, HandClock, journal_lines, record_of

from blackstart.clock import Clock
from blackstart.journal import Journal
from blackstart.record import RunRecord, Stopped, fold


def test_a_whole_journal(tmp_path: Path) -> None:
    """Everything that was written is in the record."""
    record = record_of(tmp_path)

    assert record.complete
    assert {**MARKS, "T8": T8, "lift": LIFTED, "seeded": 5.0} == record.marks
    assert "2026-01-02T03:04:35.000Z" == record.marks_at["T0"]
    assert ["up", "seed", "gate", "inject", "recover", "resume", "final"] == [span.name for span in record.spans]
    assert [(5.0, 10.0)] == [(span.begin_s, span.end_s) for span in record.spans if span.name == "gate"]
    assert {"database": "database-1"} == record.chosen
    assert [("delete-volume", "the planted file is out of reach")] == [(i.fault, i.witness) for i in record.injections]
    assert {"database", "uploads", "cache"} == {backup.role for backup in record.backups}
    assert (0.06, 46.5, {"database": "postgres:17"}) == (record.probe_resolution_s, record.last_t, record.images)
    assert 45.0 == record.given_up_s, "what is cleaned up afterwards is not recovered any more"
    assert (None, (), ()) == (record.stopped, record.leftovers, record.failed_activities)


def test_every_prefix_folds(tmp_path: Path) -> None:
    """Line by line the record only grows: marks stay, spans are open or closed, times do not go back."""
    lines = journal_lines(tmp_path / "journal.jsonl")
    whole, before = fold(lines), RunRecord()

    for count in range(1, len(lines) + 1):
        record = fold(lines[:count])

        assert before.marks.items() <= record.marks.items() <= whole.marks.items()
        assert record.marks.keys() == record.marks_at.keys()
        assert before.last_t <= record.last_t
        assert before.observations == record.observations[: len(before.observations)]
        assert [s.name for s in whole.spans][: len(record.spans)] == [s.name for s in record.spans]
        assert all(span.end_s is not None for span in record.spans[:-1])
        assert (count == len(lines)) == record.complete
        before = record


def test_every_cut_within_a_line(tmp_path: Path) -> None:
    """A torn last line is no event, wherever it is torn."""
    text = "".join(journal_lines(tmp_path / "journal.jsonl"))
    folded = {0: RunRecord()}

    for length in range(0, len(text), 19):
        whole = text[:length].count("\n")
        if whole not in folded:
            folded[whole] = fold(text.splitlines(keepends=True)[:whole])

        assert folded[whole] == fold(text[:length].splitlines(keepends=True))


def test_a_line_without_its_end_is_no_event(tmp_path: Path) -> None:
    """Even when all that is missing is the line feed: nobody knows that the line is whole."""
    lines = journal_lines(tmp_path / "journal.jsonl")

    assert fold(lines[:-1]) == fold([*lines[:-1], lines[-1].rstrip("\n")])


def test_lines_are_the_contracts(tmp_path: Path) -> None:
    """Numbered from 1, each with time, UTC, event and data; the first names the plan."""
    lines = [json.loads(line) for line in journal_lines(tmp_path / "journal.jsonl")]

    assert list(range(1, len(lines) + 1)) == [line["n"] for line in lines]
    assert {("n", "t", "at", "event", "data")} == {tuple(line) for line in lines}
    assert ("plan", 64) == (lines[0]["event"], len(lines[0]["data"]["sha256"]))


def test_unknown_events_are_passed_over(tmp_path: Path) -> None:
    """A journal of a later version folds as far as it is understood."""
    lines = journal_lines(tmp_path / "journal.jsonl")
    at = "2026-01-02T03:04:05.000Z"
    strange = json.dumps({"n": 9, "t": 0.0, "at": at, "event": "eclipse", "data": {"of": "the moon"}}) + "\n"

    assert fold(lines) == fold([*lines[:5], strange, *lines[5:]])


def test_the_first_reason_to_stop_counts(tmp_path: Path) -> None:
    """What is journalled while cleaning up does not hide why."""
    journal = Journal(tmp_path / "journal.jsonl", HandClock())
    journal.write("stopped", {"kind": "NotRecovered", "message": "first"})
    journal.write("stopped", {"kind": "Bug", "message": "second"})
    journal.write("activity failed", {"message": "customers: reset"})
    journal.close()

    record = fold((tmp_path / "journal.jsonl").read_text().splitlines(keepends=True))

    assert Stopped(kind="NotRecovered", message="first") == record.stopped
    assert (("customers: reset",), False) == (record.failed_activities, record.complete)


def test_a_phase_that_fails(tmp_path: Path) -> None:
    """It ends with the name of the error, which goes on; so does a phase of the same name, again."""
    clock = HandClock()
    journal = Journal(tmp_path / "journal.jsonl", clock)
    with journal.phase("up"):
        clock.t = 1.0
    clock.t = 2.0
    with pytest.raises(KeyboardInterrupt), journal.phase("up"):
        raise KeyboardInterrupt
    journal.close()

    spans = fold((tmp_path / "journal.jsonl").read_text().splitlines(keepends=True)).spans

    assert [("up", 0.0, 1.0, ""), ("up", 2.0, 2.0, "KeyboardInterrupt")] == [
        (span.name, span.begin_s, span.end_s, span.error) for span in spans
    ]


def test_marks_in_memory_are_those_on_disk(tmp_path: Path) -> None:
    """Rounded alike, so that whoever judges while the run lasts sees what a later judge sees."""
    journal = Journal(tmp_path / "journal.jsonl", HandClock(1.23456789))
    returned = journal.mark("T0"), journal.mark("T1", 2.3456789), journal.write("other", t=3.4567891)
    journal.close()

    marks = fold((tmp_path / "journal.jsonl").read_text().splitlines(keepends=True)).marks
    assert {"T0": 1.234568, "T1": 2.345679} == marks == journal.marks
    assert (1.234568, 2.345679, 3.456789) == returned


def test_a_journal_is_not_overwritten(tmp_path: Path) -> None:
    """Evidence of one run is never another's to replace."""
    (tmp_path / "journal.jsonl").write_text("old\n")

    with pytest.raises(FileExistsError):
        Journal(tmp_path / "journal.jsonl", HandClock())
    assert "old\n" == (tmp_path / "journal.jsonl").read_text()


def test_a_step_of_the_wall_clock_moves_nothing() -> None:
    """Durations are monotonic; the wall clock is read once."""
    ticks, walls = iter([100.0, 107.5]), iter([BEGAN, BEGAN + timedelta(days=1)])
    clock = Clock(monotonic=lambda: next(ticks), wall=lambda: next(walls))

    assert 7.5 == clock.now()
    assert "2026-01-02T03:04:12.500Z" == clock.at(7.5)
    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) == clock.began
