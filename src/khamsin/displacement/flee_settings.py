"""simsetting.yml of Flee: the rules that our emulation has parameters for; the rest is named."""

from pathlib import Path
from typing import Any

from khamsin.errors import Fault, ModelError
from khamsin.model.documents import read_document
from khamsin.model.faults import Faults

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
    found = Faults()
    document = read_document(path, found)
    if document is None:
        raise found.error()
    if not isinstance(document.data, dict):
        raise ModelError([Fault(str(path), 1, "holds no sections such as move_rules")])
    rules: dict[str, float] = {}
    unread, faults = [], []
    for section, keys in document.data.items():
        if section not in ("spawn_rules", "move_rules", "optimisations") or not keys:
            unread.append(f"{path.name}: {section}")
            continue
        if not isinstance(keys, dict):
            faults.append(Fault(str(path), document.line(section), f"{section} holds no rules"))
            continue
        for key, value in keys.items():
            line = document.line(section, key)
            if key in MAPPED:
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    what = f"{key}: {str(value)[:40]!r} is no number"
                    faults.append(Fault(str(path), line, what))
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
