"""Scenario files that must be refused: what each says wrong, and what the message must say."""

from __future__ import annotations

from dataclasses import dataclass

GOOD = b"""name: x
title: T
backup: {procedure: pg-dump, every: 5s}
faults:
  - {kind: delete-volume, volume: postgres_data}
restore: {procedure: pg-dump}
"""
"""A valid file; the cases are changes to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file's bytes, and the problem that must be found in it."""

    id: str
    text: bytes
    line: int
    key: str
    what: str
    allowed: str


def case(name: str, text: bytes, line: int, key: str, what: str, allowed: str) -> Case:
    """A case, written in one line."""
    return Case(id=name, text=text, line=line, key=key, what=what, allowed=allowed)


def changed(old: bytes, new: bytes) -> bytes:
    """The valid file with one thing changed."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def more(line: bytes) -> bytes:
    """The valid file with one line more, its seventh."""
    return GOOD + line + b"\n"


def fault(rest: bytes) -> bytes:
    """The valid file with more in its fault."""
    return changed(b"volume: postgres_data", b"volume: postgres_data, " + rest)


_BOMB = b"name: x\na: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (letter, letter, b",".join([b"*%c" % (letter - 1)] * 10))
    for letter in range(ord("b"), ord("j"))
)
_DEEP_BY_ALIAS = b"name: x\na0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d %s*a%d%s\n" % (i, i, b"[" * 40, i - 1, b"]" * 40) for i in range(1, 4)
)
_NO_BACKUP = changed(b"backup: {procedure: pg-dump, every: 5s}\n", b"")

SYNTAX = [
    case("tab-indentation", b"name: x\nseed:\n\tscale: small\n", 3, "", "'\\t'", "YAML"),
    case("unclosed-bracket", b"name: x\ntitle: [a, b\nwhy: z\n", 3, "", "flow sequence (begun on line 2)", "YAML"),
    case("unclosed-brace", b"name: {x\n\n\n", 1, "", "flow mapping (begun on line 1)", "YAML"),
    case("unclosed-quote", b'name: x\ntitle: "abc\nwhy: z\n', 2, "", "quoted scalar (begun on line 2)", "YAML"),
    case("colon-in-value", b"name: x\ntitle: a: b\n", 2, "", "mapping values", "YAML"),
    case("undefined-alias", b"name: x\ntitle: *nope\n", 2, "", "undefined alias 'nope'", "YAML"),
    case("two-documents", b"name: x\ntitle: T\n---\nname: y\n", 3, "", "another document", "YAML"),
    case("duplicate-key", more(b"title: U"), 7, "title", "duplicate key (first on line 2)", "once"),
    case("duplicate-nested", changed(b"5s", b"5s, every: 6s"), 3, "backup.every", "duplicate key", "once"),
    case("billion-laughs", _BOMB, 2, "", "too many values once its aliases are followed", "10,000"),
    case("deep-by-aliases", _DEEP_BY_ALIAS, 3, "", "too deep once its aliases are followed", "50 levels"),
    case("self-in-list", b"name: x\nwhy: &a [*a]\n", 2, "", "contains itself", "end somewhere"),
    case("self-in-mapping", b"name: x\nwhy: &a {b: *a}\n", 2, "", "contains itself", "end somewhere"),
    case("10001-nodes", b"name: x\nwhy: [" + b"1,\n" * 10_001 + b"]\n", 9997, "", "too many values", "10,000"),
    case("flow-200-deep", b"name: x\nwhy: " + b"[" * 200 + b"]" * 200, 2, "", "nested too deep", "50 levels"),
    case("block-200-deep", b"".join(b" " * i + b"k:\n" for i in range(200)), 51, "", "nested too deep", "50 levels"),
    case("dashes-200-deep", b"- " * 200 + b"x", 1, "", "nested too deep", "50 levels"),
    case("tag-python", more(b"why: !!python/object/apply:os.system [id]"), 7, "why", "os.system is not read", "plain"),
    case("tag-binary", more(b"why: !!binary aGVsbG8="), 7, "why", "tag !!binary", "plain"),
    case("tag-custom", more(b"why: !custom x"), 7, "why", "tag !custom", "plain"),
    case("tag-misplaced", more(b"seed: !!map small"), 7, "seed", "tag !!map", "plain"),
    case("tag-int-empty", more(b"why: !!int ''"), 7, "why", "'' cannot be read", "a whole number"),
    case("tag-bool-maybe", more(b"why: !!bool maybe"), 7, "why", "'maybe' cannot be read", "true or false"),
    case("date", changed(b"name: x", b"name: 2024-01-01"), 1, "name", "'2024-01-01' reads as a date", "quotes"),
    case("not-utf-8", b"name: x\ntitle: \xff\xfe\n", 2, "", "byte 15 is not UTF-8", "UTF-8"),
    case("utf-16", "name: x\n".encode("utf-16"), 1, "", "byte 0 is not UTF-8", "UTF-8"),
    case("nul-byte", b"name: x\ntitle: a\x00b\n", 2, "", "control character '\\x00'", "text"),
    case("bell", b"name: x\ntitle: T\nwhy: a\x07b\n", 3, "", "control character '\\x07'", "text"),
    case("no-character", b'name: x\nwhy: "\\UFFFFFFFF"\n', 2, "", "escape that is no character", "U0010FFFF"),
    case("lone-surrogate", changed(b"title: T", b'title: "\\ud800"'), 2, "title", "'\\ud800' cannot be read", "text"),
    case("empty", b"", 1, "", "is empty", "mapping"),
    case("only-a-comment", b"# nothing\n", 1, "", "is empty", "mapping"),
    case("list-at-the-top", b"- a\n", 1, "", "is no mapping", "name, title"),
    case("text-at-the-top", b"hello\n", 1, "", "is no mapping", "name, title"),
    case("too-large", b"name: x\n#" + b"x" * 256_000, 1, "", "too large", "256,000 bytes"),
    case("merge-key", b"base: &b {title: T}\nname: x\n<<: *b\n", 3, "", "'<<' is not read as a key", "names"),
    case("number-as-key", more(b"1: x"), 7, "", "'1' is not read as a key", "quotes"),
    case("null-as-key", more(b"~: x"), 7, "", "'~' is not read as a key", "quotes"),
    case("list-as-key", more(b"? [a, b]\n: x"), 7, "", "a sequence is not read as a key", "names"),
    case("escape-in-key", more(b'"\\e[31m\\n": 1'), 7, "'\\x1b[31m\\n'", "unknown key", "title"),
    case(
        "huge-number",
        more(b"workload: {customers: 0x" + b"f" * 9000 + b"}"),
        7,
        "workload.customers",
        "cannot",
        "a whole",
    ),
]

SHAPE = [
    case("unknown-key", more(b"colour: red"), 7, "colour", "unknown key", "objectives"),
    case("near-miss", more(b"objectivs: {}"), 7, "objectivs", "did you mean objectives?", "objectives"),
    case("unknown-nested", more(b"seed: {scle: small}"), 7, "seed.scle", "did you mean scale?", "scale"),
    case(
        "unknown-in-fault",
        fault(b"colour: red"),
        5,
        "faults[0].colour",
        "unknown key",
        "kind, id, after, during, for, within, expect, volume",
    ),
    case(
        "unknown-in-after", fault(b"after: {backup: 1}"), 5, "faults[0].after.backup", "mean backups?", "since_backup"
    ),
    case(
        "unknown-in-since-backup",
        fault(b"after: {since_backup: {acked: 1}}"),
        5,
        "faults[0].after.since_backup.acked",
        "unknown key",
        "acknowledged, elapsed",
    ),
    case("unknown-in-workload", more(b"workload: {speed: 1}"), 7, "workload.speed", "unknown key", "customers"),
    case(
        "unknown-in-restore", changed(b"restore: {", b"restore: {fast: on, "), 6, "restore.fast", "unknown key", "cache"
    ),
    case(
        "procedures",
        changed(b"restore: {procedure", b"restore: {procedures"),
        6,
        "restore.procedures",
        "unknown",
        "cache",
    ),
    case("text-for-int", more(b"workload: {customers: many}"), 7, "workload.customers", "'many'", "a whole number"),
    case("quoted-int", more(b"workload: {customers: '4'}"), 7, "workload.customers", "'4' has the wrong type", "whole"),
    case("bool-for-int", more(b"workload: {customers: true}"), 7, "workload.customers", "true has", "a whole number"),
    case("float-for-int", more(b"workload: {customers: 1.5}"), 7, "workload.customers", "1.5 has", "a whole number"),
    case("null-for-int", more(b"workload: {customers: }"), 7, "workload.customers", "has no value", "a whole number"),
    case(
        "bool-for-float",
        more(b"workload: {operations_per_second: yes}").replace(b"yes", b"true"),
        7,
        "workload.operations_per_second",
        "true has the wrong type",
        "a number",
    ),
    case("int-for-text", changed(b"title: T", b"title: 5"), 2, "title", "5 has the wrong type", "quotes"),
    case("null-title", changed(b"title: T", b"title:"), 2, "title", "has no value", "text"),
    case("mapping-for-text", changed(b"title: T", b"title: {a: b}"), 2, "title", "a mapping has", "text"),
    case("list-for-mapping", more(b"seed: [small]"), 7, "seed", "a list has the wrong type", "a mapping of scale"),
    case("text-for-mapping", more(b"workload: four"), 7, "workload", "'four' has", "a mapping of customers"),
    case("text-for-backup", changed(b"{procedure: pg-dump, every: 5s}", b"pg-dump"), 3, "backup", "'pg-dump'", "every"),
    case("text-for-restore", changed(b"{procedure: pg-dump}", b"pg-dump"), 6, "restore", "'pg-dump'", "database"),
    case("list-for-after", fault(b"after: [1]"), 5, "faults[0].after", "a list has the wrong type", "elapsed"),
    case("mapping-for-list", b"name: x\ntitle: T\nfaults:\n  kind: x\n", 3, "faults", "is no list", "a list of faults"),
    case("null-for-list", b"name: x\ntitle: T\nfaults:\n", 3, "faults", "is no list", "a list of faults"),
    case("text-for-fault", b"name: x\ntitle: T\nfaults: [a]\n", 3, "faults[0].kind", "has no kind", "delete-volume"),
    case("missing-title", b"name: x\n", 1, "title", "is missing", "value"),
    case("missing-volume", changed(b", volume: postgres_data", b""), 5, "faults[0].volume", "is missing", "value"),
    case("below-range", more(b"workload: {customers: 0}"), 7, "workload.customers", "0 is out of range", "at least 1"),
    case("above-range", more(b"workload: {customers: 257}"), 7, "workload.customers", "257 is out", "at most 256"),
    case("keep-none", changed(b"5s", b"5s, keep: 0"), 3, "backup.keep", "0 is out of range", "at least 1"),
    case("keep-true", changed(b"5s", b"5s, keep: true"), 3, "backup.keep", "true has the wrong type", "a whole number"),
    case("keep-text", changed(b"5s", b"5s, keep: all"), 3, "backup.keep", "'all' has the wrong type", "last, within"),
    case("keep-key", changed(b"5s", b"5s, keep: {dayly: 7}"), 3, "backup.keep.dayly", "mean daily", "weekly"),
    case("keep-last", changed(b"5s", b"5s, keep: {last: 0}"), 3, "backup.keep.last", "0 is out of", "at least 1"),
    case("keep-age", changed(b"5s", b"5s, keep: {within: 60}"), 3, "backup.keep.within", "60 is not", "a duration"),
    case("unknown-scale", more(b"seed: {scale: huge}"), 7, "seed.scale", "'huge' is not known", "small"),
    case("no-unit", changed(b"5s", b"5"), 3, "backup.every", "5 is not allowed", "a duration such as"),
    case("unit-in-words", changed(b"5s", b"5 seconds"), 3, "backup.every", "'5 seconds' is not", "a duration such as"),
    case("negative", changed(b"5s", b"-5s"), 3, "backup.every", "'-5s' is not", "a duration such as"),
    case("unit-forgotten", changed(b"5s", b"1h30"), 3, "backup.every", "'1h30' is not", "a duration such as"),
    case(
        "endless", more(b"objectives: {rto: " + b"9" * 400 + b"d}"), 7, "objectives.rto", "is not", "a duration such as"
    ),
]

SENSE = [
    case(
        "unknown-variable",
        more(b"variables: {MIGRATE: 'yes'}"),
        7,
        "variables.MIGRATE",
        "unknown variable 'MIGRATE'",
        "MIGRATE_AT_BOOT",
    ),
    case("variables-no-mapping", more(b"variables: all"), 7, "variables", "wrong type", "each variable's name"),
    case("variable-no-text", more(b"variables: {MIGRATE_AT_BOOT: 1}"), 7, "variables.MIGRATE_AT_BOOT", "1", "text"),
    case(
        "unknown-fault",
        changed(b"delete-volume", b"set-fire"),
        5,
        "faults[0].kind",
        "fault 'set-fire'",
        "kill-container",
    ),
    case("no-kind", changed(b"kind: delete-volume, ", b""), 5, "faults[0].kind", "has no kind", "delete-volume"),
    case(
        "unknown-procedure",
        changed(b"restore: {procedure: pg-dump}", b"restore: {procedure: pgdump}"),
        6,
        "restore.procedure",
        "unknown procedure 'pgdump'",
        "pg-dump",
    ),
    case(
        "no-procedure", changed(b"restore: {procedure: pg-dump}", b"restore: {}"), 6, "restore", "no procedure", "cache"
    ),
    case(
        "list-for-procedure",
        changed(b"{procedure: pg-dump}", b"{procedure: [a]}"),
        6,
        "restore.procedure",
        "no proc",
        "n",
    ),
    case(
        "wrong-role",
        changed(b"{procedure: pg-dump}", b"{cache: pg-dump}"),
        6,
        "restore.cache",
        "not serve",
        "redis-rdb",
    ),
    case(
        "procedure-beside-a-role",
        changed(b"{procedure: pg-dump}", b"{procedure: pg-dump, database: pg-dump}"),
        6,
        "restore.procedure",
        "beside procedures for single roles",
        "either",
    ),
    case(
        "unknown-option",
        changed(b"{procedure: pg-dump}", b"{procedure: {kind: pg-dump, pace: 3}}"),
        6,
        "restore.procedure.pace",
        "unknown key",
        "format",
    ),
    case(
        "no-backup-procedure",
        changed(b"procedure: pg-dump, every", b"procedure: restart, every"),
        3,
        "backup.procedure",
        "restart makes no backups",
        "pg-dump",
    ),
    case(
        "unknown-volume",
        changed(b"postgres_data", b"pgdata"),
        5,
        "faults[0].volume",
        "volume 'pgdata'",
        "postgres_data",
    ),
    case(
        "unknown-service",
        changed(b"kind: delete-volume, volume: postgres_data", b"kind: kill-container, service: db"),
        5,
        "faults[0].service",
        "unknown service 'db'",
        "database, redis, storefront",
    ),
    case("unknown-stack", more(b"stack: shop"), 7, "stack", "unknown stack 'shop'", "ecommerce"),
    case(
        "restore-missing",
        changed(b"restore: {procedure: pg-dump}\n", b""),
        1,
        "restore",
        "is missing",
        "restart and none",
    ),
    case(
        "restore-without-fault",
        b"name: x\ntitle: T\nrestore: {procedure: restart}\n",
        3,
        "restore",
        "nothing to restore without a fault",
        "no restore",
    ),
    case("restore-without-backup", _NO_BACKUP, 5, "restore.procedure", "nothing backs it up", "restart or none"),
    case(
        "restore-of-another-role",
        changed(b"{procedure: pg-dump}", b"{cache: redis-rdb}"),
        6,
        "restore",
        "no procedure for database",
        "a procedure for database",
    ),
    case(
        "waits-for-no-backup",
        _NO_BACKUP.replace(b"data}", b"data, after: {backups: 1}}").replace(b"procedure: pg-dump", b"procedure: none"),
        4,
        "faults[0].after",
        "waits for a backup, and there is none",
        "a backup schedule",
    ),
    case(
        "unknown-check",
        more(b"verify: {exclude: {row-count: takes too long}}"),
        7,
        "verify.exclude.row-count",
        "unknown check 'row-count' (did you mean row-counts?)",
        "checksums",
    ),
    case(
        "check-that-must-run",
        more(b"verify: {exclude: {ledger: nobody reads it}}"),
        7,
        "verify.exclude.ledger",
        "ledger cannot be left out",
        "invariants",
    ),
    case(
        "no-reason",
        more(b"verify: {exclude: {physical: '         '}}"),
        7,
        "verify.exclude.physical",
        "is no reason",
        "in 10 characters or more",
    ),
    case(
        "short-reason", more(b"verify: {exclude: {physical: slow}}"), 7, "verify.exclude.physical", "'slow' is no", "10"
    ),
    case("null-reason", more(b"verify: {exclude: {physical: }}"), 7, "verify.exclude.physical", "has no value", "text"),
    case(
        "list-for-exclude",
        more(b"verify: {exclude: [physical]}"),
        7,
        "verify.exclude",
        "a list has",
        "each check's name",
    ),
    case("unknown-in-verify", more(b"verify: {skip: {}}"), 7, "verify.skip", "unknown key", "exclude"),
    case(
        "unknown-detector",
        fault(b"expect: {detected_by: row-count}"),
        5,
        "faults[0].expect.detected_by",
        "'row-count' is no check that could find it (did you mean row-counts?)",
        "checksums",
    ),
    case(
        "not-silent", fault(b"expect: {detected_by: row-counts}"), 5, "faults[0].expect", "is not silent", "drop-table"
    ),
    case(
        "writing-detector",
        fault(b"expect: {detected_by: smoke}"),
        5,
        "faults[0].expect.detected_by",
        "'smoke' is no check",
        "ledger",
    ),
    case("no-detector", fault(b"expect: {then: recovered}"), 5, "faults[0].expect.detected_by", "is missing", "value"),
    case(
        "another-ending",
        fault(b"expect: {detected_by: ledger, then: lost}"),
        5,
        "faults[0].expect.then",
        "is not known",
        "recovered",
    ),
    case("lasting-delete", fault(b"for: 5s"), 5, "faults[0].for", "delete-volume does not end by itself", "pause"),
    case("for-ever", fault(b"for: long"), 5, "faults[0].for", "'long' is not allowed", "5s"),
    case(
        "after-nobody",
        fault(b"after: {fault: other}"),
        5,
        "faults[0].after.fault",
        "no earlier fault has the id 'other'",
        "id",
    ),
    case("in-no-recovery", fault(b"during: restore"), 5, "faults[0].during", "strikes a recovery", "an earlier fault"),
    case("during-lunch", fault(b"during: lunch"), 5, "faults[0].during", "'lunch' is not known", "backup"),
    case("name-with-spaces", changed(b"name: x", b"name: My Shop"), 1, "name", "'My Shop' cannot name", "lower-case"),
    case("name-as-path", changed(b"name: x", b"name: ../../etc"), 1, "name", "'../../etc' cannot name", "lower-case"),
    case("name-too-long", changed(b"name: x", b"name: " + b"x" * 61), 1, "name", "cannot name a run", "at most 60"),
    case("name-empty", changed(b"name: x", b"name: ''"), 1, "name", "'' cannot name a run", "lower-case"),
]


def steps(*lines: bytes) -> bytes:
    """The valid file with a restore by these steps, the first of which is on its line 10."""
    text = changed(b"{procedure: pg-dump}", b"\n  database:\n    kind: runbook\n    steps:\n")
    return text.rstrip(b"\n") + b"\n" + b"".join(b"      - {" + line + b"}\n" for line in lines)


def backup_steps(words: bytes) -> bytes:
    """The valid file with a backup by these steps, on its line 3, and no need of them."""
    text = changed(b"{procedure: pg-dump, every: 5s}", b"{database: {kind: runbook, steps: [" + words + b"]}}")
    return text.replace(b"restore: {procedure: pg-dump}", b"restore: {procedure: restart}")


AT = "restore.database.steps[0]"
RUNBOOK = [
    case(
        "no-steps",
        changed(b"{procedure: pg-dump}", b"{database: runbook}"),
        6,
        "restore.database.steps",
        "is miss",
        "value",
    ),
    case(
        "none-at-all",
        changed(b"{procedure: pg-dump}", b"{database: {kind: runbook, steps: []}}"),
        6,
        "restore.database.steps",
        "names no step",
        "at least one",
    ),
    case("unknown-step", steps(b"kind: sql"), 10, f"{AT}.kind", "'sql' is not known", "wait-for"),
    case("step-without-kind", steps(b"run: date"), 10, f"{AT}.kind", "is missing", "value"),
    case(
        "unknown-key-of-a-step",
        steps(b"kind: exec, rum: date"),
        10,
        f"{AT}.rum",
        "unknown key (did you mean run?)",
        "stdin",
    ),
    case(
        "key-of-another-step",
        steps(b"kind: shell, run: date, service: redis"),
        10,
        f"{AT}.service",
        "shell has no such key",
        "stdin",
    ),
    case(
        "second-step",
        steps(b"kind: stop", b"kind: copy, from: a"),
        11,
        "restore.database.steps[1].to",
        "is missing",
        "VOLUME:PATH",
    ),
    case("no-command", steps(b"kind: exec"), 10, f"{AT}.run", "is missing", "a line for sh"),
    case("command-of-numbers", steps(b"kind: exec, run: [sleep, 5]"), 10, f"{AT}.run", "is no command", "a list of"),
    case("command-of-nothing", steps(b"kind: exec, run: []"), 10, f"{AT}.run", "is no command", "a line for sh"),
    case(
        "two-places",
        steps(b"kind: exec, run: date, service: redis, volume: uploads"),
        10,
        f"{AT}.volume",
        "beside a service",
        "either",
    ),
    case(
        "file-outside",
        steps(b"kind: exec, run: cat, stdin: ../../x"),
        10,
        f"{AT}.stdin",
        "no file of the backup folder",
        "dump.sql",
    ),
    case(
        "file-from-the-root",
        steps(b"kind: shell, run: date, stdout: /etc/x"),
        10,
        f"{AT}.stdout",
        "no file of",
        "dump.sql",
    ),
    case(
        "copy-within",
        steps(b"kind: copy, from: a, to: b"),
        10,
        f"{AT}.to",
        "between a volume and the backup",
        "VOLUME:PATH",
    ),
    case(
        "copy-outside",
        steps(b"kind: copy, from: a, to: 'uploads:../b'"),
        10,
        f"{AT}.to",
        "names no file there",
        "VOLUME:PATH",
    ),
    case("step-in-no-time", steps(b"kind: exec, run: date, within: 0s"), 10, f"{AT}.within", "in no time", "above 0s"),
    case("step-without-unit", steps(b"kind: exec, run: date, within: 5"), 10, f"{AT}.within", "", "5s"),
    case(
        "unknown-service-of-a-step",
        backup_steps(b"{kind: stop, service: db}"),
        3,
        "backup.database.steps[0].service",
        "unknown service 'db'",
        "redis",
    ),
    case(
        "unknown-volume-of-a-copy",
        backup_steps(b"{kind: stop}, {kind: copy, from: 'x:b', to: a}"),
        3,
        "backup.database.steps[1].from",
        "unknown volume 'x'",
        "uploads",
    ),
    case(
        "hot-without-a-reason",
        changed(b"{procedure: pg-dump, every: 5s}", b"{database: {kind: volume-archive, hot: true, hot_because: why}}"),
        3,
        "backup.database.hot",
        "files that are read while a service writes to them are of different moments",
        "false, or hot_because with the reason for it, in 10 characters or more",
    ),
    case(
        "a-reason-for-a-cold-copy",
        changed(b"{procedure: pg-dump, every: 5s}", b"{database: {kind: volume-archive, hot_because: for the drill}}"),
        3,
        "backup.database.hot_because",
        "is the reason for a copy that is not hot",
        "hot: true with it",
    ),
    case(
        "one-runbook-for-all",
        changed(b"{procedure: pg-dump}", b"{procedure: {kind: runbook, steps: [{kind: stop}]}}"),
        6,
        "restore.procedure",
        "one role's",
        "database, uploads, cache",
    ),
]

CASES = [*SYNTAX, *SHAPE, *SENSE, *RUNBOOK]
