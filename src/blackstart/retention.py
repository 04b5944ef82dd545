"""Retention: which backup cycles stay when a newer one is complete.

A pure function over numbers and times: the newest, all within an age, and the newest of each of the last days,
weeks and months (grandfather, father, son). What it keeps it would keep again, whenever it is asked in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from blackstart.scenario import Retention


def kept(times: Mapping[int, datetime], rule: Retention) -> set[int]:
    """The cycles that stay, of complete ones by number with the times (with a zone) at which they were completed.

    Age counts from the newest cycle, not from now: where no new ones are made, none of the old ones goes.
    """
    newest_first = sorted(times, reverse=True)
    stay = set(newest_first[: rule.last])
    if newest_first and rule.within is not None:
        oldest = times[newest_first[0]] - timedelta(seconds=min(rule.within, timedelta(days=36_500).total_seconds()))
        stay |= {number for number in newest_first if times[number] >= oldest}
    for count, period in ((rule.daily, _day), (rule.weekly, _week), (rule.monthly, _month)):
        stay |= _newest_of_each(newest_first, times, count, period)
    return stay


def _newest_of_each(
    newest_first: list[int], times: Mapping[int, datetime], count: int, period: Callable[[datetime], tuple[int, ...]]
) -> set[int]:
    found: dict[tuple[int, ...], int] = {}
    for number in newest_first:
        found.setdefault(period(times[number].astimezone(UTC)), number)
    return {found[each] for each in sorted(found, reverse=True)[:count]}


def _day(moment: datetime) -> tuple[int, ...]:
    return (moment.year, moment.month, moment.day)


def _week(moment: datetime) -> tuple[int, ...]:
    # The year of the week: the last days of December may belong to the first week of the next year.
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> tuple[int, ...]:
    return (moment.year, moment.month)
