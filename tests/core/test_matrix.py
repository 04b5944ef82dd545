"""The detection matrix: what counts as found, as named, as a false alarm, and what that does to the exit code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from blackstart.catalog_differences import singular
from blackstart.errors import ExitCode
from blackstart.evidence import Observation
from blackstart.observe import catalog
from blackstart.selftest import page as page_of
from blackstart.selftest.case import Case, sql, twice
from blackstart.selftest.catalogue import all_cases
from blackstart.selftest.matrix import SIMPLER, Line, Matrix, line_of, not_conducted
from blackstart.stack import STORES

PLANTED = Case(what="a cent", plant=sql(), found_by="checksums", names="product_id = 9")
HEALTHY = Case(what="rows in another order", plant=sql())
REMARKED = Case(what="a newer backup is not complete", plant=sql(), names="database-2")
UNNOTICED = dict.fromkeys(SIMPLER, False)


def seen(check: str, *differences: str, subject: str = "public.products", error: str = "") -> Observation:
    """What a check saw; with differences or an error it is not green."""
    return Observation(
        check=check,
        layer=6,
        subject=subject,
        stage="verify",
        expected=1,
        actual=1,
        differences=differences,
        differing=len(differences),
        error=error,
    )


def line(case: Case, *observations: Observation) -> Line:
    """A case's line, simpler ways having noticed nothing."""
    return line_of(case, "rows", observations, UNNOTICED, 0.1)


NAMED = seen("checksums", "changed row: product_id = 9")
ELSEWHERE = seen("checksums", "changed row: product_id = 8")
COULD_NOT_LOOK = seen("checksums", error="timeout")
GREEN = seen("checksums")
ANOTHER = seen("ledger", "something")

WORDS = {
    "named": (PLANTED, [GREEN, NAMED], "found and named"),
    "another row named": (PLANTED, [ELSEWHERE], "found, not named"),
    "all green": (PLANTED, [GREEN], "missed"),
    "nothing observed": (PLANTED, [], "missed"),
    "another check found it": (PLANTED, [ANOTHER], "missed"),
    "the check could not look": (PLANTED, [COULD_NOT_LOOK], "missed"),
    "it could not look at one table, and named another": (PLANTED, [COULD_NOT_LOOK, NAMED], "found and named"),
    "healthy and green": (HEALTHY, [GREEN], "left alone"),
    "healthy and remarked": (REMARKED, [replace(GREEN, warnings=("passed over: database-2",))], "left alone"),
    "healthy and not remarked": (REMARKED, [GREEN], "left alone, not named"),
    "healthy and red": (HEALTHY, [GREEN, ANOTHER], "false alarm"),
    "healthy, and a check could not look": (HEALTHY, [COULD_NOT_LOOK], "false alarm"),
}


CLOSE_BY = {
    "another row whose number begins alike": (
        "public.products: changed row: product_id = 1",
        seen("checksums", "changed row: product_id = 10"),
    ),
    "the same row of another table": (
        "public.products: changed row: product_id = 9",
        seen("checksums", "changed row: product_id = 9", subject="public.inventory"),
    ),
    "an index of the table": (
        "pages on disk: table shapes.paged",
        seen("checksums", "index paged_body of table shapes.paged (base/5/7), block 1", subject="pages on disk"),
    ),
    "a bare subject": ("cache", seen("checksums", "the file has no end mark", subject="cache")),
    "a longer fact": (
        "tables: changed table zoo.closed: row security:",
        seen("checksums", "changed table zoo.closed: row security forced: yes → nothing", subject="tables"),
    ),
    "a path of a longer name": ("missing: a/b.png", seen("checksums", "missing: a/b.pngx", "missing: aa/b.png")),
}


@pytest.mark.parametrize("what", CLOSE_BY)
def test_what_only_looks_like_a_name_names_nothing(what: str) -> None:
    """Whole words of the subject and one difference together, or it was found by luck."""
    names, observation = CLOSE_BY[what]

    assert line(replace(PLANTED, names=names), observation).word == "found, not named"


def test_a_subject_names_where_nothing_more_is_said() -> None:
    """A count that differs has no differences to list."""
    miscounted = replace(GREEN, expected=3, actual=2)

    assert line(replace(PLANTED, names="public.products"), miscounted).word == "found and named"


ALONE_CASE = replace(PLANTED, alone=True)
NOT_ALONE = {
    "two differences": [seen("checksums", "changed row: product_id = 9", "changed row: product_id = 8")],
    "two observations": [NAMED, seen("checksums", "changed row: id = 3", subject="public.reviews")],
    "more than are listed": [replace(NAMED, differing=30)],
}


