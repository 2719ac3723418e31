"""A provider's batch interface as a way to ask: upload, wait, collect, at its lower price.

Belongs here: batches as OpenAI defines them (API reference, batch), which others offer in the same form. Does not
belong here: single requests (`client/`). A batch is written down before it is handed in (`store/batches.py`), so a run
that is stopped while it waits, or killed at any point, neither loses a batch nor pays for one twice.

Way in: `model.py` -> `service.py` (the calls) and `jsonl.py` (the lines).
"""
