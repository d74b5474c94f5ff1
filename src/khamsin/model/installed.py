"""Where models are: installed with the package, in the repository's models/, or any folder."""

from pathlib import Path

from khamsin.errors import InputError, nearest
from khamsin.model.documents import read_document
from khamsin.model.faults import Faults

_PACKAGE = Path(__file__).resolve().parents[1]
#: the folders that installed models lie in; the second is there in a checkout only
HOMES = (_PACKAGE / "models", _PACKAGE.parents[1] / "models")


def installed() -> list[tuple[str, str, Path]]:
    """Return name, title and folder of each installed model, by name."""
    found: dict[str, Path] = {}
    for home in HOMES:
        for file in sorted(home.glob("*/model.yaml")):
            found.setdefault(file.parent.name, file.parent)
    return [(name, _title(folder), folder) for name, folder in sorted(found.items())]


def _title(folder: Path) -> str:
    document = read_document(folder / "model.yaml", Faults())
    data = document.data if document else None
    return str(data.get("title", "")) if isinstance(data, dict) else ""


def find(model: str | Path) -> Path:
    """Return the folder of a model: of a folder itself, or of an installed model's name.

    Raises
    ------
    InputError
        When there is neither; the message names the nearest installed model.
    """
    folder = Path(model)
    if folder.name == "model.yaml" and folder.is_file():
        folder = folder.parent
    if folder.is_dir():
        return folder
    names = {file.parent.name: file.parent for home in HOMES for file in home.glob("*/model.yaml")}
    if str(model) in names:
        return names[str(model)]
    here = Path.cwd()
    if folder.name == here.name and (here / "model.yaml").is_file():
        raise InputError(f"there is no {model} in this folder, which is {here.name} itself: say .")
    beside = [str(file.parent) for file in folder.parent.glob("*/model.yaml")]
    hint = nearest(str(folder), [*beside, *names])
    if hint in beside and folder.parent == Path():
        hint = f"./{hint}"
    installed = ", ".join(sorted(names)) or "none"
    more = f" Did you mean {hint}?" if hint else f" Installed are: {installed}."
    raise InputError(
        f"there is no model {str(model)!r}: it is neither a folder nor installed.{more}"
    )
