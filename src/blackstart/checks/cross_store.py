"""`cross-store`: rows have their files and files their rows, links stay inside, carts name who and what there is."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import redis

from blackstart.checks.base import Scene, observation
from blackstart.checks.uploads import path_of
from blackstart.evidence import FileFingerprint, Files, Observation, Stage
from blackstart.ledger import Operation
from blackstart.observe.files import ROOT

_BATCH = 500
_ROWS = "SELECT path, bytes, encode(sha256, 'hex'), op_id::text FROM uploads"
_STRANGERS: Mapping[str, str] = {
    "customer": "SELECT unnest(%s::bigint[]) EXCEPT SELECT customer_id FROM customers",
    "product": "SELECT unnest(%s::bigint[]) EXCEPT SELECT product_id FROM products",
}


class CrossStore:
    """Each store may be sound by itself, and the shop broken all the same."""

    NAME: ClassVar[str] = "cross-store"
    LAYER: ClassVar[int] = 10
    STAGES: ClassVar[Sequence[Stage]] = ("gate", "verify", "final")

    def observe(self, scene: Scene) -> Iterator[Observation]:
        """Rows beside files, what the app can do with the volume, and Redis beside the database."""
        # Rows first: the shop writes a file before its row, so every row seen has its file by now.
        with scene.shop.database() as connection:
            rows = {path: tuple(rest) for path, *rest in connection.execute(_ROWS).fetchall()}
        found = scene.files()
        yield _rows_and_files(scene, rows, found)
        yield _usable(scene, found)
        yield _baskets(scene)


def _rows_and_files(scene: Scene, rows: Mapping[str, tuple[Any, ...]], found: Files) -> Observation:
    """Every row has its file, with the bytes that the row says; every file has its row, or an operation."""
    operations, contents = scene.operations("upload"), _contents(scene)
    differences, warnings = [], []
    for path, (size, sha256, op_id) in sorted(rows.items()):
        file = found.get(path)
        if file is None and _is_loss(scene, operations.get(op_id or "")):
            warnings.append(f"lost: row without its file, newer than the archive: {path}")
        elif file is None:
            differences.append(f"row without its file: {path}")
        else:
            differences += [f"{what}: {path}" for what in _unlike(file, size, sha256, contents)]
    explained = {path_of(operation.id) for operation in operations.values() if operation.possible}
    for path, file in sorted(found.items()):
        if file.kind == "file" and path not in rows:
            (warnings if path in explained else differences).append(f"file without a row: {path}")
    return observation(
        CrossStore,
        scene,
        "rows and files",
        expected={"amiss": 0},
        actual={"amiss": len(differences)},
        differences=differences,
        warnings=warnings,
    )


def _unlike(file: FileFingerprint, size: int, sha256: str, contents: Mapping[str, str]) -> Iterator[str]:
    """How a row's file is not what the row says."""
    if file.kind != "file":
        yield f"row whose file is a {file.kind}"
    elif file.bytes != size:
        yield f"row without its file in its {size} bytes, but {file.bytes}"
    elif contents.get(file.blake3) != sha256:
        yield "row whose file has other bytes than its sha256"


def _contents(scene: Scene) -> Mapping[str, str]:
    """BLAKE3 to SHA-256 of all content that anybody ever uploaded: files are hashed once, by the faster of the two."""
    uploads = scene.operations("upload").values()
    written = {o.value["blake3"]: o.value["sha256"] for o in uploads if {"blake3", "sha256"} <= o.value.keys()}
    return {**scene.seed.contents, **written}


def _is_loss(scene: Scene, operation: Operation | None) -> bool:
    """Whether a row may lack its file because the file was lost, which the recovery point counts.

    That is so where the uploads came back from an archive older than the database beside them: the
    write was completed after the archive began, and before the fence was lifted. With the database of
    the same backup cycle there can be no such row, since its snapshot comes first.
    """
    if operation is None or "uploads" not in scene.restored or "database" in scene.restored:
        return False
    if scene.stage == "final":
        return operation.id in scene.bare_before
    archived = operation.completed_s is not None and operation.completed_s < scene.artefact_began_s("uploads")
    return operation.possible and not archived


