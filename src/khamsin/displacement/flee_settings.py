"""simsetting.yml of Flee: the rules that our emulation has parameters for; the rest is named."""

from pathlib import Path
from typing import Any

from khamsin.errors import Fault, ModelError

#: key of simsetting.yml -> parameter of ours
MAPPED = {
    "max_move_speed": "daily_journey.vehicle_speed",
    "max_walk_speed": "daily_journey.walking_speed",
    "default_movechance": "daily_journey.town_chance",
    "camp_movechance": "daily_journey.camp_chance",
    "capacity_scaling": "daily_journey.capacity_scaling",
    "camp_weight": "road_choice.camp_weight",
    "conflict_weight": "road_choice.conflict_weight",
    "softening": "road_choice.softening",
}
#: what the emulation holds fixed -> the only value that it has
FIXED: dict[str, Any] = {
    "sum_from_camps": True,
    "conflict_spawn_decay": [1.0, 1.0, 1.0, 0.5, 0.1],
    "conflict_spawn_decay_interval": 30,
    "empty_camps_on_day0": False,
    "start_on_foot": True,
    "avoid_short_stints": True,
    "distance_power": 1.0,
    "awareness_level": 1,
    "weight_power": 1.0,
    "hasten": 1,
}


def read_settings(path: Path) -> tuple[dict[str, float], list[str]]:
    """Read the rules of a simsetting.yml.

    Returns
    -------
    dict
        Parameter -> value.
    list of str
        Keys that nothing is taken from.

    Raises
    ------
    ModelError
        When the file asks for a rule that the emulation does not have.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML().load(path.read_text(encoding="utf-8")) or {}
    except (OSError, YAMLError) as error:
        where = getattr(getattr(error, "problem_mark", None), "line", None)
        line = None if where is None else where + 1
        raise ModelError([Fault(str(path), line, "cannot be read as YAML")]) from None
    rules: dict[str, float] = {}
    unread, faults = [], []
    for section, keys in dict(data).items():
        if section not in ("spawn_rules", "move_rules", "optimisations") or not keys:
            unread.append(f"{path.name}: {section}")
            continue
        for key, value in keys.items():
            line = keys.lc.key(key)[0] + 1
            if key in MAPPED:
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    faults.append(Fault(str(path), line, f"{key}: {value!r} is no number"))
                    continue
                rules[MAPPED[key]] = float(value)
            elif key in FIXED:
                if value != FIXED[key]:
                    what = f"{key}: the emulation has {FIXED[key]} only, not {value}"
                    faults.append(Fault(str(path), line, what))
            else:
                unread.append(f"{path.name}: {section}.{key}")
    if faults:
        raise ModelError(faults)
    return rules, unread
