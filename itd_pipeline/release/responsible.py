"""The RAI terms of `croissant.json` (Croissant RAI 1.0): collection, labels, uses, limits, from facts of the run.

A term is left out where the run knows nothing; the datasheet says "not recorded" there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itd_pipeline.release.printing import measured, number, reasons

_BY_MODEL = ("synthetic", "hybrid")


def responsible(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Term -> value."""
    routes = facts["composition"]["route"]
    draft = facts["status"] == "draft"
    review = facts["review"]
    models = sorted(name for name in facts["models"] if name not in ("none (no model)", "not recorded"))
    told: dict[str, Any] = {
        "rai:dataCollection": "Documents of the sources were read, cleaned, cut into passages and made into records: "
                              + ", ".join(f"{route} {number(count)}" for route, count in routes.items()) + ".",
        "rai:dataCollectionType": sorted({"Secondary data analysis", *(
            ["Manual human curation"] if routes.get("manual") else []), *(
            ["Software collection"] if set(routes) - {"manual"} else [])}),
        "rai:dataCollectionRawData": [
            f"{s['source']}: {number(s['documents'])} documents, licence {', '.join(s['licences']) or 'of each record'}"
            for s in facts["sources"]],
        "rai:dataCollectionMissingData": "Values that nobody stated are `unspecified` or null; nothing was imputed.",
        "rai:dataPreprocessingProtocol": [
            f"{s['stage']}: {number(s['units_in'])} in, {number(s['rows_out'])} out, turned away: "
            f"{reasons(s['rejected'])}" for s in facts["stages"]],
        "rai:dataAnnotationProtocol": "Experts judge a sample by rubric.yaml; agreement and a bound on defects stand "
                                      "in review.parquet.",
        "rai:dataUseCases": ["Supervised fine-tuning of language models on medical instructions",
                             "Study of how such data is made"],
        "rai:dataLimitations": [
            "Not medical advice.",
            "No expert has reviewed this release." if draft else "Experts reviewed a sample.",
        ],
        "rai:dataBiases": ["Not measured beyond counts by specialty, age group, sex, jurisdiction and language."],
        "rai:dataSocialImpact": "A model trained on it can give wrong medical advice and needs an evaluation.",
        "rai:personalSensitiveInformation": [
            f"{facts['patient_data_rows']} of {facts['rows']} records rest on de-identified patient data."
        ],
        "rai:dataReleaseMaintenancePlan": "Releases are immutable and named after their content. A record never "
                                          "changes its split between releases.",
    }
    if facts["oldest_date"]:
        told["rai:dataCollectionTimeFrame"] = [facts["oldest_date"], facts["newest_date"]]
    if models:
        told["rai:machineAnnotationTools"] = models
    if "reviewers" in review and isinstance(review["reviewers"], int):
        told["rai:annotationsPerItem"] = f"{number(review['reviewers'])} reviewers per sampled record"
    agreement = (review.get("agreement") or {}).get("gwet_ac1")
    if isinstance(agreement, Mapping) and agreement.get("value") is not None:
        told["rai:dataAnnotationAnalysis"] = [f"Gwet's AC1 on the decision: {measured(agreement['value'])}"]
    return told
