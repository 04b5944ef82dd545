"""The detection matrix: what each case's copy made the checks say, and what that means. No I/O."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blackstart.errors import ExitCode
from blackstart.evidence import Observation
from blackstart.judge import outcome
from blackstart.selftest.case import Case

SIMPLER: Mapping[str, str] = {
    "exit code": "the restore command's exit status",
    "row counts": "rows of each table, number of files, number of keys",
    "dump diff": "the text of pg_dump",
}
"""What people use instead of a verifier, and what it looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case, and what was said of it."""

    what: str
    kind: str
    """The part of the shop that it is about: the module that the case stands in."""
    found_by: str
    """The check that had to find it; empty: it is healthy."""
    names: str
    red: Sequence[tuple[str, int, str]]
    """Checks that were not green: name, layer, and what each said: what had to be named, or the first thing."""
    named: bool
    """Whether what had to be named was, by the check that had to find it or, if healthy, in some remark."""
    simpler: Mapping[str, bool | None]
    """Whether each simpler way of verifying noticed anything; None: it was not carried out."""
    took_s: float
    error: str = ""
    """Why the case could not be conducted."""
    rows: Sequence[str] = ()
    """The first rows that differ from the healthy database, and how."""

    @property
    def healthy(self) -> bool:
        """Whether nothing may be found."""
        return not self.found_by

    @property
    def found(self) -> bool:
        """Whether the check that had to find it did."""
        return any(check == self.found_by for check, _, _ in self.red)

    @property
    def right(self) -> bool:
        """Found and named; or, where there was nothing to find, left alone."""
        if self.error:
            return False
        return self.named and (not self.red if self.healthy else self.found)

    @property
    def word(self) -> str:
        """What became of it, in a word or two."""
        if self.error:
            return "not conducted"
        if self.healthy:
            return "false alarm" if self.red else "left alone" if self.named else "left alone, not named"
        return "missed" if not self.found else "found, not named" if not self.named else "found and named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All cases."""

    began: str
    engine: str
    took_s: float
    versions: Mapping[str, str]
    lines: Sequence[Line]
    leftovers: Sequence[str] = ()
    stopped: str = ""
    """Why not all cases were conducted."""
    interrupted: bool = False

    @property
    def planted(self) -> list[Line]:
        """Cases in which something was corrupted."""
        return [line for line in self.lines if not line.healthy]

    @property
    def controls(self) -> list[Line]:
        """Cases in which nothing was."""
        return [line for line in self.lines if line.healthy]

    @property
    def code(self) -> ExitCode:
        """1 if anything was missed, misnamed or falsely alarmed; 3 if anything was not conducted."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if any(not line.right and not line.error for line in self.lines):
            return ExitCode.DATA_WRONG
        if self.stopped or not self.planted or not self.controls or any(line.error for line in self.lines):
            return ExitCode.INCONCLUSIVE
        return ExitCode.LEFTOVERS if self.leftovers else ExitCode.PASS

    def to_json(self) -> str:
        """The text of selftest.json."""
        lines = [{**dataclasses.asdict(line), "result": line.word} for line in self.lines]
        value = {**dataclasses.asdict(self), "exit_code": int(self.code), "lines": lines}
        return json.dumps(value, indent=1) + "\n"

    def table(self) -> Iterator[str]:
        """A line for each case: result, who found it, which simpler ways did, and what it was."""
        ways = [name.split()[0] for name in SIMPLER]
        yield f"{'result':<17} {'by layer':<16} {' '.join(f'{way:<5}' for way in ways)} case"
        for line in self.lines:
            layers = ",".join(str(layer) for layer in sorted({layer for _, layer, _ in line.red})) or "–"
            marks = " ".join(f"{_mark(line.simpler.get(name, False)):<5}" for name in SIMPLER)
            yield f"{line.word:<17} {layers:<16} {marks} {line.kind}: {line.what}"
            if not line.right:
                yield from (f"    {check}: {said}" for check, _, said in line.red)
                yield from ([f"    {line.error}"] if line.error else [])

    def summary(self) -> Iterator[str]:
        """The counts, ours first."""
        planted, controls = self.planted, self.controls
        found, named = sum(line.found for line in planted), sum(line.found and line.named for line in planted)
        alarms = sum(bool(line.red) for line in controls)
        yield f"planted {len(planted)}: found {found}, named {named}; healthy {len(controls)}: false alarms {alarms}"
        for name in SIMPLER:
            looked, healthy = _looked(planted, name), _looked(controls, name)
            left_out = len(planted) + len(controls) - len(looked) - len(healthy)
            yield (
                f"{name} alone: found {sum(looked)} of {len(looked)}, false alarms {sum(healthy)} of {len(healthy)}"
                + (f"; not run {left_out} times" if left_out else "")
            )


def line_of(
    case: Case, kind: str, seen: Sequence[Observation], simpler: Mapping[str, bool | None], took_s: float
) -> Line:
    """What the observations of a spoilt copy mean for its case."""
    red = [each for each in seen if outcome(each) in ("fail", "error")]
    by = [each for each in red if each.check == case.found_by and outcome(each) == "fail"]
    naming = [each for each in by if _names(each, case.names)]
    said: dict[str, tuple[str, int, str]] = {}
    for each in (*naming, *red):
        if each in by or each.check != case.found_by:  # a check that could not look has found nothing
            said.setdefault(each.check, (each.check, each.layer, _telling(each, case.names if each in by else "")))
    return Line(
        what=case.what,
        kind=kind,
        found_by=case.found_by,
        names=case.names,
        red=sorted(said.values(), key=lambda one: (one[1], one[0])),
        named=bool(naming) and not (case.alone and _more(by)) if case.found_by else _remarked(case, seen),
        simpler=simpler,
        took_s=took_s,
    )


def not_conducted(case: Case, kind: str, error: str) -> Line:
    """A case that could not be planted: it shows nothing."""
    return Line(
        what=case.what,
        kind=kind,
        found_by=case.found_by,
        names=case.names,
        red=(),
        named=False,
        simpler={},
        took_s=0.0,
        error=error,
    )


def _names(seen: Observation, names: str) -> bool:
    """Whether some difference behind its subject has these words; the subject alone has only if there is none."""
    if not seen.differences:
        return _holds(seen.subject, names)
    return any(_holds(f"{seen.subject}: {difference}", names, beyond=seen.subject) for difference in seen.differences)


def _holds(text: str, names: str, *, beyond: str = "") -> bool:
    """Whether a text has these words beyond how it begins, and not as parts of others: `id = 1` is not in `id = 10`."""
    begin, end = (r"(?<!\w)" if names[:1].isalnum() else ""), (r"(?!\w)" if names[-1:].isalnum() else "")
    found = re.finditer(begin + re.escape(names) + end, text)
    return any(match.end() > len(beyond) for match in found)


def _more(red: Sequence[Observation]) -> bool:
    """Whether a check found more than one thing: at any stage, several observations or several differences."""
    stages = [each.stage for each in red]
    return len(stages) > len(set(stages)) or any(max(each.differing, len(each.differences)) > 1 for each in red)


def _remarked(case: Case, seen: Sequence[Observation]) -> bool:
    """Whether some check remarks what a healthy case says; so it is if that says nothing."""
    texts = (f"{each.subject}: {text}" for each in seen for text in each.warnings)
    return not case.names or any(_holds(text, case.names) for text in texts)


def _looked(lines: Sequence[Line], way: str) -> list[bool]:
    """What a simpler way noticed of those cases on which it was carried out."""
    return [noticed for line in lines if (noticed := line.simpler.get(way, False)) is not None]


def _mark(noticed: bool | None) -> str:
    return "n/r" if noticed is None else "yes" if noticed else "–"


def _telling(seen: Observation, names: str) -> str:
    """The first thing that an observation has to say with `names` in it; if nothing has, the first of all."""
    differences = sorted(seen.differences, key=lambda text: not _holds(f"{seen.subject}: {text}", names))
    what = next(iter(differences), "") or seen.error or f"expected {seen.expected}, found {seen.actual}"
    return f"{seen.subject}: {what}" if seen.subject else what
