"""What requests will come to, before they are sent: tokens, dollars, time, each with an interval.

Belongs here: the estimate, and a model that counts requests instead of sending them. Does not belong here: which
requests there are (`pipeline/estimating.py`).

Tokens sent are in proportion to bytes, tokens received are drawn from what the same model answered before: a sample of
these very requests, sent and stored and so not lost, or else the latest stored answers. The interval is the 95 % one of
the sum: the error of the sample's mean, and the spread of single answers, at half a width of at least five per cent.
Without any answer of that model the interval is that of ignorance: two to six bytes for a token, and from a tenth to
the whole of the longest answer allowed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from itd_pipeline import settings
from itd_pipeline.llm.identity import model_identity
from itd_pipeline.llm.local_server import server_count
from itd_pipeline.llm.locality import CARRIED
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.ports import ChatAnswer, ChatModel, ChatRequest, Estimate, Range

_Z = 1.959964
_LEAST_WIDTH = 0.05
_FEW = 5
_LATEST = 500


@dataclass
class CountingModel:
    """A model that sends nothing but a sample; follows `ports.ChatModel`. Every answer that is not stored comes back as
    the failure `estimate`.

    Args:
        chat: the model itself, for its name, its place and the sample.
        store: looked into, not written.
        model: the profile's model section.
        sample: how many of each call's requests are really sent.
        most_share: of these no more than this share, so that a small call does not become its own sample.
    """

    chat: ChatModel
    store: AnswerStore
    model: settings.Model
    sample: int = 0
    most_share: float = 1.0
    due: list[ChatRequest] = field(default_factory=list)
    known: list[tuple[ChatRequest, ChatAnswer]] = field(default_factory=list)
    requests: int = 0
    stored: int = 0

    @property
    def name(self) -> str:
        return self.chat.name

    @property
    def local(self) -> bool:
        return self.chat.local

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.chat.hosts

    def answer(self, requests: Iterable[ChatRequest]) -> Iterator[ChatAnswer]:
        """See the class."""
        identity = model_identity(self.model)
        asked = [(request.payload_hash(identity), request) for request in requests]
        found = self.store.find(list(dict(asked)))
        missing = {one: request for one, request in asked if one not in found}
        due = list(missing.values())
        self.requests += len(asked)
        self.stored += len(asked) - len(due)
        self.known += [(request, found[one]) for one, request in asked if one in found]
        if self.sample and due:
            most = min(self.sample, math.floor(len(due) * self.most_share))
            # as good as drawn, and the same; of a single one nothing could be told
            chosen = sorted(due, key=lambda r: r.payload_hash(""))[: most if most > 1 else 0]
            self.known += [(request, answer) for request, answer in
                           zip(chosen, self.chat.answer(chosen), strict=True) if not answer.error]
        self.due += due
        for one, _ in asked:
            yield found.get(one) or ChatAnswer(one, "", "error", error="estimate: not sent")


def estimate(counted: CountingModel, price: Callable[[], Price], count: Range | None = None) -> Estimate:
    """What the requests that a counting model has seen will come to.

    Args:
        price: asked only where something has to be sent.
        count: how many requests there will be, where those that were seen only stand for them.
    """
    due, model = counted.due, counted.model
    if not due:
        return Estimate(counted.requests, counted.stored)
    known = [(_size(request), answer) for request, answer in counted.known]
    whole = count or Range(*[float(len(due))] * 3)
    factor = Range(whole.low / len(due), whole.likely / len(due), whole.high / len(due))
    rows = counted.store.run(
        "SELECT prompt_tokens, completion_tokens, seconds FROM answers WHERE model = ? AND error = '' "
        "ORDER BY stored_at DESC, request_id LIMIT ?", (model.name, _LATEST))
    sizes = [_size(request) for request in due]
    sent = _sent(sizes, [(size, answer.prompt_tokens) for size, answer in known])
    received = _total(_enough([float(a.completion_tokens) for _, a in known], [float(row[1]) for row in rows]),
                      len(due), Range(model.max_tokens * 0.1, model.max_tokens * 0.5, float(model.max_tokens)))
    each = _total(_enough([a.seconds for _, a in known if a.seconds], [float(row[2]) for row in rows if row[2]]),
                  len(due), Range(0.2, 2.0, model.timeout_s / 2))
    sent, received, each = (_times(figure, factor) for figure in (sent, received, each))
    pace = max(1, sum(d.concurrency or model.concurrency for d in model.deployments) + model.concurrency)
    if model.name == CARRIED:
        pace = server_count()
    seconds = Range(*(max(value / pace, _least(model, requests, tokens)) for value, requests, tokens in (
        (each.low, whole.low, sent.low + received.low), (each.likely, whole.likely, sent.likely + received.likely),
        (each.high, whole.high, sent.high + received.high))))
    cost, batch = price(), model.mode == "batch"
    share = cost.batch_share if batch else 1.0
    usd = Range(*(cost.cost(round(s), round(r), batch=batch) + cost.request * share * (n - 1) if n else 0.0
                  for n, s, r in ((whole.low, sent.low, received.low), (whole.likely, sent.likely, received.likely),
                                  (whole.high, sent.high, received.high))))
    return Estimate(counted.requests, counted.stored, 0, sent, received, usd, seconds, len(known) or len(rows))


def _enough(known: list[float], others: list[float]) -> list[float]:
    """Values of these very requests; where they are too few to tell, those of others of the model as well."""
    return known if len(known) >= _FEW else known + others


def _times(figure: Range, factor: Range) -> Range:
    return Range(figure.low * factor.low, figure.likely * factor.likely, figure.high * factor.high)


def _least(model: settings.Model, requests: float, tokens: float) -> float:
    """Seconds below which the limits per minute do not let them through."""
    return 60.0 * max(requests / model.requests_per_minute if model.requests_per_minute else 0.0,
                      tokens / model.tokens_per_minute if model.tokens_per_minute else 0.0)


def _t(sample: int) -> float:
    """The 97.5 % quantile of Student's t, by the first term of its expansion (Abramowitz and Stegun 26.7.5)."""
    return _Z + (_Z**3 + _Z) / (4 * (sample - 1))


def _size(request: ChatRequest) -> int:
    return sum(len(content.encode()) for _, content in request.messages)


def _sent(sizes: Sequence[int], known: Sequence[tuple[int, int]]) -> Range:
    """Tokens of prompts of these sizes, by the ratio that others had."""
    whole = float(sum(sizes))
    ratios = [tokens / size for size, tokens in known if size and tokens]
    if len(ratios) < _FEW:
        return Range(whole / 6, whole / 4, whole / 2)
    mean, spread = statistics.fmean(ratios), statistics.stdev(ratios)
    width = max(_LEAST_WIDTH * mean, _t(len(ratios)) * spread * math.sqrt(1 / len(ratios) + 1 / len(sizes)))
    return Range(whole * max(0.0, mean - width), whole * mean, whole * (mean + width))


def _total(values: Sequence[float], count: int, ignorant: Range) -> Range:
    """Sum of `count` further values like these."""
    if len(values) < _FEW:
        return Range(count * ignorant.low, count * ignorant.likely, count * ignorant.high)
    mean, spread = statistics.fmean(values), statistics.stdev(values)
    width = max(_LEAST_WIDTH * mean, _t(len(values)) * spread * math.sqrt(1 / len(values) + 1 / count))
    return Range(count * max(0.0, mean - width), count * mean, count * (mean + width))
