"""The storefront's own logic, without stores: what it accepts, what it refuses, how files are made."""

import json
import sys
from pathlib import Path

import pytest

import blackstart

sys.path.insert(0, str(Path(blackstart.__file__).parent / "stacks" / "ecommerce"))

from storefront import forms, uploads
from storefront.errors import Refused
from storefront.forms import Call, Item
from storefront.settings import Address, Settings, SettingsError
from storefront.stores import Stores

KEY = "0b2006bb-78dd-41b0-a574-823d64e79c01"
ENVIRONMENT = {
    "LISTEN": "127.0.0.1:8000",
    "DATABASE_ADDRESS": "database:5432",
    "POSTGRES_USER": "shop",
    "POSTGRES_DB": "shop",
    "POSTGRES_PASSWORD": "secret-1",
    "REDIS_ADDRESS": "[::1]:6379",
    "REDIS_PASSWORD": "secret-2",
    "UPLOADS_DIR": "/srv/uploads",
    "LOGS_DIR": "/srv/logs",
    "LOG_RUN": "by-hand",
    "SERVED_BY": "database",
}


def call(path: dict[str, str] | None = None, key: str = KEY, body: object = None) -> Call:
    return Call(path or {}, {}, {"idempotency-key": key}, json.dumps(body).encode())


def test_settings_keep_passwords_out_of_their_text() -> None:
    """Printing the settings shows no password."""
    settings = Settings.from_environment(ENVIRONMENT)

    assert settings.redis == Address("::1", 6379)
    assert "secret" not in repr(settings)


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_settings_name_what_is_missing(name: str) -> None:
    """A missing variable is named."""
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**ENVIRONMENT, name: ""})


@pytest.mark.parametrize("run", ["two words", "a\nb", "\x1e", "Ä"])
def test_a_run_is_one_word(run: str) -> None:
    """A log's frames are told apart by spaces."""
    with pytest.raises(SettingsError, match="LOG_RUN must be one word"):
        Settings.from_environment({**ENVIRONMENT, "LOG_RUN": run})


@pytest.mark.parametrize(("value", "expected"), [(None, False), ("", False), ("no", False), ("yes", True)])
def test_tables_are_made_at_boot_only_when_asked(value: str | None, expected: bool) -> None:
    """By hand nothing is set, and nothing is made."""
    environment = ENVIRONMENT if value is None else {**ENVIRONMENT, "MIGRATE_AT_BOOT": value}

    assert Settings.from_environment(environment).migrate_at_boot is expected


def test_a_switch_is_yes_or_no() -> None:
    """What looks like a yes is none."""
    with pytest.raises(SettingsError, match="MIGRATE_AT_BOOT must be yes or no"):
        Settings.from_environment({**ENVIRONMENT, "MIGRATE_AT_BOOT": "true"})


@pytest.mark.parametrize("key", ["", "x", "{" + KEY + "}", KEY.replace("-", ""), KEY + "\n"])
def test_idempotency_key_is_a_plain_uuid(key: str) -> None:
    """Other spellings would make two keys of one operation."""
    with pytest.raises(Refused) as refusal:
        call(key=key).idempotency_key()

    assert refusal.value.status == 400


def test_idempotency_key_ignores_case() -> None:
    """Upper and lower case name the same operation."""
    assert call(key=KEY.upper()).idempotency_key() == call().idempotency_key()


def test_items_keep_their_order() -> None:
    """Lines are numbered in the request's order, and a product may appear twice."""
    value = {"items": [{"product_id": 9, "quantity": 1}, {"product_id": 2, "quantity": 3}] * 2}

    assert forms.items(value) == [Item(9, 1), Item(2, 3)] * 2


@pytest.mark.parametrize(
    "items",
    [
        None,
        [],
        {},
        [1],
        [{"product_id": 1}],
        [{"product_id": 1, "quantity": 0}],
        [{"product_id": 1, "quantity": -1}],
        [{"product_id": 1, "quantity": True}],
        [{"product_id": 1, "quantity": 1.0}],
        [{"product_id": "1", "quantity": 1}],
        [{"product_id": 2**63, "quantity": 1}],
        [{"product_id": 1, "quantity": 1}] * 101,
    ],
)
def test_malformed_items_are_refused(items: object) -> None:
    """Whatever is not a list of products and whole positive quantities gets 400."""
    with pytest.raises(Refused) as refusal:
        forms.items({"items": items})

    assert refusal.value.status == 400


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../x", "/etc/passwd", "products/../../x", "products/.part", "a\0b", "link", "no"]
)
def test_no_path_leads_out_of_the_uploads(tmp_path: Path, path: str) -> None:
    """Traversal, hidden files, links out and missing files are all just not there."""
    (tmp_path / "outside").write_text("private")
    root = tmp_path / "uploads"
    (root / "products").mkdir(parents=True)
    (root / "products" / ".part").write_text("unfinished")
    (root / "link").symlink_to(tmp_path / "outside")
    stores = Stores(None, None, root, "database")  # type: ignore[arg-type]  # fetching touches no other store

    with pytest.raises(Refused) as refusal:
        uploads.fetch(stores, call({"path": path}))

    assert refusal.value.status == 404


def test_files_are_written_once(tmp_path: Path) -> None:
    """The same bytes again are fine, other bytes are refused, and nothing unfinished stays behind."""
    uploads._write_once(tmp_path, "products/a.png", b"first")
    uploads._write_once(tmp_path, "products/a.png", b"first")
    with pytest.raises(Refused):
        uploads._write_once(tmp_path, "products/a.png", b"second")

    assert [path.name for path in (tmp_path / "products").iterdir()] == ["a.png"]
    assert (tmp_path / "products" / "a.png").read_bytes() == b"first"
