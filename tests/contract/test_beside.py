"""What runs beside the stack's services, on every engine: two storefronts on one volume, and a program on it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.contract.conftest import SECOND_APP, Live

from blackstart.engines.beside import RunsSecondApp, RunsWriters
from blackstart.waiting import poll

HEADERS = {"Content-Type": "image/png"}
BLOCK = bytes(range(256)) * 1000
WRITES = """
import pathlib, sys, time
pathlib.Path(sys.argv[1], sys.argv[2]).write_text("written beside")
time.sleep(100)
"""


@pytest.fixture
def urls(live: Live) -> Iterator[list[str]]:
    """The shop's two storefronts; the second one ends with the test."""
    shop = live.stage.shop
    engine = shop.engine
    assert isinstance(engine, RunsSecondApp)
    engine.begin_second_app(SECOND_APP, {"SERVED_BY": "another"})
    shop.seconds.append(SECOND_APP)
    try:
        yield shop.urls()
    finally:
        shop.seconds.clear()
        engine.end_beside(SECOND_APP)


def store(url: str, key: str, content: bytes) -> httpx.Response:
    """An upload by one of them."""
    headers = {**HEADERS, "Idempotency-Key": key}
    return httpx.put(f"{url}/products/1/images", content=content, headers=headers, trust_env=False)


def test_two_storefronts_store_one_upload_once(urls: list[str], live: Live) -> None:
    """Both are asked at once, ten times: one row, one whole file, and each says who served."""
    for _ in range(10):
        key = str(uuid.uuid4())
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda url, key=key: store(url, key, BLOCK), urls))
        served = {answer.json()["served_by"] for answer in answers}
        (path,) = {answer.json()["path"] for answer in answers}
        content = httpx.get(f"{urls[0]}/uploads/{path}", trust_env=False).content
        with live.stage.shop.database() as connection:
            rows = connection.execute("SELECT encode(sha256, 'hex') FROM uploads WHERE op_id = %s", (key,)).fetchall()

        assert {"database", "another"} == served
        assert [(hashlib.sha256(content).hexdigest(),)] == rows
        assert content == BLOCK


def test_the_second_storefront_refuses_other_bytes_for_an_upload(urls: list[str]) -> None:
    """A file never changes: whoever comes second with something else is told so."""
    key = str(uuid.uuid4())
    path = store(urls[0], key, BLOCK).json()["path"]

    assert 409 == store(urls[1], key, BLOCK[::-1]).status_code
    assert BLOCK == httpx.get(f"{urls[1]}/uploads/{path}", trust_env=False).content


def test_a_program_writes_to_a_volume_until_it_is_ended(live: Live) -> None:
    """What it wrote is there for others while it runs; ended twice it is gone all the same."""
    engine, name = live.stage.shop.engine, ".written-beside"
    assert isinstance(engine, RunsWriters)
    engine.begin_writer("writer", "uploads", WRITES, name)
    found = poll(lambda: engine.find("uploads", name), within_s=20)
    ran = engine.incarnation("writer")
    engine.end_beside("writer")
    engine.end_beside("writer")

    assert b"written beside" == found
    assert ran is not None
    assert engine.incarnation("writer") is None
