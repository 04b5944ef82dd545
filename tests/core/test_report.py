"""Reports show all that the verdict says, to people and to tools, and nothing in them comes alive."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.core.builders import MARKS, make_plan, measured, record_of, seen

from blackstart.evidence import Observation
from blackstart.judge import judge
from blackstart.record import RunRecord, Stopped
from blackstart.report import html, junit, view
from blackstart.verdict import Verdict

HOSTILE = "<b>&\"'</b><script>alert(1)</script>"
CONTROLS = "bell\x07 null\x00 escape\x1b[31m \ufffe\uffff \ud800 \r tab\t"


def hostile(check: str = "x", **more: Any) -> Observation:
    """An observation full of what a browser would act on."""
    return seen(check, "verify", subject=HOSTILE, expected=HOSTILE, **more)


def observed(record: RunRecord, *added: Observation) -> RunRecord:
    """The record with more observations."""
    return replace(record, observations=(*record.observations, *added))


@pytest.fixture
def record(tmp_path: Path) -> RunRecord:
    """A sound run's record."""
    return record_of(tmp_path)


def verdict_of(record: RunRecord, *, lost: tuple[str, ...] = ()) -> Verdict:
    """Its verdict."""
    return judge(make_plan(), record, measured(lost=lost))


def page_of(record: RunRecord, *, lost: tuple[str, ...] = ()) -> str:
    """Its page."""
    return html.render(view.build(make_plan(), record, verdict_of(record, lost=lost)))


BAD = [
    hostile("failed", actual=2, differences=[f"changed: {HOSTILE}"], warnings=[f"remark: {HOSTILE}"]),
    hostile("broken", error=f"could not: {HOSTILE}"),
    hostile("absent", not_applicable=f"not here: {HOSTILE}"),
]


class Tags(HTMLParser):
    """Which tags a page has, whether they are closed in order, and what they refer to."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count it."""
        self.names[tag] += 1
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It closes the one opened last."""
        assert tag == self.open.pop()


def test_a_page_stands_alone(record: RunRecord) -> None:
    """No script, nothing fetched, no handler: it reads the same in ten years, offline."""
    page = page_of(observed(record, *BAD))
    tags = Tags(page)

    assert "http://" not in page
    assert "https://" not in page
    assert "@import" not in page
    assert "url(" not in page
    assert {"script", "img", "link", "iframe", "object", "b"}.isdisjoint(tags.names)
    assert [] == [name for name, _ in tags.attributes if name.startswith("on") or name in ("src", "href")]
    assert [] == tags.open


@pytest.mark.parametrize("bad", BAD, ids=lambda seen: seen.check)
def test_hostile_text_is_only_text(record: RunRecord, bad: Observation) -> None:
    """Names, values and reasons are shown as they are, and mean nothing to a browser."""
    plain, page = page_of(record), page_of(observed(record, bad))

    assert HOSTILE not in page
    assert HOSTILE in unescape(page)
    assert Tags(plain).names.keys() == Tags(page).names.keys()


def test_hostile_text_elsewhere(record: RunRecord) -> None:
    """What stopped a run, what the witness saw and what was left behind are escaped too."""
    witnessed = replace(record.injections[0], target=HOSTILE, witness=HOSTILE)
    bad = replace(
        record,
        stopped=Stopped(kind="NotConducted", message=HOSTILE),
        injections=(witnessed,),
        leftovers=(HOSTILE,),
        environment={HOSTILE: HOSTILE},
        images={"database": HOSTILE},
        backups=tuple(replace(b, error=HOSTILE) for b in record.backups),
    )

    assert HOSTILE not in page_of(bad)
    assert unescape(page_of(bad)).count(HOSTILE) >= 6


def test_everything_is_shown(record: RunRecord) -> None:
    """The verdict's every reason, check, difference, mark, phase, lost write and untested thing."""
    bad, lost = observed(record, *BAD), ("o29", "o30")
    verdict, text = verdict_of(bad, lost=lost), unescape(page_of(bad, lost=lost))

    assert verdict.verdict.upper() in text
    for reason in verdict.reasons:
        assert reason in text
    for check in verdict.checks:
        assert f"<td>{check.name}</td><td>{check.subject}</td>" in text
        assert all(line in text for line in (*check.differences, *check.warnings, check.reason))
    assert all(
        f"<td>{name}</td>" in text
        for name in (*verdict.rto.marks.keys() - {"seeded", "lift"}, *(verdict.rto.phases or {}))
    )
    assert all(f"<td>{name}</td>" in text for name in lost)
    assert all(item["what"] in text and item["reason"] in text for item in verdict.not_tested)
    assert {"database-1", "uploads-1", "cache-1"} == set(re.findall(r"<td>(\w+-1)</td>", text))


