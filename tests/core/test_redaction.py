"""No password of a run is in what a step said, however it stands there."""

from __future__ import annotations

import base64
import tempfile

import pytest

from blackstart.child import TAIL_BYTES
from blackstart.credentials import LONGEST_BYTES, Secrets
from blackstart.engines.stepping import _tail


def test_a_password_is_taken_out_wherever_it_stands() -> None:
    """Alone, within an address, more than once, and both of them."""
    made = Secrets.generate()
    text = f"{made.database} postgres://shop:{made.database}@db/shop {made.cache}{made.database}"

    assert "[password] postgres://shop:[password]@db/shop [password][password]" == made.redact(text)
    assert "nothing of ours" == made.redact("nothing of ours")


@pytest.mark.parametrize("ahead", ["", "u", "us", "shop:", "shop2:", "a longer one: "])
@pytest.mark.parametrize("behind", ["", "@", "@host", "\n"])
def test_so_it_is_in_base64(ahead: str, behind: str) -> None:
    """At each place in a group of three bytes where it may begin; what is left tells less than three bytes of it."""
    made = Secrets.generate()
    coded = base64.b64encode(f"{ahead}{made.database}{behind}".encode()).decode()
    left = made.redact(f"Authorization: Basic {coded}")

    assert "[password]" in left
    assert len(left) < len(f"Authorization: Basic {ahead}{behind}[password]") + 16


@pytest.mark.parametrize("cut", range(0, 40, 3))
def test_a_cut_through_a_password_leaves_no_part_of_it(cut: int) -> None:
    """What is kept of a long text begins somewhere, which may be within a password."""
    made = Secrets.generate()
    assert len(made.database) <= LONGEST_BYTES
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 100 + made.database.encode() + b"y" * (TAIL_BYTES - cut))
        kept = _tail(file, made)

    assert kept
    assert set(kept) == {"y"}
