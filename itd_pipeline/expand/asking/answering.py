"""From planned records to drafts: what may leave is sent, answers are judged, open ones are asked a second question.

Belongs here: the order of these. Does not belong here: drawing (`planning.py`), rows (`records.py`), judging
(`judging/`), the second question (`confirming.py`), reaching a model (`llm/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from itd_pipeline import settings
from itd_pipeline.expand.asking.accounts import Tally
from itd_pipeline.expand.asking.confirming import Open, confirm
from itd_pipeline.expand.asking.records import Behind, Planned, made, may_not_leave, turned, version_of
from itd_pipeline.expand.draft import Draft, Turned
from itd_pipeline.expand.judging.answers import Refused
from itd_pipeline.expand.judging.verdict import fails_already, hold
from itd_pipeline.ports import ChatModel, ChatRequest

Models = Callable[[str], ChatModel]
"""Gives the model that plays a role; opened at most once each, and only where there is a request to make."""


def ask(
    planned: Sequence[Planned], source: settings.Source, models: Models, role_settings: Callable[[str], settings.Model],
    tally: Tally,
) -> Iterator[Draft | Turned]:
    """One draft or one turned unit per planned record, those refused first; a model is opened only if any is sent."""
    by_role: dict[str, list[Planned]] = {}
    for one in planned:
        if one.request is None:
            yield turned(one, Refused("recipe_failed", one.problem))
        elif source.model_use == "none":
            yield turned(one, Refused("egress_refused", "model_use=none"))
        else:
            by_role.setdefault(one.material.recipe.role, []).append(one)
    for role in sorted(by_role):
        chat = models(role)
        send: list[tuple[Planned, ChatRequest]] = []
        for one in by_role[role]:
            assert one.request is not None
            why = may_not_leave(one, one.request, source, chat)
            if why is None:
                send.append((one, one.request))
            else:
                yield turned(one, Refused("egress_refused", why))
        waiting: list[Open] = []
        if send:
            for (one, _), answer in zip(send, chat.answer([request for _, request in send]), strict=True):
                behind = Behind(chat.name, version_of(chat, answer), (answer,))
                tally.add(answer, role, behind.model, behind.version)
                held = hold(answer, one.material, one.unit_id)
                if isinstance(held, Refused):
                    yield turned(one, held, behind)
                    continue
                tally.found(held)
                if one.material.recipe.confirm is not None:
                    wrong = fails_already(held, one.material)
                    if wrong is not None:  # no answerer is paid for what cannot stand
                        yield turned(one, wrong, behind)
                    else:
                        waiting.append(Open(one, held, behind))
                else:
                    yield made(one, held, behind, source.language)
        yield from confirm(waiting, source, models, role_settings, tally)
