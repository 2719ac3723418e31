from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from itd_pipeline.review import draw_sample
from itd_pipeline.review.sampling import RARE_STRATA, RARE_TASKS, allot, plan_strata
from itd_pipeline.settings import Review


def table(*groups: tuple[str, str, str, int]) -> pa.Table:
    """(source, route, task type, how many) -> the columns that the draw reads."""
    rows = [{"record_id": f"rec-{s}-{r}-{t}-{i}", "source": s, "route": r, "task_type": t}
            for s, r, t, n in groups for i in range(n)]
    names = ("record_id", "source", "route", "task_type")
    return pa.table({n: pa.array([row[n] for row in rows], pa.string()) for n in names})


def test_every_reviewer_judges_every_record_drawn_in_an_order_of_their_own() -> None:
    batch = draw_sample(table(("hpo", "template", "coding", 40)), Review(sample_size=12, reviewers=2))
    rows = batch.rows.to_pylist()
    first, second = ([r["record_id"] for r in rows if r["reviewer"] == f"reviewer_{i}"] for i in (1, 2))
    assert len(first) == 12
    assert set(first) == set(second)
    assert first != second
    assert [r["position"] for r in rows] == [*range(1, 13), *range(1, 13)]
    assert batch.units_in == batch.rows.num_rows == 24
    assert batch.rejects.num_rows == 0


def test_a_rare_stratum_gets_a_record_and_its_own_probability() -> None:
    batch = draw_sample(table(("hpo", "template", "coding", 98), ("icd", "template", "coding", 2)),
                        Review(sample_size=10, reviewers=1))
    drawn = Counter(r["stratum"] for r in batch.rows.to_pylist())
    assert drawn == {"hpo / template / coding": 9, "icd / template / coding": 1}
    assert {r["stratum"]: r["inclusion_probability"] for r in batch.rows.to_pylist()} == {
        "hpo / template / coding": 9 / 98, "icd / template / coding": 0.5}


def test_every_seed_is_drawn_beside_the_sample_and_goes_to_two() -> None:
    seeds, others = ("expert_seeds", "manual", "coding", 40), ("hpo", "template", "coding", 100)
    batch = draw_sample(table(seeds, others), Review(sample_size=30, reviewers=1))
    rows = batch.rows.to_pylist()
    asked = Counter(r["record_id"] for r in rows if r["why"] == "every seed")
    assert set(asked.values()) == {2}
    assert len(asked) == 40 == batch.facts["seeds"]
    assert {(r["stratum"], r["inclusion_probability"]) for r in rows if r["why"] == "every seed"} == {
        ("expert_seeds / manual", 1.0)}
    sample = [r for r in rows if r["why"] == "stratified draw"]
    assert len(sample) == 30
    assert {(r["reviewer"], r["inclusion_probability"]) for r in sample} == {("reviewer_1", 0.3)}
    assert batch.units_in == batch.rows.num_rows == 110
    assert Counter(r["reviewer"] for r in draw_sample(
        table(seeds, others), Review(sample_size=30, reviewers=3)).rows.to_pylist()) == {
            f"reviewer_{i}": 70 for i in (1, 2, 3)}


def test_without_a_sample_seeds_alone_are_judged() -> None:
    plan = plan_strata(table(("e", "manual", "coding", 20), ("hpo", "hybrid", "coding", 2)).to_pylist(), 0)
    assert {name: size for name, (_, size, _) in plan.items()} == {"e / manual": 20}


def test_too_many_rare_strata_are_pooled_first_within_their_source() -> None:
    tasks = [f"task{i}" for i in range(5)]
    groups = [("hpo", "template", "coding", 95), *(("hpo", "template", t, 1) for t in tasks)]
    plan = plan_strata(table(*groups).to_pylist(), 10)
    assert {name: (len(m), size) for name, (m, size, _) in plan.items()} == {
        "hpo / template / coding": (95, 9), f"hpo / template / {RARE_TASKS}": (5, 1)}
    singles = [(f"s{i}", "template", "coding", 1) for i in range(50)]
    assert list(plan_strata(table(*singles).to_pylist(), 10)) == [RARE_STRATA]


def test_a_small_set_is_drawn_whole_and_an_empty_one_gives_nothing() -> None:
    assert draw_sample(table(("a", "hybrid", "coding", 3)), Review(sample_size=60, reviewers=2)).rows.num_rows == 6
    for size, set_ in ((60, table()), (0, table(("a", "hybrid", "coding", 3)))):
        empty = draw_sample(set_, Review(sample_size=size, reviewers=2))
        assert (empty.rows.num_rows, empty.units_in) == (0, 0)


def test_the_draw_does_not_depend_on_row_order_but_on_the_seed() -> None:
    whole = table(("hpo", "template", "coding", 50), ("e", "manual", "coding", 5))
    turned = whole.take(pa.array(list(reversed(range(whole.num_rows)))))
    assert draw_sample(whole, Review(sample_size=9)).rows == draw_sample(turned, Review(sample_size=9)).rows
    assert draw_sample(whole, Review(sample_size=9)).facts != draw_sample(whole, Review(sample_size=9, seed=8)).facts


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 30), min_size=1), st.integers(0, 100))
def test_places_are_all_given_and_never_more_than_there_are(sizes: dict[str, int], extra: int) -> None:
    places = min(sum(sizes.values()), len(sizes) + extra)
    given_places = allot(sizes, places)
    assert sum(given_places.values()) == places
    assert all(1 <= given_places[name] <= sizes[name] for name in sizes)


