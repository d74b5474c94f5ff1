"""Write the reference pages from the code: python -m scripts.reference FOLDER

Processes from their signatures and docstrings, the vocabulary, the model file from its schema,
the command line from its own help, the Python names for autodoc. Nothing here is written by hand,
so nothing can be out of date; docs/conf.py calls it whenever the site is built.
"""

import inspect
import re
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import click
import typer

import khamsin
from khamsin.cli import app
from khamsin.model.schema import schema
from khamsin.model.vocabulary import vocabulary
from khamsin.process import Argument, Process
from khamsin.processes import find, names

DOCS = Path(__file__).parents[1] / "docs"
INTENTS = {"in": "reads", "out": "sets", "inout": "changes"}


def write(folder: Path) -> None:
    """Write every page of the reference into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "index.md": index(),
        "processes.md": processes(),
        "vocabulary.md": variables(),
        "model-file.md": model_file(),
        "command-line.md": command_line(),
        "python.md": python(),
    }
    for name, lines in pages.items():
        text = "\n".join(lines) + "\n"
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def index() -> list[str]:
    """The contents of the reference."""
    return [
        "# Reference",
        "",
        f"Made from the code of version {khamsin.__version__}.",
        "",
        "```{toctree}",
        "command-line",
        "model-file",
        "processes",
        "vocabulary",
        "python",
        "```",
    ]


def processes() -> list[str]:
    """Each process: what it does, its formula, what it reads and changes, its parameters."""
    lines = [
        "# Processes",
        "",
        f"The {len(names())} processes that khamsin ships, by the page that explains them. A "
        "picture shows what the priors alone say (5 to 95 %, 25 to 75 %, median of 200 futures): "
        "of libya-2016 without any scenario, and of an invented case for the daily rules of "
        "displacement (`python -m scripts.prior_pictures`).",
        "",
    ]
    contents = tomllib.loads((DOCS / "science" / "processes.toml").read_text(encoding="utf-8"))
    for page, own in contents.items():
        title = _title(DOCS / "science" / f"{page}.md")
        lines += [f"## {title}", "", f"Explained in [{title}](../science/{page}.md).", ""]
        for name, what in own.items():
            lines += _process(find(name), what)
    return lines


def _process(process: Process, picture: str) -> list[str]:
    module = inspect.getmodule(process.function)
    about = inspect.getdoc(module) or ""
    lines = [f"({process.name})=", f"### `{process.name}`", "", *_prose(about), ""]
    where = "each place" if process.each == "place" else "the whole map at once"
    cited = ", ".join(f"`{r}`" for r in process.references) or "none, the form is judgement"
    lines += [f"Runs for {where}. Literature: {cited}.", ""]
    if picture:
        lines += [f"![{picture}](../images/processes/{process.name}.svg)", ""]
    else:
        lines += ["No picture: it only counts for the others.", ""]
    said = _meanings(inspect.getdoc(process.function) or "")
    known = vocabulary()
    lines += ["| variable | | dims | unit | meaning |", "|---|---|---|---|---|"]
    for a in process.variables:
        meaning = said.get(a.name) or known[a.name].meaning
        dims = ", ".join(known[a.name].dims) or "one number"
        lines.append(f"| `{a.name}` | {INTENTS[a.intent]} | {dims} | {a.unit} | {_cell(meaning)} |")
    if process.parameters:
        lines += ["", "| parameter | unit | prior | source | meaning |", "|---|---|---|---|---|"]
    for a in process.parameters:
        lines.append(
            f"| `{a.name}`{_by(a)} | {a.unit} | {a.prior.describe() if a.prior else ''} | "
            f"{a.source} | {_cell(said.get(a.name, ''))} |"
        )
    return [*lines, ""]


def _by(a: Argument) -> str:
    return f" ({', '.join(a.dims)})" if a.dims else ""


def _prose(text: str) -> list[str]:
    """Paragraphs as they are; indented formulas as blocks of text."""
    lines: list[str] = []
    for part in re.split(r"\n\s*\n", text):
        indented = all(line.startswith("    ") for line in part.splitlines())
        body = textwrap.dedent(part).splitlines() if indented else part.splitlines()
        if indented:
            lines += ["```text", *body, "```", ""]
        else:
            lines += [*(_plain(line) for line in body), ""]
    return lines


def _plain(line: str) -> str:
    return re.sub(r"(?<!`)([*_<\[\]])", r"\\\1", line) if "`" not in line else line


def _meanings(text: str) -> dict[str, str]:
    """Return what the section Parameters of a docstring says of each name."""
    section = text.partition("Parameters\n----------\n")[2]
    section = re.split(r"\n\w+\n-{3,}\n", section)[0]
    found: dict[str, str] = {}
    heads: list[str] = []
    for line in section.splitlines():
        if line and not line.startswith(" "):
            several, _, what = line.partition(" : ")
            heads = [h.strip() for h in several.split(",")]
            what = re.sub(r"^dims \([^)]*\)(, [^ ]+)?|^one number", "", what).strip(" ,")
            found.update(dict.fromkeys(heads, what))
        elif line.strip():
            for head in heads:
                found[head] = f"{found[head]} {line.strip()}".strip()
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("\n", " ")


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def variables() -> list[str]:
    """The vocabulary: every state variable."""
    found = vocabulary()
    users: dict[str, list[str]] = {}
    for name in names():
        for a in find(name).variables:
            if a.intent != "in":
                users.setdefault(a.name, []).append(f"[{name}](#{name})")
    lines = [
        "# Vocabulary",
        "",
        f"The {len(found)} state variables of the processes. A *stock* lasts from step to step, a "
        "*flow* is what a step adds, a *forcing* is set by the model file and interventions alone, "
        "a *table* is constant. Interventions may change forcings, stocks and parameters. A "
        "variable with a default need not be set. A model may declare more under `variables:`.",
        "",
        "| variable | kind | dims | unit | bounds | default | meaning | set or changed by |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for v in found.values():
        default = f"{v.default:g}" if v.optional else ""
        lines.append(
            f"| `{v.name}` | {v.kind} | {', '.join(v.dims)} | {v.unit} | {v.bounds[0]:g} to "
            f"{v.bounds[1]:g} | {default} | {_cell(v.meaning)} | "
            f"{', '.join(users.get(v.name, []))} |"
        )
    return lines


def model_file() -> list[str]:
    """The keys of model.yaml and of a scenario, from the JSON Schema."""
    whole = schema()
    definitions = whole["$defs"]
    lines = [
        "# Model file",
        "",
        "`model.yaml` and `scenarios/NAME.yaml` are YAML 1.2; `khamsin schema` prints the JSON "
        "Schema that this page is made from. Unknown keys are faults. A required key has a star.",
        "",
        "## model.yaml",
        "",
        *_keys(whole),
    ]
    for name in ("ScenarioFile", *sorted(d for d in definitions if d != "ScenarioFile")):
        if "properties" not in definitions[name]:
            continue
        title = "scenarios/NAME.yaml" if name == "ScenarioFile" else name
        lines += ["", f"({name.lower()})=", f"## {title}", ""]
        if about := definitions[name].get("description"):
            lines += [_cell(about.partition("\n\n")[0]), ""]
        lines += _keys(definitions[name])
    return lines


def _keys(definition: dict[str, Any]) -> list[str]:
    lines = ["| key | value | default |", "|---|---|---|"]
    required = set(definition.get("required", ()))
    for key, one in definition["properties"].items():
        default = "" if one.get("default") in (None, {}, [], "") else f"`{one['default']}`"
        lines.append(f"| `{key}`{'*' if key in required else ''} | {_kind(one)} | {default} |")
    return lines


def _kind(one: dict[str, Any]) -> str:
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if "properties" in schema()["$defs"][name] else name
    if "anyOf" in one or "oneOf" in one:
        several = [_kind(o) for o in one.get("anyOf", one.get("oneOf"))]
        return " or ".join(dict.fromkeys(k for k in several if k != "null"))
    if "enum" in one or "const" in one:
        return ", ".join(f"`{v}`" for v in one.get("enum", [one.get("const")]))
    if one.get("type") == "array":
        return f"list of {_kind(one.get('items', {}))}"
    patterns = list(one.get("patternProperties", {}).values())
    if isinstance(inner := one.get("additionalProperties") or (patterns or [None])[0], dict):
        return f"names with {_kind(inner)}"
    return str(one.get("format") or one.get("type") or "anything")


def command_line() -> list[str]:
    """The help of every verb, as the terminal shows it."""
    command = typer.main.get_command(app)
    assert isinstance(command, click.Group) or hasattr(command, "commands")
    lines = [
        "# Command line",
        "",
        "Exit codes: 0 done, 1 the run failed, 2 the input is at fault, 130 stopped by the user. "
        "With `--json`, JSON goes to stdout and everything else to stderr. "
        "`khamsin --install-completion` teaches your shell verbs, options, models, scenarios.",
        "",
    ]
    for name, verb in sorted(command.commands.items()):
        several = getattr(verb, "commands", None)
        for full, one in (
            [(name, verb)]
            if not several
            else [(f"{name} {sub}", each) for sub, each in sorted(several.items())]
        ):
            context = click.Context(one, info_name=f"khamsin {full}", terminal_width=88)
            lines += [f"## khamsin {full}", "", "```text", *one.get_help(context).splitlines()]
            lines += ["```", ""]
    return lines


def python() -> list[str]:
    """The public names, for autodoc."""
    lines = ["# Python", "", "Everything else is internal and may change between versions.", ""]
    for name in khamsin.__all__:
        if name != "__version__":
            lines += [
                f"## khamsin.{name}",
                "",
                "```{eval-rst}",
                f".. autofunction:: khamsin.{name}",
            ]
            lines += ["```", ""]
    for module, several in EXTRAS.items():
        for name in several:
            lines += [f"## {module}.{name}", "", "```{eval-rst}"]
            lines += [f".. autofunction:: {module}.{name}", "```", ""]
    return lines


#: public functions outside of the top level
EXTRAS = {
    "khamsin.tidy": ("quantiles", "to_dataframe"),
    "khamsin.readers": ("read_ucdp", "read_acled", "read_monthly", "read_unhcr", "read_iom"),
    "khamsin.observations": ("place_events", "by_place", "by_country", "months"),
    "khamsin.view.charts": ("fan",),
    "khamsin.view.pictures": ("save",),
    "khamsin.process": ("process",),
    "khamsin.doctor": ("examine",),
}


if __name__ == "__main__":
    write(Path(sys.argv[1]))
