"""From recipes and material to records: what is asked, of whom, how often.

Belongs here: drawing (`planning.py`, `examples.py`, `evolving.py`), the grid that drives it (`coverage.py`), sending
(`answering.py`, `confirming.py`). Does not belong here: what a recipe says (`recipe/`), what an answer is worth
(`judging/`), how a model is reached (`llm/`).
"""
