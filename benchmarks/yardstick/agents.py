"""The yardstick as Mesa agents: one a (place, actor), one a place.

Needs mesa, not khamsin:

    python agents.py STARTS.npz STEPS

prints the seconds of processor time that one member took, and the people and fighters left.
"""

import json
import sys
import time
from math import exp, sqrt
from typing import Any

import mesa
import numpy as np

DT = 7.0
WEEKS_A_RECORD = 4  # nearly a month


class Cell(mesa.Agent):
    """An actor at a place."""

    def __init__(
        self, model: "Yardstick", place: "Place", actor: int, reached: bool, fighters: float
    ) -> None:
        super().__init__(model)
        self.place = place
        self.actor = actor
        self.reached = reached
        self.fighters = fighters
        self.battle_deaths = self.attack_count = self.killed_in_attacks = 0
        self.dead = self.newcomers = 0  # since the last record
        self.kindled = 0.0
        self.neighbours: list[Cell] = []
        self.hostility = model.hostility[actor]
        self.skill = model.q["combat.skill"][actor]
        self.intake = model.q["recruitment.intake"][actor]

    def fight(self) -> None:
        """Lose fighters to enemies at the same place."""
        self.battle_deaths = 0
        if self.fighters < 1:
            return
        enemy = 0.0
        for other in self.place.cells:
            enemy += self.hostility[other.actor] * other.skill * other.fighters
        if enemy <= 0:
            return
        q, rng = self.model.q, self.model.rng
        hazard = q["combat.rate"] * sqrt(min(enemy / self.fighters, 50.0)) / self.skill
        self.battle_deaths = rng.binomial(int(self.fighters), 1.0 - exp(-hazard * DT))
        self.place.civilian_deaths += rng.poisson(q["combat.bystanders"] * self.battle_deaths)

    def bury(self) -> None:
        """Take the dead out, after everyone has fought."""
        self.fighters -= self.battle_deaths
        self.dead += self.battle_deaths

    def move(self) -> None:
        """Even out forces along the routes."""
        rate, rng = self.model.q["movement.rate"], self.model.rng
        for there in self.neighbours:
            if 2.0 * self.fighters <= there.fighters:
                continue
            pull = self.fighters / (self.fighters + there.fighters)
            moved = rng.binomial(int(self.fighters), 1.0 - exp(-rate * pull * DT))
            self.fighters -= moved
            there.fighters += moved

    def recruit(self) -> None:
        """Let people join."""
        room = 1.0 - self.fighters / (
            self.model.q["recruitment.mobilised"] * self.place.residents + 1.0
        )
        if self.reached and room > 0:
            newcomers = self.model.rng.poisson(self.intake * self.place.residents * room * DT)
            self.fighters += newcomers
            self.newcomers += newcomers

    def attack(self) -> None:
        """Attack, and kindle further attacks."""
        if self.fighters < 1:
            self.attack_count = self.killed_in_attacks = 0
            return
        q, rng, left = self.model.q, self.model.rng, self.model.left
        self.attack_count = rng.poisson((q["attacks.base"] * self.fighters + self.kindled) * DT)
        self.killed_in_attacks = 0
        if self.attack_count:
            self.killed_in_attacks = rng.poisson(q["attacks.deadliness"] * self.attack_count)
        self.kindled *= left
        self.kindled += q["attacks.branching"] * (1.0 - left) * self.attack_count / DT


class Place(mesa.Agent):
    """A place with its people."""

    def __init__(self, model: "Yardstick", residents: float) -> None:
        super().__init__(model)
        self.residents = residents
        self.civilian_deaths = self.drowned = 0
        self.cells: list[Cell] = []
        self.neighbours: list[Place] = []

    def flee(self) -> None:
        """Let people leave along the routes."""
        q, rng = self.model.q, self.model.rng
        deaths = sum(cell.battle_deaths + cell.killed_in_attacks for cell in self.cells)
        self.drowned = 0
        for there in self.neighbours:
            mean = q["migrants.rate"] * self.residents * (1.0 + q["migrants.fear"] * deaths) * DT
            left = min(self.residents, rng.poisson(mean))
            died = min(left, rng.poisson(q["migrants.risk"] * left))
            self.residents -= left
            there.residents += left - died
            self.drowned += died


class Yardstick(mesa.Model):
    """All places and actors."""

    def __init__(self, starts: Any) -> None:
        super().__init__(seed=1)
        self.q = json.loads(str(starts["parameters"]))
        self.hostility = starts["hostility"].tolist()
        self.left = exp(-DT / self.q["attacks.memory"])
        self.places = [Place(self, float(r)) for r in starts["residents"]]
        cells: dict[tuple[int, int], Cell] = {}
        for (p, a), fighters in np.ndenumerate(starts["fighters"]):
            reached = bool(starts["reach"][p, a] > 0)
            cells[p, a] = Cell(self, self.places[p], a, reached, float(fighters))
            self.places[p].cells.append(cells[p, a])
        for i, j in zip(starts["from"].tolist(), starts["to"].tolist(), strict=True):
            self.places[i].neighbours.append(self.places[j])
            for cell in self.places[i].cells:
                if cells[j, cell.actor].reached:
                    cell.neighbours.append(cells[j, cell.actor])
        self.cells = self.agents_by_type[Cell]
        self.towns = self.agents_by_type[Place]
        cell_record = ("fighters", "dead", "newcomers")
        self.record = mesa.DataCollector(
            agenttype_reporters={
                Cell: {name: name for name in cell_record},
                Place: {name: name for name in ("residents", "civilian_deaths")},
            }
        )

    def step(self) -> None:
        """Do one week."""
        self.cells.do("fight")
        self.cells.do("bury")
        self.cells.do("move")
        self.cells.do("recruit")
        self.cells.do("attack")
        self.towns.do("flee")
        if self.steps % WEEKS_A_RECORD == 0:
            self.record.collect(self)
            self.cells.set("dead", 0).set("newcomers", 0)
            self.towns.set("civilian_deaths", 0)


def main() -> None:
    """Run one member."""
    model = Yardstick(np.load(sys.argv[1]))
    model.step()  # whatever is done once
    began = time.process_time()
    for _ in range(int(sys.argv[2])):
        model.step()
    seconds = time.process_time() - began
    fighters = sum(cell.fighters for cell in model.cells)
    print(json.dumps({"seconds": seconds, "fighters": fighters}))


if __name__ == "__main__":
    main()