@pytest.mark.parametrize("what", NOT_ALONE)
def test_where_one_thing_was_planted_one_thing_is_found(what: str) -> None:
    """A check that names what was planted among other things has alarmed falsely too."""
    assert line(PLANTED, *NOT_ALONE[what]).word == "found and named"
    assert line(ALONE_CASE, *NOT_ALONE[what]).word == "found, not named"


def test_one_thing_may_be_found_at_each_stage_and_by_other_checks() -> None:
    """A state that the ledger explains is looked at twice."""
    assert line(ALONE_CASE, NAMED, replace(NAMED, stage="final"), ANOTHER).word == "found and named"


@pytest.mark.parametrize("what", WORDS)
def test_a_line_says_what_became_of_its_case(what: str) -> None:
    """Only the check that had to find it counts, only a failure is a find, only a name is named."""
    case, observations, word = WORDS[what]

    assert word == line(case, *observations).word


def test_a_line_shows_the_words_that_name() -> None:
    """Of the check that had to find it, whichever difference or observation names; of others, the first."""
    within = line(PLANTED, seen("checksums", "extra row: product_id = 8", "changed row: product_id = 9"))
    later = line(PLANTED, seen("ledger", "something", "about product_id = 9"), ELSEWHERE, NAMED)

    assert [("checksums", 6, "public.products: changed row: product_id = 9")] == within.red
    assert ["public.products: changed row: product_id = 9", "public.products: something"] == [s for *_, s in later.red]
    assert ["public.products: changed row: product_id = 8"] == [s for *_, s in line(PLANTED, ELSEWHERE).red]


def matrix(*lines: Line, leftovers: Sequence[str] = (), stopped: str = "", interrupted: bool = False) -> Matrix:
    """A matrix of these lines."""
    return Matrix(
        began="2026-01-02T03:04:05.000Z",
        engine="embedded",
        took_s=90.0,
        versions={},
        lines=lines,
        leftovers=leftovers,
        stopped=stopped,
        interrupted=interrupted,
    )


FOUND, ALONE = line(PLANTED, NAMED), line(HEALTHY, GREEN)
CODES = {
    "all right": (matrix(FOUND, ALONE), ExitCode.PASS),
    "one missed": (matrix(FOUND, line(PLANTED, GREEN), ALONE), ExitCode.DATA_WRONG),
    "one not named": (matrix(FOUND, line(PLANTED, ELSEWHERE), ALONE), ExitCode.DATA_WRONG),
    "one false alarm": (matrix(FOUND, line(HEALTHY, ANOTHER)), ExitCode.DATA_WRONG),
    "one not conducted": (matrix(FOUND, ALONE, not_conducted(PLANTED, "rows", "no such table")), ExitCode.INCONCLUSIVE),
    "missed weighs more than not conducted": (
        matrix(line(PLANTED, GREEN), ALONE, not_conducted(PLANTED, "rows", "no such table")),
        ExitCode.DATA_WRONG,
    ),
    "nothing planted": (matrix(ALONE), ExitCode.INCONCLUSIVE),
    "no control": (matrix(FOUND), ExitCode.INCONCLUSIVE),
    "one not remarked": (matrix(FOUND, ALONE, line(REMARKED, GREEN)), ExitCode.DATA_WRONG),
    "empty": (matrix(), ExitCode.INCONCLUSIVE),
    "stopped": (matrix(FOUND, ALONE, stopped="the shop did not start"), ExitCode.INCONCLUSIVE),
    "left behind": (matrix(FOUND, ALONE, leftovers=["volume x"]), ExitCode.LEFTOVERS),
    "interrupted": (matrix(line(PLANTED, GREEN), ALONE, stopped="SIGINT", interrupted=True), ExitCode.INTERRUPTED),
}


@pytest.mark.parametrize("what", CODES)
def test_the_exit_code(what: str) -> None:
    """0 only if every case was conducted and is right, and there were cases of both kinds."""
    made, code = CODES[what]

    assert code == made.code
    assert json.loads(made.to_json())["exit_code"] == int(code)


def test_the_summary_counts_ours_and_the_simpler_ways() -> None:
    """Finds, names and false alarms, for us and for each simpler way."""
    noticed = line_of(PLANTED, "rows", [NAMED], {**UNNOTICED, "dump diff": True}, 0.1)
    alarmed = line_of(HEALTHY, "rows", [GREEN], {**UNNOTICED, "dump diff": True}, 0.1)

    assert list(matrix(noticed, line(PLANTED, ELSEWHERE), alarmed).summary()) == [
        "planted 2: found 2, named 1; healthy 1: false alarms 0",
        "exit code alone: found 0 of 2, false alarms 0 of 1",
        "row counts alone: found 0 of 2, false alarms 0 of 1",
        "dump diff alone: found 1 of 2, false alarms 1 of 1",
    ]


