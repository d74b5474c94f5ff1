"""Charts: the numbers drawn are the quantiles of the ensemble; text is there without any font."""

import csv
import io
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from synthetic_ensemble import small

from khamsin.errors import InputError
from khamsin.naming import meant
from khamsin.outcomes import LARGE, main_outcomes
from khamsin.quantiles import weighted_quantile
from khamsin.view import charts, pictures, small_series
from khamsin.view.chart_tables import histogram_table, ribbon_tables, within_band
from khamsin.view.numbers import shown
from khamsin.view.panels import panels, shares
from khamsin.view.terminal import BLOCKS, ribbons, sparkline


def rows(chart: object) -> list[list[dict[str, str]]]:
    """The tables of a chart as records."""
    found = pictures.tables(chart.to_dict())  # type: ignore[attr-defined]
    return [list(csv.DictReader(io.StringIO(t))) for t in found]


def test_a_fan_draws_weighted_quantiles() -> None:
    ds = small()
    where = {"actor": ["BLU"]}
    (drawn,) = rows(charts.fan(ds, "fighters", where))
    values = ds.fighters.values[:, :, ds.pair_actor.values == "BLU"].sum(axis=2)
    expected = weighted_quantile(values, ds.weight, [0.05, 0.25, 0.5, 0.75, 0.95])
    for n, row in enumerate(drawn):
        found = [float(row[k]) for k in ("q5", "q25", "q50", "q75", "q95")]
        np.testing.assert_allclose(found, expected[:, n], rtol=1e-5)
        assert row["t"] == str(ds.time.values[n])[:10]


def test_scenarios_are_drawn_over_each_other() -> None:
    both = [small("none"), small("strikes")]
    first, second = rows(charts.fan(both, "battle_deaths"))
    assert first[0]["s"] == "0"
    assert second[0]["s"] == "1"
    total = both[1].battle_deaths.sum("pair")
    expected = weighted_quantile(total, both[1].weight, 0.5)
    np.testing.assert_allclose([float(r["q50"]) for r in second], expected, rtol=1e-5)


def test_observations_outside_the_band_are_crosses() -> None:
    ds = small()
    band = weighted_quantile(ds.arrivals.sum("place"), ds.weight, [0.05, 0.25, 0.5, 0.75, 0.95])
    seen = [
        {"time": "2016-05-01", "value": band[2, 0]},
        {"time": "2016-06-01", "value": band[4, 1] + 1},
        {"time": "2030-01-01", "value": 1.0},
    ]
    assert within_band(seen, ds.time.values, band) == [True, False, None]
    tables = ribbon_tables([ds.time.values], [band], seen)
    assert len(tables) == 3
    assert "true" in tables[1]
    assert "false" in tables[2]
    drawn = pictures.svg(charts.fan(ds, "arrivals", observations=seen))
    assert "seen_marks" in drawn
    assert "missed_marks" in drawn


def test_axis_numbers_are_not_rounded_when_an_svg_is_slimmed() -> None:
    bars = [{"label": "a, b", "low": -0.06, "median": 0.02, "high": 0.13}]
    drawn = pictures.svg(charts.sensitivity(bars))
    assert ">0.05<" in drawn or ">0.15<" in drawn
    assert ">a, b<" in drawn
    assert "style=" not in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_a_page_finds_the_plot_of_a_ribbon() -> None:
    """By its background, whose size the month's cursor takes (static/report.js)."""
    (panel, *_) = panels([small()])
    assert re.search(r'class="background" d="M0,0h\d+v\d+', panel.svg)
    assert panel.svg.count('class="background"') == 1


def test_a_stencil_draws_what_the_chart_itself_would() -> None:
    ds, other = small(), small("strikes")
    bands = [
        weighted_quantile(d.fighters.sum("pair"), d.weight, [0.05, 0.25, 0.5, 0.75, 0.95])
        for d in (ds, other)
    ]
    times = [ds.time.values]
    one = charts.ribbons(times, bands[:1], title="")
    two = charts.ribbons(times, bands[1:], title="")
    stencil = pictures.Stencil(one)
    assert stencil.svg(ribbon_tables(times, bands[:1])) == pictures.svg(one)
    assert stencil.svg(ribbon_tables(times, bands[1:])) == pictures.svg(two)
    with pytest.raises(ValueError, match="zip"):
        stencil.svg([])


def test_histograms_count_every_member_by_weight() -> None:
    values, weight = np.array([-3.0, 0, 0, 2, 5, 5]), np.array([1.0, 2, 3, 4, 5, 6])
    text, crosses, whole = histogram_table(values, weight)
    bars = list(csv.DictReader(io.StringIO(text)))
    assert crosses
    assert whole
    assert sum(float(b["n"]) for b in bars) == 21
    zero = next(b for b in bars if b["side"] == "0")
    assert float(zero["n"]) == 5
    spread = np.random.default_rng(0).normal(1, 1, 1000)
    text, crosses, whole = histogram_table(spread, None)
    bars = list(csv.DictReader(io.StringIO(text)))
    up = sum(float(b["n"]) for b in bars if b["side"] == "1")
    assert up == (spread >= 0).sum()
    assert crosses
    assert not whole
    pictures.svg(charts.histogram(np.full(5, 7.25), None))


