"""Numbers as people read them: one way of writing each, so that page and data can be compared.

Counts are written in full with a thin grouping, fractions with at most three figures.  What is
rounded here is rounded once, from the number in the ensemble.
"""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"  # before a percent sign


def shown(value: float, signed: bool = False) -> str:
    """A number as text: 12,431; 37.5; 0.062; an en rule where there is none.

    From 100 upwards whole, from 10 with one decimal, below with three significant figures;
    trailing zeros are dropped.
    """
    if value is None or not math.isfinite(value):
        return "–"
    size = _settled(abs(value))
    if size >= 99.95:
        text = f"{size:,.0f}"
    elif size >= 9.995:
        text = _trimmed(f"{size:.1f}")
    elif size == 0:
        text = "0"
    elif size >= 0.001:
        text = _trimmed(f"{size:.{2 - math.floor(math.log10(size))}f}")
    else:
        text = f"{size:.1e}".replace("e-0", "e-")
    if text == "0":
        return text
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + text


def as_shown(value: float) -> float | int | None:
    """The number that `shown` writes, for JSON: the page groups its digits and rounds no more."""
    if value is None or not math.isfinite(value):
        return None
    if abs(value) >= 99.95:
        return round(_settled(value))
    number = float(shown(value).replace(",", "").replace(MINUS, "-"))
    return int(number) if number == int(number) else number


def percent(share: float) -> str:
    """A probability as text: whole percent, and never 0 % or 100 % for what is only near it."""
    if share is None or not math.isfinite(share):
        return "–"
    number = percent_number(share)
    return {0.5: f"<1{SPACE}%", 99.5: f">99{SPACE}%"}.get(number, f"{number:.0f}{SPACE}%")


def percent_number(share: float) -> float | int:
    """A probability in whole percent; 0.5 and 99.5 stand for "<1 %" and ">99 %".

    The page writes what it is given: rounding happens here, once.
    """
    if share < 1e-9 or share > 1 - 1e-9:  # weights add up to 1 but for rounding errors
        return 0 if share < 0.5 else 100
    if share < 0.005:
        return 0.5
    return 99.5 if share > 0.995 else round(round(share * 100, 7))  # half a percent is half


def compact(value: float, figures: int = 4) -> float | int | None:
    """A number for JSON: `figures` significant figures, whole where it is whole, None for NaN.

    A float32 written as it stands prints 2.4000000953674316.
    """
    number = float(value)
    if not math.isfinite(number):
        return None
    if number == int(number) and abs(number) < 2**53:
        return int(number)
    rounded = float(f"{number:.{max(figures, len(str(int(abs(number)))) + 1)}g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _settled(value: float) -> float:
    """Without the last digits, which hang on the order of a sum: a tie is then always a tie."""
    return float(f"{value:.12g}")


def _trimmed(text: str) -> str:
    """Without zeros at the end of the decimals."""
    return text.rstrip("0").rstrip(".") if "." in text else text
