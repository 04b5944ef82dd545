"""Files of products. A file is complete and durable before any row speaks of it, and never changes.

Names that begin with a dot are files in the making; they are never served and may be deleted
whenever the shop does not run.
"""

import hashlib
import os
import re
import secrets
import uuid
from pathlib import Path

from psycopg.errors import UniqueViolation

from .database import Transaction
from .errors import Refused, Unavailable
from .forms import Call
from .stores import Stores
from .web import Answer, FileAnswer

EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}
MEDIA_TYPES = {f".{extension}": media_type for media_type, extension in EXTENSIONS.items()}
PATH_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


def store(stores: Stores, call: Call) -> Answer:
    """PUT /products/{id}/images: 201 once file and row are durable, 200 and the same for a known key."""
    product_id = call.path_id("product_id")
    op_id = call.idempotency_key()
    media_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in EXTENSIONS:
        raise Refused(415, f"Content-Type must be one of {', '.join(EXTENSIONS)}")
    if not call.body:
        raise Refused(400, "the body is empty")
    with stores.database.transaction() as transaction:
        known = _find(transaction, op_id)
        if known is None:
            _require_product(transaction, product_id)
    if known is not None:
        # After a restore the row may be newer than the files: what is confirmed must be there.
        _write_once(stores.uploads_dir, str(known["path"]), call.body)
        return Answer(200, known)
    path = f"products/{op_id}.{EXTENSIONS[media_type]}"
    _write_once(stores.uploads_dir, path, call.body)
    return _record(stores, op_id, product_id, path, media_type, call.body)


def fetch(stores: Stores, call: Call) -> FileAnswer:
    """GET /uploads/{path}: the file's bytes. Nothing outside the uploads folder can be named."""
    parts = call.path["path"].split("/")
    if not all(PATH_PART.fullmatch(part) for part in parts):
        raise Refused(404, "there is no such file")
    try:
        file = stores.uploads_dir.joinpath(*parts).resolve(strict=True)
        if not file.is_relative_to(stores.uploads_dir.resolve()) or not file.is_file():
            raise Refused(404, "there is no such file")
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(404, "there is no such file") from None
    except OSError as error:
        raise Unavailable("uploads", error) from error
    return FileAnswer(content, MEDIA_TYPES.get(file.suffix, "application/octet-stream"))


def _write_once(root: Path, path: str, content: bytes) -> None:
    """Make the file, whole and synced. An earlier attempt's file stays; other bytes are Refused with 409."""
    target = root / path
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        # Without parents: where the volume is not mounted, nothing may pretend that it is.
        target.parent.mkdir(exist_ok=True)
        if target.exists():
            if target.read_bytes() != content:
                raise Refused(409, "this Idempotency-Key belongs to a file of other bytes")
            # The attempt that wrote it may have died before it could sync.
            _sync(target)
        else:
            try:
                unfinished.write_bytes(content)
                _sync(unfinished)
                unfinished.rename(target)
            finally:
                unfinished.unlink(missing_ok=True)
        _sync(target.parent)
        _sync(root)
    except OSError as error:
        raise Unavailable("uploads", error) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _record(stores: Stores, op_id: uuid.UUID, product_id: int, path: str, media_type: str, content: bytes) -> Answer:
    try:
        with stores.database.transaction(UniqueViolation) as transaction:
            transaction.execute(
                "INSERT INTO uploads (product_id, path, media_type, bytes, sha256, op_id)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (product_id, path, media_type, len(content), hashlib.sha256(content).digest(), op_id),
            )
            stored = _find(transaction, op_id)
            assert stored is not None
    except UniqueViolation as violation:
        # Another attempt of this operation was faster. Its row was waited for, so it has committed.
        with stores.database.transaction() as transaction:
            known = _find(transaction, op_id)
        if known is None:
            raise Unavailable("database", violation) from violation
        return Answer(200, known)
    return Answer(201, stored)


def _require_product(transaction: Transaction, product_id: int) -> None:
    if transaction.execute("SELECT 1 FROM products WHERE product_id = %s", (product_id,)).fetchone() is None:
        raise Refused(404, f"there is no product {product_id}")


def _find(transaction: Transaction, op_id: uuid.UUID) -> dict[str, object] | None:
    """The upload an operation made, as it is answered; None if it made none."""
    # The lock makes COMMIT wait for a synchronous standby, as it does for orders.
    row = transaction.execute(
        "SELECT upload_id, path, encode(sha256, 'hex'), bytes FROM uploads WHERE op_id = %s FOR KEY SHARE",
        (op_id,),
    ).fetchone()
    return None if row is None else dict(zip(("upload_id", "path", "sha256", "bytes"), row, strict=True))
