"""The plan of a review in numbers and words."""

from __future__ import annotations

from typing import Any

from itd_pipeline.pipeline.review_plan import plan_in_words, review_plan


def rows() -> list[dict[str, Any]]:
    """59 candidates of 590 for one reviewer, two seeds for two, a record that was set aside."""
    def row(record: str, reviewer: int, chance: float, why: str) -> dict[str, Any]:
        return {"record_id": record, "reviewer": f"reviewer_{reviewer}", "inclusion_probability": chance, "why": why}

    return [*(row(f"c{n}", 1, 0.1, "stratified draw") for n in range(59)),
            *(row(f"s{n}", r, 1.0, "every seed") for n in range(2) for r in (1, 2)), row("q", 1, 0.5, "quarantined")]


def test_the_plan_counts_people_and_hours() -> None:
    plan = review_plan(rows(), 590)
    assert (plan["candidates_drawn"], plan["seeds"], plan["set_aside"], plan["ratings"]) == (59, 2, 1, 64)
    assert plan["hours"] == 2.1
    assert plan["hours_per_reviewer"] == {"reviewer_1": 2.1, "reviewer_2": 0.1}
    assert 59 <= plan["effective_records"] <= 61
    assert plan["shows_at_most_without_defect"] <= 0.05


def test_the_plan_says_what_sample_size_proves_what() -> None:
    said = " ".join(plan_in_words(review_plan(rows(), 590)))
    assert "59 of 590 candidates, every one of 2 records that experts wrote" in said
    assert "at 95 % confidence: no defect in 59 records shows at most 5 %; no defect in 299 records shows at most 1 %" \
        in said
    assert "without a defect it shows at most 4.9 %" in said
    assert "nobody is asked" in " ".join(plan_in_words(review_plan([], 0)))
