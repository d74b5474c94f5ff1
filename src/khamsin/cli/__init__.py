"""The command `khamsin`: one command a verb; no logic of its own."""

from khamsin.cli.root import app, main

__all__ = ["app", "main"]
