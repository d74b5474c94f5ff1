"""Periods of time as tables write them: a day, a month, a quarter, a half, a year, or from..to."""

import re
from datetime import date, timedelta

_DAY = timedelta(days=1)
_FORM = re.compile(r"(\d{4})(?:-(Q[1-4]|H[12]|\d\d)(?:-(\d\d))?)?", re.ASCII)


def read_period(text: str) -> tuple[date, date] | None:
    """Return the first day of a period and the first day after it; None when it is none.

    Parameters
    ----------
    text : str
        ``2016-05-17``, ``2016-05``, ``2016-Q2``, ``2016-H1``, ``2016``, or two of them as
        ``2016-08-01..2016-12-19``, both included.
    """
    first, dots, last = text.partition("..")
    one = _one(first)
    if not dots or one is None:
        return one
    other = _one(last)
    if other is None or other[1] <= one[0]:
        return None
    return one[0], other[1]


def _one(text: str) -> tuple[date, date] | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year, part, day = int(found[1]), found[2], found[3]
    try:
        if day is not None:
            begins = date(year, int(part), int(day))
            return begins, begins + _DAY
        if part is None:
            return date(year, 1, 1), date(year + 1, 1, 1)
        length = {"Q": 3, "H": 6}.get(part[0], 1)
        month = (int(part[1]) - 1) * length + 1 if length > 1 else int(part)
        after = month + length
        return date(year, month, 1), date(year + after // 13, (after - 1) % 12 + 1, 1)
    except ValueError:
        return None
