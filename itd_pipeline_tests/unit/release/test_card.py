from __future__ import annotations

import json

import pytest
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.release.build import build_release
from itd_pipeline.release.card import card
from itd_pipeline.release.evidence import Evidence
from itd_pipeline.release.facts import newest_date
from itd_pipeline.release.licences import for_croissant, for_hub
from itd_pipeline.tables.records import FILTERED
from itd_pipeline.tables.review import METRICS


def _card(content) -> tuple[dict, str]:
    _, front, body = content.files["README.md"].decode().split("---\n", 2)
    return yaml.safe_load(front), body


def test_the_front_matter_is_what_the_hub_reads(make_inputs):
    front, _ = _card(build_release(make_inputs()))
    assert front["license"] == "cc-by-4.0"
    assert front["language"] == ["en"]
    assert front["size_categories"] == ["n<1K"]
    assert front["configs"][0] == {"config_name": "full", "default": True, "data_files": [
        {"split": s, "path": f"data/{s}-00000-of-00001.parquet"} for s in ("train", "validation", "test")]}
    assert [one["config_name"] for one in front["configs"]] == ["full"]


def test_several_licences_are_listed_and_none_is_invented(make_inputs, rows):
    records = [rows["record"](1), rows["record"](2, licence="LicenseRef-ward"), rows["record"](3, licence="CC0-1.0")]
    content = build_release(make_inputs(records))
    front, body = _card(content)
    assert front["license"] == "other"
    assert front["license_details"] == "CC-BY-4.0 (1), CC0-1.0 (1), LicenseRef-ward (1)"
    assert "| LicenseRef-ward | 1 |" in body
    assert json.loads(content.files["croissant.json"])["license"] == [
        "LicenseRef-ward", "https://spdx.org/licenses/CC-BY-4.0.html", "https://spdx.org/licenses/CC0-1.0.html"]


@pytest.mark.parametrize(("licence", "hub", "machine"), [
    ("cc0-1.0", {"license": "cc0-1.0"}, "https://spdx.org/licenses/CC0-1.0.html"),
    ("LicenseRef-HPO", {"license": "other", "license_name": "licenseref-hpo"}, "LicenseRef-HPO"),
])
def test_a_licence_is_named_as_its_readers_know_it(licence, hub, machine):
    assert for_hub({licence: 3}) == hub
    assert for_croissant(licence) == machine


def test_sources_stand_with_licence_attribution_and_address(make_inputs):
    _, body = _card(build_release(make_inputs()))
    assert ("| terms | 30 | 30 | CC-BY-4.0 | The Term Consortium | example.org (30) | 2026-03-02 | no |") in body


def test_what_is_missing_says_so(make_inputs, rows):
    documents = [rows["document"](1, retrieved_on=None, url=None)]
    content = build_release(make_inputs([rows["record"](1)], documents=documents, prompts={}))
    _, body = _card(content)
    assert "| not recorded | not recorded | no |" in body
    assert "Prompts: not recorded." in body
    assert "Date of publication: not recorded" in body
    assert "datePublished" not in content.files["croissant.json"].decode()


def test_the_card_counts_what_was_filtered_and_measured(make_inputs):
    _, body = _card(build_release(make_inputs()))
    assert "| filtered_set | record | 40 | 30 | too_short_output 10 |" in body
    assert "| output_length | at_least 5 | too_short_output | 10 |" in body
    assert "| human | kappa | not measured | score; nobody has rated |" in body
    assert "| signals | refusals | 0 | count |" in body


def test_a_review_is_printed_with_its_facts(make_inputs):
    review = {"status": "reviewed", "ready": True, "ratings": 120, "agreement": {"weighted_kappa": 0.71, "alpha": None}}
    _, body = _card(build_release(make_inputs(review=review)))
    assert "Not reviewed yet" not in body
    assert "| agreement.weighted_kappa | 0.710 |" in body
    assert "| agreement.alpha | not measured |" in body
    assert "| ratings | 120 |" in body


def test_illustrations_and_patient_data_are_said_plainly(make_inputs, rows):
    records = [rows["record"](1, illustrative=True),
               rows["record"](2, patient_data=True, privacy_status="de_identified")]
    _, body = _card(build_release(make_inputs(records, release={"allow_patient_data": True})))
    assert "Records that are illustrations, not medical guidance: 1" in body
    assert "Records that rest on patient data: 1." in body


def test_a_table_cell_stays_a_cell(make_inputs, rows):
    _, body = _card(build_release(make_inputs([rows["record"](1, model="a|b\nc"), rows["record"](2)])))
    assert "| a\\|b c | 1 |" in body


def test_what_all_records_share_is_one_line(make_inputs):
    _, body = _card(build_release(make_inputs()))
    assert "`task_type` question_answering; " in body
    assert "### By" not in body


@pytest.mark.parametrize("policy", ["", "[]", "rules: [a, b]", "rules: {short: {at_least: 3}, long: 9}"])
def test_a_policy_of_another_shape_is_printed_as_far_as_it_goes(make_inputs, policy):
    _, body = _card(build_release(make_inputs(policy=policy)))
    assert "## Filters" in body


