import pytest
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.policy import load_policy

RULE = {"name": "r", "reason": "too_short", "signal": "output_words", "keep_if": {"op": ">=", "value": 3}}


def problem(tmp_path, content):
    path = tmp_path / "policy.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_policy(path)
    assert "policy.yaml" in str(caught.value)
    return str(caught.value)


def rule(**changes):
    return {"version": "1", "rules": [{k: v for k, v in {**RULE, **changes}.items() if v is not None}]}


@pytest.mark.parametrize(("changes", "expected"), [
    ({"signal": "output_word"}, "rule 'r': unknown signal 'output_word' (did you mean 'output_words'?)"),
    ({"threshold": 3}, "unknown key 'threshold'"),
    ({"keep_if": {"op": "in", "value": ["a"]}}, "valid: <, <=, >, >=, ==, !="),
    ({"keep_if": {"op": ">=", "value": "3"}}, "output_words is a number"),
    ({"keep_if": {"op": ">=", "value": True}}, "output_words is a number"),
    ({"keep_if": {"op": ">=", "value": -1}}, "-1 lies outside what output_words can be"),
    ({"keep_if": {"op": ">="}}, "value is missing after '>='"),
    ({"keep_if": {"op": ">=", "value": 3, "unit": "x"}}, "unknown key in keep_if 'unit'"),
    ({"keep_if": 3}, "keep_if is a mapping"),
    ({"reject_if": {"op": "<", "value": 3}}, "either keep_if or reject_if"),
    ({"keep_if": None}, "either keep_if or reject_if"),
    ({"action": "drop"}, "unknown action 'drop'; valid: reject, quarantine, warn"),
    ({"if_missing": "keep"}, "unknown if_missing 'keep'; valid: pass, reject"),
    ({"scope": {"route": ["manual"]}}, "unknown key in scope 'route' (did you mean 'routes'?)"),
    ({"scope": {"routes": ["human"]}}, "unknown value 'human'; valid: manual, synthetic"),
    ({"scope": {"routes": "manual"}}, "routes in scope is a list"),
    ({"scope": {"patient_data": "yes"}}, "patient_data in scope is true or false"),
    ({"reason": "Too short"}, "reason is missing or not in snake_case"),
    ({"name": None}, "name is missing"),
    ({"signal": "refusal", "keep_if": {"op": "==", "value": 0}}, "refusal is true or false"),
    ({"signal": "near_duplicate_of", "keep_if": {"op": "not_null"}}, "valid: keep_if with is_null"),
    ({"signal": "near_duplicate_of", "keep_if": None, "reject_if": {"op": "is_null"}}, "valid: keep_if with is_null"),
    ({"signal": "near_duplicate_of", "keep_if": {"op": "is_null"}, "if_missing": "pass"}, "if_missing has no meaning"),
    ({"signal": "near_duplicate_of", "keep_if": {"op": "is_null", "value": 1}}, "is_null takes no value"),
    ({"signal": "route", "keep_if": {"op": "==", "value": "humna"}}, "unknown value 'humna'"),
    ({"note": 3}, "note must be a text"),
])
def test_a_wrong_rule_is_named_with_what_is_valid(tmp_path, changes, expected):
    assert expected in problem(tmp_path, rule(**changes))


def test_a_wrong_file_is_named(tmp_path):
    assert "mapping with version and rules" in problem(tmp_path, "- a")
    assert "line 1" in problem(tmp_path, "rules: [")
    assert "unknown key 'rule'" in problem(tmp_path, {"version": "1", "rule": []})
    assert "version is missing" in problem(tmp_path, {"rules": [RULE]})
    assert "at least one rule" in problem(tmp_path, {"version": "1", "rules": []})
    assert "the name occurs twice" in problem(tmp_path, {"version": "1", "rules": [RULE, RULE]})
    assert "rule 1: a rule is a mapping" in problem(tmp_path, {"version": "1", "rules": ["x"]})
    with pytest.raises(ConfigError, match="There is no policy"):
        load_policy(tmp_path / "none.yaml")
