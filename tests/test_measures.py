"""The language of measures: read as it is meant, refused with words, computed as by hand."""

from datetime import date

import numpy as np
import pytest
from synthetic_ensemble import small

from khamsin.errors import InputError
from khamsin.measures import (
    Event,
    Measured,
    MeasureError,
    Number,
    Operation,
    Parameter,
    leaves,
    parse,
    parse_event,
)
from khamsin.outcomes import Outcome, evaluate, happens, outcome

BLUE = "fighters.end[actor:BLU]"


def test_a_variable_with_where_and_when() -> None:
    found = parse(" arrivals.total[country:IT country:MT from:2016-05 to:2016-12] ")
    where = (("country", ("IT", "MT")),)
    expected = Measured("arrivals", "total", where, date(2016, 5, 1), date(2016, 12, 31))
    assert found == expected
    assert parse(outcome(expected).name) == expected
    assert parse("holder.places [actor:ISL to:2016-12-06]") == Measured(
        "holder", "places", (("actor", ("ISL",)),), None, date(2016, 12, 6)
    )
    assert parse("parameter:combat.skill[actor:ISL]") == Parameter(
        "combat.skill", (("actor", ("ISL",)),)
    )


def test_arithmetic_binds_as_usual() -> None:
    one, two, three = Number(1), Number(2), Number(3)
    assert parse("1 - 2 - 3") == Operation("-", Operation("-", one, two), three)
    assert parse("1+2*3") == Operation("+", one, Operation("*", two, three))
    assert parse("(1+2)*3") == Operation("*", Operation("+", one, two), three)
    assert parse("-1") == Operation("-", Number(0), one)
    assert parse("2e-3") == Number(0.002)
    assert parse_event("1 < 2 and 3 >= 2") == Event(((one, "<", two), (three, ">=", two)))
    assert list(leaves(parse_event(f"{BLUE} / 2 > 1"))) == [parse(BLUE)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a number is missing at the end"),
        ("fighters", "like fighters.end"),
        ("fighters.ends", "Did you mean end"),
        ("fighters.end[actor:BLU", "not closed"),
        ("fighters.end[BLU]", "like place:SIRT"),
        ("fighters.end[from:2016-13]", "no month or day"),
        ("fighters.end[from:2016-06 to:2016-05]", "lies before"),
        ("(1 + 2", "not closed"),
        ("1 2", "left over"),
        ("1 > 2", "left over"),
        ("fighters.end ** 2", "a number is missing"),
        ("__import__('os')", "like __import__.end"),
        ("fighters.end; 1", "cannot read"),
        ("holder.end = GOV", "numbers are compared by > < >= or <="),
        ("parameter:combat.skill[to:2016-05]", "like parameter:"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(MeasureError, match=words.replace("(", r"\(").replace("*", r"\*")):
        parse(text)


def test_an_event_compares() -> None:
    with pytest.raises(MeasureError, match="no event"):
        parse_event("fighters.end")
    with pytest.raises(MeasureError, match="number is missing"):
        parse_event("fighters.end > 1 and")


def test_numbers_are_those_by_hand() -> None:
    ds = small()
    blue = ds.fighters.where(ds.pair_actor == "BLU", 0).sum("pair")
    np.testing.assert_allclose(evaluate(parse(BLUE), ds), blue.isel(time=-1), rtol=1e-6)
    first = evaluate(parse("fighters.first[actor:BLU]"), ds)
    np.testing.assert_allclose(first, blue.isel(time=0), rtol=1e-6)
    grown = evaluate(parse(f"{BLUE} / fighters.first[actor:BLU] - 1"), ds)
    np.testing.assert_allclose(grown, blue.isel(time=-1) / first - 1, rtol=1e-5)
    event = happens(parse_event(f"{BLUE} > fighters.first[actor:BLU]"), ds)
    np.testing.assert_array_equal(event, np.asarray(blue.isel(time=-1)) > first)
    assert np.isnan(evaluate(parse(f"{BLUE} / 0"), ds)).all()
    assert np.isnan(happens(parse_event(f"{BLUE} / 0 > 1"), ds)).all()  # neither yes nor no


def test_windows_of_time_take_whole_periods() -> None:
    ds = small()
    months = ds.battle_deaths.sum("pair")
    second = np.datetime_as_string(ds.time.values[1], "M")
    deaths = evaluate(parse(f"battle_deaths.total[from:{second} to:{second}]"), ds)
    np.testing.assert_allclose(deaths, months.isel(time=1), rtol=1e-6)
    both = [evaluate(parse(f"battle_deaths.total[{w}:{second}]"), ds) for w in ("from", "to")]
    np.testing.assert_allclose(sum(both), months.sum("time") + deaths, rtol=1e-6)
    with pytest.raises(InputError, match="no period between"):
        evaluate(parse("battle_deaths.total[to:1999-01]"), ds)


def test_places_are_counted_where_they_are_asked_for() -> None:
    ds = small()
    one = str(ds.place.values[0])
    where = (("actor", ("BLU",)), ("place", (one,)))
    held = Outcome("holder", "places", where).measured(ds)
    np.testing.assert_array_equal(held, ds.holder.isel(time=-1).sel(place=one) == 1)


def test_months_held_are_added_up() -> None:
    ds = small()
    held = evaluate(parse("holder.held[actor:BLU]"), ds)
    np.testing.assert_array_equal(held, (ds.holder == 1).sum(["time", "place"]))