def test_a_policy_that_is_no_yaml_is_a_configuration_error(make_inputs):
    with pytest.raises(ConfigError, match="policy"):
        build_release(make_inputs(policy="rules: ["))


def test_the_method_is_cited_and_no_number_is_taken_from_it(make_inputs):
    _, body = _card(build_release(make_inputs()))
    assert "J Med Internet Res 2025;27:e70481" in body
    assert "No figure on this card comes" in body


def test_only_whole_dates_count_as_dates(make_inputs, rows):
    inputs = make_inputs([rows["record"](1, evidence_date="2099"), rows["record"](2, evidence_date="2026-04-01")])
    assert newest_date(inputs.records, Evidence.of(inputs.passages, inputs.documents)) == "2026-04-01"


def test_a_partial_review_says_how_far_it_is(make_inputs):
    review = {"status": "partly reviewed", "assignments": 120, "assignments_answered": 1}
    _, body = _card(build_release(make_inputs(review=review)))
    assert "**DRAFT. Experts have answered 1 of 120 assignments; not complete.**" in body
    assert "Experts have not reviewed" not in body
    assert "Not reviewed yet" not in body


def test_a_reviewed_release_opens_with_its_defect_bound(make_inputs):
    defect = {"records": 60, "defective": 1, "upper_bound": 0.0766, "confidence": 0.95}
    _, body = _card(build_release(make_inputs(review={"status": "reviewed", "ready": True, "defect": defect})))
    assert "At most 7.7 % of the records are defective, with 95 % confidence (1 of 60 records judged were)." in body
    _, body = _card(build_release(make_inputs(review={"status": "reviewed", "ready": True})))
    assert "A bound on the share of defective records was not measured." in body


def test_a_long_review_is_cut_and_says_where_the_rest_is(make_inputs):
    review = {"status": "reviewed", "ready": True, "axes": {f"axis_{n:02}": n for n in range(20)}, "records_rated": 60}
    _, body = _card(build_release(make_inputs(review=review)))
    table = body.split("## Human evaluation")[1].split("## Personal")[0]
    assert table.count("\n| ") == 1 + 15  # the head, and the facts
    assert "| status | reviewed |\n| records_rated | 60 |" in table
    assert "Further facts stand in `review.parquet`" in table


def test_rules_that_only_warn_count_no_rejects(make_inputs):
    policy = "rules:\n- {name: a, reason: too_short_output}\n- {name: b, reason: too_short_output, action: warn}\n"
    _, body = _card(build_release(make_inputs(policy=policy)))
    assert "| a |  | too_short_output | 10 |" in body
    assert "| b | action warn | too_short_output | warns only |" in body


def test_records_without_a_model_say_so(make_inputs, rows):
    _, body = _card(build_release(make_inputs([rows["record"](1), rows["record"](2, model="m")])))
    assert "| none (no model) | 1 |" in body
    content = build_release(make_inputs([rows["record"](1, route="synthetic"), rows["record"](2, model="m")]))
    assert content.batch.rejects.column("detail").to_pylist() == ["not recorded: model, request_id"]


def test_forms_without_text_are_told_from_prompts_without_text(make_inputs, rows):
    records = [rows["record"](1), rows["record"](2, route="hybrid", model="m", prompt_hash="b" * 64,
                                                  request_id="q", seed_ids=["s"])]
    _, body = _card(build_release(make_inputs(records)))
    assert "Templates (program forms) are named by id; their text is part of the package" in body
    assert "whose text is not in this release: 1." in body


def test_columns_and_loading_are_explained(make_inputs):
    _, body = _card(build_release(make_inputs()))
    assert "| `record_id` | Hash of content, route, seeds and passages. |" in body
    assert "load_dataset(" in body
    assert "`rejected.parquet` holds the rows,\n11 of them, 11 with their text." in body


def test_the_example_is_a_template_record_without_patient_data(make_inputs, rows):
    inputs = make_inputs([rows["record"](9)])
    facts = json.loads(build_release(inputs).files["RELEASE.json"])

    def shown(*records) -> str:
        table = FILTERED.from_rows(list(records))
        return card(inputs.settings.dataset, facts, inputs.policy, inputs.metrics, table)

    secret, written, good = rows["record"](1, patient_data=True), rows["record"](2, route="manual"), rows["record"](3)
    body = shown(secret, written, good)
    assert '"record_id": "r003"' in body
    assert "unspecified\"" not in body.split("```json")[1].split("```")[0]
    assert "```json" not in shown(secret, written)


def test_limits_are_sentences(make_inputs):
    metrics = METRICS.from_rows([{"section": "limits", "metric": "training", "group": "", "value": None,
                                  "note": "count; No model was trained on these records."}])
    _, body = _card(build_release(make_inputs(metrics=metrics)))
    assert "- No model was trained on these records.\n" in body
    assert "| limits |" not in body
