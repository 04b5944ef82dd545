"""What the documents say is so: names, paths, commands, links, examples."""

from __future__ import annotations

import dataclasses
import inspect
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from blackstart import catalogue, drill, procedure_page, registry, scenario, validation, verdict
from blackstart.checks.base import Check
from blackstart.cli import app
from blackstart.drill_result import DrillResult, RunResult
from blackstart.drilling import reading
from blackstart.errors import ExitCode
from blackstart.faults.base import Injectable
from blackstart.planning import check_file
from blackstart.procedures.base import Procedure

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "blackstart"
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
DOCS = ROOT / "docs"
CONTRACT = DOCS / "contract.md"
MAP = DOCS / "whats-here.md"
MARKDOWN = (README, CONTRIBUTING, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))

# A module shorter than this says nothing that its folder's name does not.
LEAST_LINES = 6
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.>}/-])/(?:root|home|tmp|work|Users)\b",
    "a registry's host": r"\b(?:docker\.io|ghcr\.io|gcr\.io|quay\.io|pypi\.org|npmjs\.(?:com|org))\b",
    "an issue's number": r"(?<![\w&/])#\d+\b",
    "a note to oneself": r"\b(?:TODO|FIXME|XXX|TBD)\b",
    "praise": r"(?i)\b(?:seamless\w*|effortless\w*|powerful|robust|blazing\w*|cutting[- ]edge|state[- ]of[- ]the[- ]art"
    r"|world[- ]class|best[- ]in[- ]class|enterprise[- ]grade|next[- ]gen\w*|revolution\w*|comprehensive|leverag\w+"
    r"|easy|easily|simply|elegant\w*)\b",
}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def named(path: Path) -> str:
    """A document's name, for the ids of tests."""
    return str(path.relative_to(ROOT))


def blocks(path: Path, *languages: str) -> list[str]:
    """The fenced blocks of a document in some languages."""
    found = re.findall(r"^```(\w+)\n(.*?)^```$", text_of(path), re.MULTILINE | re.DOTALL)
    return [content for language, content in found if language in languages]


