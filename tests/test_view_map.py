"""The map: what is drawn is what the ensemble says, and nothing covers anything."""

import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from synthetic_ensemble import MALICE, libya_sized, small

from khamsin.errors import InputError
from khamsin.quantiles import weighted_mean, weighted_quantile
from khamsin.view import basemap, discs, labels, palette
from khamsin.view.frames import clusters
from khamsin.view.graph import layout
from khamsin.view.map import draw
from khamsin.view.numbers import as_shown, percent_number
from khamsin.view.projection import Projection, fit, nice_length, unrolled

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def libya() -> tuple:
    datasets = [libya_sized(s, members=60, months=6) for s in ("none", "strikes")]
    return datasets, draw(datasets)


def test_odds_in_the_page_are_weighted_shares_of_members(libya: tuple) -> None:
    datasets, drawn = libya
    for ds, scenario in zip(datasets, drawn.payload["scenarios"], strict=True):
        weight = ds.weight.values
        seen = 0
        for place, rows in scenario["odds"].items():
            for actor, row in rows.items():
                held = ds.holder.values[:, :, int(place)] == int(actor)
                for month in range(ds.sizes["time"]):
                    assert row[month] == percent_number(weight[held[:, month]].sum())
                    seen += 1
        assert seen > 300


def test_sizes_cards_and_flows_in_the_page_are_those_of_the_ensemble(libya: tuple) -> None:
    datasets, drawn = libya
    ds, scenario = datasets[1], drawn.payload["scenarios"][1]
    names = [m["name"] for m in drawn.payload["measures"]]
    weight = ds.weight.values
    deaths = np.zeros((60, 6, ds.sizes["place"]))
    for pair, place in enumerate(ds.pair_place.values):
        deaths[:, :, list(ds.place.values).index(place)] += ds.battle_deaths.values[:, :, pair]
    three = scenario["card"][names.index("battle_deaths")]
    for k, q in enumerate((0.5, 0.05, 0.95)):
        expected = weighted_quantile(deaths, weight, q)
        for place, row in enumerate(three[k]):
            assert (row or [0] * 6) == [as_shown(v) for v in expected[:, place]]
    mean = weighted_mean(deaths, weight)
    for place, row in enumerate(scenario["size"][1]):
        assert (row or [0] * 6) == [as_shown(v) for v in mean[:, place]]
    median = weighted_quantile(ds.crossings.values, weight, 0.5)
    for row, link in zip(scenario["link"][0][0], drawn.payload["drawn"], strict=True):
        assert (row or [0] * 6) == [as_shown(v) for v in median[:, link]]


def test_slices_add_up_to_the_odds() -> None:
    ds = small()
    drawn = draw(ds, month=2)
    root = ElementTree.fromstring(drawn.svg)
    middle = list(ds.place.values).index("MID")
    disc = next(g for g in root.iter(f"{SVG}g") if g.get("data-p") == str(middle))
    wedges = list(disc.iter(f"{SVG}path"))
    turned = [_turn(p.get("d")) for p in wedges]
    weight = ds.weight.values
    for wedge, share in zip(wedges, turned, strict=True):
        actor = next(a for a in drawn.actors if a.css == wedge.get("class"))
        held = ds.holder.values[:, 2, middle] == actor.number
        assert share == pytest.approx(100 * weight[held].sum(), abs=1.5)
    assert len(wedges) >= 2


def _turn(d: str) -> float:
    """Percent of a turn between the two rim points of a wedge."""
    x0, y0, x1, y1 = (
        float(v) for v in re.match(r"M0 0L(\S+) (\S+)A\S+ \S+ 0 \d 1 (\S+) ([-\d.]+)z", d).groups()
    )
    a, b = np.arctan2(x0, -y0), np.arctan2(x1, -y1)
    return float((b - a) % (2 * np.pi) / (2 * np.pi) * 100)


def test_no_name_covers_a_name_or_a_disc(libya: tuple) -> None:
    ds, drawn = libya[0][0], libya[1]
    for panel in drawn.sheet.panels:
        assert np.isfinite(panel.spots[panel.shown]).all()
    root = ElementTree.fromstring(drawn.svg)
    for panel in root.findall(f"{SVG}g"):
        discs_here = [
            (*map(float, re.findall(r"-?[\d.]+", g.get("transform"))[:2]), _radius(g))
            for g in panel.iter(f"{SVG}g")
            if (g.get("class") or "").startswith("pl")
        ]
        for language in ("en", "ar"):
            for group in panel.iter(f"{SVG}g"):
                if group.get("class") != f"nms {language}":
                    continue
                boxes = [_box(t) for t in group.findall(f"{SVG}text")]
                assert boxes
                for a, b in itertools.combinations(boxes, 2):
                    assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])
                for box, (x, y, r) in itertools.product(boxes, discs_here):
                    nearest = np.clip([x, y], box[:2], box[2:])
                    assert np.hypot(*(nearest - [x, y])) > r - 0.5
    assert ds.sizes["place"] >= 90


def _radius(g: ElementTree.Element) -> float:
    circle = g.find(f"{SVG}circle")
    return float(circle.get("r")) if circle is not None else 3.0


def _box(text: ElementTree.Element) -> tuple[float, float, float, float]:
    words = text.text or ""
    code = text.find(f"{SVG}tspan")
    wide = labels.width(words) / labels.WIDER + (14 if code is not None else 0)
    x, y = float(text.get("x")), float(text.get("y"))
    anchor = text.get("text-anchor", "start")
    if text.get("direction") == "rtl":
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
    left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    return (left, y - 9, left + wide, y + 2)


