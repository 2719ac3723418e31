"""Comparing many texts with each other: arrays in, pairs and clusters out.

Belongs here: the mathematics of near-duplicates, on numpy and Arrow alone, quick to import. Start with `clusters`;
`shingles` makes sets of texts from `word_hashes`, `sharing` leaves out what has no partner, `join` compares. Does not
belong here: records, signals, thresholds.
"""
