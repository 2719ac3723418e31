"""A provider of models that does not exist: a server on this machine which speaks the OpenAI wire and misbehaves on
purpose, always in the same way.

Belongs here: standing in for a provider in tests, benchmarks and rehearsals. Does not belong here: the client. What it
does with a request is decided by the hash of its body and by how often it has seen that body (`behaviour.py`), its
answers by the prompt alone (`answering.py`); it counts everything itself (`server.py`), so that a ledger can be held
against it. Way in: `itd fake-provider`.
"""

from itd_pipeline.llm.fake_provider.behaviour import Behaviour
from itd_pipeline.llm.fake_provider.server import running, serve_forever

__all__ = ["Behaviour", "running", "serve_forever"]
