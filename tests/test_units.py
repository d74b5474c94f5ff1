"""Units: factors, dimensions, and the table of common units against pint."""

import subprocess
import sys

import pytest

from khamsin.units import (
    COMMON,
    UnitError,
    _from_pint,
    check_unit,
    factor,
    parse_quantity,
)


@pytest.mark.parametrize("name", sorted(set(COMMON) - {"1"}))
def test_common_units_agree_with_pint(name: str) -> None:
    amount, dimension = COMMON[name]
    by_pint, dimension_by_pint = _from_pint(name)
    assert dimension == dimension_by_pint
    assert float(amount) == pytest.approx(float(by_pint), rel=1e-12)


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "expected"),
    [
        ("week", "day", 7),
        ("1/week", "1/day", 1 / 7),
        ("kb/d", "barrel/day", 1000),
        ("strike/week", "1/week", 1),
        ("fighter", "person", 1),
        ("km^2", "m**2", 1e6),
        ("person/km^2", "person*km^-2", 1),
        ("percent", "1", 0.01),
        ("days", "hour", 24),
        ("1", "1", 1),
        ("hectare", "km^2", 0.01),
        ("USD/barrel", "USD/kb", 1000),
    ],
)
def test_factor(from_unit: str, to_unit: str, expected: float) -> None:
    assert factor(from_unit, to_unit) == pytest.approx(expected, rel=1e-12)


def test_common_factors_are_exact() -> None:
    assert factor("week", "day") == 7.0
    assert factor("1/week", "1/day") == 1 / 7


def test_a_wrong_dimension_says_both() -> None:
    with pytest.raises(UnitError, match="person is no unit like 1/day: it is person, not time"):
        factor("person", "1/day")
    with pytest.raises(UnitError, match="it is person, not kit"):
        factor("person", "kit")
    with pytest.raises(UnitError, match="it is time, not a plain number"):
        factor("day", "1")


def test_an_unknown_unit_has_its_neighbour() -> None:
    with pytest.raises(UnitError, match=r"unknown unit wek\. Did you mean week\?"):
        check_unit("1/wek")


@pytest.mark.parametrize(
    "unit", ["", "7", "day/", "person day", "9**9**9", "degC", "a.b", "day" * 50, "day**99", "é\n"]
)
def test_rubbish_is_no_unit(unit: str) -> None:
    with pytest.raises(UnitError):
        check_unit(unit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 day", (7.0, "day")),
        ("0.010 1/week", (0.01, "1/week")),
        (" 2e-4  1/day ", (2e-4, "1/day")),
        ("-3", (-3.0, "1")),
        (".5 km", (0.5, "km")),
    ],
)
def test_parse_quantity(text: str, expected: tuple[float, str]) -> None:
    assert parse_quantity(text) == expected


@pytest.mark.parametrize(
    "text", ["", "day", "7day", "nan day", "inf", "1e999 day", "7 7 day day", "1_0"]
)
def test_parse_quantity_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"quantity|unit|number"):
        check_unit(parse_quantity(text)[1])


def test_common_units_do_without_pint() -> None:
    code = (
        "import sys, khamsin.units as u; u.factor('kb/week', 'barrel/day');"
        "sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
