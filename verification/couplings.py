"""The couplings of libya-2016: for each coefficient, what it moves and which way.

Each row is a sign test: `measure` with the coefficient as it is, minus with it at zero, in paired
members under the answers that make it live. `python -m verification.couplings` prints the effects;
`python -m verification.mutations` sets each to zero and sees that a test fails.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from effects import Effect, paired_effect


@dataclass(frozen=True)
class Coupling:
    """A coefficient that ties one part of the system to another.

    Attributes
    ----------
    zero : float
        The value at which nothing is coupled.
    sign : str
        "+" when the coefficient raises the variable.
    """

    coefficient: str
    reads: str
    variable: str
    where: tuple[str, ...]
    sign: str
    scenario: str | None = None
    held: dict[str, str] = field(default_factory=dict)
    zero: float = 0.0
    measure: str | None = None
    until: str = "2017-05-16"

    def effect(self, members: int = 32) -> Effect:
        """Return the effect of the coefficient on the variable."""
        found = paired_effect(
            self.scenario,
            self.scenario,
            self.variable,
            self.where,
            set_a={self.coefficient: self.zero},
            held=self.held,
            until=self.until,
            members=members,
            measure=self.measure,  # type: ignore[arg-type]
        )
        return found[""]

    def holds(self, effect: Effect) -> bool:
        """Whether an effect has the sign of the coupling, beyond twice its error."""
        return effect.above() if self.sign == "+" else effect.below()


ISL, ISC = ("actor:ISL",), ("actor:ISC",)
WEST = ("country:FR", "country:BE", "country:TR")

COUPLINGS = [
    # image -> who joins and who attacks
    Coupling(
        "foreign_fighters.image_response",
        "image",
        "foreign_arrivals",
        ISC,
        "-",
        held={"image": "momentum"},
    ),
    Coupling(
        "attacks_abroad.image_response", "image", "attacks", WEST, "-", held={"image": "momentum"}
    ),
    Coupling(
        "recruitment.image_response",
        "image",
        "recruits",
        ISC,
        "-",
        held={"image": "momentum", "local_intake": "image"},
    ),
    # what makes the image
    Coupling("image.strikes", "strikes", "image", ISL, "+", "airpower", {"image": "backlash"}),
    Coupling("image.territory", "momentum", "image", ISC, "-", held={"image": "momentum"}),
    # strikes, arms, money -> fighting
    Coupling("combat.defender_rate", "fighters", "battle_deaths", ("country:LY",), "+"),
    Coupling("air_strikes.killed_per_strike", "strikes", "strike_deaths", ISC, "+"),
    Coupling(
        "recruitment.pay_response", "arrears", "recruits", (), "-", held={"local_intake": "pay"}
    ),
    Coupling("desertion.after_losses", "battle_deaths", "deserters", ISC, "+"),
    # terror
    # the crisis of May 2016 is the index's zero: it passes, so unrest falls and takes attacks along
    Coupling("baghdad_bombs.unrest_response", "instability", "attacks", ("place:BAGH",), "-"),
    Coupling("tunisia_attacks.reach", "fighters", "attacks", ("country:TN",), "+"),
    Coupling(
        "attacks_abroad.capacity", "fighters", "attacks", WEST, "-", held={"abroad": "capacity"}
    ),
    Coupling(
        "attacks_abroad.pressure_response",
        "pressure",
        "attacks",
        WEST,
        "+",
        held={"abroad": "lash_out"},
    ),
    Coupling("baghdad_bombs.branching", "recent_attacks", "attacks", ("place:BAGH",), "+"),
    # theatres
    Coupling(
        "relocation.rate",
        "pressure",
        "strength",
        ISL,
        "+",
        held={"growth_LY": "balloon"},
        until="2018-12-31",
    ),
    Coupling("cadres.worth", "cadres", "experience", ("actor:NUS",), "+"),
    Coupling(
        "sahel_growth.spill",
        "fighters",
        "joined_sahel",
        (),
        "+",
        held={"sahel": "spillover"},
        until="2018-12-31",
    ),
    # politics and the ladder
    Coupling("capacity.by_rivals", "agreement", "capacity", (), "-"),
    Coupling(
        "threat.w_adversary",
        "fighters",
        "threat",
        ("power:US",),
        "+",
        "none",
        measure="mean",
        until="2016-08-31",
    ),
    Coupling("threat.w_attacks", "attacks", "threat", ("power:FR",), "+", measure="mean"),
    Coupling(
        "threat.w_migration",
        "arrivals",
        "threat",
        ("power:IT",),
        "+",
        measure="mean",
        held={"goal": "migration"},
    ),
    Coupling("threat.w_oil", "oil_output", "threat", ("power:IT",), "+", measure="mean"),
    Coupling(
        "effort.advisers",
        "special_forces",
        "battle_deaths",
        ("country:LY",),
        "-",
        "special-forces",
        until="2018-12-31",
    ),
    # oil, arms
    Coupling(
        "blockade.begin", "oil_output", "oil_output", (), "-", until="2018-12-31", measure="mean"
    ),
    Coupling("facility_attacks.deny", "fighters", "intact", (), "-", held={"oil": "deny"}),
    Coupling("arms_market.pace", "arms_price", "arms_out", ("country:LY",), "+"),
    Coupling("arms_market.leak", "donated", "arms_leaked", (), "+", held={"leak": "proportional"}),
    Coupling("arms_capture.share", "battle_deaths", "arms_captured", (), "+"),
    # migration, displacement, destruction
    Coupling("sea_crossing.lawless", "control", "departures", ("country:LY",), "+"),
    Coupling("sea_patrol.reaction", "arrivals", "intercepted", (), "+", until="2018-12-31"),
    Coupling(
        "migrant_routes.divert",
        "sea_open",
        "diverted",
        (),
        "+",
        "route-closed",
        {"divert": "share"},
    ),
    Coupling("flight.fighting_hazard", "battle_deaths", "displaced", ("country:LY",), "+"),
    Coupling("damage.air", "strikes", "buildings_damaged", ("country:IQ",), "+"),
    Coupling(
        "return_home.b_damage",
        "buildings_damaged",
        "displaced",
        ("country:IQ",),
        "+",
        held={"destruction_backlash": "return"},
        until="2018-12-31",
    ),
    Coupling(
        "damage.resentment",
        "buildings_damaged",
        "disaffection",
        (),
        "+",
        held={"destruction_backlash": "support"},
    ),
    Coupling("migrant_journey.cut", "migrant_moves", "smuggling_income", (), "+"),
]


def main() -> int:
    """Print the effect of each coupling; 1 when one does not have its sign."""
    missed = []
    for one in COUPLINGS:
        effect = one.effect()
        well = one.holds(effect)
        missed += [] if well else [one.coefficient]
        print(
            f"{one.coefficient} -> {one.variable} ({one.sign}): {effect} {'' if well else '!'}",
            flush=True,
        )
    print(f"couplings_with_their_sign: {len(COUPLINGS) - len(missed)} of {len(COUPLINGS)}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
