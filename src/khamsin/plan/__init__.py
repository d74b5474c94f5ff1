"""The plan of a run: a model, its processes and a scenario, resolved into one explicit set of
arrays."""

from khamsin.plan.build import Plan, plan

__all__ = ["Plan", "plan"]
