"""The web app: models, runs, results and comparisons as plain pages, for one person's browser."""

from khamsin.view.web.serving import serve

__all__ = ["serve"]
