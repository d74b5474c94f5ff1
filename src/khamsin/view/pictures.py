"""Charts as SVG, PNG and PDF, without a browser and without a network.

vl-convert draws with the fonts it carries (Liberation Sans among them); a font that is nowhere to
be found would silently draw no text, so the charts name one that is always there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from khamsin.errors import InputError, RunError

if TYPE_CHECKING:
    import altair as alt

KINDS = (".svg", ".png", ".pdf")


def svg(chart: alt.TopLevelMixin) -> str:
    """The SVG of a chart, slim enough to stand in a page.

    Style attributes would be refused by the page's content policy, and numbers with many decimals
    are half of the bytes: both are left out.
    """
    import vl_convert

    spec = chart.to_json(validate=False)
    return _slim(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


class Stencil:
    """Many charts that differ in nothing but their tables, from one compiled pattern.

    Altair and vl-convert take a third of a second for a chart, most of it for what all charts of a
    page share. So one is compiled to Vega, and the others are it with other tables.
    """

    def __init__(self, chart: alt.TopLevelMixin) -> None:
        import vl_convert

        spec = json.loads(chart.to_json(validate=False))
        self._tables = tables(spec)
        self._vega = json.dumps(vl_convert.vegalite_to_vega(spec))

    def svg(self, others: Sequence[str]) -> str:
        """The SVG with other tables, in the order in which the chart had its own.

        Raises
        ------
        ValueError
            If there are more or fewer tables than the chart has.
        """
        import vl_convert

        vega = self._vega
        for n, own in enumerate(self._tables):  # first marked, then filled: tables may be alike
            vega = vega.replace(json.dumps(own), f'"\0{n}"')
        for n, (_, other) in enumerate(zip(self._tables, others, strict=True)):
            vega = vega.replace(f'"\0{n}"', json.dumps(other))
        return _slim(vl_convert.vega_to_svg(vega, allowed_base_urls=[]))


def tables(spec: Any) -> list[str]:
    """The tables of a Vega-Lite chart in the order of its layers, each once."""
    found: dict[str, None] = {}
    datasets = spec.get("datasets", {}) if isinstance(spec, dict) else {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            data = node.get("data")
            if isinstance(data, dict):
                values = data.get("values", datasets.get(data.get("name")))
                if isinstance(values, str):
                    found.setdefault(values)
            for key, child in node.items():
                if key not in ("data", "datasets"):
                    walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)

    walk(spec)
    return list(found)


def _slim(drawn: str) -> str:
    """An SVG without what a page does not need or may not have."""

    def tag(found: re.Match[str]) -> str:
        """Only tags are touched: the numbers between them are to be read."""
        text = re.sub(r' (?:style|role|aria-[a-z]+|pointer-events)="[^"]*"', "", found.group())
        return re.sub(r"\d+\.\d{2,}", _tenths, text)

    drawn = re.sub(r"<[^>]*>", tag, drawn)
    # layers without anything in them; the background of the plot says how wide it is
    empty = r'<path class="(?:foreground" d=""|background" d="M0,0h0v0h0Z")[^>]*/>'
    drawn = re.sub(f'{empty}| opacity="1"', "", drawn)
    if font := re.search(r' font-family="[^"]*"', drawn):  # said once, for all its texts
        drawn = drawn.replace(font.group(), "").replace("<svg", f"<svg{font.group()}", 1)
    return drawn.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")


def _tenths(number: re.Match[str]) -> str:
    return f"{float(number.group()):.1f}".removesuffix(".0")


def save(chart: alt.TopLevelMixin, path: str | Path, scale: float = 2.0) -> Path:
    """Write a chart as .svg, .png or .pdf, by the ending of the path.

    Parameters
    ----------
    chart : Chart
        Of Altair.
    path : path
        The file to write.
    scale : float
        Pixels of a .png for each pixel of the chart.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        For another ending.
    RunError
        If the file cannot be written.

    Examples
    --------
    >>> import khamsin
    >>> from khamsin.view.charts import fan
    >>> from khamsin.view.pictures import save
    >>> run = khamsin.run("lanchester", members=10, folder="save-example")
    >>> save(fan(khamsin.open(run.stores[0]), "fighters"), "fighters.svg").name
    'fighters.svg'
    """
    import vl_convert

    path = Path(path)
    spec = chart.to_json(validate=False)
    if path.suffix.lower() not in KINDS:
        raise InputError(f"{path.name}: a picture ends in {', '.join(KINDS)}")
    if path.suffix.lower() == ".svg":
        data = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]).encode()
    elif path.suffix.lower() == ".png":
        data = vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[])
    else:
        data = vl_convert.vegalite_to_pdf(spec, allowed_base_urls=[])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error
    return path