@given(st.lists(st.tuples(st.sampled_from("st"), st.sampled_from(("manual", "hybrid", "template")),
                          st.sampled_from("pqrxyz"), st.integers(1, 9)), max_size=14, unique_by=lambda g: g[:3]),
       st.integers(0, 40))
def test_every_record_has_a_known_chance_and_the_sample_its_size(groups: list[tuple[str, str, str, int]], size: int) \
        -> None:
    records = table(*groups).to_pylist()
    plan = plan_strata(records, size)
    seeds = sum(r["route"] == "manual" for r in records)
    drawn = sum(places for _, places, _ in plan.values())
    assert drawn == seeds + min(size, len(records) - seeds)
    if drawn > seeds:
        assert sorted(r for members, _, _ in plan.values() for r in members) == sorted(r["record_id"] for r in records)
        assert all(1 <= places <= len(members) for members, places, _ in plan.values())


def test_records_of_higher_risk_are_likelier_drawn_and_known_to_be() -> None:
    records = [{"record_id": f"rec-{i:03}", "source": "hpo", "route": "hybrid", "task_type": "coding",
                "severity": "severe" if i < 20 else "mild"} for i in range(100)]
    plan = plan_strata(records, 20, 3.0)
    assert {name: (len(members), size) for name, (members, size, _) in plan.items()} == {
        "hpo / hybrid / coding": (80, 11), "hpo / hybrid / coding / higher risk": (20, 9)}
    even = plan_strata(records, 20, 1.0)
    assert even["hpo / hybrid / coding / higher risk"][1] == 4


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.booleans()), min_size=1, max_size=60),
       st.integers(1, 20))
def test_places_are_never_exceeded_whatever_the_strata(kinds: list[tuple[str, str, bool]], size: int) -> None:
    records = [{"record_id": f"r{i:03}", "source": s, "route": "hybrid", "task_type": t,
                "severity": "severe" if severe else "mild"} for i, (s, t, severe) in enumerate(kinds)]
    plan = plan_strata(records, size, 3.0)
    assert sum(n for _, n, _ in plan.values()) == min(size, len(records))
    assert sorted(r for members, _, _ in plan.values() for r in members) == sorted(r["record_id"] for r in records)


def test_what_the_policy_set_aside_is_drawn_beside_the_sample() -> None:
    kept = table(("a", "hybrid", "coding", 20))
    aside = table(("b", "hybrid", "coding", 9))
    plain = draw_sample(kept, Review(sample_size=12, reviewers=2))
    both = draw_sample(kept, Review(sample_size=12, reviewers=2), aside)
    rows = both.rows.to_pylist()
    drawn = [row for row in rows if row["stratum"] == "quarantined"]
    assert both.units_in == both.rows.num_rows == plain.rows.num_rows + 2 * 3
    assert {row["record_id"] for row in drawn} <= set(aside.column("record_id").to_pylist())
    assert {(row["why"], row["inclusion_probability"]) for row in drawn} == {("quarantined", 3 / 9)}
    assert {row["record_id"] for row in rows} - {row["record_id"] for row in drawn} == {
        row["record_id"] for row in plain.rows.to_pylist()}


def judged(*rows: tuple[int, str | None, float | None]) -> pa.Table:
    """(record, status, score of the judge) -> the columns of `candidate_signals` that the draw reads."""
    return pa.table({"record_id": pa.array([f"rec-hpo-hybrid-coding-{n}" for n, _, _ in rows], pa.string()),
                     "judge_status": pa.array([status for _, status, _ in rows], pa.string()),
                     "judge_score": pa.array([score for _, _, score in rows], pa.float64())})


def test_records_that_the_judge_doubts_are_likelier_drawn_with_a_known_chance() -> None:
    kept = table(("hpo", "hybrid", "coding", 100))
    signals = judged(*((n, "inconsistent" if n < 10 else "judged", 4.5 if n < 10 or n >= 20 else 3.4)
                       for n in range(100)))
    batch = draw_sample(kept, Review(sample_size=20, oversample=3.0, reviewers=1), None, signals)
    assert {(r["stratum"], r["inclusion_probability"]) for r in batch.rows.to_pylist()} == {
        ("hpo / hybrid / coding", 11 / 80), ("hpo / hybrid / coding / higher risk", 9 / 20)}
    found = batch.facts["higher_risk"]
    assert {why: one["records"] for why, one in found.items()} == {"judge_disagrees": 10, "judge_unsure": 10}
    assert sum(one["drawn"] for one in found.values()) == 9
    plain = draw_sample(kept, Review(sample_size=20, reviewers=1), None, judged(*((n, None, None) for n in range(100))))
    assert plain.facts["higher_risk"] == {}
    assert plain.rows == draw_sample(kept, Review(sample_size=20, reviewers=1)).rows
