"""Random numbers are functions of their row alone."""

import numpy as np
import pytest

from blackstart.seeding import draws
from blackstart.seeding.copytext import array, choices
from blackstart.seeding.draws import Draws

ROWS = np.arange(1, 5001)


def drawn(rows: draws.Numbers, *, seed: int = 42, table: str = "orders") -> Draws:
    return Draws(seed=seed, table=table, rows=rows)


def test_bits_are_those_of_splitmix64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started from 1234567, SplitMix64 gives the numbers that its other implementations give."""
    monkeypatch.setattr(draws, "key", lambda *_, bits: 1234567)
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]

    assert expected == drawn(np.arange(1, 6)).bits("status").tolist()


def test_a_row_is_the_same_in_any_company() -> None:
    """Alone, backwards or in a matrix, a row draws what it draws among all others."""
    whole = drawn(ROWS).bits("status")

    assert whole[16] == drawn(np.array([17])).bits("status")[0]
    assert (whole[::-1] == drawn(ROWS[::-1]).bits("status")).all()
    assert (whole.reshape(10, 500) == drawn(ROWS.reshape(10, 500)).bits("status")).all()


@pytest.mark.parametrize("other", [("orders", "total", 42), ("payments", "status", 42), ("orders", "status", 43)])
def test_columns_tables_and_seeds_differ(other: tuple[str, str, int]) -> None:
    """Numbers of another column, table or seed have nothing to do with these."""
    table, column, seed = other
    these, those = drawn(ROWS).unit("status"), drawn(ROWS, seed=seed, table=table).unit(column)

    assert abs(np.corrcoef(these, those)[0, 1]) < 0.05


def test_numbers_stay_in_their_range() -> None:
    """Below n means from 0 to n - 1, evenly; skewed ones are mostly small; a chance comes about as often as it says."""
    draw = drawn(ROWS)
    even, skewed = np.bincount(draw.below("a", 10)), np.bincount(draw.skewed("b", 10))

    assert len(even) == len(skewed) == 10
    assert even.min() > 400
    assert skewed[0] > 4 * skewed[5] > 0
    assert abs(draw.chance("c", 0.3).mean() - 0.3) < 0.03


def test_choices_have_all_sizes() -> None:
    """Each number of words is as likely as any other, and no word is chosen twice."""
    some = drawn(ROWS).some("tags", choices(("a", "b", "c"), 2, array)).tolist()

    assert {b"{}", b'{"a"}', b'{"b"}', b'{"c"}', b'{"a","b"}', b'{"a","c"}', b'{"b","c"}'} == set(some)
    assert abs(some.count(b"{}") / len(some) - 1 / 3) < 0.05
