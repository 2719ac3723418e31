"""Before the requests of a source are sent: what they will come to, and whether the caps leave room for that.

Belongs here: the look ahead, on the plan that the stage itself will follow. Does not belong here: the arithmetic
(`llm/money/estimating.py`), the caps while requests are sent (`llm/money/budget.py`).

The plan is made once with models that count and send no more than a sample. The sample is part of what will be asked
anyway, so it costs nothing more. Two things cannot be planned: how often an answerer is asked again, and how many of
the records to come will be evolved. They widen the interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from itd_pipeline import expand, settings
from itd_pipeline.errors import PermanentError
from itd_pipeline.llm import price_of
from itd_pipeline.llm.money.budget import Cap, caps_of
from itd_pipeline.llm.money.estimating import CountingModel, estimate
from itd_pipeline.llm.store import AnswerStore
from itd_pipeline.pipeline.stage import Scope
from itd_pipeline.ports import NOTHING, ChatModel, Estimate, Range
from itd_pipeline.tables.records import RECIPE_ACCOUNTS

STAGE = "synthetic_expansions"
_SHARE = 0.2
_LIKELY_TRIES = 1.5
_DUST_USD = 1e-9  # sums of hundredths are no hundredths in binary


@dataclass
class LookAhead:
    """The estimate of one source.

    Args:
        scope: the source.
        model: gives the model that plays a role.
        writers: what records are written with, by models that are given.
        store_path: where answers are kept.
        sample: requests of each route that are really sent; None for what each model's settings say.
    """

    scope: Scope
    model: Callable[[str], ChatModel]
    writers: Callable[[Callable[[str], ChatModel]], expand.Writers]
    store_path: Path
    sample: int | None = None
    _counted: dict[str, CountingModel] = field(default_factory=dict)
    _caps: dict[str, list[Cap]] = field(default_factory=dict)

    def estimate(self) -> dict[str, Estimate]:
        """What the source comes to, by role of a model of its own; the empty role is the profile's model.

        Raises:
            PermanentError: nobody knows a price.
        """
        expansion = self.scope.settings.expansion
        with AnswerStore(self.store_path, self.scope.settings.model.store_journal) as store:
            refused, planned = 0, dict[str, int]()
            written = self.writers(lambda role: self._counting(role, store))
            for batch in expand.expand(
                self.scope.lake.batches("cleaned_text", self.scope.partition), self.scope.lake.read("expert_seeds"),
                self.scope.partition, self.scope.source, expansion, written,
            ):
                refused += batch.rejects.column("reason").to_pylist().count("egress_refused")
                if RECIPE_ACCOUNTS.name in batch.sides:
                    for row in batch.sides[RECIPE_ACCOUNTS.name].to_pylist():
                        planned[row["recipe"]] = planned.get(row["recipe"], 0) + row["planned"]
            further = self._further(planned, written.recipes)
            for role in further:
                self._counting(role, store)
            due = [request for one in self._counted.values() for request in one.due]
            found = {}
            for role, counted in self._counted.items():
                more = further.get(role, NOTHING)
                seen = float(len(counted.due))
                if not counted.due and due and more.high:
                    counted.due = due  # they stand for what the role will be asked
                count = Range(seen + more.low, seen + more.likely, seen + more.high)
                found[role] = estimate(counted, lambda section=counted.model: price_of(section), count)  # type: ignore[misc]
            if "" in found:
                found[""] = replace(found[""], refused=refused)
            return found

    def over(self, found: Mapping[str, Estimate]) -> None:
        """Raises PermanentError where a cap leaves less than the low end, unless the profile wants it spent."""
        for role, one in found.items():
            section = self._section(role)
            for cap in self._caps[role]:
                left = max(0.0, cap.most_usd - cap.spent_usd)
                if one.usd.low > left + _DUST_USD and section.over_estimate == "stop":
                    raise PermanentError(
                        f"{self.scope.partition}: what is still to be asked of {section.name} would cost about "
                        f"{one.usd.likely:,.2f} USD ({one.usd.low:,.2f} to {one.usd.high:,.2f}), and the cap of "
                        f"{cap.most_usd:g} USD per {cap.name} leaves {left:,.2f}.",
                        "Raise the cap, plan fewer records (expansion.synthetic_per_source, hybrid_per_source, "
                        "evolved_per_source), or set model.over_estimate: spend to go on until the cap. Nothing but "
                        "the sample was sent, and it is kept.")

    def _counting(self, role: str, store: AnswerStore) -> CountingModel:
        shared = role if role in self.scope.settings.expansion.roles else ""
        if shared not in self._counted:
            section = self._section(shared)
            sample = section.estimate_sample if self.sample is None else self.sample
            self._caps[shared] = caps_of(section, store, self.scope.build, STAGE)
            self._counted[shared] = CountingModel(
                self.model(role), store, section, 0 if section.mode == "batch" else sample,
                _SHARE if self.sample is None else 1.0)
        return self._counted[shared]

    def _section(self, role: str) -> settings.Model:
        return self.scope.settings.expansion.model_of(role, self.scope.settings.model)

    def _further(self, planned: Mapping[str, int], recipes: Sequence[expand.Recipe]) -> dict[str, Range]:
        """Role -> requests beyond the plan: tries of answerers, and records evolved from those to come."""
        roles, further = self.scope.settings.expansion.roles, dict[str, Range]()

        def add(role: str, more: Range) -> None:
            shared = role if role in roles else ""
            further[shared] = further.get(shared, NOTHING) + more

        evolved = 0
        for recipe in recipes:
            count = planned.get(recipe.label, 0)
            evolved += count if recipe.source == "records" else 0
            if recipe.confirm is not None and count:
                tries = recipe.confirm.tries
                add(recipe.confirm.role, Range(0.0, min(_LIKELY_TRIES, tries) * count, float(tries * count)))
        open_places = self.scope.settings.expansion.evolved_per_source - evolved
        evolving = [recipe for recipe in recipes if recipe.source == "records"]
        if evolving and open_places > 0:
            add(evolving[0].role, Range(0.0, open_places / 2, float(open_places)))
        return further
