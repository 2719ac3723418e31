"""`itd fake-provider`: a provider of models on this machine that misbehaves on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itd_pipeline.commands.console import out, reported
from itd_pipeline.errors import ConfigError


def fake_provider(
    port: Annotated[int, typer.Option(help="Port on the loopback; 0 takes a free one.")] = 8765,
    latency: Annotated[float, typer.Option(help="Seconds from a request to its answer.")] = 0.2,
    jitter: Annotated[float, typer.Option(help="Share of the latency by which it varies.")] = 0.0,
    rate_limit: Annotated[float, typer.Option(help="Share of time, in bursts, in which all get a 429.")] = 0.0,
    burst_every: Annotated[float, typer.Option(help="Seconds from one burst of 429s to the next.")] = 1.0,
    burst_requests: Annotated[int | None, typer.Option(help="Count bursts instead: that share of all requests gets a "
                                                       "429, so many in a row.")] = None,
    requests_per_minute: Annotated[int | None, typer.Option(help="429 for what comes faster.")] = None,
    server_error: Annotated[float, typer.Option(help="Share of 500s.")] = 0.0,
    reset: Annotated[float, typer.Option(help="Share of connections cut without an answer.")] = 0.0,
    drip: Annotated[float, typer.Option(help="Share of answers that come a byte at a time.")] = 0.0,
    hang: Annotated[float, typer.Option(help="Share of requests that are never answered.")] = 0.0,
    malformed: Annotated[float, typer.Option(help="Share of answers with JSON that ends too early.")] = 0.0,
    wrong_schema: Annotated[float, typer.Option(help="Share of answers with JSON of another form.")] = 0.0,
    truncated: Annotated[float, typer.Option(help="Share of answers cut by max_tokens.")] = 0.0,
    refused: Annotated[float, typer.Option(help="Share of answers that decline.")] = 0.0,
    duplicate: Annotated[float, typer.Option(help="Share of answers that are all the same.")] = 0.0,
    price: Annotated[float, typer.Option(help="US dollars that it bills for each answer.")] = 0.0,
    batch_seconds: Annotated[float, typer.Option(help="How long a batch takes.")] = 5.0,
    seed: Annotated[int, typer.Option(help="Draws other requests for the faults.")] = 7,
    log: Annotated[Path | None, typer.Option(help="File for a line about each request, without its text.")] = None,
) -> None:
    """Serve the OpenAI wire on 127.0.0.1 with faults, until interrupted. Nothing it says is medicine.

    What it does with a request depends on the request alone. `/stats` beside `/v1` says what it has counted and billed.

    Examples:

      itd fake-provider
      itd fake-provider --rate-limit 0.2 --server-error 0.05 --malformed 0.03 --truncated 0.02 --reset 0.01

    In a profile: `model: {name: openai/fake, api_base: "http://127.0.0.1:8765/v1", concurrency: 64}`.
    """
    with reported():
        from itd_pipeline.llm.fake_provider import Behaviour, serve_forever

        try:
            behaviour = Behaviour(latency, jitter, rate_limit, burst_every, burst_requests,
                                  requests_per_minute, server_error, reset,
                                  drip, malformed, wrong_schema, truncated, refused, duplicate, hang, price,
                                  batch_seconds, seed)
        except ValueError as error:
            raise ConfigError(f"{error}.".capitalize(), "Shares lie between 0 and 1.") from error
        serve_forever(behaviour, port, log, lambda address: out.print(f"Listening on {address}", markup=False))
