"""The controlled vocabularies. One word for one thing, in code, columns, spreadsheets and pages.

Every clinical vocabulary ends in `unspecified`: it is the honest value where nobody said.
"""

from __future__ import annotations

UNSPECIFIED = "unspecified"

ROUTE = ("manual", "synthetic", "hybrid", "template", "converted")

TASK_TYPE = (
    "question_answering",
    "patient_education",
    "clinical_summary",
    "information_extraction",
    "coding",
    "phenotype_naming",
    "classification",
    "multiple_choice",
    "clinical_reasoning",
    "differential_diagnosis",
    "drug_information",
    "laboratory_interpretation",
    "letter_writing",
    "consultation",
    "paraphrase",
    "safety_refusal",
    "unanswerable",
    UNSPECIFIED,
)

QUESTION_TYPE = (
    "definition",
    "cause",
    "symptom",
    "diagnosis",
    "treatment",
    "prevention",
    "prognosis",
    "dosage",
    "side_effect",
    "interaction",
    "contraindication",
    "epidemiology",
    "inheritance",
    "procedure",
    "synonym",
    "classification",
    "code_lookup",
    "exclusion",
    "management",
    "support",
    "other",
    UNSPECIFIED,
)

SPECIALTY = (
    "allergy_immunology",
    "anaesthesiology",
    "cardiology",
    "dentistry",
    "dermatology",
    "emergency_medicine",
    "endocrinology",
    "gastroenterology",
    "general_practice",
    "genetics",
    "geriatrics",
    "gynaecology_obstetrics",
    "haematology",
    "infectious_diseases",
    "intensive_care",
    "nephrology",
    "neurology",
    "nursing",
    "oncology",
    "ophthalmology",
    "orthopaedics",
    "otolaryngology",
    "paediatrics",
    "palliative_care",
    "pathology",
    "pharmacology",
    "psychiatry",
    "public_health",
    "radiology",
    "rehabilitation",
    "respiratory_medicine",
    "rheumatology",
    "surgery",
    "toxicology",
    "urology",
    UNSPECIFIED,
)

LEVEL_OF_CARE = (
    "self_care", "primary_care", "outpatient_specialist", "emergency", "inpatient", "intensive_care",
    "long_term_care", UNSPECIFIED,
)
SEVERITY = ("none", "mild", "moderate", "severe", "life_threatening", UNSPECIFIED)
AGE_GROUP = ("neonate", "infant", "child", "adolescent", "adult", "older_adult", "all", UNSPECIFIED)
SEX = ("female", "male", "intersex", "all", UNSPECIFIED)
AUDIENCE = ("patient", "carer", "student", "nurse", "physician", "pharmacist", "coder", UNSPECIFIED)
JURISDICTION = ("international", "us", "uk", "eu", "other", UNSPECIFIED)
AUTHOR_ROLE = ("clinician", "nurse", "pharmacist", "student", "editor", "model", "program", UNSPECIFIED)

PRIVACY_STATUS = ("no_patient_data", "de_identified", "residual_identifiers")
CONTAMINATION_STATUS = ("not_checked", "clean", "overlap")
SAFETY = ("none", "refused_harm", "unsafe_compliance", "over_refusal")
JUDGE_STATUS = ("judged", "inconsistent", "failed", "unanswered", "refused_family", "refused_patient_data",
                "refused_source")
REVIEW_STATUS = ("unreviewed", "accepted", "corrected", "rejected")
SPLIT = ("train", "validation", "test")

CORRECTION_BASIS = ("third opinion", "reviewers")

DECISION = ("accept", "correct", "reject")
YES_NO = ("yes", "no")
