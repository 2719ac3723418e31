import json

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from itd_pipeline.errors import ContractError
from itd_pipeline.policy import apply_policy, load_policy
from itd_pipeline.tables.signals import SIGNALS
from itd_pipeline_tests.unit.policy.conftest import decide_on

NEAR = {"name": "near", "reason": "near_duplicate", "signal": "near_duplicate_of", "keep_if": {"op": "is_null"}}
EXACT = {"name": "exact", "reason": "exact_duplicate", "signal": "exact_duplicate_of", "keep_if": {"op": "is_null"}}
SHORT = {"name": "long_enough", "reason": "too_short", "signal": "output_words", "keep_if": {"op": ">=", "value": 3}}


def kept(batch):
    return batch.rows.column("record_id").to_pylist()


def reasons(batch):
    return {row["row_id"]: row["reason"] for row in batch.rejects.to_pylist()}


def test_a_reject_is_whole_and_says_every_failing_rule(decide, policy_of):
    language = {"name": "english", "reason": "wrong_language", "signal": "output_language",
                "keep_if": {"op": "in", "value": ["en"]}}
    batch = decide(policy_of(SHORT, language), [{"output_words": 2, "output_language": "de"}, {}])
    (row,) = batch.rejects.to_pylist()
    assert (row["stage"], row["partition"], row["row_id"]) == ("filtered_set", "", "r0")
    assert row["reason"] == "too_short"
    assert row["detail"] == ("long_enough: output_words 2, keep if >= 3; "
                             "english: output_language de, keep if in en")
    assert json.loads(row["row"])["output"] == "secret answer"
    assert "secret" not in row["detail"]
    assert batch.facts["rejected"] == {"too_short": 1}
    verdicts = batch.sides["verdicts"].to_pylist()
    assert [(v["record_id"], v["rule"], v["value"], v["passed"]) for v in verdicts] == [
        ("r0", "long_enough", "2", False), ("r1", "long_enough", "40", True),
        ("r0", "english", "de", False), ("r1", "english", "en", True)]


def test_a_verdict_names_rule_version_and_threshold(decide, policy_of):
    batch = decide(policy_of({**SHORT, "version": 3}), [{}])
    assert batch.sides["verdicts"].to_pylist() == [{
        "record_id": "r0", "rule": "long_enough", "version": 3, "reason": "too_short", "action": "reject",
        "signal": "output_words", "value": "40", "threshold": "keep if >= 3", "passed": True}]


def test_a_quarantined_record_is_set_aside_under_that_name(decide, policy_of):
    batch = decide(policy_of({**SHORT, "action": "quarantine"}), [{"output_words": 2}, {}])
    assert kept(batch) == ["r1"]
    assert reasons(batch) == {"r0": "quarantined"}
    assert batch.rejects.to_pylist()[0]["detail"] == (
        "for experts, too_short; long_enough: output_words 2, keep if >= 3")
    assert batch.facts["rejected"] == {"quarantined": 1}


def test_a_rejecting_rule_outweighs_a_quarantine(decide, policy_of):
    language = {"name": "english", "reason": "wrong_language", "signal": "output_language",
                "keep_if": {"op": "in", "value": ["en"]}}
    policy = policy_of({**SHORT, "action": "quarantine"}, language)
    assert reasons(decide(policy, [{"output_words": 2, "output_language": "de"}])) == {"r0": "wrong_language"}


def test_experts_let_a_record_out_of_quarantine_but_not_past_a_rejecting_rule(decide, tmp_path):
    rules = [{**SHORT, "action": "quarantine"}, {**SHORT, "name": "longer", "keep_if": {"op": ">=", "value": 2}}]
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump({"version": "t", "rules": rules, "accepted": {"r0": "dr_k: fine", "r1": "dr_k"}}))
    batch = decide(load_policy(path), [{"output_words": 2}, {"output_words": 1}, {"output_words": 2}])
    assert kept(batch) == ["r0"]
    assert reasons(batch) == {"r1": "too_short", "r2": "quarantined"}


