"""What the model file of an imported case says."""

MODEL = """\
format: 1
title: "{title}"
description: >
  Imported from the files of a case of Flee (agent-based; Suleimenova, Bell, Groen 2017). People are
  counted by place and road, by days. `rules` says by which rules they move, `information` what the
  model is told: as in Flee, capacities that are the maxima of the counts to be foretold, and the
  true daily total; or nothing that was not known on day {known}.

time: {{start: {start}, origin: {start}, end: {end}, step: 1 day}}
places: places.csv
routes: routes.csv
tables: {{stay: stays.csv, leg: legs.csv, day: days.csv}}

state:
  population: {{file: places.csv, column: population}}
  camp_room: {{file: places.csv, column: capacity}}
  counted: {{file: places.csv, column: counted}}
  camp: {{file: places.csv, column: camp}}
  hub: {{file: places.csv, column: hub}}
  redirection: {{file: routes.csv, column: redirection}}
  registered_total: {{file: days.csv, column: registered_total}}
  carried: {{file: carried.csv, column: people}}
  registered: {{file: registered.csv, column: people}}
  sheltering: {{file: first_day.csv, column: people}}
  on_road: 0
  in_camps: 0
  case_day: 0
  debt: 0
  conflict_days: -1
  camp_days: 10000 day   # what is open on the first day is no new camp

processes:
  - daily_flight
  - road_choice
  - daily_journey
  - camps

# From simsetting.yml where one was given; all else as in FabFlee's flee3_default.
parameters:
{parameters}
hypotheses:
  rules:
    question: By which rules do displaced people choose and travel roads?
    live: false
    answers:
      flee:
        weight: 2
        source: flee_2026
        parameters: {{}}
      corrected:
        weight: 1
        source: flee_2026
        parameters:
          daily_journey.overshoot: 0
          daily_journey.first_day_twice: 0
          road_choice.double_links: 0
      ours:
        weight: 1
        source: judgement
        parameters:
          daily_journey.overshoot: 0
          daily_journey.first_day_twice: 0
          road_choice.double_links: 0
          daily_journey.camp_chance: 0
          road_choice.foresight: 1
          daily_flight.half_fade: {{lognormal: {{median: 60 day, sigma: 0.7}}}}
          daily_flight.power: {{uniform: {{low: 0, high: 1}}}}
  information:
    question: What is the model told?
    live: false
    answers:
      as_flee:
        weight: 2
        source: flee_2026
        parameters: {{}}
      leak_free:
        weight: 1
        source: judgement
        parameters:
          daily_flight.known_days: {known} day
          daily_flight.window: {window} day
          daily_flight.half_life: {{lognormal: {{median: {half_life} day, sigma: {spread}}}}}
          camps.follow_days: {known} day
          daily_journey.capacity_scaling: 0

observations:
{observations}
outputs:
  variables: [in_camps, newly_displaced, camp_arrivals, enrolled]
  every: step
"""

REFERENCES = """\
@article{suleimenova_2017,
  title = {A generalized simulation development approach for predicting refugee destinations},
  author = {Suleimenova, Diana and Bell, David and Groen, Derek},
  journal = {Scientific Reports},
  volume = {7},
  year = {2017}
}

@article{dial_1971,
  title = {A probabilistic multipath traffic assignment model which obviates path enumeration},
  author = {Dial, Robert B.},
  journal = {Transportation Research},
  volume = {5},
  year = {1971}
}

@misc{flee_2026,
  title = {Flee and FabFlee: code, rules and cases of displacement (BSD-3)},
  author = {Groen, Derek and others},
  year = {2026}
}

@misc{unhcr,
  title = {Registered refugees by camp},
  author = {UNHCR},
  year = {2021}
}
"""
