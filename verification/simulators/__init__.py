"""Simulators of single subsystems in plain NumPy, written from the design and docs/science.

They share no code with khamsin: what calibration finds in their data it cannot have put there.
"""