def test_what_was_not_run_is_left_out_of_the_totals() -> None:
    """A way that was not carried out on a copy has neither found nor missed anything there."""
    unknown = line_of(PLANTED, "rows", [NAMED], {**UNNOTICED, "exit code": None}, 0.1)
    made = matrix(unknown, FOUND, ALONE)

    assert list(made.summary())[1] == "exit code alone: found 0 of 1, false alarms 0 of 1; not run 1 times"
    assert [text.split()[4] for text in made.table() if text.startswith("found")] == ["n/r", "–"]
    assert page_of.render(made).count("<td>not run</td>") == 1


def test_what_is_not_right_says_why_in_the_table() -> None:
    """Below its line, what the checks said instead."""
    missed = line(PLANTED, ANOTHER)
    table = list(matrix(missed, not_conducted(HEALTHY, "rows", "no such table")).table())

    assert [text.strip() for text in table if text.startswith("    ")] == [
        "ledger: public.products: something",
        "no such table",
    ]


def test_the_page_shows_hostile_text_inert() -> None:
    """Names of rows and files come from the shop's data."""
    hostile = "<script>alert(1)</script>"
    case = Case(what=hostile, plant=sql(), found_by="checksums", names=hostile)
    page = page_of.render(matrix(line(case, seen("checksums", hostile)), ALONE))

    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_the_page_is_legible() -> None:
    """Kinds by their titles, digests cut short, and no column for what nobody said of healthy cases."""
    digest = "3a23a36b1349013fbe633fd68730b6b4"
    found = line(PLANTED, seen("checksums", f"product_id = 9: {digest}"))
    page = page_of.render(matrix(replace(found, kind="keys"), replace(ALONE, kind="unheard-of")))

    assert digest not in page
    assert "3a23a36b1349…" in page
    assert '<a href="#planted-keys">Keys in Redis</a> <span class="soft">1</span>' in page
    assert '<h3 id="healthy-unheard-of">unheard-of ' in page
    assert page.count("checks that were red") == 1
    assert page_of.render(matrix(found, line(HEALTHY, ANOTHER))).count("checks that were red") == 2


def test_the_page_of_a_cut_short_self_test_says_so() -> None:
    """Nobody takes half a matrix for a whole one."""
    page = page_of.render(matrix(FOUND, ALONE, stopped="interrupted by SIGINT", interrupted=True))

    assert "stopped early: interrupted by SIGINT" in page
    assert "INCONCLUSIVE" in page


def test_every_case_is_one_of_its_kind() -> None:
    """No two lines have one name, every finder is a check, and a corruption says what must be named."""
    from blackstart import registry

    cases = [case for group in all_cases().values() for case in group]

    assert twice(cases) == []
    assert {case.found_by for case in cases if case.found_by} <= set(registry.checks())
    assert [case.what for case in cases if case.found_by and not case.names] == []


def test_no_case_is_named_by_what_it_is_about() -> None:
    """A role, a check or a class of object is the subject of all that is said of it, right or wrong."""
    from blackstart import registry

    bare = {
        *STORES,
        "app",
        *registry.checks(),
        *definitions(),
        "files",
        "keys",
        "counters",
        "method",
        "tables",
        "reached",
    }
    cases = [case for group in all_cases().values() for case in group]

    assert [case.what for case in cases if case.names.strip(": ") in bare] == []


def definitions() -> list[str]:
    """The classes of object that the catalog has, as its check calls them."""
    folder = Path(catalog.__file__).parent / "definitions"
    return sorted(path.stem.replace("_", " ") for path in folder.glob("[a-z]*.sql"))


def test_every_class_of_object_is_spoilt_once() -> None:
    """A definition that is read and never compared would show nothing."""
    cases = [case for group in all_cases().values() for case in group if case.found_by == "catalog"]
    heads = [f"{what} {singular(kind)} " for kind in definitions() for what in ("missing", "extra", "changed")]
    said = {head.split(" ", 1)[1] for head in heads for case in cases if case.names.startswith(head)}

    assert sorted(singular(kind) for kind in definitions() if f"{singular(kind)} " not in said) == []
    assert [case.what for case in cases if not case.names.startswith(tuple(heads))] == []


def test_there_are_enough_cases() -> None:
    """At least 70 corruptions and 25 healthy oddities."""
    cases = [case for group in all_cases().values() for case in group]

    assert sum(bool(case.found_by) for case in cases) >= 70
    assert sum(not case.found_by for case in cases) >= 25
