"""Hold a document against its schema: every fault with its line, and what is left still usable."""

import copy
import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from khamsin.errors import nearest
from khamsin.model.documents import Document, Keys
from khamsin.model.faults import Faults

Loc = tuple[int | str, ...]  # where pydantic finds an error: keys, and arms of unions

Schema = TypeVar("Schema", bound=BaseModel)

SECTIONS = (
    "tables",
    "variables",
    "state",
    "processes",
    "parameters",
    "hypotheses",
    "observations",
    "parts",
    "interventions",
    "variants",
    "claims",
    "loops",
)
#: what stands in for a required part that is at fault, so that the rest can be checked
STAND_INS: dict[str, Any] = {
    "format": 1,
    "title": "?",
    "time": {"start": "0001-01-01", "origin": "0001-01-01", "end": "9000-12-31", "step": "1 day"},
    "places": "?",
    "outputs": {"variables": []},
}


def validate(document: Document, schema: type[Schema], faults: Faults) -> Schema | None:
    """Read a document by a schema; add each fault with its line and the nearest valid name.

    Entries at fault are left out of what is returned (and parts that cannot be left out are
    replaced by `STAND_INS`), so that what can be read of the others is checked as well.
    """
    data = document.data
    if not isinstance(data, dict):
        faults.add(document.file, 1, "must be keys and values, like `title: ...`")
        return None
    data = copy.deepcopy(data)
    for _ in range(8):
        try:
            return schema.model_validate(data)
        except ValidationError as error:
            errors = error.errors(include_url=False)
            meant = _meant(errors, schema)
            dropped: set[Keys] = set()
            for each in errors:
                if each["loc"] not in meant.values():  # else it is there, misspelt
                    _report(each, document, schema, faults)
                # an entry with a misspelt key would say less than it was meant to
                only_key = each["type"] == "extra_forbidden" and each["loc"] not in meant
                _prune(data, _keys(each["loc"]), only_key, dropped)
            _drop(data, document, dropped)
    return None


def _meant(errors: list[Any], schema: type[BaseModel]) -> dict[Loc, Loc]:
    """Return the unknown keys that are like a valid one: where they are -> where that would be."""
    found = {}
    for error in errors:
        if error["type"] == "extra_forbidden":
            *parent, key = error["loc"]
            meant = nearest(str(key), _names_at(schema, tuple(parent)))
            if meant is not None:
                found[error["loc"]] = (*parent, meant)
    return found


def _keys(loc: Loc) -> Keys:
    """Return the keys in the file that pydantic's location means."""
    return tuple(key for key in loc if not (isinstance(key, str) and _is_tag(key)))


def _is_tag(key: str) -> bool:
    return key == "[key]" or (key.startswith("<") and key.endswith(">"))


def _report(error: Any, document: Document, schema: type[BaseModel], faults: Faults) -> None:
    loc, kind = error["loc"], error["type"]
    keys = _keys(loc)
    where = ".".join(str(key) for key in keys[:-1] if not isinstance(key, int))
    line = document.line(*keys)
    if kind == "extra_forbidden":
        valid = _names_at(schema, loc[:-1])
        what = f"unknown key {keys[-1]}" + (f" in {where}" if where else "")
        faults.add(document.file, line, what, nearest(str(keys[-1]), valid))
    elif kind == "missing":
        what = f"{keys[-1]} is missing" + (f" in {where}" if where else "")
        faults.add(document.file, line, what)
    else:
        full = ".".join(str(key) for key in keys if not isinstance(key, int))
        faults.add(document.file, line, f"{full}: {_in_words(error)}", _suggest(error))


