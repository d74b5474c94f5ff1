"""The report: one file that loads nothing, shows markup as text and the ensemble's numbers."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from synthetic_ensemble import MALICE, libya_sized, small

from khamsin.comparison import compare
from khamsin.errors import InputError, RunError
from khamsin.outcomes import main_outcomes
from khamsin.quantiles import weighted_quantile
from khamsin.view import charts, evidence, findings, provenance, report, sensitivity
from khamsin.view.notebook import html
from khamsin.view.numbers import as_shown, percent, percent_number, shown

CLAIM = {
    "id": "C1",
    "statement": MALICE,
    "median": -34.2,
    "low": -120,
    "high": 55,
    "unit": "fighters",
    "sign": "-",
    "verdict": "unlikely",
    "probability": 0.23,
}
SEEN = {
    "title": "Arrivals, recorded",
    "variable": "arrivals",
    "points": [{"time": "2016-05-01", "value": 1.0}, {"time": "2016-06-01", "value": 30_000.0}],
}


class Page(HTMLParser):
    """The elements of a page, flat: (tag, attributes, text inside)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {k: v or "" for k, v in attrs}, []))
        if tag not in ("meta", "input", "link", "br", "img"):
            self.open.append(len(self.found) - 1)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.found[self.open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for n in self.open:
            self.found[n][2].append(data)

    def rows(self, key: str) -> dict[str, list[str]]:
        """Cells of each table row that carries an attribute, by its value."""
        found: dict[str, list[str]] = {}
        for n, (tag, attrs, _) in enumerate(self.found):
            if tag == "tr" and key in attrs:
                cells = []
                for inner, _, text in self.found[n + 1 :]:
                    if inner == "tr":
                        break
                    if inner in ("td", "th"):
                        cells.append("".join(text).strip())
                found[attrs[key]] = cells
        return found


@pytest.fixture(scope="module")
def scenarios() -> list:
    return [small("none"), small("strikes"), small("blockade")]


@pytest.fixture(scope="module")
def text(scenarios: list) -> str:
    scores = {"observed": [SEEN], "table": [{"series": "arrivals", "CRPS": 12.345}], "note": "n"}
    return report.page(scenarios, scores, [CLAIM])


def test_the_page_may_load_nothing_and_its_hashes_are_right(text: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
    policy = policy.replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    page = Page(text)
    for tag, attrs, _ in page.found:
        assert "style" not in attrs, tag
        assert not [a for a in attrs if a.startswith("on")], tag
        for key in ("src", "srcset", "data", "poster", "xlink:href"):
            assert key not in attrs, tag
        if "href" in attrs:
            assert tag == "a" or attrs["href"].startswith("#")  # to the page itself
    assert "@import" not in text
    assert "url(" not in text.replace("url(#", "")


def test_markup_in_names_and_notes_arrives_as_text(text: str) -> None:
    assert "<script>alert" not in text
    assert "<b>Sons" not in text
    assert "<i>invented" not in text
    page = Page(text)
    assert sum(tag == "script" for tag, _, _ in page.found) == 2
    claims = next(i for i, (_, a, _) in enumerate(page.found) if a.get("id") == "claims")
    heading = next("".join(t) for tag, _, t in page.found[claims:] if tag == "h3")
    assert MALICE in heading


def test_the_table_shows_the_quantiles_of_the_ensemble(scenarios: list, text: str) -> None:
    rows = Page(text).rows("data-outcome")
    quantities = Page(text[: text.index('id="map"')]).rows("data-outcome")
    for outcome in main_outcomes(scenarios[0]):
        cells = quantities[outcome.name][1:]
        for n, ds in enumerate(scenarios):
            low, mid, high = weighted_quantile(outcome.measured(ds), ds.weight, [0.05, 0.5, 0.95])
            assert cells[2 * n] == shown(mid)
            assert cells[2 * n + 1] == f"{shown(low)} – {shown(high)}"
    assert len(rows) >= len(quantities) > 8


def test_the_ribbons_are_drawn_at_the_quantiles_of_the_ensemble(scenarios: list, text: str) -> None:
    """Read back from the page: heights of the paths, by the numbers beside the axis."""
    checked = 0
    for name in ("fighters", "arrivals", "battle_deaths"):
        figure = re.search(rf'<figure data-variable="{name}">.*?</figure>', text, re.S).group()
        labels = re.findall(r"translate\(-7,([-.\d]+)\)[^>]*>([\d,.]+)(k?)<", figure)
        heights = [float(y) - 3 for y, _, _ in labels]  # a label stands 3 px below its tick
        values = [float(v.replace(",", "")) * (1000 if k else 1) for _, v, k in labels]
        slope = (values[-1] - values[0]) / (heights[-1] - heights[0])
        for n, ds in enumerate(scenarios):
            variable = ds[name]
            total = variable.sum([d for d in variable.dims if d not in ("member", "time")]).values
            quantiles = weighted_quantile(total.astype(float), ds.weight, [0.05, 0.5, 0.95])
            outer = _heights(figure, f"s{n}_outer")
            months = len(quantiles[1])
            drawn = [outer[:months], _heights(figure, f"s{n}_line"), outer[: months - 1 : -1]]
            drawn = sorted(drawn, key=lambda line: -sum(line))  # low values lie low
            for line, expected in zip(drawn, quantiles, strict=True):
                read = values[0] + slope * (np.array(line) - heights[0])
                np.testing.assert_allclose(read, expected, atol=abs(slope) * 0.11)
                checked += months
    assert checked > 100


def _heights(figure: str, layer: str) -> list[float]:
    path = re.search(rf'{layer}_marks"><path d="([^"]*)"', figure).group(1)
    return [float(y) for y in re.findall(r"[ML][-.\d]+,([-.\d]+)", path)]


def test_the_comparison_shows_the_paired_effects(scenarios: list, text: str) -> None:
    effects = compare(scenarios[0], scenarios[1])
    part = text[text.index('data-scenario="strikes"') : text.index('data-scenario="blockade"')]
    rows = Page("<table>" + part).rows("data-outcome")
    assert len(rows) > 5
    for name, cells in rows.items():
        one = effects.sel(outcome=name).isel(group=0)
        assert cells[1:3] == [shown(float(one.a_median)), shown(float(one.b_median))]
        assert cells[3] == shown(float(one.effect), signed=True)
        assert cells[4] == f"{shown(float(one.low), True)} to {shown(float(one.high), True)}"
        assert cells[5] == percent(float(one.probability_above))
        assert cells[7] == f"{float(one.members_independent):,.0f}"


def test_the_places_as_a_table_show_the_odds(scenarios: list, text: str) -> None:
    ds = scenarios[0]
    rows = Page(text).rows("data-place")
    assert len(rows) == 5
    ids = list(ds.place.values)
    for place, cells in rows.items():
        holders = ds.holder.values[:, -1, ids.index(place)]
        best = max(range(3), key=lambda a: ds.weight.values[holders == a].sum())
        share = ds.weight.values[holders == best].sum()
        assert cells[1].startswith(f"{ds.actor_name.values[best]} {percent(share)}")
        here = ds.fighters.values[:, -1, ds.pair_place.values == place].sum(axis=1)
        low, mid, high = weighted_quantile(here, ds.weight, [0.05, 0.5, 0.95])
        assert cells[2] == f"{shown(mid)} ({shown(low)} – {shown(high)})"


def test_the_numbers_for_the_script_survive_any_name(text: str) -> None:
    inside = re.search(r'id="map-data">(.*?)</script>', text, re.S).group(1)
    assert "<" not in inside
    data = json.loads(inside)
    assert MALICE in [p["name"] for p in data["places"]]
    numbers = re.findall(r"\d+\.\d+", inside)
    assert max((len(n) for n in numbers), default=0) < 9  # no 2.4000000953674316


def test_claims_and_scores_and_observations_are_shown(text: str) -> None:
    assert "unlikely" in text
    assert "−34.2 fighters (90 %: −120 to +55)" in text
    assert "Scores against the record" in text
    assert "12.3" in text
    assert re.search(r"[01] of 2 in the 90&nbsp;% band", text)


def test_every_section_is_there(text: str) -> None:
    for name in ("result", "map", "ribbons", "comparison", "claims", "sensitivity", "sources"):
        assert f'<section id="{name}"' in text
    assert "khamsin run invented --members 60 --seed 7" in text
    assert "What this cannot say" in text
    assert "Natural Earth" in text
    assert "2 of 3 rest on judgement" in text


def test_one_scenario_has_no_comparison_and_a_stopped_run_says_so() -> None:
    ds = small().assign_attrs(members=100)
    alone = report.page([ds])
    assert '<section id="comparison"' not in alone
    assert '<section id="claims"' not in alone
    assert "60 of 100" in alone


def test_a_model_without_coordinates_or_holders_or_links_has_a_report() -> None:
    ds = small(coordinates=False).drop_dims("link").drop_vars(["holder", "control"])
    page = report.page([ds])
    assert "linked places are drawn near each other" in page
    assert '<section id="ribbons"' in page


def test_a_bare_model_of_counts_has_a_report() -> None:
    ds = small()[["arrivals"]]
    page = report.page([ds.assign_attrs(model="not json")])
    assert '<section id="map"' in page
    assert '<g class="pl"' in page  # discs, though nobody holds anything
    assert "A slice of a disc" not in page


def test_a_handful_of_members_and_one_month_are_no_finding() -> None:
    few = small(members=3, months=1)
    text = "".join(findings.sentences([few], [], main_outcomes(few)))
    assert "is the one of" not in text  # the same month
    assert "100" not in re.findall(r"likelier than (\d+)", text)
    assert all(found == ([], 0) for found in sensitivity.bars(few, main_outcomes(few)[:2]))
    page = report.page([few])
    assert "What carries the result" not in page
    assert page.count("s0_outer") > 0
    one = findings.limits(small(members=1), 1, 2)
    assert "One member is one course of events: it says nothing of how likely it is." in one


def test_a_ribbon_of_one_period_is_a_bar() -> None:
    drawn = charts.fan(small(months=1), "arrivals").to_dict()
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["bar", "bar", "tick"]


def test_what_cannot_be_reported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs an ensemble"):
        report.page([])
    with pytest.raises(InputError, match="have other places"):
        report.page([small(), small().isel(place=slice(0, 4))])
    with pytest.raises(InputError, match="different seeds"):
        report.page([small(), small("strikes", seed=8)])
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot write"):
        report.write([small()], tmp_path / "file" / "report.html")
    with pytest.raises(InputError, match="statement"):
        evidence.claim_rows([{"id": "C1"}])
    with pytest.raises(InputError, match="points"):
        evidence.observed({"observed": [{"title": "x", "variable": "arrivals"}]}, ["arrivals"])


def test_a_report_the_size_of_libya_is_small(tmp_path: Path) -> None:
    datasets = [libya_sized(s, members=1000) for s in ("none", "strikes", "blockade")]
    size = report.write(datasets, tmp_path / "report.html").stat().st_size
    print(f"report_bytes: {size}")
    assert size < 1_500_000


def test_sensitivity_finds_what_matters() -> None:
    ds = small(members=500)
    outcome = main_outcomes(small("strikes", members=500))[0]
    [(found, tried)] = sensitivity.bars(small("strikes", members=500), [outcome])
    assert found[0].label.startswith("image")
    assert tried == 4
    import xarray as xr

    total = ds.fighters.isel(time=-1).sum("pair").values.astype(float)
    drawn = xr.Dataset(
        {
            "combat.rate": ("member", np.exp(total / total.mean())),
            "combat.same": ("member", np.ones(500)),
            "skill": (("member", "actor"), np.random.default_rng(0).normal(size=(500, 3))),
        }
    )
    [((first, *rest), tried)] = sensitivity.bars(ds, [outcome], drawn)
    assert first.label == "combat.rate"
    assert first.median == pytest.approx(1, abs=1e-6)
    assert not [b for b in rest if b.label == "combat.same"]
    assert tried == 8  # four answers, one rate, three skills; not what all members share
    assert not any(b.label.startswith("skill [") for b in rest)  # noise does not stand out


def test_numbers_are_written_one_way() -> None:
    for value, expected in (
        (12431.4, "12,431"),
        (99.96, "100"),
        (37.54, "37.5"),
        (0.0624, "0.0624"),
        (2.4000000953674316, "2.4"),
        (-1230.0, "−1,230"),
        (0.0, "0"),
        (0.00052, "5.2e-4"),
        (float("nan"), "–"),
    ):
        assert shown(value) == expected
    assert shown(3.0, signed=True) == "+3"
    assert shown(0.0, signed=True) == "0"
    assert [percent_number(v) for v in (0, 1e-4, 0.145, 0.5, 0.9999, 1)] == [
        0,
        0.5,
        14,
        50,
        99.5,
        100,
    ]
    assert as_shown(2.4000000953674316) == 2.4
    assert as_shown(float("nan")) is None
    for value in np.random.default_rng(1).lognormal(2, 3, 500):
        assert shown(float(as_shown(value))) == shown(value)


def test_priors_and_sources_are_read_from_the_ensemble() -> None:
    resolved = provenance.model(small())
    numbers = {n.name: n for n in provenance.numbers(resolved, None)}
    assert numbers["combat.kill_rate"].value == "log-normal, median 0.01, sigma 0.45"
    assert numbers["combat.crowd [RED]"].value == "150"
    assert numbers["combat.crowd"].judged
    (one,) = provenance.references(resolved, ["bueno_2016", "bueno_2016"])
    assert one.used == 2
    assert one.url == "https://example.org/bueno"
    bad = {"references": {"x": {"url": "javascript:alert(1)", "title": "t"}}}
    assert provenance.references(bad, [])[0].url == ""


def test_the_notebook_view_holds_map_and_ribbons() -> None:
    found = html(small())
    assert found.count("<svg") >= 6
    assert "<script>alert" not in found
    assert "<details>" in found


def test_interventions_and_starting_values_are_listed_with_their_sources() -> None:
    resolved = {
        "state": {"fighters": {"rows": [{"source": "cnn"}, {"source": "judgement"}]}},
        "scenarios": {
            "strikes": {
                "title": "Strikes",
                "interventions": [
                    {
                        "change": "strike_plan",
                        "where": {"place": ["SIRT"]},
                        "start": "2016-08-01",
                        "end": None,
                        "action": "set",
                        "value": {"fixed": 24.6},
                        "unit": "1/week",
                        "source": "africom",
                        "known_on": "2016-12-20",
                    }
                ],
            }
        },
    }
    assert provenance.starts(resolved)[0]["sources"] == "cnn (1); judgement (1)"
    assert provenance.starts(resolved)[0]["judged"] == 1
    (row,) = provenance.interventions(resolved, ["strikes"])[0]["rows"]
    assert row["value"] == "set 24.6 1/week"
    assert row["when"] == "2016-08-01 to the end"
    assert provenance.interventions(resolved, ["none"]) == []
