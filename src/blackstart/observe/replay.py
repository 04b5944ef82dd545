"""Whether two texts of one definition mean the same to the server.

What PostgreSQL writes of an expression is not always what it writes once it has read that again: `x IN
('a', 'b')` on varchar changes its casts, and with it every view over it. So both texts are given to the
server, which writes them anew. An expression becomes part of a view over the table that it speaks of; a
rule is put on an empty copy of its table; a function gets another name. All of it is temporary, takes no
lock that anybody waits for, and is rolled back.
"""

from __future__ import annotations

from typing import Any

import psycopg

from blackstart.evidence import Facts

_EXPRESSIONS = {"default", "generated", "check", "using", "with check", "when", "where", "keys", "columns"}
_FUNCTIONS = {"arguments", "sql body"}
REPLAYED = _EXPRESSIONS | _FUNCTIONS | {"query", "rule"}
"""The facts whose text may change without their meaning."""


def same(connection: psycopg.Connection[Any], kind: str, fact: str, expected: Facts, actual: Facts) -> bool:
    """Whether the server writes both in the same words; what it does not even understand is not the same."""
    if fact not in REPLAYED or not expected.get(fact) or not actual.get(fact):
        return False
    try:
        was, found = (_rewritten(connection, kind, fact, facts) for facts in (expected, actual))
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        return False
    return bool(was == found)


def _rewritten(connection: psycopg.Connection[Any], kind: str, fact: str, facts: Facts) -> Any:
    with connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('search_path', '', true)")
        # Not the shop's business what is made and unmade here; the setting is there from version 17 on.
        connection.execute("SELECT set_config(name, 'off', true) FROM pg_settings WHERE name = 'event_triggers'")
        if fact == "rule":
            return _rule(connection, facts)
        if fact in _FUNCTIONS:
            return _function(connection, facts)
        query = facts[fact] if fact == "query" else _query(kind, fact, facts)
        _execute(connection, f"CREATE TEMP VIEW replayed AS {query}")
        return connection.execute("SELECT pg_get_viewdef('pg_temp.replayed'::regclass)").fetchone()


def _query(kind: str, fact: str, facts: Facts) -> str:
    """An expression, or a list of them, where its names mean what they mean at home."""
    source = ""
    if kind == "triggers":
        source = f" FROM {facts['table']} AS old, {facts['table']} AS new"
    elif kind == "domain constraints":
        source = f" FROM (SELECT NULL::{facts['type']} AS value) AS domain"
    elif "table" in facts:
        source = f" FROM {facts['table']}"
    return f"SELECT true AS replayed{source} WHERE ROW({facts[fact]}) IS NULL"


def _rule(connection: psycopg.Connection[Any], facts: Facts) -> Any:
    _execute(connection, f"CREATE TEMP TABLE replayed (LIKE {facts['table']})")
    _execute(connection, facts["rule"].replace(f" TO {facts['table']}", " TO pg_temp.replayed", 1))
    query = "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = 'pg_temp.replayed'::regclass"
    return connection.execute(query).fetchone()


def _function(connection: psycopg.Connection[Any], facts: Facts) -> Any:
    kind = "PROCEDURE" if facts.get("kind") == "procedure" else "FUNCTION"
    returns = f"RETURNS {facts['returns']}" if "returns" in facts else ""
    body = f"LANGUAGE sql {facts['sql body']}" if "sql body" in facts else "LANGUAGE plpgsql AS 'BEGIN END'"
    _execute(connection, f"CREATE {kind} pg_temp.replayed({facts.get('arguments', '')}) {returns} {body}")
    query = "SELECT pg_get_function_arguments(oid), pg_get_function_sqlbody(oid) FROM pg_proc WHERE oid = %s::regproc"
    return connection.execute(query, ("pg_temp.replayed",)).fetchone()


def _execute(connection: psycopg.Connection[Any], statement: str) -> None:
    # A definition is a piece of SQL that this very server, or the one before it, has written.
    connection.execute(statement.encode())
