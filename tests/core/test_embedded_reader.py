"""A compose file read without Docker: what is read means what it says; anything else is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from blackstart import stacks
from blackstart.engines.embedded.reader import read_stack
from blackstart.errors import InputRefused
from blackstart.stack import Mount, start_order

GOOD = (stacks.folder("ecommerce") / "compose.yaml").read_text()


def refusals(tmp_path: Path, old: str, new: str) -> list[tuple[str, str, str]]:
    """What is said of the shipped file with one thing changed: the line's text, the key, what is allowed."""
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    path = tmp_path / "compose.yaml"
    path.write_text(text)
    with pytest.raises(InputRefused) as refused:
        read_stack(path)
    assert {str(path)} == {problem.file for problem in refused.value.problems}
    lines = text.splitlines()
    return [(lines[problem.line - 1].strip(), problem.key, problem.allowed) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "allowed"),
    [
        pytest.param(
            "    stop_grace_period: 20s",
            "    network_mode: host",
            "network_mode: host",
            "services.database.network_mode",
            "volumes",
            id="unknown-key-of-a-service",
        ),
        pytest.param("name: ecommerce", "name: a\nnetworks: {}", "networks: {}", "networks", "services", id="networks"),
        pytest.param("name: ecommerce", "name: a\nsecrets: {}", "secrets: {}", "secrets", "x-blackstart", id="secrets"),
        pytest.param(
            "redis_data: {}",
            "redis_data: {external: true}",
            "redis_data: {external: true}",
            "volumes.redis_data.external",
            "no keys",
            id="external-volume",
        ),
        pytest.param(
            "      why: an order without lines sold nothing\n",
            "",
            "order-has-lines:",
            "x-blackstart.invariants.order-has-lines.why",
            "a value",
            id="invariant-without-a-reason",
        ),
        pytest.param(
            "why: an order without lines sold nothing",
            "why: ''",
            "why: ''",
            "x-blackstart.invariants.order-has-lines.why",
            "text without a $",
            id="invariant-with-an-empty-reason",
        ),
        pytest.param(
            "SELECT product_id, stock FROM inventory WHERE stock < 0",
            "SELECT product_id FROM inventory WHERE stock < ${LEAST:-0}",
            "sql: SELECT product_id FROM inventory WHERE stock < ${LEAST:-0}",
            "x-blackstart.invariants.stock-is-not-negative.sql",
            "text without a $",
            id="invariant-with-a-variable",
        ),
        pytest.param(
            "why: an order without lines sold nothing",
            "because: an order without lines sold nothing\n      why: w",
            "because: an order without lines sold nothing",
            "x-blackstart.invariants.order-has-lines.because",
            "sql, why",
            id="unknown-key-of-an-invariant",
        ),
        pytest.param(
            "- 127.0.0.1:${DATABASE_PORT:-5432}:5432",
            "- {target: 5432, published: 5432}",
            "- {target: 5432, published: 5432}",
            "services.database.ports[0]",
            "127.0.0.1:PUBLISHED:TARGET",
            id="long-ports",
        ),
        pytest.param(
            "- 127.0.0.1:${DATABASE_PORT:-5432}:5432",
            '- "5432:5432"',
            '- "5432:5432"',
            "services.database.ports[0]",
            "127.0.0.1:PUBLISHED:TARGET",
            id="port-for-all-the-world",
        ),
        pytest.param(
            "- 127.0.0.1:${DATABASE_PORT:-5432}:5432",
            '- "0.0.0.0:5432:5432"',
            '- "0.0.0.0:5432:5432"',
            "services.database.ports[0]",
            "127.0.0.1:PUBLISHED:TARGET",
            id="any-address",
        ),
        pytest.param(
            "- redis_data:/data",
            "- ./here:/data",
            "- ./here:/data",
            "services.redis.volumes[0]",
            "NAMED-VOLUME",
            id="bind",
        ),
        pytest.param(
            "- redis_data:/data",
            "- redis_data:/data:ro",
            "- redis_data:/data:ro",
            "services.redis.volumes[0]",
            "NAMED-VOLUME",
            id="read-only",
        ),
        pytest.param(
            "- redis_data:/data",
            "- {type: volume, source: redis_data, target: /data}",
            "- {type: volume, source: redis_data, target: /data}",
            "services.redis.volumes[0]",
            "NAMED-VOLUME",
            id="long-volumes",
        ),
        pytest.param(
            "${REDIS_PASSWORD:-by-hand-only}",
            "${REDIS_PASSWORD:?needed}",
            "REDIS_PASSWORD: ${REDIS_PASSWORD:?needed}",
            "services.redis.environment.REDIS_PASSWORD",
            "${NAME:-default}",
            id="variable-with-an-error",
        ),
        pytest.param(
            "${REDIS_IMAGE:-redis:8}",
            "$REDIS_IMAGE",
            "image: $REDIS_IMAGE",
            "services.redis.image",
            "${NAME}",
            id="bare-variable",
        ),
    ],
)
def test_what_is_not_understood_is_refused(
    tmp_path: Path, old: str, new: str, line: str, key: str, allowed: str
) -> None:
    """With its line, its key and what may stand there: a key that is not understood is not obeyed."""
    (found,) = refusals(tmp_path, old, new)

    assert (line, key) == found[:2]
    assert allowed in found[2]