def test_only_what_is_wrong_lies_open(record: RunRecord) -> None:
    """What does not apply is no reason to look; what failed, or could not look, is."""
    failed, broken, absent = (page_of(observed(record, bad)).count("<details open>") for bad in BAD)

    assert (1, 1, 0) == (failed, broken, absent)


def test_layers_that_did_not_run_stand_beside_the_verdict(record: RunRecord) -> None:
    """A reader of the first lines knows what green does not speak of."""
    verdict = verdict_of(record)
    silent = [each.layer for each in verdict.layers if each.outcome == "not_run"]
    (line,) = re.findall(r"Layers that did not run: (.*?)</p>", page_of(record))

    assert silent
    assert silent == [int(number) for number in re.findall(r"(\d+) \(", line)]


def test_figures_beside_their_objectives(record: RunRecord) -> None:
    """Both measurements, each with its objective and whether it was met."""
    text = page_of(record, lost=("o29", "o30"))

    assert 2 == text.count('<span class="badge met">met</span>')
    assert ["10.0 s", "2.0 s"] == re.findall(r'<div class="big">(.*?)</div>', text)
    assert "2 of 20 acknowledged writes lost" in text
    assert "within the RPO objective" in text


def test_a_figure_beside_wrong_data_has_met_nothing(record: RunRecord) -> None:
    """However quickly the wrong data came back."""
    text = page_of(observed(record, seen("x", "verify", actual=2)))

    assert "badge met" not in text
    assert 2 == text.count(">not proven</span>")


def test_a_time_that_is_not_over(record: RunRecord) -> None:
    """A shop that did not come back has no recovery time, but more than one."""
    marks = {name: t for name, t in record.marks.items() if name != "T8"}
    stopped = Stopped(kind="NotRecovered", message="not back")
    text = page_of(replace(record, marks=marks, stopped=stopped, given_up_s=46.5))

    assert "&gt; 16.5 s" in text
    assert '<span class="badge not-recovered">not recovered</span>' in text


def test_a_run_that_hardly_began() -> None:
    """The emptiest record has a page and a suite too."""
    empty = RunRecord(stopped=Stopped(kind="NotConducted", message="nothing came up"))
    verdict = judge(make_plan(), empty, measured([], survivors=None))

    assert "nothing came up" in html.render(view.build(make_plan(), empty, verdict))
    assert "No check ran." in html.render(view.build(make_plan(), empty, verdict))
    assert ["verdict"] == [case.get("name") for case in ElementTree.fromstring(junit.render(verdict))]


def test_junit_counts(record: RunRecord) -> None:
    """One case a check and one for the verdict; the counts are those of the cases."""
    suite = ElementTree.fromstring(junit.render(verdict_of(observed(record, *BAD, *BAD[1:]))))
    cases = suite.findall("testcase")
    kinds = Counter(child.tag for case in cases for child in case)

    assert [str(len(cases)), "2", "2", "2"] == [suite.get(n) for n in ("tests", "failures", "errors", "skipped")]
    assert {"failure": 2, "error": 2, "skipped": 2} == kinds
    assert ("verdict", 1) == (cases[0].get("name"), len(cases[0].findall("failure")))
    assert len(record.observations) + 5 + 1 == len(cases)


@pytest.mark.parametrize(
    ("word", "kind", "change"),
    [
        ("pass", None, {}),
        ("fail", "failure", {"stopped": Stopped(kind="NotRecovered", message="m")}),
        ("missed", "failure", {"marks": {**MARKS, "T8": 300.0}}),
        ("inconclusive", "error", {"complete": False}),
    ],
)
def test_junit_of_each_verdict(record: RunRecord, word: str, kind: str | None, change: dict[str, Any]) -> None:
    """CI is red whenever the verdict is not a pass, and says why."""
    verdict = verdict_of(replace(record, **change))
    suite = ElementTree.fromstring(junit.render(verdict))
    case = suite[0]

    assert word == verdict.verdict
    assert [kind] * bool(kind) == [child.tag for child in case]
    assert "\n".join(verdict.reasons) == (case[0].text if kind else "\n".join(verdict.reasons))
    assert (kind is None) == (suite.get("failures") == suite.get("errors") == "0")


def test_junit_survives_any_character(record: RunRecord) -> None:
    """XML has no way to write some characters; the rest of the text is there."""
    bad = seen("x", "verify", subject=CONTROLS, actual=CONTROLS, differences=[CONTROLS, HOSTILE], error="")

    text = junit.render(verdict_of(observed(record, bad)))

    case = ElementTree.fromstring(text.encode())[-1]
    assert "escape\N{REPLACEMENT CHARACTER}[31m" in (case.get("name") or "")
    assert HOSTILE in (case[0].text or "")
    assert "tab\t" in (case[0].text or "")
