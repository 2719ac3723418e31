"""The wire: one request to one address, and what came of it.

Belongs here: addresses, keys, parameters, bytes, status codes. Does not belong here: retries, rate, money.

Way in: `opening.py` decides by `resolving.py` between the lean transport (`transport.py`, for servers that speak the
OpenAI wire) and litellm's full path (`litellm_path.py`, for all others).
"""
