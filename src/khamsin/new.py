"""The verb `new`: write a small working model with comments, to be changed into one's own."""

from pathlib import Path

from khamsin.errors import InputError
from khamsin.storage import clear_disk_errors

MODEL = """\
format: 1
title: Two groups and three towns
description: A small invented conflict, to be changed into your own.
scenario: as-it-is   # the file under scenarios/ that runs when none is named

# `origin` is where a run begins unless told otherwise; `start` is how far back it can begin.
time: {start: 2024-01-01, origin: 2024-01-01, end: 2024-12-31, step: 7 day}

places: places.csv
routes: routes.csv
actors: actors.csv

# Starting values. A table gives low, best and high; a number or a prior says where it comes from.
state:
  population: {file: places.csv, column: population}
  exposure: 1
  rent: {file: places.csv, column: rent}
  fighters: {file: strengths.csv, column: best, between: [low, high]}
  control: {file: control.csv, column: share}
  hostility: {file: hostility.csv, column: level, symmetric: true}
  alliance: 0
  unplaced: 0
  wounded: 0
  marching: 0
  reference_pool: 0
  fighting: 1
  siege_days: 0
  offensive: 0
  enemies: 0

# In this order, in every step. `khamsin check` prints which process reads and changes what.
processes:
  - encounters
  - attack
  - combat
  - air_strikes
  - dispersal
  - reinforcement
  - march
  - territorial_control
  - recovery
  - recruitment
  - desertion

# Only what differs from the processes' own priors. Every number has a source, or says `judgement`.
parameters:
  recruitment.intake: {lognormal: {median: 5 person/week, sigma: 0.5}, source: judgement}

# A question on which people differ. Each member holds one answer; results are shown by answer.
hypotheses:
  combat_law:
    question: Do losses grow with the ratio of forces, or with its root?
    live: true
    answers:
      mixed: {weight: 1, parameters: {combat.exponent: 0.5}, source: judgement}
      square: {weight: 1, parameters: {combat.exponent: 1}, source: judgement}

outputs:
  variables: [fighters, control, holder, battle_deaths, assaults]
  every: month
  watch: [MIDDLE]   # places that the table of a run names first
"""

FILES = {
    "model.yaml": MODEL,
    "places.csv": """\
id,name,country,lat,lon,kind,population,rent,source
NORTH,Northtown,XX,12.0,4.0,city,200000,5,judgement
MIDDLE,Middleton,XX,11.2,4.6,town,60000,2,judgement
SOUTH,Southport,XX,10.3,4.1,city,150000,6,judgement
""",
    "routes.csv": """\
id,a,b,mode,km,source
ROAD1,NORTH,MIDDLE,road,110,judgement
ROAD2,MIDDLE,SOUTH,road,120,judgement
""",
    "actors.csv": """\
id,name,kind,source
GOV,The government,state force,judgement
REB,The rebels,armed group,judgement
""",
    "strengths.csv": """\
actor,place,low,best,high,source
GOV,NORTH,1500,2500,4000,judgement
GOV,MIDDLE,200,400,800,judgement
REB,SOUTH,800,1500,2500,judgement
""",
    "control.csv": """\
place,actor,share,source
NORTH,GOV,0.95,judgement
MIDDLE,GOV,0.70,judgement
MIDDLE,REB,0.15,judgement
SOUTH,REB,0.90,judgement
""",
    "hostility.csv": """\
actor,other,level,source
GOV,REB,1,judgement
""",
    "references.bib": "",
    "scenarios/as-it-is.yaml": """\
title: Nobody intervenes
interventions: []
""",
    "scenarios/air-campaign.yaml": """\
title: An outside power strikes the rebels at Southport
interventions:
  - change: strike_plan
    where: {place: SOUTH, actor: REB}
    from: 2024-04-01
    to: 2024-06-30
    set: 10 strike/week
    source: judgement
""",
}


def write_new(folder: Path) -> Path:
    """Write the small model into a new folder and return it.

    Raises
    ------
    InputError
        When something is there already: nothing is overwritten.
    """
    if folder.exists():
        raise InputError(f"{folder} is there already: choose another name")
    with clear_disk_errors(folder):
        for name, text in FILES.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return folder
