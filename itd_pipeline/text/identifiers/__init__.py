"""Recognisers of identifiers, one family per file.

Belongs here: finding spans that may point at a person (the eighteen classes of the HIPAA Safe Harbor rule,
45 CFR 164.514(b)(2)). Does not belong here: what replaces them (`deidentify`) or what follows from a hit (`scan`).
"""
