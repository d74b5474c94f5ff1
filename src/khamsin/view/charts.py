"""Charts: ribbons, paired differences, sensitivity; Altair objects, live in a notebook.

Each function takes numbers that are already quantiles (or an ensemble, from which it takes them
through `khamsin.quantiles`) and returns an Altair chart; `khamsin.view.pictures` turns charts into
SVG, PNG and PDF.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from khamsin import series
from khamsin.errors import InputError
from khamsin.view import palette
from khamsin.view.chart_tables import csv, day, histogram_table, ribbon_tables
from khamsin.view.numbers import compact

if TYPE_CHECKING:
    import altair as alt
    import xarray as xr

# Named, not left to the machine: vl-convert carries Liberation Sans; a page has the others.
FONT = "Liberation Sans, Arial, sans-serif"
INK, SOFT, RULE = "#1b1b1a", "#62625c", "#dddad2"
UP, DOWN, NEITHER = "#b0651d", "#2b6ca3", "#9a9a94"
SIZE = (300, 150)
HISTOGRAM = (170, 34)
BAR = 14  # pixels: the width of what stands for a ribbon of one period
# 1.5k and 2M, but 0.5 and never 500m
LABEL = (
    "abs(datum.value) >= 1000 ? format(datum.value, '.3~s') : "
    "datum.value == 0 ? '0' : format(datum.value, '.3~r')"
)


def fan(
    ds: xr.Dataset | Sequence[xr.Dataset],
    variable: str,
    where: Mapping[str, list[str]] | None = None,
    observations: Sequence[Mapping[str, Any]] = (),
    *,
    title: str | None = None,
    size: tuple[int, int] = SIZE,
) -> alt.LayerChart:
    """Ribbons of a variable over time: 5-95 %, 25-75 % and the median, weighted.

    Parameters
    ----------
    ds : Dataset or sequence of Dataset
        One ensemble, or several scenarios, drawn over each other in the colours of the scenarios.
    variable : str
        A variable with members and time; summed over its other dims.
    where : mapping, optional
        Ids to restrict it to, by dim: {"country": ["IT"]}, {"actor": ["ISL"], "place": ["SIRT"]}.
    observations : sequence of mappings
        What was recorded: keys 'time' and 'value'. Dots; crosses outside the 90 % band of the first
        ensemble.
    title : str, optional
        Otherwise the variable's own, with the ids of `where`.
    size : (int, int)
        Width and height of the plot in pixels.

    Returns
    -------
    LayerChart
        Of Altair: to be shown in a notebook, or saved (`khamsin.view.pictures.save`).

    Raises
    ------
    InputError
        If the variable or an id is unknown; names the nearest.

    Examples
    --------
    >>> import khamsin
    >>> from khamsin.view.charts import fan
    >>> run = khamsin.run("lanchester", members=10, folder="fan-example")
    >>> chart = fan(khamsin.open(run.stores[0]), "fighters", {"actor": ["RED"]})
    """
    several = [ds] if not isinstance(ds, Sequence) else list(ds)
    wanted = dict(where or {})
    bands = [series.band(one, series.total(one, variable, wanted)) for one in several]
    heading = title or series.title(several[0], variable) + _suffix(wanted)
    unit = series.unit(several[0], variable)
    return ribbons(
        [one["time"].values for one in several],
        bands,
        title=heading,
        unit=series.per_period(several[0], unit, series.is_flow(several[0], variable)),
        observations=observations,
        size=size,
    )


def ribbons(
    times: Sequence[Any],
    bands: Sequence[Any],
    *,
    title: str,
    unit: str = "",
    observations: Sequence[Mapping[str, Any]] = (),
    size: tuple[int, int] = SIZE,
) -> alt.LayerChart:
    """Ribbons from quantiles: one pair of arrays (time) and (5, time) for each scenario.

    Layers are named s0_outer, s0_inner, s0_line, s1_outer, ...: in the SVG these are classes, by
    which a page shows and hides a scenario.
    """
    import altair as alt

    layers: list[Any] = []
    tables = ribbon_tables(times, bands, observations)
    y = _value_axis(unit)
    for number in range(len(bands)):
        colour = palette.SCENARIOS[number % len(palette.SCENARIOS)]
        base = alt.Chart(_data(tables[number])).encode(x=_time_axis(times))
        single = len(times[number]) == 1  # an area of one day is nothing: a bar stands for it
        for name, opacity, low, high in (
            ("outer", 0.18, "q5", "q95"),
            ("inner", 0.3, "q25", "q75"),
        ):
            if single:
                mark = base.mark_bar(color=colour, opacity=opacity, size=BAR)
            else:
                mark = base.mark_area(color=colour, opacity=opacity)
            layers.append(
                mark.properties(name=f"s{number}_{name}").encode(
                    y=alt.Y(f"{low}:Q", **y), y2=f"{high}:Q"
                )
            )
        if single:
            middle = base.mark_tick(color=colour, size=BAR, thickness=1.8)
        else:
            middle = base.mark_line(color=colour, strokeWidth=1.8)
        layers.append(middle.properties(name=f"s{number}_line").encode(y=alt.Y("q50:Q", **y)))
    for table in tables[len(bands) :]:
        layers.append(_marks(table, times))
    return _dressed(alt.layer(*layers), title, size)


def differences(
    rows: Sequence[Mapping[str, Any]], *, title: str = "", size: tuple[int, int] = (430, 0)
) -> alt.LayerChart:
    """Intervals of paired differences, one a row: median, 90 % interval, a line at zero.

    Parameters
    ----------
    rows : sequence of mappings
        Keys 'label', 'low', 'median', 'high'; in the order in which they are drawn.
    """
    return _intervals(rows, title, size, "difference")


def sensitivity(
    rows: Sequence[Mapping[str, Any]], *, title: str = "", size: tuple[int, int] = (430, 0)
) -> alt.LayerChart:
    """Signed bars with intervals: how an outcome moves with each assumption.

    Parameters
    ----------
    rows : sequence of mappings
        Keys 'label', 'low', 'median', 'high'; in the order in which they are drawn.
    """
    return _intervals(rows, title, size, "bar")


def histogram(
    values: Any, weights: Any, *, title: str = "", unit: str = "", size: tuple[int, int] = HISTOGRAM
) -> alt.LayerChart:
    """Weighted distribution of paired differences, split at zero."""
    import altair as alt

    table, crosses, whole = histogram_table(values, weights)
    # of whole numbers only these are labelled: Vega has ticks at halves whatever tickMinStep says
    label = f"datum.value % 1 != 0 ? '' : {LABEL}" if whole else LABEL
    axis = alt.Axis(tickCount=4, grid=False, labelExpr=label, labelOverlap=True)
    bars = (
        alt.Chart(_data(table))
        .mark_rect()
        .properties(name="diff")
        .encode(
            x=alt.X(
                "a:Q",
                title=unit or None,
                scale=alt.Scale(nice=False, zero=False),
                axis=axis,
            ),
            x2="b:Q",
            y=alt.Y("n:Q", axis=None),
            y2=alt.datum(0),
            color=alt.Color(
                "side:N",
                legend=None,
                scale=alt.Scale(domain=[-1, 0, 1], range=[DOWN, NEITHER, UP]),
            ),
        )
    )
    zero = (
        alt.Chart(_table([{"x": 0}]))
        .mark_rule(color=INK, strokeWidth=1)
        .properties(name="zero")
        .encode(x="x:Q")
    )
    return _dressed(alt.layer(bars, zero) if crosses else alt.layer(bars), title, size)


def _marks(table: str, times: Sequence[Any]) -> Any:
    """Dots for what was recorded, crosses where it lies outside the 90 % band."""
    import altair as alt

    held = "\ntrue," in table
    return (
        alt.Chart(_data(table))
        .mark_point(
            shape="circle" if held else "M-1,-1L1,1M-1,1L1,-1",
            filled=held,
            size=24 if held else 34,
            strokeWidth=1.6,
            color=INK,
            opacity=1,
        )
        .properties(name="seen" if held else "missed")
        .encode(x=_time_axis(times), y="v:Q")
    )


def _intervals(
    rows: Sequence[Mapping[str, Any]], title: str, size: tuple[int, int], kind: str
) -> alt.LayerChart:
    import altair as alt

    if not rows:
        raise InputError("there is nothing to draw: no rows")
    values = [
        {
            "label": str(r["label"]),
            "low": compact(r["low"], 6),
            "median": compact(r["median"], 6),
            "high": compact(r["high"], 6),
            "up": bool(r["median"] > 0),
        }
        for r in rows
    ]
    order = [str(r["label"]) for r in rows]
    base = alt.Chart(_table(values)).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, ticks=False))
    )
    colour = alt.condition("datum.up", alt.value(UP), alt.value(DOWN))
    axis = alt.Axis(grid=True, tickCount=6, labelExpr=LABEL)
    x = alt.X("low:Q", title=None, axis=axis)
    layers = []
    if kind == "bar":
        layers.append(
            base.mark_bar(height=11, opacity=0.75)
            .properties(name="bar")
            .encode(x=alt.X("zero:Q", title=None, axis=axis), x2="median:Q", color=colour)
            .transform_calculate(zero="0")
        )
    layers += [
        base.mark_rule(strokeWidth=1.6)
        .properties(name="interval")
        .encode(x=x, x2="high:Q", **({} if kind == "bar" else {"color": colour})),
        alt.Chart(_table([{"x": 0}]))
        .mark_rule(color=INK, strokeWidth=1)
        .properties(name="zero")
        .encode(x="x:Q"),
    ]
    if kind == "difference":
        layers.append(base.mark_circle(size=60, opacity=1).encode(x="median:Q", color=colour))
    # a page may have a wider font than the one that labels are measured in
    wider = min(max(map(len, order)), 45)
    margin = {"left": 5 + wider, "top": 5, "right": 5, "bottom": 5}
    chart = alt.layer(*layers).properties(height=alt.Step(20), padding=margin)
    return _dressed(chart, title, (size[0], size[1]))


def _dressed(chart: Any, title: str, size: tuple[int, int]) -> alt.LayerChart:
    """Size, title, fonts and colours, the same for every chart."""
    import altair as alt

    sized = {"width": size[0]} | ({"height": size[1]} if size[1] else {})
    heading = alt.Title(title, anchor="start", fontSize=12.5, fontWeight="bold", offset=6)
    dressed: alt.LayerChart = chart.properties(title=heading, **sized).configure(
        font=FONT,
        background="transparent",
        title=alt.TitleConfig(color=INK, font=FONT),
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=SOFT,
            titleColor=SOFT,
            titleFontWeight="normal",
            titleFontSize=10.5,
            labelFontSize=10.5,
            domainColor=RULE,
            tickColor=RULE,
            gridColor=RULE,
            gridOpacity=0.7,
        ),
    )
    return dressed


def _time_axis(times: Sequence[Any]) -> Any:
    """Time from the first period to the last, so that a page can find a month on it."""
    import altair as alt

    first = min(np.asarray(t).min() for t in times)
    last = max(np.asarray(t).max() for t in times)
    months = max(1, round((last - first) / np.timedelta64(1, "D") / 30.44))
    step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if months / s <= 4.5), 240)
    return alt.X(
        "t:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[day(first), day(last)], nice=False),
        axis=alt.Axis(
            format="%Y" if step >= 12 else "%b %Y",
            tickCount=alt.TimeIntervalStep(interval="month", step=step),
            labelFlush=True,
            labelOverlap=True,
            grid=False,
        ),
    )


def _value_axis(unit: str) -> dict[str, Any]:
    import altair as alt

    return {
        "title": unit or None,
        "axis": alt.Axis(
            tickCount=4,
            minExtent=36,
            labelExpr=LABEL,
            titleAnchor="end",
            titleAngle=0,
            titleAlign="left",
            titleX=0,
            titleY=-7,
        ),
    }


def _table(rows: Sequence[Mapping[str, Any]]) -> Any:
    return _data(csv(rows))


def _data(table: str) -> Any:
    """A table in text as the data of a chart; 't' is a date, 'label' is text."""
    import altair as alt

    kinds = {"t": "date", "label": "string", "up": "boolean", "held": "boolean"}
    names = table.split("\n", 1)[0].split(",")
    parse = {n: kinds.get(n, "number") for n in names}
    return alt.Data(  # type: ignore[no-untyped-call]
        values=table, format=alt.CsvDataFormat(type="csv", parse=parse)
    )


def _suffix(where: Mapping[str, list[str]]) -> str:
    names = [n for ids in where.values() for n in ([ids] if isinstance(ids, str) else ids)]
    return f", {', '.join(names)}" if names else ""
