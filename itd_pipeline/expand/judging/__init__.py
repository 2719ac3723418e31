"""What an answer is worth.

Belongs here: telling failures apart (`answers.py`), finding quotes (`quotes.py`), the checks that a recipe may name
(`checks.py`, one rule per file beside it). Does not belong here: whether a good-looking answer is good (`signals/`).
"""