def test_several_at_once(tmp_path: Path) -> None:
    """All that is refused is named in one go."""
    found = refusals(tmp_path, "    restart: unless-stopped", "    privileged: true\n    cap_add: [ALL]")

    assert ["services.database.privileged", "services.database.cap_add"] == [key for _, key, _ in found]


def test_a_duplicate_key_is_refused(tmp_path: Path) -> None:
    """YAML is read as strictly here as anywhere."""
    found = refusals(tmp_path, "    shm_size: 256m", "    shm_size: 256m\n    shm_size: 1g")

    assert [("shm_size: 1g", "services.database.shm_size", "each key once")] == found


def test_the_shipped_stack() -> None:
    """Services in the order in which they start, without those behind a profile, each with its program."""
    stack = read_stack(stacks.folder("ecommerce") / "compose.yaml")

    assert ["database", "redis", "storefront"] == [service.name for service in stack.services]
    assert ["postgres", "redis", "storefront"] == [service.declared.program for service in stack.services]
    assert [5432, 6379, 8000] == [service.port for service in stack.services]
    assert ("database", "redis") == stack.service("storefront").depends_on
    assert (Mount(volume="uploads", target="/srv/uploads"), Mount(volume="logs", target="/srv/logs")) == (
        stack.service("storefront").mounts
    )
    assert ("logs", "postgres_data", "redis_data", "uploads") == stack.volumes
    assert "critical" == stack.roles["database"].data_class


def test_variables() -> None:
    """Given ones win over defaults; an empty one counts as not given; a doubled dollar is one."""
    path = stacks.folder("ecommerce") / "compose.yaml"

    given = read_stack(path, {"POSTGRES_PASSWORD": "secret", "REDIS_IMAGE": ""})

    assert "secret" == given.service("database").environment["POSTGRES_PASSWORD"]
    assert "secret" == given.service("storefront").environment["POSTGRES_PASSWORD"]
    assert ("postgres:17", "redis:8") == (given.service("database").image, given.service("redis").image)
    assert "by-hand-only" == read_stack(path).service("database").environment["POSTGRES_PASSWORD"]


def test_who_is_struck() -> None:
    """A service or a volume says which data is damaged; the app's own volume holds none."""
    stack = read_stack(stacks.folder("ecommerce") / "compose.yaml")

    assert ("database",) == stack.roles_of(volume="postgres_data") == stack.roles_of(service="database")
    assert ("uploads",) == stack.roles_of(service="storefront")
    assert () == stack.roles_of(volume="logs")
    assert ("storefront",) == stack.users_of("uploads")


def test_start_order() -> None:
    """Dependencies first, by name where it does not matter; a circle is an error that shows it."""
    assert ("a", "c", "b") == start_order({"b": ("c",), "c": ("a",), "a": ()})
    with pytest.raises(ValueError, match=r"in a circle: (a → b → a|b → a → b)"):
        start_order({"a": ("b",), "b": ("a",)})
