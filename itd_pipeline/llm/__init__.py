"""Language models: reaching them, paying for them once, and standing in for them.

Belongs here: how a request is sent, retried, stored and counted. Does not belong here: what is asked and whether an
answer is any good (`expand/`). Nothing heavy is imported until a request has to be sent.

Way in: `open_model` -> `stored.py` (look up, keep, order) -> `client/` (rate, retries) -> `wire/` (the bytes, or
litellm), with `store/` (answers and ledger), `money/` (prices, caps, estimates), `batch/` (a provider's batch
interface), `local_server.py` (the carried model), `fake.py` (a model for unit tests) and `fake_provider/` (a server
that misbehaves on purpose).
"""

from itd_pipeline.llm.locality import hosts_of, is_local, local_model_name
from itd_pipeline.llm.opening import open_model, price_of
from itd_pipeline.llm.store import ledger_totals

__all__ = ["hosts_of", "is_local", "ledger_totals", "local_model_name", "open_model", "price_of"]
