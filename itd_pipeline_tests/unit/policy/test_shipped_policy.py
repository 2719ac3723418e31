"""The policy that ships: each rule just inside and just outside its threshold."""

import pytest

from itd_pipeline.policy import explain_record


@pytest.mark.parametrize(("reason", "inside", "outside"), [
    ("residual_identifiers", {"identifier_count": 0}, {"identifier_count": 1}),
    ("residual_identifiers", {"route": "converted", "identifier_count": 1},
     {"route": "converted", "identifier_count": 1, "patient_data": True}),
    ("instruction_too_short", {"instruction_words": 3}, {"instruction_words": 2}),
    ("instruction_too_long", {"instruction_words": 150}, {"instruction_words": 151}),
    ("output_too_short", {"output_words": 3}, {"output_words": 2}),
    ("output_too_short", {"output_words": 1, "task_type": "coding"}, {"output_words": 1}),
    ("output_too_long", {"output_words": 1000}, {"output_words": 1001}),
    ("output_too_long", {"output_words": 4000, "route": "converted"}, {"output_words": 4000}),
    ("refusal", {"refusal": True, "task_type": "safety_refusal"}, {"refusal": True}),
    ("template_remains", {}, {"template_remains": True, "route": "template"}),
    ("returned_to_author", {}, {"template_remains": True, "route": "manual"}),
    ("output_truncated", {"output_truncated": True, "route": "converted"}, {"output_truncated": True}),
    ("repetitive_output", {"repetition_share": 0.3}, {"repetition_share": 0.31}),
    ("wrong_language", {"output_language": "und"}, {"output_language": "de"}),
    ("citation_not_verbatim", {}, {"citations_verbatim": False, "route": "template"}),
    ("unsupported_number", {"unsupported_number_count": 1, "route": "template"}, {"unsupported_number_count": 1}),
    ("low_evidence_coverage", {"evidence_coverage": 0.3}, {"evidence_coverage": 0.29}),
    ("low_evidence_coverage", {"evidence_coverage": None, "route": "manual"}, {"evidence_coverage": None}),
    ("benchmark_contamination", {"contamination_share": 0.49}, {"contamination_share": 0.5}),
    ("benchmark_contamination", {"contamination_words": 12}, {"contamination_words": 13}),
    ("quarantined", {"contamination_paraphrase": 12.9}, {"contamination_paraphrase": 13.0}),
    ("quarantined", {"contamination_cosine": 0.79}, {"contamination_cosine": 0.8}),
    ("quarantined", {"contamination_cosine": None}, {"contamination_cosine": 1.0}),
    ("patient_text_verbatim", {"patient_overlap_words": 19}, {"patient_overlap_words": 20}),
    ("patient_text_verbatim", {"patient_overlap_words": 20, "route": "converted"}, {"patient_overlap_words": 20}),
    ("prompt_injection", {}, {"injection_count": 1, "route": "converted"}),
    ("quarantined", {"source_injection_count": 1, "route": "converted"}, {"source_injection_count": 1}),
    ("not_novel", {"novelty_rouge_l": 0.69}, {"novelty_rouge_l": 0.7}),
    ("not_novel", {"novelty_rouge_l": None}, {"novelty_rouge_l": 1.0, "route": "hybrid"}),
])
def test_rule(shipped, decide, reason, inside, outside):
    batch = decide(shipped, [inside, outside])
    assert batch.rows.column("record_id").to_pylist() == ["r0"]
    assert batch.rejects.to_pylist()[0]["reason"] == reason


def test_twins(shipped, decide):
    twin = {"near_duplicate_cluster": "r0", "near_duplicate_jaccard": 0.9}
    exact = {"exact_duplicate_of": "r0", "near_duplicate_of": "r0", **twin}
    batch = decide(shipped, [twin, exact, {"near_duplicate_of": "r0", **twin}])
    assert [row["reason"] for row in batch.rejects.to_pylist()] == ["exact_duplicate", "near_duplicate"]


def test_every_rule_says_where_it_comes_from(shipped):
    assert all(rule.note for rule in shipped.rules)


def test_a_record_is_explained_rule_by_rule(shipped, decide, good_signals):
    changes = {"novelty_rouge_l": None, "output_words": 2, "near_duplicate_of": "r9", "near_duplicate_cluster": "r0"}
    verdicts = decide(shipped, [changes]).sides["verdicts"].to_pylist()
    explained = {e.rule: e for e in explain_record({**good_signals, "record_id": "r0", **changes}, verdicts, shipped)}
    assert list(explained) == [rule.name for rule in shipped.rules]
    assert explained["output_length"] == ("output_length", "2", "keep if >= 3", "failed")
    assert explained["no_refusal"] == ("no_refusal", "false", "reject if == true", "passed")
    assert explained["novel_instruction"][1::2] == ("not measured", "not applicable")
    assert explained["patient_identifiers"].outcome == "not applicable"
    assert explained["near_duplicate"].outcome == "not applicable"
    assert explained["evidence_covers_output"].value == "0.9"
