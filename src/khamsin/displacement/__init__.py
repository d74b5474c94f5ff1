"""Displacement by days: cases of the simulator Flee read in, scored beside benchmarks, exported."""

from khamsin.displacement.export import write_conflicts
from khamsin.displacement.flee_model import import_flee

__all__ = ["import_flee", "write_conflicts"]
