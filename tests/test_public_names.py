"""The public names stay what they are, whatever modules are imported after them."""

import importlib
import pkgutil

import khamsin


def test_every_public_name_is_there_twice() -> None:
    first = {name: getattr(khamsin, name) for name in khamsin.__all__}
    again = {name: getattr(khamsin, name) for name in khamsin.__all__}
    assert first == again
    assert all(callable(one) for name, one in first.items() if name != "__version__")


def test_no_module_hides_a_public_name() -> None:
    modules = {m.name for m in pkgutil.iter_modules(khamsin.__path__)}
    assert not modules & set(khamsin.__all__)


def test_an_unknown_name_is_an_error() -> None:
    assert importlib.import_module("khamsin") is khamsin
    assert not hasattr(khamsin, "rum")
