"""Claims: what a text says, held against the futures of a model, with the numbers of the verdict.

A verdict is about what follows in this model from its numbers, not about the world: the words are
`holds`, `fails` and `open`.
"""

from khamsin.claims.records import claims_of, report_records
from khamsin.claims.verdicts import Future, Verdict, judge

__all__ = ["Future", "Verdict", "claims_of", "judge", "report_records"]
