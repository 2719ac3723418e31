from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from itd_pipeline.errors import ConfigError
from itd_pipeline.review import load_rubric
from itd_pipeline.tables.vocabularies import DECISION

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "rubric.yaml"


def changed(tmp_path: Path, **changes: object) -> Path:
    content = {**yaml.safe_load(SHIPPED.read_text(encoding="utf-8")), **changes}
    path = tmp_path / "rubric.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_the_rubric_that_ships_asks_five_gates_and_five_axes() -> None:
    rubric = load_rubric(SHIPPED)
    assert [g.id for g in rubric.gates] == ["medically_correct", "free_of_serious_harm", "no_identifying_detail",
                                            "answerable", "supported_by_evidence"]
    assert [a.id for a in rubric.axes] == ["completeness", "reasoning", "relevance", "clarity", "currency"]
    assert all(len(a.anchors) == 5 for a in rubric.axes)
    assert tuple(d.id for d in rubric.decisions) == DECISION


@pytest.mark.parametrize(("changes", "named"), [
    ({"gates": []}, "gates"),
    ({"colour": "blue"}, "colour"),
    ({"axes": [{"id": "a", "label": "A", "question": "?", "anchors": ["one", "two"]}]}, "axes.0.anchors"),
    ({"decisions": [{"id": "maybe", "meaning": "?"}]}, "accept, correct, reject"),
    ({"error_tags": [{"id": "x", "meaning": "?"}, {"id": "x", "meaning": "?"}]}, "'x' stands twice"),
    ({"gates": [{"id": "g", "label": "Comment", "question": "?"}]}, "'comment'"),
])
def test_a_wrong_rubric_names_what_is_wrong(tmp_path: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=r"rubric\.yaml") as raised:
        load_rubric(changed(tmp_path, **changes))
    assert named in str(raised.value)


@pytest.mark.parametrize("content", ["gates: [", "- just\n- a list"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "r.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"r\.yaml"):
        load_rubric(tmp_path / "r.yaml")


def test_a_missing_rubric_says_which_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"review\.rubric"):
        load_rubric(tmp_path / "none.yaml")