def _in_words(error: Any) -> str:
    kind, context, found = error["type"], error.get("ctx", {}), error["input"]
    shown = "nothing" if found is None else str(found)[:60]
    words = {
        "string_type": f"must be text, not {shown}: put it in quotes if it is a name",
        "dict_type": f"must be keys and values, not {shown}",
        "model_type": f"must be keys and values, not {shown}",
        "list_type": f"must be a list, not {shown}",
        "float_type": f"{shown} is no number",
        "finite_number": f"{shown} is no finite number",
        "bool_type": f"must be true or false, not {shown}",
        "string_too_short": "is empty",
        "string_pattern_mismatch": f"{shown}: a name may hold only letters, digits and _",
        "literal_error": f"must be {context.get('expected')}, not {shown}",
        "greater_than_equal": f"must be at least {context.get('ge', 0):g}, not {shown}",
        "greater_than": f"must be above {context.get('gt', 0):g}, not {shown}",
        "too_short": f"must have at least {context.get('min_length')}",
        "too_long": f"must have at most {context.get('max_length')}",
    }
    if kind == "value_error":
        error_raised = context["error"]
        return str(getattr(error_raised, "what", error_raised))
    return words.get(kind, str(error["msg"]).removeprefix("Input ").lower())


def _suggest(error: Any) -> str | None:
    if error["type"] == "literal_error":
        expected = str(error["ctx"]["expected"])
        return nearest(str(error["input"]), [word.strip("'\" ") for word in expected.split(" or ")])
    return getattr(error.get("ctx", {}).get("error"), "suggestion", None)


def _prune(data: dict[str, Any], keys: Keys, only_key: bool, dropped: set[Keys]) -> None:
    """Take the entry at fault out of the data, or `only_key`; a required part gets its stand-in.

    Entries of lists are only noted in `dropped`: taking them out renumbers the others.
    """
    first = str(keys[0]) if keys else ""
    if only_key or (len(keys) == 1 and first not in STAND_INS):
        _delete(data, keys)
    elif first in SECTIONS and len(keys) > 1:
        if isinstance(keys[1], int):
            dropped.add(keys[:2])
        else:
            _delete(data, keys[:2])
    elif first in STAND_INS:
        data[first] = copy.deepcopy(STAND_INS[first])
    else:
        _delete(data, keys[:1])


def _delete(data: Any, keys: Keys) -> None:
    for key in keys[:-1]:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return  # taken out already, with an entry around it
    if isinstance(data, dict):
        data.pop(keys[-1], None)


def _drop(data: dict[str, Any], document: Document, dropped: set[Keys]) -> None:
    """Take entries out of lists, and number the lines of those after them anew."""
    if not dropped:
        return
    for section in {keys[0] for keys in dropped}:
        entries = data[str(section)]
        kept = [i for i in range(len(entries)) if (section, i) not in dropped]
        data[str(section)] = [entries[i] for i in kept]
        number = {old: new for new, old in enumerate(kept)}
        document.lines = {
            (section, number[int(keys[1])], *keys[2:])
            if keys[:1] == (section,) and keys[1:]
            else keys: line
            for keys, line in document.lines.items()
            if keys[:2] not in dropped
        }


def _names_at(schema: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that the schema allows at a location."""
    here: Any = schema
    for key in loc:
        here = _step(_plain(here), key)
    here = _plain(here)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return [field.alias or name for name, field in here.model_fields.items()]
    return []


def _step(here: Any, key: int | str) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        for name, field in here.model_fields.items():
            if key in (name, field.alias):
                return field.annotation
        return None
    if get_origin(here) in (Union, types.UnionType):
        tagged = [
            arm for arm in get_args(here) if Tag(str(key)) in getattr(arm, "__metadata__", ())
        ]
        return tagged[0] if tagged else None
    if get_origin(here) is dict:
        return get_args(here)[1] if key != "[key]" else here
    return get_args(here)[0] if get_origin(here) is list else None


def _plain(here: Any) -> Any:
    """Strip what pydantic is told beside a type, and `| None`."""
    while True:
        if get_origin(here) is Annotated:
            here = get_args(here)[0]
        elif get_origin(here) in (Union, types.UnionType) and type(None) in get_args(here):
            arms = [arm for arm in get_args(here) if arm is not type(None)]
            here = arms[0] if len(arms) == 1 else Union[tuple(arms)]  # noqa: UP007
        else:
            return here