def test_differences_can_be_drawn_and_nothing_cannot() -> None:
    line = [{"label": "x", "low": -1, "median": 0.5, "high": 2}]
    assert ">x<" in pictures.svg(charts.differences(line, title="t"))
    with pytest.raises(InputError):
        charts.differences([])


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_pictures_are_written(tmp_path, ending: str, start: bytes) -> None:  # type: ignore[no-untyped-def]
    path = pictures.save(charts.fan(small(), "fighters"), tmp_path / "a" / f"x.{ending}")
    assert path.read_bytes().startswith(start)
    with pytest.raises(InputError, match=r"\.png"):
        pictures.save(charts.fan(small(), "fighters"), tmp_path / "x.gif")


def test_text_is_drawn_on_a_machine_without_fonts(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "fonts.conf").write_text("<fontconfig><dir>/nonexistent</dir></fontconfig>")
    code = """
import sys
import vl_convert as v
from khamsin.view.charts import FONT
def png(text):
    mark = {"type": "text", "fontSize": 40, "font": FONT}
    data = {"values": [{"a": text}]}
    return v.vegalite_to_png({"mark": mark, "data": data, "encoding": {"text": {"field": "a"}}})
sys.exit(0 if png("Sirte 0123") != png(" ") else 1)
"""
    environment = os.environ | {
        "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
        "HOME": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == 0


def test_panels_hold_the_bands_of_the_ensemble() -> None:
    both = [small("none"), small("strikes")]
    found = panels(both)
    assert [p.variable for p in found[:2]] == ["fighters", "unplaced"]
    deaths = next(p for p in found if p.variable == "battle_deaths")
    for ds, band in zip(both, deaths.bands, strict=True):
        expected = weighted_quantile(ds.battle_deaths.sum("pair"), ds.weight, 0.95)
        np.testing.assert_allclose(band[4], expected)
    assert deaths.unit == "people a month"
    assert shares(both[0])[0] == 0
    assert shares(both[0])[-1] == 1


def test_what_cannot_be_added_up_is_shown_by_element() -> None:
    ds = small()
    price = np.arange(ds.sizes["member"])[:, None, None] + np.zeros((1, ds.sizes["time"], 5))
    price[:, :, 2:] = 7.0
    attrs = {"units": "USD/kit", "kind": "stock", "long_name": "price of a kit"}
    ds["arms_price"] = (("member", "time", "place"), price, attrs)
    assert "arms_price" not in {o.variable for o in main_outcomes(ds)}
    assert "arms_price" not in {p.variable for p in panels([ds])}
    found = next(g for g in small_series.by_element([ds]) if g.variable == "arms_price")
    assert found.unit == "USD a kit"
    assert [line.label for line in found.lines] == ["Northport", "Southfield"]
    assert found.left == 3
    low, mid, high = weighted_quantile(price[:, -1, 0], ds.weight, [0.05, 0.5, 0.95])
    assert found.lines[0].ends == [(shown(mid), f"{shown(low)} – {shown(high)}")]


def test_many_variables_do_not_flood_the_page() -> None:
    ds = small()
    attrs = {"units": "kit", "kind": "flow", "long_name": "one of many"}
    for n in range(40):
        ds[f"made_{n}"] = (("member", "time", "place"), np.ones((60, 6, 5)) * n, attrs)
    drawn = {p.variable for p in panels([ds])}
    lines = {g.variable for g in small_series.totals([ds])}
    assert len(drawn) <= LARGE
    assert {"fighters", "battle_deaths", "air_strikes"} & set(ds) <= drawn
    assert not drawn & lines
    assert {f"made_{n}" for n in range(1, 40)} <= drawn | lines


def test_sparklines() -> None:
    assert sparkline(np.array([0.0, 5, 10])) == BLOCKS[0] + BLOCKS[4] + BLOCKS[7]
    assert len(sparkline(np.arange(500.0))) == 36
    assert sparkline(np.zeros(3)) == BLOCKS[0] * 3


def test_the_terminal_shows_the_numbers_of_the_ensemble() -> None:
    from rich.console import Console

    from khamsin.view.numbers import shown

    ds = small()
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(ribbons(ds))
    text = console.export_text()
    total = ds.battle_deaths.sum("pair").values
    low, mid, high = weighted_quantile(total, ds.weight, [0.05, 0.5, 0.95])
    line = next(x for x in text.splitlines() if x.startswith("Fighters killed"))
    assert line.split()[-7:-3] == [shown(v) for v in (mid[0], mid[-1], low[-1], high[-1])]


def test_a_narrow_terminal_cuts_no_number() -> None:
    from rich.console import Console

    from khamsin.view.numbers import shown

    ds = small()
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(ribbons(ds, width=console.width))
    text = console.export_text()
    assert "…" not in text
    total = ds.battle_deaths.sum("pair").values
    low, mid, high = weighted_quantile(total, ds.weight, [0.05, 0.5, 0.95])
    line = next(x for x in text.splitlines() if x.startswith("Fighters killed"))
    assert line.split()[-3:] == [shown(v) for v in (mid[-1], low[-1], high[-1])]


def test_a_place_an_actor_or_a_country_is_found_by_its_name() -> None:
    ds = small()
    ds = ds.assign_coords(country=("place", ["LY"] * ds.sizes["place"]))
    place, name = str(ds.place.values[0]), str(ds.place_name.values[0])
    actor = str(ds.actor.values[1])
    assert meant(ds, [f"place:{place}"]) == {"place": [place]}
    assert meant(ds, [name.upper(), actor.lower()]) == {"place": [place], "actor": [actor]}
    assert meant(ds, ["Libya"]) == meant(ds, ["ly"]) == {"country": ["LY"]}
    with pytest.raises(InputError, match=f"Did you mean {name}"):
        meant(ds, [name + "x"])
    with pytest.raises(InputError, match="no place, actor or country"):
        meant(ds, ["zzzzzzzz"])
