"""A model held against the record: observed series, truth turned into record, scores, pages.

Works on what a model and an ensemble say of themselves (plain values and xarray), never on the
engine.
"""
