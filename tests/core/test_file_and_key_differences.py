"""Files, folders, links and keys that differ are named, with what became of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blackstart.differences import file_differences, key_differences
from blackstart.evidence import FileFingerprint, KeyFingerprint

A = FileFingerprint(bytes=1, blake3="a" * 64, mode=0o644, owner="0:0")
B = replace(A, bytes=2, blake3="b" * 64)
FOLDER = FileFingerprint(bytes=0, blake3="", kind="folder", mode=0o755, owner="0:0")
LINK = FileFingerprint(bytes=0, blake3="", kind="link", owner="0:0", target="y")
UNKNOWN = replace(A, mode=None, owner=None)


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        pytest.param({"x": A}, {"x": A}, [], id="equal"),
        pytest.param({"x": A, "y": B}, {"x": A}, ["missing: y"], id="missing"),
        pytest.param({"x": A}, {"x": A, "y": B}, ["unexplained: y"], id="unexplained"),
        pytest.param({"x": A}, {"x": B}, [f"changed: x (1 bytes {'a' * 12}… → 2 bytes {'b' * 12}…)"], id="changed"),
        pytest.param({"b": A, "a": A}, {}, ["missing: a", "missing: b"], id="by-path"),
        pytest.param({"x": FOLDER}, {}, ["missing folder: x"], id="missing-folder"),
        pytest.param({}, {"x": FOLDER, "z": LINK}, ["unexplained folder: x", "unexplained link: z"], id="no-files"),
        pytest.param({"x": A}, {"x": LINK}, ["kind changed: x (file → link)"], id="link-for-file"),
        pytest.param({"x": A}, {"x": FOLDER}, ["kind changed: x (file → folder)"], id="folder-for-file"),
        pytest.param({"x": LINK}, {"x": replace(LINK, target="z")}, ["link changed: x (y → z)"], id="link"),
        pytest.param({"x": A}, {"x": replace(A, mode=0o600)}, ["mode changed: x (0644 → 0600)"], id="mode"),
        pytest.param({"x": A}, {"x": replace(A, mode=0o4644)}, ["mode changed: x (0644 → 4644)"], id="set-user-id"),
        pytest.param({"x": A}, {"x": replace(A, owner="0:5")}, ["owner changed: x (0:0 → 0:5)"], id="owner"),
        pytest.param({"x": FOLDER}, {"x": replace(FOLDER, mode=0)}, ["mode changed: x (0755 → 0000)"], id="folder"),
        pytest.param({"x": UNKNOWN}, {"x": replace(A, mode=0o600, owner="7:7")}, [], id="nobody-knows"),
        pytest.param(
            {"x": A}, {"x": UNKNOWN}, ["mode changed: x (0644 → unknown)", "owner changed: x (0:0 → unknown)"]
        ),
        pytest.param(
            {"x": A},
            {"x": replace(B, mode=0o600)},
            [f"changed: x (1 bytes {'a' * 12}… → 2 bytes {'b' * 12}…)", "mode changed: x (0644 → 0600)"],
            id="content-and-mode",
        ),
    ],
)
def test_files(expected: dict[str, FileFingerprint], actual: dict[str, FileFingerprint], lines: list[str]) -> None:
    """By path; what the expectation does not know is not compared."""
    assert lines == file_differences(expected, actual)


NOW = 1_000


def key(digest: str = "a", expires: int = -1, kind: str = "string") -> KeyFingerprint:
    """A key's fingerprint."""
    return KeyFingerprint(type=kind, digest=digest, expires_ms=expires)


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        pytest.param(key(), key(), [], id="equal"),
        pytest.param(key(), None, ["missing: k"], id="missing-without-expiry"),
        pytest.param(key(expires=NOW + 1), None, ["missing: k"], id="missing-before-its-time"),
        pytest.param(key(expires=NOW), None, [], id="its-time-was-over"),
        pytest.param(None, key(), ["unexplained: k"], id="unexplained"),
        pytest.param(key("a"), key("b"), ["value changed: k (string a… → b…)"], id="value"),
        pytest.param(key(), key("b", kind="hash"), ["type changed: k (string → hash)"], id="type"),
        pytest.param(key(expires=5_000), key(expires=6_000), ["expiry changed: k (5000 ms → 6000 ms)"], id="expiry"),
        pytest.param(key(expires=5_000), key(), ["expiry changed: k (5000 ms → never)"], id="expiry-lost"),
        pytest.param(key(), key(expires=5_000), ["expiry changed: k (never → 5000 ms)"], id="expiry-made-up"),
        pytest.param(key(expires=NOW - 1), key(expires=NOW - 1), [], id="over-and-still-there"),
        pytest.param(
            key("a", 5_000),
            key("b", -1),
            ["value changed: k (string a… → b…)", "expiry changed: k (5000 ms → never)"],
            id="value-and-expiry",
        ),
    ],
)
def test_keys(expected: KeyFingerprint | None, actual: KeyFingerprint | None, lines: list[str]) -> None:
    """A key may be gone only when its time was over; a changed expiry is a change."""
    old, new = ({"k": k} if k else {} for k in (expected, actual))

    assert lines == key_differences(old, new, now_ms=NOW)