def sections(path: Path) -> dict[str, str]:
    """Second-level heading to the text below it."""
    parts = re.split(r"^## (.+)$", text_of(path), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def typed(path: Path) -> Iterator[list[str]]:
    """The commands that a document shows, in words; variables set before a command are left out."""
    lines = [line for block in blocks(path, "sh") for line in block.splitlines()]
    lines += [line[2:] for block in blocks(path, "console") for line in block.splitlines() if line.startswith("$ ")]
    for line in lines:
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words:
            yield words


def commands() -> dict[str, Any]:
    """Every command of the command line by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def parse(words: Sequence[str]) -> None:
    """Parse a blackstart command as the command line would; raises if it would refuse it."""
    group: Any = typer.main.get_command(app)
    context = group.make_context("blackstart", list(words))
    name, command, rest = group.resolve_command(context, list(words))
    command.make_context(name, rest, parent=context)


def slug(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def own_fields(extension: type) -> list[str]:
    """The YAML keys that an extension has beside those that all of its kind share."""
    shared = {field.name for field in dataclasses.fields(scenario.Fault)}
    return [field.name for field in dataclasses.fields(extension) if field.name not in shared]


def members(kind: type) -> set[str]:
    return {name for name in (*vars(kind), *vars(kind).get("__annotations__", {})) if not name.startswith("_")}


@pytest.mark.parametrize("document", [README, CONTRACT], ids=named)
def test_every_command_is_documented(document: Path) -> None:
    """README shows each command, and the contract defines it."""
    shown = set(re.findall(r"^blackstart (\w+)", text_of(document), re.MULTILINE))

    assert commands().keys() - shown == set()


def test_every_option_is_in_the_contract() -> None:
    """An option that the contract does not name is a promise that nobody made."""
    options = {option for command in commands().values() for p in command.params for option in p.opts}
    contract = text_of(CONTRACT)

    assert [o for o in sorted(options) if o.startswith("--") and o not in contract] == []


@pytest.mark.parametrize(
    ("page", "extensions"),
    [
        ("faults.md", registry.faults()),
        ("procedures.md", registry.procedures()),
        ("checks.md", registry.checks()),
    ],
)
def test_every_extension_has_its_paragraph(page: str, extensions: dict[str, type]) -> None:
    """Each fault, procedure and check has a section of its own, and no section is about one that is gone."""
    names = [heading for heading in sections(DOCS / page) if re.fullmatch(r"[a-z-]+", heading)]

    assert sorted(extensions) == sorted(names)


@pytest.mark.parametrize(
    ("page", "extensions"), [("faults.md", registry.faults()), ("procedures.md", registry.procedures())]
)
def test_every_parameter_is_in_its_paragraph(page: str, extensions: dict[str, type]) -> None:
    """Who reads a section learns every key that it takes."""
    found = sections(DOCS / page)
    missing = [
        f"{name}: {field}"
        for name, extension in extensions.items()
        for field in own_fields(extension)
        if f"`{validation.key_of(field)}`" not in found[name]
    ]

    assert missing == []


@pytest.mark.parametrize("page", ["procedures.md", "checks.md"])
def test_every_paragraph_tells_what_it_cannot_show(page: str) -> None:
    """Parameters, needs, witness, limits: each section has all four."""
    wanted = ("Parameters", "Needs", "Witness", "Cannot show")
    missing = [
        f"{heading}: {word}"
        for heading, body in sections(DOCS / page).items()
        if re.fullmatch(r"[a-z-]+", heading)
        for word in wanted
        if f"**{word}**" not in body
    ]

    assert missing == []


def test_every_module_is_on_the_map() -> None:
    """Each module with something in it is named by its path relative to the package."""
    modules = [path for path in sorted(PACKAGE.rglob("*.py")) if len(text_of(path).splitlines()) >= LEAST_LINES]
    shown = text_of(MAP)

    assert [str(m.relative_to(PACKAGE)) for m in modules if f"`{m.relative_to(PACKAGE)}`" not in shown] == []


def test_every_path_on_the_map_exists() -> None:
    """The map names nothing that is gone."""
    paths = re.findall(r"`([\w/-]+(?:\.(?:py|sql|html|sh|yaml)|/Dockerfile))`", text_of(MAP))

    assert paths
    assert [path for path in paths if not (PACKAGE / path).is_file()] == []


@pytest.mark.parametrize("document", [README, CONTRACT], ids=named)
def test_every_exit_code_is_documented(document: Path) -> None:
    """The table of exit codes has exactly the codes that there are, in README and in the contract."""
    rows = re.findall(r"^\| (\d+) \|", sections(document)["Exit codes"], re.MULTILINE)

    assert [int(code) for code in ExitCode] == [int(row) for row in rows]


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("", scenario.Scenario),
        ("seed.", scenario.SeedSpec),
        ("workload.", scenario.Workload),
        ("backup.", scenario.BackupSpec),
        ("verify.", scenario.Verify),
        ("objectives.", scenario.Objectives),
        ("production.", scenario.Production),
        ("", scenario.Fault),
        ("after.", scenario.After),
        ("after.since_backup.", scenario.SinceBackup),
        ("expect.", scenario.Expect),
    ],
)
def test_every_key_of_a_scenario_is_in_the_contract(prefix: str, kind: type) -> None:
    """Each key has its row, or rows for the keys below it."""
    rows = set(re.findall(r"`([\w.]+)`", sections(CONTRACT)["Scenario files"]))
    keys = {"procedures": "procedure", "for_": "for"}
    wanted = [prefix + keys.get(field.name, field.name) for field in dataclasses.fields(kind)]

    assert [key for key in wanted if not any(row == key or row.startswith(f"{key}.") for row in rows)] == []


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        ("", verdict.Verdict),
        ("rto.", verdict.Rto),
        ("rpo.", verdict.Rpo),
        ("detections.", verdict.Detection),
    ],
)
def test_every_field_of_a_verdict_is_in_the_contract(prefix: str, kind: type) -> None:
    """Nobody has to guess what a figure means."""
    section = sections(CONTRACT)["verdict.json"]
    rows = set(re.findall(r"`([\w.]+)`", section))
    wanted = [prefix + field.name for field in dataclasses.fields(kind)]

    assert [key for key in wanted if not any(row == key or row.startswith(f"{key}.") for row in rows)] == []


@pytest.mark.parametrize(
    ("section", "kind"),
    [("Drill files", drill.Drill), ("The drill's folder", DrillResult), ("The drill's folder", RunResult)],
)
def test_every_key_of_a_drill_is_in_the_contract(section: str, kind: type) -> None:
    """Those of its file, and those of its result."""
    rows = set(re.findall(r"`([\w.]+)`", sections(CONTRACT)[section]))

    assert {field.name for field in dataclasses.fields(kind)} - rows == set()


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(verdict.CheckResult)])
def test_every_field_of_a_check_is_in_the_contract(field: str) -> None:
    """What `checks` of verdict.json holds is named where verdict.json is."""
    assert f"`{field}`" in sections(CONTRACT)["verdict.json"]


@pytest.mark.parametrize("path", SCENARIOS, ids=named)
def test_every_scenario_is_valid_and_documented(path: Path) -> None:
    """A scenario that ships can be run, has its file's name, and README or the page of faults tells of it."""
    assert path.stem == check_file(path).name
    assert f"`{path.stem}`" in text_of(README) + text_of(DOCS / "faults.md")


def test_the_page_of_faults_is_what_the_code_says() -> None:
    """It is written by a command, and that was run."""
    assert catalogue.page() == text_of(DOCS / "faults.md"), "python -m blackstart.catalogue > docs/faults.md"


def test_the_page_of_procedures_is_what_the_code_says() -> None:
    """`python -m blackstart.procedure_page > docs/procedures.md` makes it so."""
    assert text_of(DOCS / "procedures.md") == procedure_page.page()


def test_every_procedure_is_among_the_choices() -> None:
    """Whoever chooses hears of all of them."""
    page = text_of(DOCS / "choosing-a-procedure.md")

    assert [name for name in registry.procedures() if f"(procedures.md#{name})" not in page] == []


def test_the_example_is_the_scenario_that_ships() -> None:
    """README's complete example is a file that the tests run."""
    assert [text_of(ROOT / "scenarios" / "delete-database-volume.yaml")] == blocks(README, "yaml")


@pytest.mark.parametrize("path", [README, *sorted(DOCS.rglob("*.md"))], ids=named)
def test_every_scenario_in_a_document_is_valid(path: Path, tmp_path: Path) -> None:
    """What a reader copies out of a document is accepted."""
    for number, content in enumerate(blocks(path, "yaml")):
        file = tmp_path / f"example-{number}.yaml"
        file.write_text(content, encoding="utf-8")

        assert (reading.check if reading.is_drill(file) else check_file)(file).title


@pytest.mark.parametrize("path", [README, CONTRIBUTING], ids=named)
def test_every_command_line_is_understood(path: Path) -> None:
    """Each `blackstart` command line has a command, arguments and options that exist."""
    lines = [words for words in typed(path) if words[0] == "blackstart"]

    assert lines
    for words in lines:
        parse(words[1:])


@pytest.mark.parametrize("words", ["run x --engine swarm", "run x --jobs 2", "run", "drill x --jobs many"])
def test_a_wrong_command_line_is_noticed(words: str) -> None:
    """The test above can fail: an unknown value, option or command, and a missing argument."""
    with pytest.raises(Exception, match=r"(?i)swarm|no such option|missing|no such command|valid integer"):
        parse(words.split())


@pytest.mark.parametrize("path", [README, CONTRIBUTING], ids=named)
def test_every_make_target_exists(path: Path) -> None:
    """Each `make TARGET` in a document is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    wanted = {words[1] for words in typed(path) if words[0] == "make"}
    wanted |= set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z]+)[^`]*`", text_of(path)))

    assert {"drill", "test"} <= wanted
    assert wanted - targets == set()


@pytest.mark.parametrize("path", MARKDOWN, ids=named)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    """A link's file exists, and so does the heading that it names."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(path)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name) if name else path
        headings = re.findall(r"^#+ (.+)$", text_of(target), re.MULTILINE) if target.suffix == ".md" else []
        if not target.exists() or (anchor and anchor not in map(slug, headings)):
            broken.append(link)

    assert broken == []


def test_every_decision_is_listed() -> None:
    """The list of decisions has them all."""
    listed = re.findall(r"\]\(([\w-]+\.md)\)", text_of(DOCS / "decisions" / "README.md"))
    there = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))

    assert there == listed


