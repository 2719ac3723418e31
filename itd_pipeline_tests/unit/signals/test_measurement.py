"""What is measured anew, and what is kept."""

import dataclasses
import random

import pyarrow as pa
import pytest

from itd_pipeline import settings
from itd_pipeline.errors import ContractError
from itd_pipeline.signals import Earlier, measure, measurement, registry
from itd_pipeline.tables.records import CANDIDATES
from itd_pipeline.tables.signals import MEASURED, SIGNALS

EACH = {signal.name for signal in registry.REGISTRY if signal.each}
WHOLE = {signal.name for signal in registry.REGISTRY if not signal.each}


def passages_of(texts):
    return pa.table({"passage_id": pa.array(list(texts), pa.string()), "text": pa.array(list(texts.values()))})


@pytest.fixture
def records(make):
    rng = random.Random(2)
    words = [f"word{i}" for i in range(40)]
    return [make(f"r{i:02}", " ".join(rng.choices(words, k=8)), " ".join(rng.choices(words, k=25)),
                 passage_ids=[f"p{i % 5}"], route=["synthetic", "manual", "hybrid"][i % 3]) for i in range(30)]


PASSAGES = {f"p{i}": f"word{i} and word{i + 1} and word{i + 2} 5 mg" for i in range(5)}


def run(records, passages=PASSAGES, earlier=None, **parameters):
    return measure(CANDIDATES.from_rows(records), passages_of(passages), settings.Signals(**parameters), (),
                   earlier=earlier)


kept_from = Earlier.of


def anew(batch):
    """Signals of which anything was measured, with how many records."""
    return {name: count for name, count in batch.facts["records_measured"].items() if count}


def test_the_registry_fills_every_column_once():
    filled = [column for signal in registry.REGISTRY for column in signal.columns]
    assert sorted(filled) == sorted(set(SIGNALS.names) - set(measurement.COPIED))
    assert len({signal.name for signal in registry.REGISTRY}) == len(registry.REGISTRY)


def test_a_signal_needs_only_columns_above_it_and_one_of_each_record_only_such():
    above, each = set(), set()
    for signal in registry.REGISTRY:
        assert set(signal.needs) <= (each if signal.each else above)
        above |= set(signal.columns)
        each |= set(signal.columns) if signal.each else set()


def test_nothing_is_measured_twice(records):
    first = run(records)
    assert anew(first) == dict.fromkeys(EACH | WHOLE, len(records))
    second = run(records, earlier=kept_from(first))
    assert anew(second) == {}
    assert second.rows.equals(first.rows)
    assert second.sides[MEASURED.name].equals(first.sides[MEASURED.name])


def test_of_new_and_gone_records_only_the_new_are_measured(records):
    first = run(records[:25])
    now = [*records[10:], *records[3:5]]
    second = run(now, earlier=kept_from(first))
    assert anew(second) == {**dict.fromkeys(EACH, 5), **dict.fromkeys(WHOLE, len(now))}
    assert second.rows.equals(run(now).rows)


def test_another_order_measures_no_record_again(records):
    first = run(records)
    second = run(records[::-1], earlier=kept_from(first))
    assert set(anew(second)) <= WHOLE
    assert second.rows.to_pylist() == first.rows.to_pylist()[::-1]


@pytest.mark.parametrize("change", [{"output": "word1 word2."}, {"specialty": "cardiology"}])
def test_a_changed_record_is_measured_again(records, change):
    first = run(records)
    changed = [*records[:-1], {**records[-1], **change}]
    second = run(changed, earlier=kept_from(first))
    assert {anew(second)[name] for name in EACH} == {1}
    assert second.rows.equals(run(changed).rows)


def test_changed_evidence_measures_the_records_that_stand_on_it(records):
    first = run(records)
    passages = {**PASSAGES, "p3": "something else"}
    second = run(records, passages, kept_from(first))
    assert {anew(second)[name] for name in EACH} == {len(records) // 5}
    assert second.rows.equals(run(records, passages).rows)


def test_a_changed_parameter_measures_its_signal_alone(records):
    first = run(records)
    second = run(records, earlier=kept_from(first), novelty_threshold=0.9)
    assert anew(second) == {"novelty": len(records)}
    assert second.rows.equals(run(records, novelty_threshold=0.9).rows)


def test_a_new_version_measures_the_signal_and_what_needs_it(records, monkeypatch):
    first = run(records)
    raised = tuple(dataclasses.replace(signal, version=signal.version + 1) if signal.name == "groundedness" else signal
                   for signal in registry.REGISTRY)
    monkeypatch.setattr(registry, "REGISTRY", raised)
    second = run(records, earlier=kept_from(first))
    needing = {"groundedness"}
    for signal in raised:
        if {c for other in raised if other.name in needing for c in other.columns} & set(signal.needs):
            needing.add(signal.name)
    assert set(anew(second)) == needing
    assert second.rows.equals(first.rows)


def test_the_key_covers_code_of_what_a_signal_imports():
    digests = {signal.name: registry.code_digest(signal.compute.__module__) for signal in registry.REGISTRY}
    assert len(set(digests.values())) == len(digests)
    seen = registry.sources("itd_pipeline.signals.near_duplicates")
    assert {"itd_pipeline.similarity.clusters", "itd_pipeline.similarity.join"} <= set(seen)
    assert not {"itd_pipeline.signals.novelty", "itd_pipeline.signals.registry", "itd_pipeline.text"} & set(seen)


def test_batches_in_other_processes_give_the_same(records, monkeypatch):
    first = run(records, workers=1)
    monkeypatch.setattr(measurement, "BATCH_ROWS", 7)
    monkeypatch.setattr(measurement, "_FEW", 10)
    assert run(records, workers=2).rows.equals(first.rows)


def test_a_signal_must_fill_what_it_declares(records, monkeypatch):
    broken = dataclasses.replace(registry.REGISTRY[0], compute=nothing)
    monkeypatch.setattr(registry, "REGISTRY", (broken, *registry.REGISTRY[1:]))
    with pytest.raises(ContractError, match="Signal form filled"):
        run(records)


def nothing(_):
    return {}


def test_progress_ends_with_all_records(records):
    told = []
    measure(CANDIDATES.from_rows(records), passages_of(PASSAGES), settings.Signals(),
            progress=lambda *step: told.append(step))
    assert ("each record", 30, 30) in told
    assert told[-1] == (registry.REGISTRY[-1].name, 30, 30)
