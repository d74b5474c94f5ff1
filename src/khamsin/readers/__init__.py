"""Readers of published observations: UCDP and ACLED events, UNHCR and IOM tables, plain CSV."""

from khamsin.readers.acled import read_acled
from khamsin.readers.countries import iso3
from khamsin.readers.events import Events
from khamsin.readers.monthly import Monthly, read_iom, read_monthly, read_unhcr
from khamsin.readers.report import Report
from khamsin.readers.ucdp import read_ucdp

__all__ = [
    "Events",
    "Monthly",
    "Report",
    "iso3",
    "read_acled",
    "read_iom",
    "read_monthly",
    "read_ucdp",
    "read_unhcr",
]
