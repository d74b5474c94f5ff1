"""The report in a real browser: offline, quick, accessible, and its numbers are the ensemble's."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from synthetic_ensemble import libya_sized

from khamsin.quantiles import weighted_quantile
from khamsin.view import report
from khamsin.view.numbers import percent, shown

WIDE = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[list, str]:
    """Three scenarios of an ensemble the size of libya-2016, and the address of their report."""
    datasets = [libya_sized(s, members=200) for s in ("none", "strikes", "blockade")]
    path = report.write(datasets, tmp_path_factory.mktemp("report") / "report.html")
    return datasets, path.as_uri()


@pytest.fixture
def page(browser: Any, run: tuple) -> Iterator[Any]:
    """The report, open; what it asked of the network and complained of is kept."""
    opened = browser.new_page(viewport=WIDE)
    opened.asked, opened.complaints = [], []
    opened.on("request", lambda r: opened.asked.append(r.url))
    opened.on("console", lambda m: opened.complaints.append(m.text))
    opened.on("pageerror", lambda e: opened.complaints.append(str(e)))
    opened.goto(run[1])
    yield opened
    opened.close()


def test_nothing_is_asked_of_the_network_and_nothing_is_refused(page: Any, run: tuple) -> None:
    for scenario in ("1", "2"):
        page.locator(f'input[name="scenario"][value="{scenario}"]').check(force=True)
    page.locator('input[name="size"][value="1"]').check(force=True)
    page.locator('input[name="language"][value="ar"]').check(force=True)
    page.locator("#place").select_option(index=5)
    page.locator("#play").click()
    page.wait_for_timeout(900)
    assert page.asked == [run[1]]
    assert page.complaints == []  # the content policy reports here what it stops


def test_the_script_draws_what_python_drew(browser: Any, run: tuple) -> None:
    by_python = Path(run[1].removeprefix("file://")).read_text(encoding="utf-8")
    live = browser.new_page()
    live.goto(run[1])
    by_script = live.evaluate(
        """() => {
          const slider = document.querySelector('#month');
          for (const t of [0, slider.max]) {  // away and back, so that the script has drawn it
            slider.value = t;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
          }
          return Object.fromEntries([...document.querySelectorAll('.panel.main .pl:not(.sq)')]
            .map((g) => [g.dataset.p, g.querySelector('g').innerHTML]));
        }"""
    )
    main = by_python[by_python.index('class="panel main"') :]
    checked = 0
    for place, drawn in by_script.items():
        start = main.index(f'<g class="pl" data-p="{place}"')
        group = main[start : main.index("</g>", start)]
        python = re.sub(r"<g[^>]*><title>.*?</title><g>", "", group)
        found = [re.findall(r'class="(\w+)"', text) for text in (python, drawn)]
        assert found[0] == found[1], place
        radii = [re.findall(r'<circle r="([\d.]+)"', text) for text in (python, drawn)]
        assert radii[0] == radii[1], place
        paths = [re.findall(r"-?\d+\.?\d*", re.sub(r'class="\w+"', "", t)) for t in (python, drawn)]
        # Python slices whole percents too, so that both draw the same
        np.testing.assert_allclose(*[np.array(p, float) for p in paths], atol=0.11)
        checked += 1
    assert checked > 30
    live.close()


@pytest.mark.parametrize(("scenario", "month"), [(0, 19), (1, 7)])
def test_a_place_card_shows_the_numbers_of_the_ensemble(
    page: Any, run: tuple, scenario: int, month: int
) -> None:
    ds = run[0][scenario]
    ids = [str(p) for p in ds.place.values]
    place = str(ds.pair_place.values[10])
    n = ids.index(place)
    page.locator(f'input[name="scenario"][value="{scenario}"]').check(force=True)
    page.evaluate(
        """(t) => { const s = document.querySelector('#month'); s.value = t;
           s.dispatchEvent(new Event('input', {bubbles: true})); }""",
        month,
    )
    page.locator("#place").select_option(value=str(n))
    card = page.locator("#card").inner_text()
    assert str(ds.place_name.values[n]) in card
    holders, weight = ds.holder.values[:, month, n], ds.weight.values
    for actor in np.unique(holders[holders >= 0]).astype(int):
        share = weight[holders == actor].sum()
        assert re.search(
            re.escape(str(ds.actor_name.values[actor])) + r"\s+" + re.escape(percent(share)), card
        )
    here = ds.fighters.values[:, month, ds.pair_place.values == place].sum(axis=1)
    low, mid, high = weighted_quantile(here, weight, [0.05, 0.5, 0.95])
    assert re.search(rf"Fighters\s+{shown(mid)}\s+{shown(low)}–{shown(high)}", card)


def test_the_filter_and_the_language_change_the_map(page: Any) -> None:
    wedges = page.locator(".panel.main .pl .a0")
    before = wedges.count()
    page.locator('input[name="actor"]').first.uncheck()
    assert before > 0
    assert wedges.count() == 0
    page.get_by_role("button", name="Show all").click()
    assert wedges.count() == before
    page.get_by_role("button", name="Hide all").click()
    assert page.locator(".panel.main .pl path, .panel.main .pl circle:not(.rim)").count() == 0
    assert not page.get_by_text("طرابلس", exact=False).first.is_visible()
    page.locator('input[name="language"][value="ar"]').check(force=True)
    assert page.locator("svg.km .nms.ar text", has_text="طرابلس").first.is_visible()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_name_covers_another_as_the_browser_sets_it(page: Any, language: str) -> None:
    page.locator(f'input[name="language"][value="{language}"]').check(force=True)
    overlaps = page.evaluate(
        """(language) => {
          let found = [];
          for (const panel of document.querySelectorAll('svg.km .panel')) {
            const boxes = [...panel.querySelectorAll(`.nms.${language} .nm`)]
              .map((t) => [t.textContent, t.getBBox()]);
            for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
              const [a, b] = [boxes[i][1], boxes[j][1]];
              const x = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
              const y = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
              if (x > 1 && y > 3) found.push([boxes[i][0], boxes[j][0], x, y]);
            }
          }
          return found;
        }""",
        language,
    )
    assert overlaps == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Any, run: tuple, violations: Any, scheme: str) -> None:
    page = browser.new_page(viewport=WIDE, color_scheme=scheme)
    page.goto(run[1])
    page.locator("#place").select_option(index=8)
    assert violations(page) == []
    page.close()


def test_what_lies_below_the_screen_is_laid_out_once_the_page_is_ready(page: Any) -> None:
    page.wait_for_function(
        "() => document.querySelectorAll('main > section:not(.laid)').length === 0"
    )
    assert page.locator(".ribbons figure:not(.laid)").count() == 0
    heights = page.evaluate(
        "[...document.querySelectorAll('#sources, #comparison')].map((e) => e.clientHeight)"
    )
    assert len(heights) == 2
    assert 900 not in heights  # that is what a section is taken for until it is laid out


def test_a_phone_shows_all_without_scrolling_the_page_sideways(browser: Any, run: tuple) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(run[1])
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    map_width = page.evaluate("document.querySelector('svg.km#m').getBoundingClientRect().width")
    assert map_width >= 700  # names stay readable: the map scrolls in its own box
    page.close()


def test_print_cuts_nothing_off(browser: Any, run: tuple) -> None:
    page = browser.new_page(viewport={"width": 688, "height": 1000})  # A4 less its margins, 96 dpi
    page.goto(run[1])
    page.emulate_media(media="print")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('main *')]
          .filter((e) => e.getBoundingClientRect().right > 690 && e.getClientRects().length
                         && !e.closest('svg'))
          .map((e) => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40))"""
    )
    assert cut == []
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.close()