def test_most_places_are_named(libya: tuple) -> None:
    root = ElementTree.fromstring(libya[1].svg)
    named = {t.get("data-p") for t in root.iter(f"{SVG}text") if t.get("class") == "nm"}
    shown = set(itertools.chain(*(p.shown.tolist() for p in libya[1].sheet.panels)))
    assert len(named) >= 0.9 * len(shown)


def test_the_dense_coast_has_an_inset(libya: tuple) -> None:
    zooms = [p for p in libya[1].sheet.panels if p.kind == "zoom"]
    assert len(zooms) == 1
    main = libya[1].sheet.panels[0]
    ids = zooms[0].shown
    both = [n for n in ids if np.isfinite(main.spots[n, 0])]
    scale = zooms[0].projection.pixels_per_degree / main.projection.pixels_per_degree
    assert len(both) >= 5
    assert scale > 2


def test_names_with_markup_arrive_as_text() -> None:
    svg = draw(small()).alone()
    assert "<script" not in svg
    assert "<b>" not in svg
    root = ElementTree.fromstring(svg)  # well-formed
    titles = [t.text for t in root.iter(f"{SVG}title")]
    assert MALICE in titles


def test_a_model_without_coordinates_is_laid_out_as_a_graph() -> None:
    drawn = draw(small(coordinates=False))
    (panel,) = drawn.sheet.panels
    assert panel.kind == "graph"
    assert len(panel.shown) == 5
    apart = panel.spots[:, None] - panel.spots[None]
    distance = np.hypot(apart[..., 0], apart[..., 1])[np.triu_indices(5, 1)]
    assert distance.min() > 60
    assert "Natural Earth" not in drawn.alone()
    assert draw(small(coordinates=False)).svg == drawn.svg


def test_layout_draws_linked_places_together() -> None:
    links = np.array([[0, 1], [1, 2], [3, 4], [4, 5]])
    at = layout(6, links)
    near = np.hypot(*(at[0] - at[1]))
    assert near < np.hypot(*(at[0] - at[3]))
    assert near < np.hypot(*(at[1] - at[4]))
    assert layout(0, links[:0]).shape == (0, 2)
    assert layout(1, links[:0]).shape == (1, 2)


def test_places_elsewhere_get_the_coarse_world_and_the_date_line_does_not_tear() -> None:
    ds = small()
    pacific = ds.assign_coords(
        lon=("place", [178.0, 179.5, -179.0, -178.0, 177.0]),
        lat=("place", [-17.0, -18.0, -16.5, -18.5, -17.5]),
    )
    (panel, *_) = draw(pacific).sheet.panels
    west, _, east, _ = panel.projection.frame
    assert east - west < 12
    assert len(panel.shown) == 5
    assert 'class="land" d="M' in draw(pacific).svg  # Fiji


def test_scenarios_with_other_axes_are_refused() -> None:
    with pytest.raises(InputError, match="time axis"):
        draw([small(), small("strikes").isel(time=slice(0, 3))])
    with pytest.raises(InputError, match="no variable that a disc can show"):
        draw(small(), size="nothing")


def test_the_chosen_size_is_drawn_first() -> None:
    drawn = draw(small(), size="arrivals")
    assert drawn.sizes[0][0] == "arrivals"


def test_tripoli_lies_in_libya() -> None:
    rect = (0.0, 0.0, 900.0, 700.0)
    projection = Projection(fit((8.0, 20.0, 26.0, 35.0), 900, 700), rect)
    drawn = basemap.draw(projection)
    libya = next(c for c in drawn.countries if c.code == "LY")
    assert libya.name_ar == "ليبيا"
    spots = projection(np.array([13.19, 20.0, 10.18]), np.array([32.8, 25.0, 36.8]))
    found = np.any([basemap_inside(ring, spots) for ring in libya.rings], axis=0)
    assert found.tolist() == [True, True, False]  # Tunis is not in Libya


def basemap_inside(ring: np.ndarray, spots: np.ndarray) -> np.ndarray:
    from khamsin.view.geometry import inside

    return inside(spots, ring)


def test_projection_keeps_distances_within_the_scale_bar() -> None:
    projection = Projection(fit((10.0, 28.0, 20.0, 34.0), 900, 600), (0.0, 0.0, 900.0, 600.0))
    middle = (projection.frame[1] + projection.frame[3]) / 2
    a, b = projection(np.array([15.0, 16.0]), np.array([middle, middle]))
    km = 111.195 * np.cos(np.radians(middle))
    assert np.hypot(*(a - b)) * projection.km_per_pixel() == pytest.approx(km, rel=0.01)


def test_small_helpers() -> None:
    assert nice_length(730) == 500
    assert nice_length(0.07) == pytest.approx(0.05)
    assert np.ptp(unrolled(np.array([179.0, -179.0]))) == pytest.approx(2)
    codes = palette.codes(["LNA", "LCG", "LOC", "L", "ISL", "ISC", "ISG"])
    assert len(set(codes.values())) == 7
    assert codes["LNA"] == "Ln"
    line = np.stack([np.arange(8.0), np.zeros(8)], axis=1)
    assert len(clusters(line, np.arange(8))) == 1  # evenly spaced: one group
    far = np.concatenate([line, line[:3] * 0.5 + [200, 0]])
    assert [len(g) for g in clusters(far, np.arange(11))] == [8, 3]


def test_discs_grow_with_area() -> None:
    a, b, c = (discs.radius(v, 100) for v in (0, 25, 100))
    assert a == discs.SMALLEST
    assert c == discs.LARGEST
    assert (b - a) / (c - a) == pytest.approx(0.5)
