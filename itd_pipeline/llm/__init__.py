"""Language models: reaching them, paying for them once, and standing in for them.

Belongs here: how a request is sent, retried, stored and counted. Does not belong here: what is asked and whether an
answer is any good (`expand/`). Nothing heavy is imported until a request has to be sent.

Way in: `open_model` -> `stored.py` (look up, cap, retry, keep) -> one provider (`litellm_provider.py`,
`local_server.py`, `fake.py`).
"""

from itd_pipeline.llm.locality import is_local, local_model_name
from itd_pipeline.llm.opening import open_model
from itd_pipeline.llm.store import ledger_totals

__all__ = ["is_local", "ledger_totals", "local_model_name", "open_model"]
