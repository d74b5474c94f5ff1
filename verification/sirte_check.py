"""The consistency check of Sirte (design: sirte_check.py, science.md section 8), by khamsin's own
processes.

The inputs of each member are drawn by NumPy exactly as the check drew them; the dynamics are the
processes combat, air_strikes, dispersal, reinforcement and territorial_control. What the check's
own code printed stands in TABLE; a quantile agrees when the difference lies within three standard
errors of the difference of two such ensembles.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from khamsin.engine import compile_plan
from khamsin.model import read
from khamsin.plan import plan

HERE = Path(__file__).parent / "sirte"
MEMBERS = 4000
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Variant:
    """One row of the table."""

    label: str
    exponent: float = 0.5
    air: bool = True
    leave: float = 0.03


VARIANTS = (
    Variant("mixed law, air"),
    Variant("mixed law, no air", air=False),
    Variant("square law, air", exponent=1.0),
    Variant("log law, air", exponent=0.0),
    Variant("mixed law, air, dispersal 0.06", leave=0.06),
    Variant("mixed law, no air, dispersal 0.06", leave=0.06, air=False),
)

# Printed by the design's sirte_check.py: weeks to fall at 5/25/50/75/95 %; P(fall <= 30 weeks); BAM
# killed at 5/50/95 %; IS killed at 5/50/95 %; IS left in Sirte at week 9 at 5/50/95 %.
TABLE: dict[
    str, tuple[tuple[float, ...], float, tuple[float, ...], tuple[float, ...], tuple[float, ...]]
] = {
    "mixed law, air": (
        (18, 24, 29, 36, 51),
        0.56,
        (220, 586, 1507),
        (1170, 1919, 2756),
        (534, 1258, 2112),
    ),
    "mixed law, no air": (
        (19, 26, 34, 44, 64),
        0.38,
        (255, 678, 1874),
        (1128, 1879, 2709),
        (558, 1269, 2081),
    ),
    "square law, air": (
        (10, 14, 17, 20, 27),
        0.98,
        (79, 225, 595),
        (1403, 2092, 2877),
        (22, 938, 1946),
    ),
    "log law, air": (
        (25, 34, 45, 62, 110),
        0.15,
        (897, 2450, 7340),
        (936, 1708, 2547),
        (822, 1472, 2219),
    ),
    "mixed law, air, dispersal 0.06": (
        (15, 21, 25, 31, 42),
        0.75,
        (180, 467, 1157),
        (768, 1484, 2309),
        (283, 904, 1680),
    ),
    "mixed law, no air, dispersal 0.06": (
        (16, 22, 28, 36, 53),
        0.59,
        (187, 514, 1445),
        (718, 1437, 2287),
        (276, 880, 1687),
    ),
}


def inputs(variant: Variant, rng: np.random.Generator, n: int) -> dict[str, Any]:
    """Draw the inputs of the check."""
    return {
        "attacker_rate": rng.lognormal(np.log(0.010), 0.45, n),
        "defender_rate": rng.lognormal(np.log(0.028), 0.45, n),
        "defence": rng.lognormal(np.log(2.5), 0.3, n),
        "decisiveness": rng.lognormal(np.log(1.6), 0.25, n),
        "rho": rng.lognormal(np.log(0.15), 0.4, n),
        "killed_per_strike": rng.lognormal(np.log(1.3), 0.35, n),
        "defenders": np.floor(rng.triangular(1500, 2800, 4000, n)),
        "attackers": np.floor(rng.triangular(1500, 2500, 4000, n)),
        "target": rng.triangular(4500, 6000, 7500, n),
        "leave": rng.lognormal(np.log(variant.leave), 0.5, n),
    }


def simulate(variant: Variant, members: int = MEMBERS, seed: int = 20160517) -> dict[str, Any]:
    """Run one variant; return weeks to fall, killed on both sides and who is left at week 9, each
    with dims (member,)."""
    resolved = plan(read(HERE), "air" if variant.air else None)
    engine = compile_plan(resolved, seed)
    numbers = np.arange(members)
    state, parameters, values = engine.start(numbers)
    draw = inputs(variant, np.random.default_rng(seed), members)
    offset = {p.name: p.offset for p in resolved.parameters}
    # The check's attackers are replaced for ever, up to a target: this is as good as endless.
    reserve = 1e6
    given = {
        "combat.attacker_rate": draw["attacker_rate"] / 7,
        "combat.defender_rate": draw["defender_rate"] / 7,
        "combat.exponent": variant.exponent,
        "combat.area": 0.0,
        "combat.wounded_per_killed": 0.0,
        "combat.lull_begins": 0.0,
        "combat.lull_ends": 0.0,
        "air_strikes.killed_per_strike": draw["killed_per_strike"],
        "air_strikes.dispersion": 1e6,
        "dispersal.leave": draw["leave"] / 7,
        "dispersal.break_out": 0.0,
        "dispersal.siege_ratio": 0.0,
        "reinforcement.rate": 0.18 / 7,
        "reinforcement.committed": draw["target"] / (reserve + draw["attackers"]),
        "territorial_control.decisiveness": draw["decisiveness"],
        "territorial_control.defence": draw["defence"],
        "territorial_control.adjustment": -np.log(np.maximum(1 - draw["rho"], 1e-9)) / 7,
        "territorial_control.noise": 0.015 / 7**0.5,
        "territorial_control.vacuum": 0.0,
        "territorial_control.air": 0.0,
        "territorial_control.threshold": 0.87,
        "territorial_control.lost": 0.03,
    }
    for name, value in given.items():
        parameters[:, offset[name]] = value
    fighters, unplaced = resolved.slots["fighters"].offset, resolved.slots["unplaced"].offset
    state[:, fighters], state[:, fighters + 1] = draw["defenders"], draw["attackers"]
    state[:, unplaced + 1] = reserve
    records = engine.advance(state, parameters, values, numbers, 0, resolved.calendar.steps)
    share = records["control"][:, :, 0]
    fallen = share <= 0.03
    weeks = np.where(fallen.any(axis=1), fallen.argmax(axis=1) + 1.0, np.inf)
    # The check's siege ends for good with the fall; here remnants may still be fought afterwards.
    siege = np.arange(1.0, share.shape[1] + 1)[None, :] <= weeks[:, None]
    ground, air = records["battle_deaths"], records["strike_deaths"]
    return {
        "weeks": weeks,
        "attackers_killed": (ground[:, :, 1] * siege).sum(axis=1),
        "defenders_killed": ((ground[:, :, 0] + air[:, :, 0]) * siege).sum(axis=1),
        "left_week_9": records["fighters"][:, 9, 0],
    }


def standard_error(x: Any, q: float, rng: np.random.Generator) -> float:
    """Return the bootstrap standard error of a quantile."""
    again = [np.quantile(rng.choice(x, x.size), q) for _ in range(200)]
    return float(np.std(again))


def rows(members: int = MEMBERS) -> list[dict[str, Any]]:
    """Return one row a number of the table: what the check printed, what the processes give, and
    the difference in standard errors."""
    rng, found = np.random.default_rng(1), []
    for variant in VARIANTS:
        got = simulate(variant, members)
        weeks, within_30, attackers, defenders, left = TABLE[variant.label]
        capped = np.minimum(got["weeks"], 121)
        for name, x, levels, expected in (
            ("weeks to fall", capped, LEVELS, weeks),
            ("BAM killed", got["attackers_killed"], (0.05, 0.5, 0.95), attackers),
            ("IS killed", got["defenders_killed"], (0.05, 0.5, 0.95), defenders),
            ("IS left at week 9", got["left_week_9"], (0.05, 0.5, 0.95), left),
        ):
            for q, value in zip(levels, expected, strict=True):
                error = np.sqrt(2) * max(
                    standard_error(x, q, rng), 0.5 if name == "weeks to fall" else 0.0
                )
                found.append(
                    {
                        "variant": variant.label,
                        "quantity": f"{name} {q:.0%}",
                        "check": value,
                        "khamsin": float(np.quantile(x, q)),
                        "errors": abs(float(np.quantile(x, q)) - value) / error,
                    }
                )
        p = float((got["weeks"] <= 30).mean())
        error = np.sqrt(
            2 * within_30 * (1 - within_30) / members + 0.005**2 / 3
        )  # the table is rounded to 0.01
        found.append(
            {
                "variant": variant.label,
                "quantity": "P(fall <= 30 weeks)",
                "check": within_30,
                "khamsin": p,
                "errors": abs(p - within_30) / error,
            }
        )
    return found


def main() -> None:
    """Print the comparison."""
    for row in rows():
        print(
            f"{row['variant']:36} {row['quantity']:24} "
            f"{row['check']:>8} {row['khamsin']:>9.2f} {row['errors']:>5.1f}"
        )


if __name__ == "__main__":
    main()