def test_a_warning_keeps_the_record_and_is_a_verdict(decide, policy_of):
    batch = decide(policy_of({**SHORT, "action": "warn"}), [{"output_words": 2}])
    assert kept(batch) == ["r0"]
    assert batch.sides["verdicts"].to_pylist()[0]["action"] == "warn"
    assert batch.facts["warned"] == {"too_short": 1}


def test_an_experts_record_goes_back_to_its_author(decide, policy_of):
    batch = decide(policy_of(SHORT), [{"output_words": 2, "route": "manual"}])
    (row,) = batch.rejects.to_pylist()
    assert row["reason"] == "returned_to_author"
    assert "goes back to its author (expert_7) for too_short; long_enough: output_words 2" in row["detail"]


def test_an_experts_record_is_returned_rather_than_quarantined(decide, policy_of):
    batch = decide(policy_of({**SHORT, "action": "quarantine"}), [{"output_words": 2, "route": "manual"}])
    assert reasons(batch) == {"r0": "returned_to_author"}


@pytest.mark.parametrize(("missing", "expected"), [("pass", ["r0"]), ("reject", [])])
def test_what_was_not_measured_is_explicit(decide, policy_of, missing, expected):
    rule = {"name": "new", "reason": "not_novel", "signal": "novelty_rouge_l", "if_missing": missing,
            "reject_if": {"op": ">=", "value": 0.7}}
    batch = decide(policy_of(rule), [{"novelty_rouge_l": None}, {"novelty_rouge_l": 0.7}])
    assert kept(batch) == expected
    if missing == "reject":
        assert "novelty_rouge_l not measured" in batch.rejects.to_pylist()[0]["detail"]


@pytest.mark.parametrize(("scope", "expected"), [
    ({"routes": ["synthetic"]}, ["r1", "r2"]),
    ({"except_routes": ["synthetic"]}, ["r0"]),
    ({"tasks": ["coding"]}, ["r0", "r2"]),
    ({"except_tasks": ["coding"]}, ["r1"]),
    ({"sources": ["other's"]}, ["r0", "r1"]),
    ({"patient_data": True}, ["r0", "r1"]),
    ({"routes": ["hybrid"], "tasks": ["coding"]}, ["r0", "r2"]),
])
def test_scopes(decide, policy_of, scope, expected):
    rows = [{"route": "synthetic"}, {"route": "hybrid", "task_type": "coding"},
            {"route": "hybrid", "source": "other's", "patient_data": True}]
    batch = decide(policy_of({**SHORT, "scope": scope}), [{**row, "output_words": 2} for row in rows])
    assert kept(batch) == expected


@pytest.mark.parametrize(("signal", "condition", "passes", "fails"), [
    ("output_words", {"op": "<", "value": 40}, 39, 40),
    ("output_words", {"op": "<=", "value": 40}, 40, 41),
    ("output_words", {"op": ">", "value": 40}, 41, 40),
    ("output_words", {"op": "!=", "value": 40}, 41, 40),
    ("evidence_coverage", {"op": ">=", "value": 0.5}, 0.5, 0.4999999),
    ("refusal", {"op": "==", "value": False}, False, True),
    ("output_language", {"op": "==", "value": "en"}, "en", "fr"),
    ("output_language", {"op": "not_in", "value": ["it's", "fr"]}, "en", "it's"),
    ("contamination_item", {"op": "is_null"}, None, "x"),
    ("contamination_item", {"op": "not_null"}, "x", None),
    ("identifier_classes", {"op": "is_empty"}, [], ["name"]),
    ("identifier_classes", {"op": "not_empty"}, ["name"], []),
    ("identifier_classes", {"op": "has_none", "value": ["ssn", "mrn"]}, ["name"], ["name", "mrn"]),
    ("identifier_classes", {"op": "has_any", "value": ["ssn", "mrn"]}, ["mrn"], ["name"]),
])
def test_every_comparison_inside_and_outside_both_ways_round(decide, policy_of, signal, condition, passes, fails):
    rule = {"name": "it", "reason": "it", "signal": signal}
    rows = [{signal: passes}, {signal: fails}]
    assert kept(decide(policy_of({**rule, "keep_if": condition}), rows)) == ["r0"]
    assert kept(decide(policy_of({**rule, "reject_if": condition}), rows)) == ["r1"]


