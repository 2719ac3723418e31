"""The client: many requests in flight, as fast as the provider lets them, each to its end.

Belongs here: the way of one request (`engine.py`, `journey.py`), the rate (`limiter.py`, `breaker.py`, `route.py`),
what an answer must look like to be accepted (`output.py`), and how far it is (`progress.py`). Does not belong here: the
bytes on the wire (`wire/`), dollars (`money/`), the file of answers (`store/`).
"""
