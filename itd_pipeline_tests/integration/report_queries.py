"""For every number of the report that is a count, a share, a sum or a quantile: the DuckDB query that gives it.

A query yields (group, value) rows over the views of the lake. Written apart from the code that makes the report, so
that the two can be compared; `kept` holds the signals of the records kept.
"""

from __future__ import annotations

from itertools import pairwise

from itd_pipeline.evaluation.chapters import CHAPTERS
from itd_pipeline.evaluation.sections.lengths import EDGES
from itd_pipeline.evaluation.sections.mentions import PATTERNS
from itd_pipeline.evaluation.sections.readability import SENTENCES, SILENT, VOWELS, WORDS
from itd_pipeline.tables import vocabularies as v

VIEWS = """
CREATE VIEW kept AS SELECT s.* FROM candidate_signals s SEMI JOIN filtered_set f USING (record_id);
CREATE VIEW sided AS SELECT 'candidates' AS side, * FROM candidate_signals UNION ALL SELECT 'kept', * FROM kept;
CREATE VIEW matched AS SELECT side, record_id, m.* FROM
    (SELECT side, record_id, unnest(contamination_matches) AS m FROM sided);
CREATE VIEW words AS SELECT
    length(regexp_extract_all(instruction, '\\S+')) AS instruction, length(regexp_extract_all(output, '\\S+')) AS output
    FROM filtered_set;
CREATE VIEW said AS SELECT instruction || ' ' || coalesce(input, '') || ' ' || output AS text FROM filtered_set;
CREATE VIEW placed AS SELECT stage, partition, CASE partition WHEN '' THEN stage ELSE stage || ' / ' || partition END
    AS place, reason FROM rejected WHERE stage NOT IN ('evaluation_report', 'dataset_release');
CREATE VIEW asked AS SELECT DISTINCT request_id, model, prompt_tokens, completion_tokens, cost_usd,
    1 + len(further_request_ids) AS requests FROM synthetic_expansions WHERE request_id IS NOT NULL
    UNION SELECT DISTINCT row->>'request_id', row->>'model', (row->>'prompt_tokens')::BIGINT,
    (row->>'completion_tokens')::BIGINT, (row->>'cost_usd')::DOUBLE,
    1 + coalesce(json_array_length(row->'further_request_ids'), 0) FROM (SELECT row::JSON AS row FROM rejected
    WHERE stage = 'synthetic_expansions') WHERE row->>'request_id' IS NOT NULL;
"""
"""Views over those of the lake. `row->>'x'` of a JSON null is null."""

_KEPT = "(SELECT count(*) FROM filtered_set)"
_SIDES = {
    "duplicates|records": "count(*)", "duplicates|exact_duplicates": "count(exact_duplicate_of)",
    "duplicates|near_duplicate_clusters": "count(DISTINCT near_duplicate_cluster)",
    "duplicates|near_duplicates": "count(near_duplicate_of)", "duplicates|novelty_measured": "count(novelty_rouge_l)",
    "duplicates|novelty_rouge_l_median": "quantile_cont(novelty_rouge_l, 0.5)",
    "groundedness|citations_verbatim_share": "avg(citations_verbatim::INT)",
    "groundedness|with_unsupported_number": "count_if(unsupported_number_count > 0)",
    "groundedness|coverage_measured": "count(evidence_coverage)",
    "groundedness|coverage_lower_quartile": "quantile_cont(evidence_coverage, 0.25)",
    "groundedness|coverage_median": "quantile_cont(evidence_coverage, 0.5)",
    "lengths|truncated": "count_if(output_truncated)",
    "privacy|with_identifiers": "count_if(identifier_count > 0)",
    "contamination|with_overlap": "count_if(contamination_share > 0)",
    "contamination|greatest_share": "max(contamination_share)",
}
_TALLIED = ("audience", "difficulty", "route", "source", "licence", "question_type", "level_of_care", "age_group",
            "sex", "severity", "jurisdiction", "language")
_QUANTILES = {"least": 0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "percentile_95": 0.95,
              "greatest": 1}
_GRADES = f"""(SELECT audience, CASE WHEN words = 0 THEN 0.0 ELSE greatest(0.0, 0.39 * words / sentences + 11.8 *
    greatest(syllables, words) / words - 15.59) END AS grade FROM (SELECT audience,
    len(regexp_extract_all(output, '{WORDS.replace("'", "''")}')) AS words,
    greatest(1, len(regexp_extract_all(output, '{SENTENCES.replace("'", "''")}'))) AS sentences,
    len(regexp_extract_all(output, '{VOWELS}')) - len(regexp_extract_all(output, '{SILENT}')) AS syllables
    FROM filtered_set WHERE language = 'en'))"""


