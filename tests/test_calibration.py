"""Calibration: tempering against an exact posterior, files, resuming, recovery of a known law."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from test_filtering import DEATHS, MOVED, OBSERVED, REBELS

from khamsin.calibration.posterior import _error, r_hat
from khamsin.calibration.tempering import Particles, temper
from khamsin.errors import InputError, RunError
from khamsin.verbs.calibrate import calibrate

Floats = np.ndarray


@pytest.fixture
def folder(changed: Callable[..., Path]) -> Path:
    return changed(
        ("\noutputs:\n", OBSERVED.replace("SIZE", "5")), MOVED,
        files={"deaths.csv": DEATHS, "rebels.csv": REBELS},
    )  # fmt: skip


def normal(shift: float, sd: float = 0.5) -> Callable[[Particles], tuple[Floats, Floats]]:
    """One recorded value 1.0 with error sd; the truth is the score, plus `shift` under answer 1."""

    def simulate(p: Particles) -> tuple[Floats, Floats]:
        truth = p.scores[:, 0] + shift * p.answers[:, 0]
        log = -0.5 * ((1.0 - truth) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi))
        return log, truth[:, None]

    return simulate


def test_tempering_gives_the_exact_posterior_and_evidence() -> None:
    done = temper(normal(0.0), [np.array([1.0])], 1, particles=4000, seed=1, moves=4)
    scores = done.particles.scores[:, 0]
    # prior N(0, 1), record 1.0 with sd 0.5: posterior N(0.8, 0.2), evidence N(1; 0, 1.25)
    assert scores.mean() == pytest.approx(0.8, abs=0.04)
    assert scores.var() == pytest.approx(0.2, abs=0.02)
    exact = -0.5 / 1.25 - 0.5 * np.log(2 * np.pi * 1.25)
    assert done.log_evidence == pytest.approx(exact, abs=0.05)
    assert done.power == 1.0
    powers = [h[0] for h in done.history]
    assert powers == sorted(powers)


def test_odds_of_answers_are_exact() -> None:
    prior = np.array([0.7, 0.3])
    done = temper(normal(2.0), [prior], 1, particles=4000, seed=2, moves=6)
    densities = [np.exp(-0.5 * (1.0 - m) ** 2 / 1.25) for m in (0.0, 2.0)]
    exact = prior[1] * densities[1] / float(prior @ densities)
    assert (done.particles.answers[:, 0] == 1).mean() == pytest.approx(exact, abs=0.03)


def test_a_prior_that_excludes_the_data_says_so() -> None:
    def never(p: Particles) -> tuple[Floats, Floats]:
        return np.full(len(p.luck), -np.inf), np.zeros((len(p.luck), 1))

    with pytest.raises(RunError, match="the prior excludes it"):
        temper(never, [np.array([1.0])], 1, particles=50, seed=1)


def test_stopped_it_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(now: object) -> None:
        raise Stopped

    options = {"particles": 300, "seed": 3}
    simulate, weights = normal(1.0, 0.05), [np.array([0.5, 0.5])]
    whole = temper(simulate, weights, 1, **options)
    assert len(whole.history) > 2
    file = tmp_path / "chain.npz"
    for _ in range(2):
        with pytest.raises(Stopped):
            temper(simulate, weights, 1, **options, checkpoint=file, progress=stop)
    resumed = temper(simulate, weights, 1, **options, checkpoint=file)
    assert np.array_equal(resumed.particles.scores, whole.particles.scores)
    assert np.array_equal(resumed.log_likelihood, whole.log_likelihood)
    assert resumed.log_evidence == whole.log_evidence


def test_a_model_is_calibrated(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "out"
    done = calibrate(folder, only=["combat.*"], particles=40, folder=home, threads=2)
    for group in ("posterior", "prior", "posterior_predictive", "observed_data", "log_likelihood"):
        ds = xr.open_zarr(home / "posterior.zarr", group=group, consolidated=False)
        assert ds.data_vars, group
    posterior = xr.open_zarr(home / "posterior.zarr", group="posterior", consolidated=False)
    assert dict(posterior.sizes) == {"chain": 2, "draw": 40}
    assert "combat.defender_rate" in posterior
    assert posterior["hypothesis_combat_law"].attrs["answers"] == ["mixed", "square"]
    found = json.loads((home / "odds.json").read_text("utf-8"))
    assert found == done.found
    assert sum(o["posterior"] for o in found["odds"]) == pytest.approx(1)
    assert {p["series"] for p in found["predictive"]} == {"deaths", "rebels"}
    again = calibrate(folder, only=["combat.*"], particles=40, folder=tmp_path / "b", threads=1)
    assert again.found == found
    with pytest.raises(InputError, match="holds another calibration"):
        calibrate(folder, only=["combat.*"], particles=41, folder=home)


def test_what_cannot_be_calibrated(folder: Path, small_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no parameter with a width"):
        calibrate(folder, only=["combt.*"], particles=8, folder=tmp_path / "a")
    with pytest.raises(InputError, match=r"no observation 'death'\. Did you mean deaths"):
        calibrate(folder, series=["death"], particles=8, folder=tmp_path / "b")
    with pytest.raises(InputError, match="no observation with a window"):
        calibrate(small_folder, particles=8, until="2024-06-01", folder=tmp_path / "c")
    with pytest.raises(InputError, match="at least 4 particles"):
        calibrate(folder, particles=1, folder=tmp_path / "d")


def test_r_hat_of_chains_that_agree_and_that_do_not() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal((3, 2000))
    assert r_hat(drawn) == pytest.approx(1.0, abs=0.01)
    assert r_hat(drawn + np.arange(3)[:, None]) > 1.3
    assert np.isnan(r_hat(drawn[:1]))


def test_pieces_of_luck_are_renewed_one_by_one_and_the_posterior_stays_exact() -> None:
    """Eight months of luck, each seen with a small error: all new luck would never be taken."""
    noise = np.random.default_rng(5).standard_normal(100_000)
    seen = np.array([0.9, 1.4, 0.2, 1.1, 1.7, 0.6, 1.2, 0.9])

    def simulate(p: Particles) -> tuple[Floats, Floats]:
        truth = p.scores + noise[(p.luck[:, 1:] * 8 + np.arange(8)) % noise.size]
        return -0.5 * (((seen - truth) / 0.2) ** 2).sum(axis=1), truth

    done = temper(simulate, [np.array([1.0])], 1, particles=1000, seed=1, moves=12, pieces=9)
    # prior N(0, 1), each record N(score, 1 + 0.04): the mean of eight says all
    sd = 1 / np.sqrt(1 + 8 / 1.04)
    scores = done.particles.scores[:, 0]
    assert scores.mean() == pytest.approx(sd**2 * seen.sum() / 1.04, abs=0.1)
    assert scores.std() == pytest.approx(sd, rel=0.2)
    assert done.history[-1][2] > 0.05


def test_a_chain_that_holds_one_answer_is_never_sure() -> None:
    done = temper(normal(8.0), [np.array([0.5, 0.5])], 1, particles=100, seed=1)
    assert (done.particles.answers == 0).all()
    assert 0.001 < _error(done, 0, 0) < 0.2


@pytest.mark.parametrize("switch", ["combat_law", "divert", "oil"])
def test_the_answer_is_recovered_from_other_peoples_data(switch: str) -> None:
    from verification.recovery import Subsystem

    one = Subsystem(switch)
    answer = one.answers[-1]
    data = one.simulate(answer, np.random.default_rng(1))
    odds = one.posterior(one.record(data, True), 1)
    assert max(odds, key=lambda a: odds[a]) == answer
    assert sum(odds.values()) == pytest.approx(1)


@pytest.mark.parametrize("switch", ["abroad", "growth_LY", "image", "rescue"])
def test_simulators_make_every_row_of_their_series(switch: str) -> None:
    from verification.recovery import Subsystem

    one = Subsystem(switch)
    for answer in one.answers:
        data = one.simulate(answer, np.random.default_rng(1))
        assert set(data) == set(one.observed)
        for name, values in data.items():
            assert values.shape == one.observed[name].values.shape
            assert np.isfinite(values).all()
            assert values.sum() > 0


def test_the_list_of_switches_is_that_of_the_design() -> None:
    from verification.recovery import FOLDERS, listed

    said = listed()
    assert len(said) == 15
    assert set(said.values()) == {"yes", "no"}
    assert all((FOLDERS / s).is_dir() for s, how in said.items() if how == "yes")


def test_ranks_of_the_truth_are_within_bounds() -> None:
    from verification import ranks

    found, answers = ranks.ranks(3)
    assert ((found >= 0) & (found <= ranks.DRAWS)).all()
    assert ((answers >= 0) & (answers <= 1)).all()