def near(of, **more):
    return {"near_duplicate_cluster": "r0", "near_duplicate_of": of, "near_duplicate_jaccard": 0.9, **more}


def test_of_twins_the_best_stays(decide, policy_of):
    batch = decide(policy_of(SHORT, NEAR), [near(None), near("r0"), near("r0"), {}])
    assert kept(batch) == ["r0", "r3"]
    assert batch.rejects.to_pylist()[0]["detail"] == "near: near_duplicate_of r0, keep if is_null"


def test_where_the_best_fails_elsewhere_the_next_one_stays(decide, policy_of):
    batch = decide(policy_of(SHORT, NEAR), [near(None, output_words=2), near("r0"), near("r0")])
    assert kept(batch) == ["r1"]
    assert reasons(batch) == {"r0": "too_short", "r2": "near_duplicate"}
    assert "near_duplicate_of r1" in batch.rejects.to_pylist()[1]["detail"]


def test_where_all_fail_elsewhere_none_is_called_a_twin(decide, policy_of):
    batch = decide(policy_of(NEAR, SHORT), [near(None, output_words=2), near("r0", output_words=1)])
    assert set(reasons(batch).values()) == {"too_short"}


def test_exact_and_near_twins_leave_one_together(decide, policy_of):
    rows = [near(None, exact_duplicate_of=None, output_words=2), near("r0", exact_duplicate_of="r0"),
            near("r0", exact_duplicate_of="r0"), near("r0")]
    batch = decide(policy_of(EXACT, NEAR, SHORT), rows)
    assert kept(batch) == ["r1"]
    assert reasons(batch) == {"r0": "too_short", "r2": "exact_duplicate", "r3": "near_duplicate"}


def test_a_twin_that_experts_need_not_see_stays_before_one_that_they_must(decide, policy_of):
    batch = decide(policy_of({**SHORT, "action": "quarantine"}, NEAR), [near(None, output_words=2), near("r0")])
    assert kept(batch) == ["r1"]
    assert reasons(batch) == {"r0": "near_duplicate"}


def test_where_all_twins_are_for_experts_one_is_set_aside(decide, policy_of):
    batch = decide(policy_of({**SHORT, "action": "quarantine"}, NEAR),
                   [near(None, output_words=2), near("r0", output_words=2)])
    assert reasons(batch) == {"r0": "quarantined", "r1": "near_duplicate"}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("best_is_bad", [False, True])
def test_of_a_cluster_of_500_one_stays_in_any_order(policy_of, best_is_bad, order):
    rows = [near("r000" if i else None, record_id=f"r{i:03}", quality_rank=i + 1) for i in range(500)]
    if best_is_bad:
        rows[0]["output_words"] = 2
    batch = decide_on(policy_of(SHORT, NEAR), rows[::order])
    assert kept(batch) == ["r001" if best_is_bad else "r000"]
    assert batch.rejects.num_rows == 499


def test_of_a_tie_in_quality_the_lesser_id_stays(decide, policy_of):
    assert kept(decide(policy_of(NEAR), [near("r1", quality_rank=5), near(None, quality_rank=5)])) == ["r0"]


def test_a_warning_on_twins_keeps_them_all(decide, policy_of):
    batch = decide(policy_of({**NEAR, "action": "warn"}), [near(None), near("r0")])
    assert kept(batch) == ["r0", "r1"]
    assert batch.sides["verdicts"].column("passed").to_pylist() == [True, False]


