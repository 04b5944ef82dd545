"""JUnit XML: one test case a check, or of a drill a run, so that any CI shows which one was red."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

from blackstart.drill_result import DrillResult
from blackstart.verdict import CheckResult, Verdict

_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(verdict: Verdict) -> str:
    """The suite; the verdict itself is its first case."""
    outcomes = Counter(check.outcome for check in verdict.checks)
    red = verdict.verdict != "pass"
    suite = ElementTree.Element(
        "testsuite",
        name=f"blackstart.{verdict.scenario}",
        timestamp=verdict.started,
        tests=str(len(verdict.checks) + 1),
        failures=str(outcomes["fail"] + (verdict.verdict in ("fail", "missed"))),
        errors=str(outcomes["error"] + (verdict.verdict == "inconclusive")),
        skipped=str(outcomes["not_applicable"]),
    )
    case = ElementTree.SubElement(suite, "testcase", classname=verdict.scenario, name="verdict")
    if red:
        kind = "error" if verdict.verdict == "inconclusive" else "failure"
        ElementTree.SubElement(case, kind, message=_clean(verdict.verdict)).text = _clean("\n".join(verdict.reasons))
    for check in verdict.checks:
        _case(suite, verdict, check)
    return _text(suite)


def render_drill(found: DrillResult) -> str:
    """The suite of a drill: a case a run; what was not started proves nothing, which is an error."""
    words = Counter(run.verdict for run in found.runs)
    suite = ElementTree.Element(
        "testsuite",
        name=f"blackstart.{found.name}",
        timestamp=found.started,
        tests=str(len(found.runs) + len(found.not_started)),
        failures=str(words["fail"] + words["missed"]),
        errors=str(words["inconclusive"] + len(found.not_started)),
        skipped="0",
    )
    for run in found.runs:
        case = ElementTree.SubElement(suite, "testcase", classname=found.name, name=run.scenario)
        if run.verdict != "pass":
            kind = "error" if run.verdict == "inconclusive" else "failure"
            ElementTree.SubElement(case, kind, message=run.verdict).text = _clean("\n".join(run.reasons))
    for absent in found.not_started:
        case = ElementTree.SubElement(suite, "testcase", classname=found.name, name=absent.scenario)
        ElementTree.SubElement(case, "error", message=_clean(f"not started: {absent.reason}"))
    return _text(suite)


def _text(suite: ElementTree.Element) -> str:
    ElementTree.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, verdict: Verdict, check: CheckResult) -> None:
    name = f"{check.name} {check.subject} ({check.stage})"
    case = ElementTree.SubElement(suite, "testcase", classname=f"{verdict.scenario}.{check.name}", name=_clean(name))
    tag = {"fail": "failure", "error": "error", "not_applicable": "skipped"}.get(check.outcome)
    if tag:
        text = "\n".join([f"expected: {check.expected}", f"actual: {check.actual}", *check.differences])
        ElementTree.SubElement(case, tag, message=_clean(check.reason)).text = _clean(text)


def _clean(text: str) -> str:
    """XML 1.0 has no control characters but tab and line feed, no surrogates, and two holes more."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
