"""What is likely to be written in a field of text, before any ink was looked at.

`prior_for` gives the prior of a field, by what it is for. The word lists are public and general
(`models/language.md`); none is closed: a word of no list is as likely as its letters are.
"""

from __future__ import annotations

from extractors.language.kinds import prior_for
from extractors.language.prior import TextPrior

__all__ = ["TextPrior", "prior_for"]
