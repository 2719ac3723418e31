"""The store of answers: one SQLite file that every run, profile and process that names it shares.

Belongs here: keeping, finding, sums, upkeep. Does not belong here: sending, and what a request may cost.

Way in: `answers.py` (one answer), `writer.py` (many at once), `ledger.py` (sums), `batches.py` (what a provider's batch
interface still owes), `upkeep.py` (`itd cache`).
"""

from itd_pipeline.llm.store.answers import AnswerStore, Attempt, Payer
from itd_pipeline.llm.store.ledger import ledger_totals
from itd_pipeline.llm.store.writer import Writer

__all__ = ["AnswerStore", "Attempt", "Payer", "Writer", "ledger_totals"]
