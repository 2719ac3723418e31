"""Expectations that need more than one table or more than one column: a question in SQL that counts violations.

Belongs here: the questions. Does not belong here: what follows from a single column (`expectations.py`) or the
balance of rows (`accounting.py`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A question whose answer must be 0.

    Args:
        check: name of the asset check.
        description: what must hold, as a sentence.
        query: SQL over views named like the stages (`rows` is the stage's own) and the stage's further tables that
            gives one number.
        views: stages that it reads besides its own.
        sides: tables beside the stage's own that it reads.
        blocking: whether stages downstream must not run where it fails.
    """

    check: str
    description: str
    query: str
    views: tuple[str, ...] = ()
    blocking: bool = True
    sides: tuple[str, ...] = ()


RULES: dict[str, tuple[Rule, ...]] = {
    "cleaned_text": (
        Rule(
            check="offsets",
            description="Every passage's offsets lie inside its document.",
            query="""SELECT count(*) FROM rows p JOIN raw_sources d USING (document_id)
                     WHERE NOT (p.start < p."end" AND p."end" <= length(d.text))""",
            views=("raw_sources",),
        ),
        Rule(
            check="patient_text_is_de_identified",
            description="No passage from patient data is passed on as if it had none.",
            query="SELECT count(*) FROM rows WHERE patient_data AND privacy_status = 'no_patient_data'",
        ),
        Rule(
            check="no_residual_identifiers",
            description="The scan finds no identifier left in de-identified text.",
            query="SELECT count(*) FROM rows WHERE privacy_status = 'residual_identifiers'",
            blocking=False,
        ),
    ),
    "synthetic_expansions": (
        Rule(
            check="citations",
            description="Every citation of a passage is that passage's text at the cited offsets.",
            query="""SELECT count(*) FROM (SELECT unnest(citations) AS c FROM rows) JOIN cleaned_text p
                     ON p.passage_id = c.passage_id
                     WHERE p.text[c.start + 1 : c."end"] IS DISTINCT FROM c.quote""",
            views=("cleaned_text",),
        ),
        Rule(
            check="recipes_accounted",
            description="For every recipe and route, records planned = records made + rejected.",
            query="""WITH made AS (
                       SELECT prompt_id AS recipe, route FROM rows WHERE route IN ('synthetic', 'hybrid')
                       UNION ALL SELECT row->>'$.prompt_id', row->>'$.route' FROM rejected
                       WHERE row->>'$.route' IN ('synthetic', 'hybrid')),
                     counted AS (SELECT recipe, route, count(*) AS n FROM made GROUP BY ALL)
                     SELECT count(*) FROM recipe_accounts a FULL JOIN counted c USING (recipe, route)
                     WHERE a.planned IS DISTINCT FROM c.n""",
        ),
    ),
    "filtered_set": (
        Rule(
            check="verdicts_decide",
            description="What a rejecting or quarantining rule hit is not in the set, unless an expert let it out.",
            query="""SELECT count(*) FROM rows r JOIN verdicts v USING (record_id)
                     WHERE NOT v.passed AND v.action = 'reject'""",
            sides=("verdicts",),
        ),
        Rule(
            check="one_of_each_cluster",
            description="Of a near-duplicate cluster that lost members as duplicates, one is kept.",
            query="""SELECT count(*) FROM (
                       SELECT s.near_duplicate_cluster FROM candidate_signals s JOIN rejected j
                       ON j.row_id = s.record_id WHERE j.reason = 'near_duplicate'
                       AND s.near_duplicate_cluster IS NOT NULL
                       EXCEPT SELECT s.near_duplicate_cluster FROM candidate_signals s JOIN rows r USING (record_id))
                  """,
            views=("candidate_signals",),
        ),
    ),
    "dataset_release": (
        Rule(
            check="splits_do_not_leak",
            description="No group of documents or patients stands in two splits.",
            query="SELECT count(*) FROM (SELECT group_id FROM rows GROUP BY 1 HAVING count(DISTINCT split) > 1)",
        ),
        Rule(
            check="documents_do_not_leak",
            description="No document stands in two splits.",
            query="""SELECT count(*) FROM (
                       SELECT document FROM (SELECT record_id, unnest(document_ids) AS document FROM filtered_set)
                       f JOIN rows r ON r.filtered_id = f.record_id GROUP BY 1 HAVING count(DISTINCT split) > 1)""",
            views=("filtered_set",),
        ),
        Rule(
            check="near_duplicates_do_not_leak",
            description="No cluster of near-duplicates stands in two splits.",
            query="""SELECT count(*) FROM (SELECT near_duplicate_cluster FROM rows
                     WHERE near_duplicate_cluster IS NOT NULL GROUP BY 1 HAVING count(DISTINCT split) > 1)""",
        ),
    ),
}