def queries() -> dict[str, str]:
    """Section|metric -> query of (group, value)."""
    found = {
        "at_a_glance|records_kept": f"SELECT '', {_KEPT}",
        "at_a_glance|candidates": "SELECT '', count(*) FROM candidate_signals",
        "at_a_glance|records_rated": "SELECT '', count(DISTINCT record_id) FROM human_evaluation",
        "at_a_glance|kept_with_identifiers": "SELECT '', count_if(identifier_count > 0) FROM kept",
        "at_a_glance|kept_with_overlap": "SELECT '', count_if(contamination_share > 0) FROM kept",
        "at_a_glance|records_changed": "SELECT '', count(*) FROM (SELECT record_id FROM filtered_set FULL JOIN "
                                       "last_release l USING (record_id) WHERE filtered_set.output IS NULL OR "
                                       "l.output IS NULL)",
        "at_a_glance|cost_per_accepted_record": "SELECT '', (SELECT sum(cost_usd) FROM asked) / (SELECT count(*) FROM "
                                                "filtered_set WHERE route IN ('synthetic', 'hybrid'))",
        "changes|records_added": "SELECT '', count(*) FROM filtered_set ANTI JOIN last_release USING (record_id)",
        "changes|records_removed": "SELECT '', count(*) FROM last_release ANTI JOIN filtered_set USING (record_id)",
        "changes|records_in_both": "SELECT '', count(*) FROM last_release SEMI JOIN filtered_set USING (record_id)",
        "contamination|candidates_compared": "SELECT '', count(contamination_share) FROM candidate_signals",
        "contamination|kept_compared": "SELECT '', count(contamination_share) FROM kept",
        "contamination|items_matched": _by_benchmark("side = 'candidates'"),
        "contamination|items_matched_by_kept": _by_benchmark("side = 'kept'"),
        "coverage|records_by_specialty_and_task": "SELECT specialty || ' / ' || task_type, count(*) FROM filtered_set "
                                                  "GROUP BY 1",
        "coverage|records_by_icd10_chapter": " UNION ALL ".join(
            f"SELECT '{name}', count_if(len(list_filter(codes, lambda c: c LIKE 'ICD-10%:%' AND substr(split_part("
            f"c, ':', 2), 1, 3) BETWEEN '{first}' AND '{last}')) > 0) FROM filtered_set" for first, last, name in
            CHAPTERS),
        "diversity|near_duplicate_rate_candidates": "SELECT '', count(near_duplicate_of) / count(*) FROM "
                                                    "candidate_signals",
        "diversity|near_duplicate_rate_kept": "SELECT '', count(near_duplicate_of) / count(*) FROM kept",
        "diversity|opening_word": _opening("count(*)"),
        "diversity|opening_word_share": _opening("count(*) / (SELECT count(*) FROM filtered_set WHERE NOT "
                                                 "patient_data)"),
        "diversity|opening_words": r"SELECT '', count(DISTINCT regexp_extract(lower(instruction), '\pL+')) "
                                   "FROM filtered_set WHERE NOT patient_data",
        "examples|rejected_at_stage": "SELECT stage || ' / ' || reason, count(*) FROM placed GROUP BY 1",
        "funnel|rejected": "SELECT place, count(*) FROM placed GROUP BY 1",
        "rejections|rejected": "SELECT place || ' / ' || reason, count(*) FROM placed GROUP BY 1",
        "rejections|rejected_in_all": "SELECT reason, count(*) FROM placed GROUP BY 1",
        "groundedness|kept_of_route": "SELECT route, count(*) FROM kept GROUP BY 1",
        "groundedness|kept_of_route_with_unsupported_number": "SELECT route, count_if(unsupported_number_count > 0) "
                                                              "FROM kept GROUP BY 1",
        "human|records_sampled": "SELECT '', count(DISTINCT record_id) FROM review_sample SEMI JOIN filtered_set "
                                 "USING (record_id)",
        "human|assignments": "SELECT '', count(*) FROM review_sample SEMI JOIN filtered_set USING (record_id)",
        "human|assignments_answered": "SELECT '', count(DISTINCT assignment_id) FROM human_evaluation",
        "human|records_rated": "SELECT '', count(DISTINCT record_id) FROM human_evaluation",
        "judge|candidates_asked_about": "SELECT '', count(judge_status) FROM candidate_signals",
        "mentions|records": _mentions("n"),
        "mentions|share": _mentions("n / sum(n) OVER (PARTITION BY kind)"),
        "privacy|with_identifier_class": "SELECT side || ' / ' || c, count(*) FROM (SELECT side, unnest("
                                         "list_distinct(identifier_classes)) AS c FROM sided) GROUP BY 1",
        "readability|records": f"SELECT audience, count(*) FROM {_GRADES} GROUP BY 1",
        "readability|above_grade_8_share": f"SELECT audience, avg((grade > 8)::INT) FROM {_GRADES} GROUP BY 1",
        "sources|documents": "SELECT source, count(*) FROM raw_sources GROUP BY 1",
    }
    found |= {key: f"SELECT side, {what} FROM sided GROUP BY 1" for key, what in _SIDES.items()}
    for kind in ("exact", "cut", "paraphrase", "meaning", "overlap"):
        found[f"contamination|matches_{kind}"] = ("SELECT benchmark, count_if(kind = '" + kind + "') FROM matched "
                                                  "WHERE side = 'candidates' GROUP BY 1")
    for column in (*_TALLIED, "privacy_status"):
        key = f"{'privacy' if column == 'privacy_status' else 'coverage'}|records_by_{column}"
        term = f"coalesce({column}::VARCHAR, 'unspecified')"
        found[key] = f"SELECT {term}, count(*) FROM filtered_set GROUP BY 1"
        found[f"{key}_share"] = f"SELECT {term}, count(*) / {_KEPT} FROM filtered_set GROUP BY 1"
    for column in ("lower_quartile", "median", "upper_quartile"):
        found[f"readability|grade_{column}"] = (f"SELECT audience, quantile_cont(grade, {_QUANTILES[column]}) FROM "
                                                f"{_GRADES} GROUP BY 1")
    for part in ("instruction", "output"):
        for name, at in _QUANTILES.items():
            found[f"lengths|{part}_words_{name}"] = f"SELECT '', quantile_cont({part}, {at}) FROM words"
        found[f"lengths|{part}_words_bin"] = " UNION ALL ".join(
            f"SELECT '{low:g} {'and more' if high == float('inf') else f'to {high - 1:g}'}', count_if({part} >= {low} "
            f"AND {part} < {'1e18' if high == float('inf') else high}) FROM words"
            for low, high in pairwise(EDGES))
    for what in ("requests", "prompt_tokens", "completion_tokens", "cost_usd"):
        found[f"cost|{what}"] = (f"SELECT model, sum({what}) FROM asked GROUP BY 1 UNION ALL "
                                 f"SELECT '', coalesce(sum({what}), 0) FROM asked")
    found["cost|cost_per_accepted_record"] = found["at_a_glance|cost_per_accepted_record"]
    by_chapter = found["coverage|records_by_icd10_chapter"]
    found["coverage|icd10_chapter_empty"] = f"SELECT '', count(*) FROM ({by_chapter}) t(g, n) WHERE n = 0"
    found["coverage|terms_without_record"] = " UNION ALL ".join(_empty(*one) for one in (
        ("audience", v.AUDIENCE), ("difficulty", ("1", "2", "3", "4", "5")), ("level_of_care", v.LEVEL_OF_CARE),
        ("age_group", v.AGE_GROUP), ("sex", v.SEX), ("severity", v.SEVERITY), ("jurisdiction", v.JURISDICTION),
        ("specialty", v.SPECIALTY), ("task_type", v.TASK_TYPE)))
    found["drift|distance"] = " UNION ALL ".join(
        f"SELECT '{group} / {column}', sum(abs(coalesce(a, 0) - coalesce(b, 0))) / 2 FROM (SELECT "
        f"{column}::VARCHAR t, count(*) / (SELECT count(*) FROM {table}) a FROM {table} GROUP BY 1) x FULL JOIN "
        f"(SELECT "
        f"{column}::VARCHAR t, count(*) / {_KEPT} b FROM filtered_set GROUP BY 1) y ON x.t IS NOT DISTINCT FROM y.t"
        for group, table in (("seeds", "expert_seeds"), ("last_release", "last_release"))
        for column in ("specialty", "task_type", "question_type", "audience", "difficulty", "severity", "level_of_care",
                       "age_group", "sex", "jurisdiction", "route", "language"))
    return found


def _by_benchmark(where: str) -> str:
    return (f"SELECT benchmark, count(DISTINCT item) FILTER ({where}) FROM matched GROUP BY 1")


def _opening(what: str) -> str:
    return (rf"SELECT regexp_extract(lower(instruction), '\pL+') AS w, {what} FROM filtered_set WHERE NOT patient_data "
            "GROUP BY 1 HAVING count(*) >= 3 ORDER BY count(*) DESC, w LIMIT 20")


def _mentions(what: str) -> str:
    counted = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, '{group}' AS g, count_if(regexp_matches(text, '{pattern}')) AS n FROM said"
        for kind, groups in PATTERNS.items() for group, pattern in groups.items())
    return f"SELECT kind || ' / ' || g, {what} FROM ({counted})"


def _empty(column: str, terms: tuple[str, ...]) -> str:
    listed = ", ".join(f"('{term}')" for term in terms if term != v.UNSPECIFIED)
    return (f"SELECT '{column}', count(*) FROM (VALUES {listed}) t(term) WHERE term NOT IN (SELECT "
            f"coalesce({column}::VARCHAR, '') FROM filtered_set)")
