"""An ensemble in a notebook: the map and the main ribbons, as HTML that needs nothing else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from khamsin import series
from khamsin.errors import KhamsinError
from khamsin.view import map as maps
from khamsin.view import panels

if TYPE_CHECKING:
    import xarray as xr

MOST = 6


def html(ds: xr.Dataset, month: int = -1) -> str:
    """The map of a month and the first ribbons, with the plain view of the data folded below.

    Parameters
    ----------
    month : int
        As of `khamsin.view.map.draw`.
    """
    attrs = ds.attrs
    head = " · ".join(
        escape(str(part))
        for part in (
            attrs.get("title", ""),
            attrs.get("scenario_title", ""),
            f"{ds.sizes['member']:,} members",
            f"seed {attrs.get('seed', '')}",
            series.months(ds)[month],
        )
        if part
    )
    parts = [f"<div class='khamsin'><p><b>{head}</b></p>"]
    try:
        parts.append(
            maps.draw(ds, month=month, uid=f"n{id(ds)}").alone(str(attrs.get("title", "")))
        )
    except KhamsinError as error:
        parts.append(f"<p>{escape(str(error))}</p>")
    style = "display:inline-block;margin:0 18px 12px 0;vertical-align:top"
    for panel in panels.panels([ds])[:MOST]:
        heading = escape(f"{panel.title} ({panel.unit})" if panel.unit else panel.title)
        parts.append(f"<div style='{style}'><div>{heading}</div>{panel.svg}</div>")
    plain = ds._repr_html_()
    return f"{''.join(parts)}<details><summary>Data</summary>{plain}</details></div>"


def register() -> bool:
    """Show ensembles this way in the running notebook; other datasets keep xarray's own view.

    Returns
    -------
    bool
        Whether there is a notebook.
    """
    try:
        from IPython.core.getipython import get_ipython  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return False
    shell: Any = get_ipython()
    if shell is None or shell.display_formatter is None:
        return False
    import xarray as xr

    shell.display_formatter.formatters["text/html"].for_type(xr.Dataset, _shown)
    return True


def _shown(ds: Any) -> str:
    """The view of an ensemble, or xarray's own for any other dataset."""
    is_ensemble = "khamsin_version" in ds.attrs and {"member", "time"} <= set(ds.dims)
    return html(ds) if is_ensemble else str(ds._repr_html_())
