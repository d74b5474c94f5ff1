"""Rolling origins: what each forecast may know, and how points become skill and coverage."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from test_filtering import DEATHS, MOVED, OBSERVED, REBELS
from typer.testing import CliRunner

from khamsin.cli import app
from khamsin.errors import InputError
from khamsin.hindcast.rolling import Point, Rolled
from khamsin.hindcast.rolling_page import as_json, markdown
from khamsin.verbs.rolling import roll


@pytest.fixture
def folder(changed: Callable[..., Path]) -> Callable[..., Path]:
    def make(deaths: str = DEATHS, rebels: str = REBELS) -> Path:
        observed = OBSERVED.replace("SIZE", "2")
        files = {"deaths.csv": deaths, "rebels.csv": rebels}
        return changed(("\noutputs:\n", observed), MOVED, files=files)

    return make


def test_each_forecast_knows_what_was_known(folder: Callable[..., Path]) -> None:
    found = roll(folder(), "2024-01..2024-04", ahead=2, members=20, particles=30)
    assert found.origins == ["2024-02-01", "2024-03-01", "2024-04-01"]
    deaths = [p for p in found.points if p.series == "deaths"]
    assert [(p.origin[:7], p.when, p.ahead) for p in deaths] == [
        ("2024-02", "2024-02", 1), ("2024-02", "2024-03", 2),
        ("2024-03", "2024-03", 1), ("2024-03", "2024-04", 2),
        ("2024-04", "2024-04", 1),
    ]  # fmt: skip
    assert max(p.month for p in found.points) == "2024-04"
    # what was recorded after the last month changes nothing, what was recorded in March no state
    # before its end
    later = roll(
        folder(DEATHS.replace("2024-06,30", "2024-06,900")),
        "2024-01..2024-04", ahead=2, members=20, particles=30,
    )  # fmt: skip
    assert later.steps == found.steps
    march = roll(
        folder(DEATHS.replace("2024-03,30", "2024-03,3")),
        "2024-01..2024-04", ahead=2, members=20, particles=30,
    )  # fmt: skip
    assert march.steps[:2] == found.steps[:2]
    assert march.steps[2] != found.steps[2]


def test_a_row_that_became_known_later_is_taken_in_later(folder: Callable[..., Path]) -> None:
    header = "month,deaths,source,known_on\n"
    rows = [f"2024-{m:02d},{v},judgement" for m, v in enumerate((12, 25, 30, 15), 1)]
    soon = header + "".join(f"{r},2024-{m + 1:02d}-01\n" for m, r in enumerate(rows, 1))
    late = header + "".join(f"{r},2024-{m + 1:02d}-20\n" for m, r in enumerate(rows, 1))
    rebels = "date,rebels,source\n2024-04-15,1300,judgement\n"
    one, two = (
        roll(folder(t, rebels), "2024-01..2024-04", members=10, particles=30) for t in (soon, late)
    )
    assert [s["day"] for s in one.steps] == ["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]
    assert [s["day"] for s in two.steps] == ["2024-03-01", "2024-04-01", "2024-05-01"]


def point(series: str, month: str, crps: float, other: float, recorded: float = 5.0) -> Point:
    return Point(
        series, series, "person", "last_observed", "2015-01-01", month, month, 1, recorded,
        0.0, 4.0, 10.0, crps, other,
    )  # fmt: skip


def test_all_series_count_alike() -> None:
    months = [f"2015-{m:02d}" for m in range(1, 13)]
    points = [point("large", m, 500.0, 1000.0) for m in months]  # skill 0.5, in thousands
    points += [point("small", m, 3.0, 2.0) for m in months]  # skill -0.5
    points += [point("alone", m, 1.0, float("nan"), 50.0) for m in months]
    rolled = Rolled(["2015-01-01"], 10, 10, points)
    lines = {line.series: line for line in rolled.lines}
    assert lines["large"].skill.value == pytest.approx(0.5)
    assert lines["small"].skill.value == pytest.approx(-0.5)
    assert rolled.together.value == pytest.approx(0.0)
    assert (lines["large"].coverage, lines["alone"].coverage) == (1.0, 0.0)
    assert lines["large"].width == 10.0
    assert lines["large"].above == 1.0
    assert lines["alone"].skill.verdict == "no benchmark"
    page = markdown(rolled, ["# Title"])
    assert "**All series together:** skill" in page
    assert "no benchmark" in page
    assert as_json(rolled)["points"][0]["crps"] == 500.0
    assert as_json(rolled)["points"][-1]["other"] is None


def test_blocks_of_months_hold_all_series() -> None:
    rng = np.random.default_rng(1)
    months = [f"20{y}-{m:02d}" for y in range(10, 20) for m in range(1, 13)]
    good = rng.gamma(4.0, 1.0, len(months))
    points = [point("a", m, 0.5 * g, g) for m, g in zip(months, good, strict=True)]
    found = Rolled(["2015-01-01"], 10, 10, points).together
    assert found.low == pytest.approx(0.5) and found.high == pytest.approx(0.5)
    noisy = [
        point("a", m, float(rng.gamma(4.0, 1.0)), g) for m, g in zip(months, good, strict=True)
    ]
    assert Rolled(["2015-01-01"], 10, 10, noisy).together.verdict == "no difference"


def test_what_is_no_range_is_refused(folder: Callable[..., Path]) -> None:
    home = folder()
    with pytest.raises(InputError, match=r"two months like 2015-01\.\.2016-04"):
        roll(home, "2024-01")
    with pytest.raises(InputError, match="not after the model's origin 2024-05-01"):
        roll(home, "2024-01..2024-07")
    with pytest.raises(InputError, match="at least 1 month ahead"):
        roll(home, "2024-01..2024-03", ahead=0)


def test_the_command_writes_a_page(folder: Callable[..., Path], tmp_path: Path) -> None:
    page = tmp_path / "rolling.md"
    words = ["score", str(folder()), "--rolling", "2024-01..2024-04", "--members", "10"]
    done = CliRunner().invoke(app, [*words, "--particles", "20", "--page", str(page)])
    assert done.exit_code == 0, done.output
    assert "skill_together:" in done.output
    assert "| Deaths (person) | all | 6 |" in page.read_text(encoding="utf-8")
    refused = CliRunner().invoke(app, [*words, "--origin", "2024-02-01"])
    assert refused.exit_code != 0
