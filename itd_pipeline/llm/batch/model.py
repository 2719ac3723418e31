"""A model that is asked through its provider's batch interface. Belongs here: what is handed in, waited for, collected.

Requests without an answer that no batch holds yet are handed in; then all batches that hold any are waited for, at most
`batch_wait_s`. What is not done by then is answered with `batch_waiting`, which a later run asks again, and finds. A
batch that came to its end is collected once: its answers and their cost are stored, then it is struck off. Nothing is
asked again within a run: a malformed or cut answer is the answer.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from itd_pipeline import settings
from itd_pipeline.llm.batch.jsonl import Result, lines_of, results_of
from itd_pipeline.llm.batch.service import Service
from itd_pipeline.llm.client.progress import Progress
from itd_pipeline.llm.identity import model_identity
from itd_pipeline.llm.locality import hosts_of, is_local
from itd_pipeline.llm.money.budget import Budget, caps_of
from itd_pipeline.llm.money.prices import Price
from itd_pipeline.llm.store import AnswerStore, Attempt, Payer
from itd_pipeline.llm.store.answers import today
from itd_pipeline.llm.store.batches import Owed, announce, collected, handed_in, owed
from itd_pipeline.llm.wire.resolving import Target
from itd_pipeline.ports import ChatAnswer, ChatRequest, ModelProgress

_OVER = frozenset({"completed", "expired", "cancelled", "failed"})


class BatchModel:
    """See the module. Follows `ports.ChatModel`.

    Args:
        model: the profile's model section.
        store: open store.
        opened: gives the price and the target; called when there is a request to hand in or a batch to look at.
        build: id of the build that pays.
        stage: name of the stage that pays.
        watch: told of the progress at each look.
    """

    def __init__(self, model: settings.Model, store: AnswerStore, opened: Callable[[], tuple[Price, Target]],
                 build: str = "", stage: str = "", watch: Callable[[ModelProgress], None] | None = None) -> None:
        self._model, self._store, self._open = model, store, opened
        self._build, self._stage, self._watch = build, stage, watch

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def local(self) -> bool:
        return is_local(self._model)

    @property
    def hosts(self) -> tuple[str, ...]:
        return hosts_of(self._model)

    @property
    def identity(self) -> str:
        """What stands for the model in the hash of a request."""
        return model_identity(self._model)

    def answer(self, requests: Iterable[ChatRequest]) -> Iterator[ChatAnswer]:
        """One answer per request, in order; see the module."""
        asked = [(request.payload_hash(self.identity), request) for request in requests]
        by_id = dict(asked)
        found = self._store.find(list(by_id))
        progress = Progress(len(by_id))
        progress.stored(len(found))
        due = {one: request for one, request in by_id.items() if one not in found}
        failed: dict[str, str] = {}
        if due:
            failed = self._ask(due, progress)
            found |= self._store.find(list(due))
        for one, _ in asked:
            yield found.get(one) or ChatAnswer(one, "", "error", error=failed.get(one, "batch_waiting: not done yet"))
        if self._watch is not None:
            self._watch(progress.now())

    def _ask(self, due: Mapping[str, ChatRequest], progress: Progress) -> dict[str, str]:
        """Hand in, wait and collect; request id -> failure of those without an answer."""
        price, target = self._open()
        budget = Budget(caps_of(self._model, self._store, self._build, self._stage), price, batch=True)
        failed: dict[str, str] = {}
        with Service(target, self._model.retries) as service:
            waiting = [batch for batch in self._known(service) if set(batch.request_ids) & set(due)]
            held = {one for batch in waiting for one in batch.request_ids}
            for one in held & set(due):  # paid for when it is collected
                budget.take(budget.worst(due[one]))
            fresh = iter([(one, request) for one, request in due.items() if one not in held])
            while part := dict(islice(fresh, self._model.batch_requests)):
                for one in list(part):
                    worst = budget.worst(part[one])
                    if not budget.take(worst):
                        cap = budget.over(worst)
                        failed[one] = f"spending_cap: cap of {cap.most_usd:g} USD per {cap.name}" if cap else ""
                        del part[one]
                if part:
                    waiting.append(self._hand_in(service, target, part))
            self._wait(service, target, waiting, due, budget, failed, progress)
        return failed

    def _known(self, service: Service) -> list[Owed]:
        """Batches of earlier runs. One that was announced and perhaps not handed in is looked for by its token."""
        known = []
        for batch in owed(self._store, self.identity):
            batch_id = batch.batch_id or service.find(batch.token)
            if batch_id is None:
                collected(self._store, batch.token)
                continue
            if not batch.batch_id:
                handed_in(self._store, batch.token, batch_id)
            known.append(Owed(batch.token, batch_id, batch.request_ids))
        return known

    def _hand_in(self, service: Service, target: Target, part: Mapping[str, ChatRequest]) -> Owed:
        token = uuid.uuid4().hex
        announce(self._store, token, self.identity, target.place, list(part))
        batch_id = service.create(lines_of(part, target), token)
        handed_in(self._store, token, batch_id)
        return Owed(token, batch_id, tuple(part))

    def _wait(self, service: Service, target: Target, waiting: list[Owed], due: Mapping[str, ChatRequest],
              budget: Budget, failed: dict[str, str], progress: Progress) -> None:
        until = time.monotonic() + self._model.batch_wait_s
        while waiting:
            for batch in list(waiting):
                state = service.look(batch.batch_id)
                if state.get("status") not in _OVER:
                    continue
                self._collect(service, target, batch, state, due, budget, failed, progress)
                waiting.remove(batch)
            if self._watch is not None:
                self._watch(progress.now(sum(len(batch.request_ids) for batch in waiting)))
            left = until - time.monotonic()
            if waiting and left <= 0:
                return
            if waiting:
                time.sleep(min(self._model.batch_poll_s, max(left, 0.0)))

    def _collect(self, service: Service, target: Target, batch: Owed, state: Mapping[str, object],
                 due: Mapping[str, ChatRequest], budget: Budget, failed: dict[str, str], progress: Progress) -> None:
        """Store what a batch gave, then strike it off. Collecting it twice, after a kill in between, stores nothing
        twice: answers that are there are passed over."""
        there = self._store.find(list(batch.request_ids))
        # Requests that this call does not ask are kept too: they are paid for.
        wanted = {one: due.get(one, ChatRequest(())) for one in batch.request_ids if one not in there}
        results: dict[str, Result] = {}
        for key in ("output_file_id", "error_file_id"):
            if file_id := state.get(key):
                results |= {r.request_id: r for r in results_of(service.content(str(file_id)), wanted, target)}
        kept: list[tuple[ChatAnswer, list[Attempt]]] = []
        for one in wanted:
            result = results.get(one) or Result(one, failure=_no_result(str(state.get("status"))))
            kept.append(self._outcome(one, result, budget, target.place))
        self._store.keep(self.name, kept, Payer(self._build, self._stage, today()))
        collected(self._store, batch.token)
        for answer, attempts in kept:
            progress.kept(answer, attempts)
            if answer.error:
                failed[answer.request_id] = answer.error

    def _outcome(self, one: str, result: Result, budget: Budget, place: str) -> tuple[ChatAnswer, list[Attempt]]:
        reply = result.reply
        if reply is None:
            return ChatAnswer(one, "", "error", error=result.failure), [Attempt(one, self.name, error=result.failure,
                                                                                place=place)]
        cost = budget.cost(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens)
        budget.settle(0.0, cost)
        return (ChatAnswer(one, reply.text, reply.finish_reason, reply.prompt_tokens, reply.completion_tokens, cost,
                           model_version=reply.model_version, cached_tokens=reply.cached_tokens),
                [Attempt(one, self.name, reply.prompt_tokens, reply.completion_tokens, cost, "", reply.cached_tokens,
                         place=place)])


def _no_result(status: str) -> str:
    """A batch that expired or was cancelled may go better next time; one that was refused may not."""
    return f"bad_request: batch {status}" if status == "failed" else f"server_error: batch {status}, no result"