def test_a_twin_outside_the_scope_is_never_hit_and_is_the_one_that_stays(decide, policy_of):
    rule = {**NEAR, "scope": {"routes": ["synthetic"]}}
    batch = decide(policy_of(rule), [near(None), near("r0", route="template"), near("r0")])
    assert kept(batch) == ["r1"]
    assert set(reasons(batch)) == {"r0", "r2"}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, 0, 1, 2]), st.booleans()), min_size=1, max_size=12))
def test_a_cluster_with_a_good_member_never_dies_whole(decide, policy_of, members):
    rows, best = [], {}
    for i, (cluster, good) in enumerate(members):
        name = None if cluster is None else f"c{cluster}"
        first = None if name is None else best.setdefault(name, f"r{i}")
        rows.append({"near_duplicate_cluster": name, "near_duplicate_of": None if first == f"r{i}" else first,
                     "output_words": 9 if good else 1})
    stay = set(kept(decide(policy_of(SHORT, NEAR), rows)))
    for cluster in {c for c, _ in members}:
        ids = [(f"r{i}", good) for i, (c, good) in enumerate(members) if c == cluster]
        good = [i for i, is_good in ids if is_good]
        expected = good if cluster is None else good[:1]
        assert [i for i, _ in ids if i in stay] == expected


def test_contamination_status_is_set_from_what_was_measured(decide, policy_of):
    overlap = {"name": "overlap", "reason": "overlap", "signal": "contamination_share", "action": "warn",
               "reject_if": {"op": ">=", "value": 0.2}}
    rows = [{"contamination_share": share} for share in (None, 0.0, 0.1, 0.2)]
    status = decide(policy_of(overlap), rows).rows.column("contamination_status").to_pylist()
    assert status == ["not_checked", "clean", "clean", "overlap"]
    status = decide(policy_of(SHORT), rows).rows.column("contamination_status").to_pylist()
    assert status == ["not_checked", "clean", "overlap", "overlap"]


def test_the_item_of_a_leak_is_named_beside_the_rule(decide, policy_of):
    retold = {"name": "retold", "reason": "benchmark_paraphrase", "signal": "contamination_cosine",
              "action": "quarantine", "reject_if": {"op": ">=", "value": 0.85}}
    row = {"contamination_cosine": 0.9, "contamination_item": "medqa:12", "output_words": 2}
    detail = decide(policy_of(retold), [row]).rejects.to_pylist()[0]["detail"]
    assert detail.endswith("retold: contamination_cosine 0.9, reject if >= 0.85, item medqa:12")
    detail = decide(policy_of(SHORT), [row]).rejects.to_pylist()[0]["detail"]
    assert "medqa:12" not in detail


def test_a_warning_of_a_cut_or_retold_item_is_an_overlap_too(decide, policy_of):
    over = {"reason": "overlap", "action": "warn", "reject_if": {"op": ">=", "value": 13}}
    rules = [{**over, "name": name, "signal": name} for name in ("contamination_words", "contamination_paraphrase")]
    rows = [{"contamination_share": 0.1, **more} for more in (
        {}, {"contamination_words": 13}, {"contamination_paraphrase": 13.5}, {"contamination_words": 12})]
    status = decide(policy_of(*rules), rows).rows.column("contamination_status").to_pylist()
    assert status == ["clean", "overlap", "overlap", "clean"]


def test_no_candidates(decide, policy_of):
    assert decide(policy_of(SHORT, NEAR), []).rows.num_rows == 0


def test_signals_of_other_candidates_are_an_error(decide, policy_of):
    policy = policy_of(SHORT)
    rows = decide(policy, [{}]).rows
    with pytest.raises(ContractError, match="1 candidates without signals, 0 signals without a candidate"):
        apply_policy(rows, SIGNALS.empty(), policy)
