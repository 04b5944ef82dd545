"""Who has to be told: lost orders as a table for people, and numbers that were issued again."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.core.builders import operation, record_of

from blackstart.checkers.ids import issued_again
from blackstart.ledger import Operation
from blackstart.loss import numbers
from blackstart.report.lost_orders import COLUMNS, render


def order(name: str, number: int, at: float, **value: Any) -> Operation:
    """An acknowledged order with its number."""
    made = operation(name, at - 0.1, at)
    asked = {"customer_id": 7, "card_token": "tok_x", **value}
    items = [{"product_id": 5, "quantity": 2, "unit_price": "1.50"}]
    return replace(made, value=asked, result={"order_id": number, "total": "3.00", "items": items})


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_number_given_to_somebody_else_is_found() -> None:
    """After a restore the sequence goes on from the backup: 11 belongs to two customers."""
    operations = [order("a", 10, 1), order("b", 11, 2), order("c", 12, 3), order("d", 11, 9)]

    assert {"b": "d"} == issued_again(numbers(operations, "order"), {"b", "c"}, {})


def test_a_surviving_number_is_not_issued_again() -> None:
    """Where nothing was lost, nothing was issued again."""
    assert {} == issued_again(numbers([order("a", 10, 1), order("b", 11, 2)], "order"), set(), {})


def test_a_number_of_an_order_without_an_answer_is_held_too() -> None:
    """Its customer was told nothing, but its row is there under the lost order's number."""
    operations = [order("b", 11, 2), operation("d", 8, 9, "info")]

    assert {"b": "d"} == issued_again(numbers(operations, "order"), {"b"}, {"d": [11]})


def test_each_lost_order_has_its_line(tmp_path: Path) -> None:
    """Order, payment, customer, the moment of the acknowledgement in UTC, and who has the number now."""
    operations = [order("b", 11, 2), order("a", 10, 1), order("kept", 9, 0.5), order("new", 11, 9)]
    found = rows(render(record_of(tmp_path), operations, ["a", "b"], {"7": ["Ada Byron", "ada@example.com"]}, {}))

    assert ["a", "b"] == [row["operation"] for row in found]
    assert {
        "order_id": "11",
        "acknowledged_at": "2026-01-02T03:04:07.000Z",
        "customer_id": "7",
        "customer_name": "Ada Byron",
        "customer_email": "ada@example.com",
        "total": "3.00",
        "currency": "EUR",
        "items": "2×5@1.50",
        "payment_token": "tok_x",
        "operation": "b",
        "order_id_issued_again_to": "new",
    } == found[1]


def test_an_unknown_customer_is_listed_all_the_same(tmp_path: Path) -> None:
    """Where the customers are gone too, the number and the order are what is left to tell."""
    (row,) = rows(render(record_of(tmp_path), [order("a", 10, 1)], ["a"], {}, {}))

    assert ("7", "", "") == (row["customer_id"], row["customer_name"], row["customer_email"])


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "+1", "-1", "@x"])
def test_no_name_is_a_formula(name: str, tmp_path: Path) -> None:
    """What a customer typed must not run in the spreadsheet of whoever reads the list."""
    (row,) = rows(render(record_of(tmp_path), [order("a", 10, 1)], ["a"], {"7": [name, ""]}, {}))

    assert f"'{name}" == row["customer_name"]


def test_the_columns_are_those_of_the_contract(tmp_path: Path) -> None:
    """In this order."""
    assert ",".join(COLUMNS) == render(record_of(tmp_path), [], [], {}, {}).strip()