def _usable(scene: Scene, found: Files) -> Observation:
    """The app may read each file and enter each folder; no link leaves the volume or leads nowhere."""
    differences = [f"the app cannot {what}: {path}" for path, what in _closed(found)]
    for path, file in sorted(found.items()):
        if file.kind == "link":
            differences += [f"{what}: {path} → {file.target}" for what in _astray(path, file.target, found)]
    return observation(
        CrossStore,
        scene,
        "the app and the volume",
        expected={"amiss": 0},
        actual={"amiss": len(differences)},
        differences=differences,
    )


def _closed(found: Files) -> Iterator[tuple[str, str]]:
    """What the app may not read or enter. It runs as the user to whom the volume's own folder belongs."""
    user, _, group = (found[ROOT].owner or "").partition(":") if ROOT in found else ("", "", "")
    if user in ("", "0"):
        return  # nobody knows who, or root, who may read anything
    for path, file in sorted(found.items()):
        owner, _, of_group = (file.owner or "").partition(":")
        shift = 6 if owner == user else 3 if of_group == group else 0
        verb, needed = ("enter", 0o5) if file.kind == "folder" else ("read", 0o4)
        if file.mode is not None and (file.mode >> shift) & needed != needed:
            yield path, verb


def _astray(path: str, target: str, found: Files) -> Iterator[str]:
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or inside == ".." or inside.startswith("../"):
        yield "link out of the volume"
    elif inside not in found:
        yield "link to nothing"


def _baskets(scene: Scene) -> Observation:
    """Whom and what carts and sessions name, beside the customers and products of the database."""
    with scene.shop.cache() as client:
        named, unread = _named(client)
    with scene.shop.database() as connection:
        strangers = {
            kind: {row[0] for row in connection.execute(query, (sorted(named[kind]),)).fetchall()}
            for kind, query in _STRANGERS.items()
        }
    differences = [f"cannot be read: {name}" for name in unread]
    differences += [
        f"{name} names {kind} {number}, and there is none"
        for kind, numbers in strangers.items()
        for number in sorted(numbers)
        for name in sorted(named[kind][number])
    ]
    return observation(
        CrossStore,
        scene,
        "carts and sessions",
        expected={"amiss": 0},
        actual={"amiss": len(differences)},
        differences=differences,
    )


def _named(client: redis.Redis) -> tuple[Mapping[str, dict[int, set[str]]], list[str]]:
    """By kind and number, the keys that name it; and the keys that cannot be read."""
    named: dict[str, dict[int, set[str]]] = {kind: {} for kind in _STRANGERS}
    unread = []
    for name, value in _values(client):
        try:
            customer, products = _read(value)
        except (ValueError, TypeError, KeyError):
            unread.append(name)
            continue
        named["customer"].setdefault(customer, set()).add(name)
        for product in products:
            named["product"].setdefault(product, set()).add(name)
    return named, sorted(unread)


def _values(client: redis.Redis) -> Iterator[tuple[str, Any]]:
    """Each cart's text and each session's customer; an error of Redis in the place of a value of a wrong type."""
    for pattern in ("cart:*", "session:*"):
        names = list(client.scan_iter(match=pattern, count=_BATCH))
        for first in range(0, len(names), _BATCH):
            batch = names[first : first + _BATCH]
            with client.pipeline(transaction=False) as pipe:
                for name in batch:
                    pipe.get(name) if pattern == "cart:*" else pipe.hget(name, "customer_id")
                answers = pipe.execute(raise_on_error=False)
            yield from (
                (name.decode(errors="backslashreplace"), value) for name, value in zip(batch, answers, strict=True)
            )


def _read(value: Any) -> tuple[int, list[int]]:
    """The customer and the products that a cart or a session names; ValueError and its like if it is neither."""
    content = json.loads(value)
    cart = content if isinstance(content, dict) else {"customer_id": content, "items": []}
    return _number(cart["customer_id"]), [_number(item["product_id"]) for item in cart["items"]]


def _number(value: Any) -> int:
    if type(value) is not int or not 0 < value < 2**63:
        raise ValueError(value)
    return value


EXTENSION = CrossStore