@pytest.mark.parametrize("path", MARKDOWN, ids=named)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_documents_speak_of_the_project_alone(path: Path, what: str) -> None:
    """No machine's paths, no registries, no numbers of issues, no notes, no praise."""
    found = [match.group() for match in re.finditer(FORBIDDEN[what], text_of(path))]

    assert found == []


def test_readme_begins_with_a_drill() -> None:
    """The first 30 lines hold the command, its verdict, the report's path, the plot and where to go next."""
    top = "\n".join(text_of(README).splitlines()[:30])
    wanted = ("$ make drill", "\nPASS ", "RTO actual", "RPO actual", "report.html", "The plot:", "Next:")

    assert [part for part in wanted if part not in top] == []


TUTORIALS = [block for page in (CONTRIBUTING, DOCS / "adding-a-fault.md") for block in blocks(page, "python")]


def executed(code: str) -> dict[str, Any]:
    """The names that a code block defines; its imports must resolve."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "a tutorial", "exec", dont_inherit=True), names)
    return names


@pytest.mark.parametrize(("name", "kind"), [("HaltService", Injectable), ("Nothing", Procedure), ("OrderItems", Check)])
def test_the_first_step_of_each_tutorial_is_an_extension(name: str, kind: type) -> None:
    """The fault, procedure and check that do nothing have all that their Protocol asks for, as it asks for it."""
    names = [executed(block) for block in TUTORIALS]
    (made,) = [found["EXTENSION"] for found in names if name in found]
    wanted = members(kind)

    assert {member for member in wanted if not hasattr(made, member) and member not in own_names(made)} == set()
    for member in wanted:
        if inspect.isfunction(vars(kind).get(member)):
            assert list(inspect.signature(getattr(kind, member)).parameters) == list(
                inspect.signature(getattr(made, member)).parameters
            )


def own_names(made: type) -> set[str]:
    return {field.name for field in dataclasses.fields(made)} if dataclasses.is_dataclass(made) else set()


@pytest.mark.parametrize("number", range(len(TUTORIALS)))
def test_every_code_block_of_a_tutorial_runs(number: int) -> None:
    """What is imported exists, and what is defined can be defined."""
    assert executed(TUTORIALS[number])
