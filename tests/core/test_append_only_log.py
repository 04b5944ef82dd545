"""Redis's append-only log: whole commands, or where it stops being that."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from blackstart.procedures.redis_aof import broken_at


def command(words: list[bytes]) -> bytes:
    """As Redis writes it."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


commands = st.lists(st.lists(st.binary(max_size=12), min_size=1, max_size=4).map(command), min_size=1, max_size=5)


@given(commands)
def test_whole_commands_are_whole(log: list[bytes]) -> None:
    """Whatever bytes their words have; a line with a time between them is none."""
    assert broken_at(io.BytesIO(b"".join(log))) == ""
    assert broken_at(io.BytesIO(b"#TS:1700000000\r\n".join(log))) == ""
    assert broken_at(io.BytesIO(b"")) == ""


@given(commands, st.data())
def test_a_cut_log_is_told_unless_it_was_cut_between_commands(log: list[bytes], data: st.DataObject) -> None:
    """At any byte; and it says at which command."""
    whole = b"".join(log)
    ends = {len(b"".join(log[:number])) for number in range(len(log) + 1)}
    cut = data.draw(st.integers(0, len(whole)))
    said = broken_at(io.BytesIO(whole[:cut]))

    assert (said == "") == (cut in ends)
    if said:
        assert f"at byte {max(end for end in ends if end < cut)} " in said + " "
